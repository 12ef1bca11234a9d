"""Batch norms that exist in training only: put behind convolutions to learn faster, folded into them to ship."""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval


def with_norms(model: nn.Module) -> nn.Module:
    """The model with a batch norm behind each of its convolutions in ``layers``."""
    layers = model.layers
    assert isinstance(layers, nn.ModuleList)
    for index, layer in enumerate(layers):
        assert isinstance(layer, nn.Conv2d)
        layers[index] = nn.Sequential(layer, nn.BatchNorm2d(layer.out_channels))
    return model


def fold_norms(model: nn.Module) -> nn.Module:
    """A copy without norms that gives what the model gives in evaluation."""
    clone = copy.deepcopy(model).eval()
    layers = clone.layers
    assert isinstance(layers, nn.ModuleList)
    for index, layer in enumerate(layers):
        assert isinstance(layer, nn.Sequential)
        layers[index] = fuse_conv_bn_eval(layer[0], layer[1])  # type: ignore[arg-type, type-var]
    return clone


def half_precision(model: nn.Module, prefix: str) -> dict[str, torch.Tensor]:
    """The folded weights as float16 under a prefix."""
    return {f"{prefix}.{name}": tensor.half().contiguous() for name, tensor in model.state_dict().items()}
