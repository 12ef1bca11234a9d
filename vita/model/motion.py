"""What happens in a clip: sixteen small frames seen at once, two events in order read from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

STRIP = 16  # frames that a clip is reduced or stretched to
SMALL = 56  # pixels, side of one
GRID = 4  # small frames side by side in the mosaic
WIDTHS = (96, 128, 128, 192, 192)
STRIDES = (2, 2, 1, 2, 1)
EVENTS = 2


def sample(count: int) -> list[int]:
    """Which of so many frames stand in the strip; some twice where there are fewer than its length."""
    return [int(index) for index in np.linspace(0, count - 1, STRIP).round()]


def mosaic(frames: Sequence[Image.Image]) -> Image.Image:
    """All of a clip in one picture, 224 pixels square: sixteen frames, row by row."""
    canvas = Image.new("RGB", (GRID * SMALL, GRID * SMALL))
    kept: dict[int, Image.Image] = {}
    for place, index in enumerate(sample(len(frames))):
        if index not in kept:
            kept[index] = frames[index].convert("RGB").resize((SMALL, SMALL), Image.Resampling.BOX)
        canvas.paste(kept[index], (place % GRID * SMALL, place // GRID * SMALL))
    return canvas


def unfold(pixels: Tensor) -> Tensor:
    """Mosaics [n, 3, 224, 224] -> strips [n, 48, 56, 56], time first, then colour."""
    grid = pixels.reshape(len(pixels), 3, GRID, SMALL, GRID, SMALL)  # n, colour, row, y, column, x
    return grid.permute(0, 2, 4, 1, 3, 5).reshape(len(pixels), 3 * STRIP, SMALL, SMALL)


class MotionHead(nn.Module):
    """Strips to the logits of two events; each is a shape, a colour and an action, of which the last is "none"."""

    def __init__(self, shapes: int, colours: int, actions: int) -> None:
        super().__init__()
        self.sizes = (shapes, colours, actions)
        channels, layers = 3 * STRIP, []
        for width, stride in zip(WIDTHS, STRIDES, strict=True):
            layers.append(nn.Conv2d(channels, width, 3, stride, 1))
            channels = width
        self.layers = nn.ModuleList(layers)
        self.wide = nn.Linear(2 * channels, 256)
        self.out = nn.Linear(256, EVENTS * sum(self.sizes))

    def forward(self, strips: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """[n, 48, 56, 56] -> logits of shape [n, 2, shapes], colour [n, 2, colours] and action [n, 2, actions]."""
        x = strips
        for layer in self.layers:
            x = torch.relu(layer(x))
        x = torch.relu(self.wide(torch.cat((x.mean((2, 3)), x.amax((2, 3))), -1)))
        shape, colour, action = self.out(x).reshape(len(x), EVENTS, -1).split(self.sizes, -1)
        return shape, colour, action
