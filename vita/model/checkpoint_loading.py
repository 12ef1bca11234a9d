"""Load the weights of a published checkpoint, or say in one error what does not fit.

Mixtral's experts are published one by one and are two stacked parameters a layer in transformers 5; a published tensor
is copied into its slice of those, so that no second copy of the weights is ever held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn
from transformers.initialization import no_init_weights

from vita.errors import CheckpointError
from vita.model.checkpoint_files import Shape, find_checkpoint_folder, tensor_shapes, weight_shards
from vita.model.configuration import VITAConfig
from vita.model.modeling import VITAForConditionalGeneration
from vita.model.tensor_names import is_harmless, our_tensor_name

LISTED = 20  # tensors of each kind that an error names
LANGUAGE_MODEL = "language_model."
LM_HEAD = LANGUAGE_MODEL + "lm_head.weight"


def load_model(name: str | Path, dtype: torch.dtype = torch.float32) -> VITAForConditionalGeneration:
    """The model of a checkpoint, from a folder or the Hub by name, on the CPU and in evaluation mode.

    Raises:
        CheckpointError: the checkpoint is absent, unreadable, or other than its configuration says.
    """
    folder = find_checkpoint_folder(name)
    config = VITAConfig.from_checkpoint(folder)
    if is_quantized(config):
        raise CheckpointError(f"{folder} is quantized; only vLLM can compute with it.")
    check_checkpoint(folder, config)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with no_init_weights():
            model: VITAForConditionalGeneration = VITAForConditionalGeneration(config)
    finally:
        torch.set_default_dtype(before)
    model.language_model.tie_weights()
    places = tensor_slots(model)
    for key, tensor in read_tensors(folder):
        if key in places:
            places[key].copy_(tensor)
    model.eval()
    return model


def check_checkpoint(folder: Path, config: VITAConfig) -> None:
    """Compare the headers of a checkpoint with the model that its configuration describes; reads no weights.

    Of a quantized checkpoint the towers alone, for only vLLM knows what each quantization calls its tensors.

    Raises:
        CheckpointError: tensors are missing, unexpected or of another shape; the message lists them.
    """
    with torch.device("meta"), no_init_weights():
        model = VITAForConditionalGeneration(config)
    wanted: dict[str, Shape] = {key: tuple(place.shape) for key, place in tensor_slots(model).items()}
    found = {our_tensor_name(key): shape for key, shape in tensor_shapes(folder).items() if not is_harmless(key)}
    optional = {LM_HEAD} if config.text_config.tie_word_embeddings else set()
    if is_quantized(config):
        wanted, found = _tower_names(wanted), _tower_names(found)
    if problems := tensor_differences(wanted, found, optional):
        raise CheckpointError("\n".join([f"{folder} does not fit its configuration.", *problems]))


def is_quantized(config: VITAConfig) -> bool:
    """Whether the checkpoint stores a quantized language model."""
    return hasattr(config, "quantization_config")


def _tower_names(tensors: dict[str, Shape]) -> dict[str, Shape]:
    return {key: shape for key, shape in tensors.items() if not key.startswith(LANGUAGE_MODEL)}


def tensor_differences(
    wanted: Mapping[str, Shape], found: Mapping[str, Shape], optional: Iterable[str] = ()
) -> list[str]:
    """What is missing, unexpected or misshapen, one line for each kind that there is."""
    missing = [key for key in wanted if key not in found and key not in set(optional)]
    unexpected = [key for key in found if key not in wanted]
    misshapen = [
        f"{key} is {list(found[key])}, not {list(shape)}"
        for key, shape in wanted.items()
        if key in found and found[key] != shape
    ]
    kinds = {"Missing": missing, "Unexpected": unexpected, "Misshapen": misshapen}
    return [f"{kind} ({len(keys)}): {_listed_keys(keys)}" for kind, keys in kinds.items() if keys]


def _listed_keys(keys: list[str]) -> str:
    more = [f"and {len(keys) - LISTED} more"] if len(keys) > LISTED else []
    return "; ".join([*sorted(keys)[:LISTED], *more])


def tensor_slots(model: nn.Module) -> dict[str, Tensor]:
    """Every tensor that a checkpoint fills, under our name for the published one; views, to be copied into."""
    found: dict[str, Tensor] = {}
    for key, tensor in model.state_dict().items():
        if key.endswith(".mlp.experts.gate_up_proj"):
            found.update(_expert_slots(key, tensor.chunk(2, dim=1), ("w1", "w3")))
        elif key.endswith(".mlp.experts.down_proj"):
            found.update(_expert_slots(key, (tensor,), ("w2",)))
        else:
            found[key.replace(".mlp.gate.", ".block_sparse_moe.gate.")] = tensor
    return found


def _expert_slots(key: str, stacks: Iterable[Tensor], names: Iterable[str]) -> Iterator[tuple[str, Tensor]]:
    """Slices [rows, columns] of stacks [experts, rows, columns], under the names of single experts."""
    layer = key[: key.index(".mlp.experts.")]
    for stack, name in zip(stacks, names, strict=True):
        for expert, part in enumerate(stack):
            yield f"{layer}.block_sparse_moe.experts.{expert}.{name}.weight", part


def read_tensors(folder: Path) -> Iterator[tuple[str, Tensor]]:
    """All tensors of a checkpoint under our names, one at a time."""
    for shard in weight_shards(folder):
        with safe_open(shard, framework="pt") as tensors:
            for key in tensors.keys():  # noqa: SIM118 - a safetensors file is no dict
                yield our_tensor_name(key), tensors.get_tensor(key)
