"""Names of Whisper's tensors in CTranslate2 and in ``vita.nano.model.whisper_tower``."""

from __future__ import annotations

import re

from torch import Tensor

_SIDES = {
    "embeddings/weight": "embed.weight",
    "position_encodings/encodings": "positions",
    "conv1": "conv1",
    "conv2": "conv2",
    "layer_norm": "ln",
}
_NORMS = {"self_attention": "attn_ln", "attention": "cross_ln", "ffn": "mlp_ln"}
_LEAVES = {"gamma": "weight", "beta": "bias", "weight": "weight", "bias": "bias"}
_LINEARS = {
    ("self_attention", "0"): ("attn.query", "attn.key", "attn.value"),
    ("self_attention", "1"): ("attn.out",),
    ("attention", "0"): ("cross.query",),
    ("attention", "1"): ("cross.key", "cross.value"),
    ("attention", "2"): ("cross.out",),
    ("ffn", "0"): ("fc1",),
    ("ffn", "1"): ("fc2",),
}


def rename_whisper(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """CTranslate2's tensors under our names; stacked projections are split, absent key biases left out."""
    renamed: dict[str, Tensor] = {}
    for name, tensor in weights.items():
        side, rest = name.split("/", 1)
        if layer := re.fullmatch(r"layer_(\d+)/(\w+)/(\w+)/(\w+)", rest):
            for part, piece in _layer_parts(layer[2], layer[3], layer[4], tensor):
                renamed[f"{side}.blocks.{layer[1]}.{part}"] = piece
        elif rest in _SIDES:
            renamed[f"{side}.{_SIDES[rest]}"] = tensor
        else:
            module, leaf = rest.split("/")
            renamed[f"{side}.{_SIDES[module]}.{_LEAVES[leaf]}"] = tensor
    return renamed


def _layer_parts(group: str, module: str, leaf: str, tensor: Tensor) -> list[tuple[str, Tensor]]:
    """Our names inside a layer and the pieces of the tensor that they stand for."""
    if module == "layer_norm":
        return [(f"{_NORMS[group]}.{_LEAVES[leaf]}", tensor)]
    parts = _LINEARS[group, module.removeprefix("linear_")]
    pieces = zip(parts, tensor.chunk(len(parts)), strict=True)
    return [(f"{part}.{leaf}", piece) for part, piece in pieces if not (part.endswith("key") and leaf == "bias")]
