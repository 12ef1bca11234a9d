"""Llama blocks without a mask: every position attends to every other one that is there."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

ROPE_THETA = 10_000.0
NORM_EPS = 1e-6


class LayerCache:
    """Keys and values of one layer, float32 [heads, capacity, head size], the first ``length`` of them in use."""

    def __init__(self, heads: int, head_size: int, capacity: int, device: torch.device) -> None:
        self.keys = torch.empty(heads, capacity, head_size, device=device)
        self.values = torch.empty(heads, capacity, head_size, device=device)
        self.length = 0

    def append_positions(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add [heads, n, head size] each; all keys and values so far."""
        end = self.length + keys.shape[1]
        self.keys[:, self.length : end] = keys
        self.values[:, self.length : end] = values
        self.length = end
        return self.keys[:, :end], self.values[:, :end]


class SpeechAttention(nn.Module):
    """Self-attention with rotary positions. Parameters have the published names."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads, self.scale = heads, (dim // heads) ** -0.5
        self.q_proj = nn.Linear(dim, dim, bias=False)
        self.k_proj = nn.Linear(dim, dim, bias=False)
        self.v_proj = nn.Linear(dim, dim, bias=False)
        self.o_proj = nn.Linear(dim, dim, bias=False)

    def forward(self, hidden: Tensor, rotation: tuple[Tensor, Tensor], cache: LayerCache | None) -> Tensor:
        """``hidden`` [n, dim] -> [n, dim]; attends to itself and to what ``cache`` holds, to which it is added."""
        queries = rotate_halves(self._split_heads(self.q_proj(hidden)), rotation)
        keys = rotate_halves(self._split_heads(self.k_proj(hidden)), rotation)
        values = self._split_heads(self.v_proj(hidden))
        if cache is not None:
            keys, values = cache.append_positions(keys, values)
        # Written out as upstream computes it: PyTorch's fused attention rounds otherwise, which moves logits by 1e-3.
        weights = (queries @ keys.transpose(1, 2) * self.scale).softmax(-1)
        attended: Tensor = self.o_proj((weights @ values).transpose(0, 1).reshape(hidden.shape))
        return attended

    def _split_heads(self, projected: Tensor) -> Tensor:
        """[n, dim] -> [heads, n, head size]."""
        return projected.view(projected.shape[0], self.heads, -1).transpose(0, 1)


class SpeechFeedForward(nn.Module):
    """SwiGLU."""

    def __init__(self, dim: int, inner: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(dim, inner, bias=False)
        self.up_proj = nn.Linear(dim, inner, bias=False)
        self.down_proj = nn.Linear(inner, dim, bias=False)

    def forward(self, hidden: Tensor) -> Tensor:
        """[n, dim] -> [n, dim]."""
        fed: Tensor = self.down_proj(functional.silu(self.gate_proj(hidden)) * self.up_proj(hidden))
        return fed


class SpeechBlock(nn.Module):
    """One Llama decoder layer: attention and feed-forward, each behind an RMS norm and added to what came in."""

    def __init__(self, dim: int, inner: int, heads: int) -> None:
        super().__init__()
        self.self_attn = SpeechAttention(dim, heads)
        self.mlp = SpeechFeedForward(dim, inner)
        self.input_layernorm = nn.RMSNorm(dim, eps=NORM_EPS)
        self.post_attention_layernorm = nn.RMSNorm(dim, eps=NORM_EPS)

    def forward(self, hidden: Tensor, rotation: tuple[Tensor, Tensor], cache: LayerCache | None = None) -> Tensor:
        """[n, dim] -> [n, dim]; ``rotation`` as ``rotary_table`` gives it for these n positions."""
        attended: Tensor = hidden + self.self_attn(self.input_layernorm(hidden), rotation, cache)
        fed: Tensor = attended + self.mlp(self.post_attention_layernorm(attended))
        return fed


def rotary_table(positions: int, head_size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Cosines and sines of positions 0, 1, ...: float32 [positions, head size / 2] each."""
    steps = torch.arange(0, head_size, 2, dtype=torch.float32, device=device) / head_size
    angles = torch.arange(positions, dtype=torch.float32, device=device)[:, None] * (1.0 / ROPE_THETA**steps)
    return angles.cos(), angles.sin()


def rotate_halves(heads: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    """Turn [heads, n, head size] by its positions, the first half of each head paired with the second."""
    cosines, sines = rotation
    first, second = heads.chunk(2, dim=-1)
    return torch.cat([first * cosines - second * sines, second * cosines + first * sines], dim=-1)
