"""Masks of pixels and their connected regions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]


def mean_of_nine(values: Floats) -> Floats:
    """Over the first two axes; at the rim the nearest are taken again."""
    wide = np.pad(values, ((1, 1), (1, 1), *[(0, 0)] * (values.ndim - 2)), mode="edge")
    height, width = values.shape[:2]
    total = sum(wide[row : row + height, column : column + width] for row in range(3) for column in range(3))
    return np.asarray(total / 9, np.float32)


def grow_mask(mask: Mask) -> Mask:
    """The mask and all pixels next to it."""
    return mean_of_nine(mask.astype(np.float32)) > 0


def connected_parts(mask: Mask) -> list[Mask]:
    """The connected regions of a mask, one by one."""
    labels = number_regions(mask)
    return [labels == label for label in np.unique(labels[labels >= 0])]


def _inner_pixels(mask: Mask) -> Mask:
    """Its pixels whose neighbours are all in it."""
    return ~grow_mask(~mask)


def number_regions(mask: Mask) -> Numbers:
    """A number for each pixel [h, w], the same for pixels that touch by a side; -1 outside the mask."""
    labels = np.where(mask, np.arange(mask.size).reshape(mask.shape), -1)
    while True:
        wide = np.pad(labels, 1, constant_values=-1)
        around = np.maximum.reduce((wide[:-2, 1:-1], wide[2:, 1:-1], wide[1:-1, :-2], wide[1:-1, 2:]))
        spread = np.where(mask, np.maximum(labels, around), -1)
        if (spread == labels).all():
            return labels
        labels = spread
