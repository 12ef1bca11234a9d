"""Heads on the picture encoder's features: what stands where in a scene, which word is printed in it, what is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CELL = 8  # pixels of the grid on which things are found
WIDTH = 64
STRIP_HEIGHT, STRIP_WIDTH = 32, 128  # pixels of a word as the reader takes it
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MARGIN = 0.18  # of the word's height, left around it
RARE = -4.0  # logit of a centre before anything is learnt
FEATURES = 40 + 112 + 12  # channels: fine, middle, tones


class SceneHead(nn.Module):
    """Features to maps: where centres of things are, their shapes and colours, where a word is and its box."""

    def __init__(self, shapes: int, colours: int) -> None:
        super().__init__()
        self.sizes = (1, shapes, colours, 1, 4)
        self.layers = nn.ModuleList(
            (
                nn.Conv2d(FEATURES, WIDTH, 1),
                nn.Conv2d(WIDTH, WIDTH, 3, padding=1),
                nn.Conv2d(WIDTH, WIDTH, 3, padding=2, dilation=2),
                nn.Conv2d(WIDTH, WIDTH, 3, padding=1),
            )
        )
        self.out = nn.Conv2d(WIDTH, sum(self.sizes), 1)
        bias = torch.zeros(sum(self.sizes))
        bias[0] = bias[1 + shapes + colours] = RARE  # centres are few, or learning begins with unlearning
        self.out.bias = nn.Parameter(bias)

    def forward(self, fine: Tensor, middle: Tensor, tones: Tensor) -> tuple[Tensor, ...]:
        """[n, 40, 28, 28], [n, 112, 14, 14], [n, 12, 28, 28] -> logits of centres [n, 1, 28, 28], shapes, colours,
        words' centres [n, 1, 28, 28] and, in cells, a word's left, top, right, bottom from each cell [n, 4, 28, 28]."""
        wide = F.interpolate(middle, scale_factor=2.0, mode="nearest")
        x = torch.cat((fine, wide, tones), 1)
        for layer in self.layers:
            x = torch.relu(layer(x))
        return self.out(x).split(self.sizes, 1)  # type: ignore[no-any-return]


def patch_colours(pixels: Tensor) -> Tensor:
    """Colours of small patches: pixels [n, 3, S, S] -> [n, 12, S/8, S/8]."""
    return F.pixel_unshuffle(F.avg_pool2d(pixels, 4), 2)


@dataclass(frozen=True)
class Found:
    """Something found in a scene; the centre in parts of the picture's sides, the rest as probabilities."""

    x: float
    y: float
    score: float
    shape: Tensor
    colour: Tensor


def peak_things(centres: Tensor, shapes: Tensor, colours: Tensor, threshold: float) -> list[Found]:
    """Things of one picture, read at the local maxima of its map of centres [1, h, w], the surest first."""
    chances = centres.float().sigmoid()
    highest = F.max_pool2d(chances[None], 3, 1, 1)[0]
    rows, columns = torch.where((chances == highest)[0] & (chances[0] > threshold))
    found = [
        _found_thing(chances, shapes, colours, row, column)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    return sorted(found, key=lambda thing: -thing.score)


def surest_thing(centres: Tensor, shapes: Tensor, colours: Tensor, where: Tensor) -> Found:
    """The likeliest thing of one picture inside a mask [S, S] that is not empty; maps as in ``peak_things``."""
    chances = centres.float().sigmoid()
    inside = F.adaptive_max_pool2d(where[None].float(), chances.shape[1:])
    row, column = divmod(int((chances * inside).argmax()), chances.shape[2])
    return _found_thing(chances, shapes, colours, row, column)


def _found_thing(chances: Tensor, shapes: Tensor, colours: Tensor, row: int, column: int) -> Found:
    height, width = chances.shape[1:]
    return Found(
        (column + 0.5) / width,
        (row + 0.5) / height,
        float(chances[0, row, column]),
        shapes[:, row, column].float().softmax(0),
        colours[:, row, column].float().softmax(0),
    )


def word_box(centres: Tensor, boxes: Tensor, threshold: float) -> tuple[float, float, float, float] | None:
    """The surest word's left, top, right, bottom in pixels, or None: maps of one picture [1, h, w], [4, h, w]."""
    chances = centres[0].float().sigmoid()
    best = int(chances.argmax())
    row, column = divmod(best, chances.shape[1])
    if float(chances[row, column]) < threshold:
        return None
    left, top, right, bottom = boxes[:, row, column].float().tolist()
    x, y = column + 0.5, row + 0.5
    return CELL * (x - left), CELL * (y - top), CELL * (x + right), CELL * (y + bottom)


def crop_words(pixels: Tensor, boxes: Tensor) -> Tensor:
    """Words cut out of their pictures: [n, 3, S, S] and boxes [n, 4] in pixels -> [n, 3, 32, 128]."""
    side = pixels.shape[-1]
    margin = MARGIN * (boxes[:, 3] - boxes[:, 1])
    left, top = boxes[:, 0] - margin, boxes[:, 1] - margin
    right, bottom = boxes[:, 2] + margin, boxes[:, 3] + margin
    across = torch.linspace(0, 1, STRIP_WIDTH, device=pixels.device)
    along = torch.linspace(0, 1, STRIP_HEIGHT, device=pixels.device)
    x = (left[:, None] + (right - left)[:, None] * across) / side * 2 - 1
    y = (top[:, None] + (bottom - top)[:, None] * along) / side * 2 - 1
    grid = torch.stack((x[:, None, :].expand(-1, STRIP_HEIGHT, -1), y[:, :, None].expand(-1, -1, STRIP_WIDTH)), -1)
    return F.grid_sample(pixels, grid.to(pixels.dtype), padding_mode="border", align_corners=False)


class WordReader(nn.Module):
    """Reads a strip with a word, letter by letter from left to right (CTC; the blank comes first)."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            (
                nn.Conv2d(3, 32, 3, 2, 1),
                nn.Conv2d(32, 64, 3, 2, 1),
                nn.Conv2d(64, 96, 3, (2, 1), 1),
                nn.Conv2d(96, 128, 3, (2, 1), 1),
                nn.Conv2d(128, 160, (2, 5), 1, (0, 2)),
                nn.Conv2d(160, 160, (1, 5), 1, (0, 2)),
            )
        )
        self.out = nn.Conv2d(160, 1 + len(LETTERS), 1)

    def forward(self, strips: Tensor) -> Tensor:
        """[n, 3, 32, 128] -> logits [n, 32, 27]; each strip is brought to its own mean 0 and deviation 1."""
        x = strips - strips.mean((1, 2, 3), keepdim=True)
        x = x / (x.std((1, 2, 3), keepdim=True) + 1e-3)
        for layer in self.layers:
            x = torch.relu(layer(x))
        return self.out(x)[:, :, 0].transpose(1, 2)  # type: ignore[no-any-return]


def ctc_spelling(logits: Tensor) -> str:
    """The likeliest letters of one word, [steps, 27] -> text; repeats without a blank between them are one."""
    word, last = "", 0
    for index in logits.argmax(-1).tolist():
        if index and index != last:
            word += LETTERS[index - 1]
        last = index
    return word
