"""Writes what was trained to where the build finds it."""

from __future__ import annotations

import logging

from safetensors.torch import save_file
from torch import Tensor

from vita.nano.build_checkpoint import TRAINED

log = logging.getLogger(__name__)


def export_weights(tensors: dict[str, Tensor], name: str) -> None:
    """Write ``name``.safetensors, in half precision."""
    path = TRAINED / f"{name}.safetensors"
    save_file({key: tensor.half().contiguous() for key, tensor in tensors.items()}, path)
    path.chmod(0o644)  # safetensors leaves it to its owner alone
    log.info("wrote %s", path)
