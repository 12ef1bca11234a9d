"""From visual features to the language model's embeddings."""

from __future__ import annotations

from torch import nn


def build_projector(features: int, hidden: int) -> nn.Sequential:
    """Linear, GELU (erf), Linear, no norm: [.., features] -> [.., hidden]. Upstream's ``mlp2x_gelu``."""
    return nn.Sequential(nn.Linear(features, hidden), nn.GELU(), nn.Linear(hidden, hidden))
