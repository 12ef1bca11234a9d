"""EfficientNet-Lite's tensors under the names of ``vita.nano.model.efficientnet``, batch norms folded in."""

from __future__ import annotations

import torch
from torch import Tensor

NORM_EPSILON = 1e-3  # of the published model's batch norms


def rename_efficientnet(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state dict of ``EfficientNetLite`` from the package's."""
    renamed = {"classifier.weight": state["_fc.weight"], "classifier.bias": state["_fc.bias"]}
    pairs = [("stem", "_conv_stem", "_bn0"), ("head", "_conv_head", "_bn1")]
    blocks = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("_blocks."))
    for index in range(blocks):
        source, target = f"_blocks.{index}.", f"blocks.{index}."
        if f"{source}_expand_conv.weight" in state:
            pairs.append((f"{target}expand", f"{source}_expand_conv", f"{source}_bn0"))
        pairs.append((f"{target}depthwise", f"{source}_depthwise_conv", f"{source}_bn1"))
        pairs.append((f"{target}project", f"{source}_project_conv", f"{source}_bn2"))
    for target, convolution, norm in pairs:
        weight, bias = _fold_norm(state, convolution, norm)
        renamed |= {f"{target}.weight": weight, f"{target}.bias": bias}
    return renamed


def _fold_norm(state: dict[str, Tensor], convolution: str, norm: str) -> tuple[Tensor, Tensor]:
    """Weight and bias of a convolution that does what it and the batch norm behind it did."""
    scale = state[f"{norm}.weight"] / torch.sqrt(state[f"{norm}.running_var"] + NORM_EPSILON)
    weight = state[f"{convolution}.weight"] * scale.view(-1, 1, 1, 1)
    return weight, state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale
