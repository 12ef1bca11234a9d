"""The encoder of VITA-Nano's eye: EfficientNet-Lite0 with its classifier, and the pixels that it takes.

Weights: trained on ImageNet (Apache-2.0), batch norms folded into the convolutions when the checkpoint is built. One
tile a picture, whatever its shape.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from vita.model.tiling import limit_aspect

# (repeats, kernel, first stride, expansion, channels) of EfficientNet-Lite0's stages
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM = 32  # channels
HEAD = 1280  # channels
FINE, MIDDLE = 5, 11  # blocks before the features of one eighth and of one sixteenth of the size


class EfficientNetImages:
    """Pictures to pixels: the short side to the size with bicubic, the centre square cut out."""

    def __init__(self, config: Any, folder: Path) -> None:
        vision = config.vision_config
        self.size = vision.image_size
        self.tokens_per_tile = vision.tokens_per_tile
        self._mean = torch.tensor(vision.image_mean).view(3, 1, 1)
        self._std = torch.tensor(vision.image_std).view(3, 1, 1)

    def __call__(self, picture: Image.Image, max_tiles: int | None = None) -> Tensor:
        """One picture as float32 [1, 3, size, size]; it is never cut into tiles, ``max_tiles`` changes nothing."""
        return self.frames([picture])

    def frames(self, pictures: Sequence[Image.Image]) -> Tensor:
        """Frames of a video as float32 [n, 3, size, size]."""
        return torch.stack([self._centre_pixels(picture) for picture in pictures])

    def _centre_pixels(self, picture: Image.Image) -> Tensor:
        picture = limit_aspect(picture)
        scale = self.size / min(picture.size)
        width, height = (max(self.size, round(side * scale)) for side in picture.size)
        resized = picture.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
        left, top = (width - self.size) // 2, (height - self.size) // 2
        square = resized.crop((left, top, left + self.size, top + self.size))
        pixels = torch.from_numpy(np.array(square, dtype=np.float32) / 255).permute(2, 0, 1)
        return (pixels - self._mean) / self._std


class SameConv(nn.Conv2d):
    """A convolution that pads as TensorFlow does: the output has ceil(size / stride), odd padding goes right."""

    def forward(self, input: Tensor) -> Tensor:
        """[n, c, h, w] -> [n, c', ceil(h / stride), ceil(w / stride)]."""
        vertical, horizontal = (self._axis_padding(input.shape[2 + axis], axis) for axis in (0, 1))
        return super().forward(F.pad(input, (*horizontal, *vertical)))

    def _axis_padding(self, size: int, axis: int) -> tuple[int, int]:
        stride, kernel = self.stride[axis], self.kernel_size[axis]
        total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
        return total // 2, total - total // 2


class InvertedResidual(nn.Module):
    """Expand, convolve each channel, project; added to its input where the shapes agree."""

    def __init__(self, channels: int, out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = channels * expansion
        self.expand = nn.Conv2d(channels, wide, 1) if expansion > 1 else None
        self.depthwise = SameConv(wide, wide, kernel, stride, groups=wide)
        self.project = nn.Conv2d(wide, out, 1)
        self.residual = stride == 1 and channels == out

    def forward(self, x: Tensor) -> Tensor:
        """[n, channels, h, w] -> [n, out, h / stride, w / stride]."""
        wide = x if self.expand is None else F.relu6(self.expand(x))
        narrow: Tensor = self.project(F.relu6(self.depthwise(wide)))
        return x + narrow if self.residual else narrow


class EfficientNetLite(nn.Module):
    """EfficientNet-Lite0 with its ImageNet classifier."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.stem = SameConv(3, STEM, 3, 2)
        blocks: list[nn.Module] = []
        channels = STEM
        for repeats, kernel, stride, expansion, out in STAGES:
            for repeat in range(repeats):
                blocks.append(InvertedResidual(channels, out, kernel, stride if repeat == 0 else 1, expansion))
                channels = out
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Conv2d(channels, HEAD, 1)
        self.classifier = nn.Linear(HEAD, num_classes)

    def forward(self, pixels: Tensor) -> Tensor:
        """Pixels [n, 3, S, S] -> logits [n, num_classes]."""
        return self.classifier(self.features(pixels)[2])  # type: ignore[no-any-return]

    def features(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pixels [n, 3, S, S] -> [n, 40, S/8, S/8], [n, 112, S/16, S/16] and the pooled [n, 1280]."""
        fine = self.blocks[:FINE](F.relu6(self.stem(pixels)))
        middle = self.blocks[FINE:MIDDLE](fine)
        last = F.relu6(self.head(self.blocks[MIDDLE:](middle)))
        return fine, middle, last.mean((2, 3))
