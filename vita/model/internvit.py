"""InternViT, the pixel shuffle and the projector: from tiles to visual tokens. No I/O, no device choice.

Unlike InternVL, VITA halves the features before the shuffle (upstream's transformers and vLLM code agree on that).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vita.model.configuration import VITAConfig
from vita.model.projector import build_projector
from vita.model.tower_configs import InternViTConfig

# Tiles and frames that are encoded at once, which bounds the memory however many a step has: 16 of 448 pixels hold
# 353 MiB of tensors beside the weights in half precision with the published sizes (``docs/gpu.md``).
TILES_AT_ONCE = 16


class InternViTEmbeddings(nn.Module):
    """Patches by a convolution, the class token before them, learned positions on all."""

    def __init__(self, config: InternViTConfig) -> None:
        super().__init__()
        side = config.image_size // config.patch_size
        self.class_embedding = nn.Parameter(torch.zeros(1, 1, config.hidden_size))
        self.patch_embedding = nn.Conv2d(
            config.num_channels, config.hidden_size, kernel_size=config.patch_size, stride=config.patch_size
        )
        self.position_embedding = nn.Parameter(torch.zeros(1, side * side + 1, config.hidden_size))

    def forward(self, pixels: Tensor) -> Tensor:
        """Pixels [n, 3, S, S] of the native size -> [n, 1 + patches, D]."""
        patches = self.patch_embedding(pixels).flatten(2).transpose(1, 2)
        start = self.class_embedding.expand(len(pixels), -1, -1)
        return torch.cat([start, patches], dim=1) + self.position_embedding


class RMSNorm(nn.Module):
    """Root mean square norm in float32; over all heads' queries or keys at once, where ``qk_normalization`` is on."""

    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """[.., D] -> [.., D]."""
        scale = torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + self.eps)
        out: Tensor = self.weight * (x.float() * scale).to(x.dtype)
        return out


class InternViTAttention(nn.Module):
    """Full self-attention over a tile."""

    def __init__(self, config: InternViTConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self.heads = config.num_attention_heads
        self.qkv = nn.Linear(size, 3 * size, bias=config.qkv_bias)
        self.proj = nn.Linear(size, size)
        normed = config.qk_normalization
        self.q_norm = RMSNorm(size, config.layer_norm_eps) if normed else nn.Identity()
        self.k_norm = RMSNorm(size, config.layer_norm_eps) if normed else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """[n, t, D] -> [n, t, D]."""
        n, t, _ = x.shape
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        q, k, v = (y.view(n, t, self.heads, -1).transpose(1, 2) for y in (self.q_norm(q), self.k_norm(k), v))
        mixed: Tensor = self.proj(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        return mixed


class MLP(nn.Module):
    """Linear, GELU (erf), Linear."""

    def __init__(self, config: InternViTConfig) -> None:
        super().__init__()
        self.fc1 = nn.Linear(config.hidden_size, config.intermediate_size)
        self.fc2 = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        """[.., D] -> [.., D]."""
        out: Tensor = self.fc2(F.gelu(self.fc1(x)))
        return out


class InternViTLayer(nn.Module):
    """Pre-norm attention and MLP, each with a learned scale on its output."""

    def __init__(self, config: InternViTConfig) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.attn = InternViTAttention(config)
        self.ls1 = nn.Parameter(torch.ones(config.hidden_size))
        self.norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = MLP(config)
        self.ls2 = nn.Parameter(torch.ones(config.hidden_size))

    def forward(self, x: Tensor) -> Tensor:
        """[n, t, D] -> [n, t, D]."""
        x = x + self.attn(self.norm1(x)) * self.ls1
        out: Tensor = x + self.mlp(self.norm2(x)) * self.ls2
        return out


class InternViT(nn.Module):
    """The encoder. Its output is the last layer's, without a final norm."""

    def __init__(self, config: InternViTConfig) -> None:
        super().__init__()
        self.embeddings = InternViTEmbeddings(config)
        self.layers = nn.ModuleList(InternViTLayer(config) for _ in range(config.num_hidden_layers))

    def forward(self, pixels: Tensor) -> Tensor:
        """Pixels [n, 3, S, S] -> [n, 1 + patches, D], the class token first."""
        x: Tensor = self.embeddings(pixels)
        for layer in self.layers:
            x = layer(x)
        return x


def pixel_shuffle(x: Tensor, ratio: float) -> Tensor:
    """Merge squares of neighbouring tokens into one, in InternVL's "v2" order.

    With ratio 0.5, token (i, j) is the concatenation of (2i, 2j), (2i, 2j+1), (2i+1, 2j), (2i+1, 2j+1).

    Args:
        x: [n, h, w, c].

    Returns:
        [n, h * ratio, w * ratio, c / ratio**2].
    """
    n, height, width, channels = x.shape
    step = round(1 / ratio)
    squares = x.view(n, height // step, step, width // step, step, channels).transpose(2, 3)
    return squares.reshape(n, height // step, width // step, step * step * channels)


class VisionTower(nn.Module):
    """InternViT, pixel shuffle, projector.

    Attributes:
        has_independent_tiles: no tile's tokens depend on another tile, so that processes may share them out.
    """

    has_independent_tiles = True

    def __init__(self, config: VITAConfig) -> None:
        super().__init__()
        vision, step = config.vision_config, round(1 / config.downsample_ratio)
        self.ratio, self.scale = config.downsample_ratio, config.visual_scale
        self.encoder = InternViT(vision)
        self.projector = build_projector(vision.hidden_size * step * step, config.text_config.hidden_size)

    def patch_features(self, pixels: Tensor) -> Tensor:
        """Pixels [n, 3, S, S] -> [n, tokens, D / ratio**2], row by row; what the projector gets."""
        patches: Tensor = self.encoder(pixels)[:, 1:] * self.scale
        n, count, size = patches.shape
        side = math.isqrt(count)
        return pixel_shuffle(patches.reshape(n, side, side, size), self.ratio).flatten(1, 2)

    def forward(self, pixels: Tensor) -> Tensor:
        """Pixels [tiles, 3, S, S] -> [tiles, tokens, hidden], TILES_AT_ONCE at once."""
        return torch.cat([self.projector(self.patch_features(some)) for some in split_tiles(pixels)])


def split_tiles(pixels: Tensor) -> list[Tensor]:
    """Pixels [tiles, ..] in order, in groups that are encoded at once."""
    return [pixels[start : start + TILES_AT_ONCE] for start in range(0, len(pixels), TILES_AT_ONCE)]
