"""How a decoded frame is turned, mirrored, stretched and shrunk before it is shown. Pure."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_STRETCH = 8.0  # pixels further from square than this are a damaged header


@dataclass(frozen=True)
class FrameOrientation:
    """One of the eight ways to lay a picture: transposed first, then mirrored."""

    transpose: bool = False
    mirror_x: bool = False
    mirror_y: bool = False

    def apply_to(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Pixels [height, width, 3] as they are shown."""
        if self.transpose:
            pixels = pixels.transpose(1, 0, 2)
        return pixels[:: -1 if self.mirror_y else 1, :: -1 if self.mirror_x else 1]


def orientation_of(matrix: bytes) -> FrameOrientation:
    """The orientation nearest to a display matrix: nine integers of 32 bits, row by row.

    (a, b) is where a step to the right in the stored picture leads on the screen, (c, d) a step down
    (ISO/IEC 14496-12, 8.3.2).
    """
    if len(matrix) < 36:
        return FrameOrientation()
    a, b, _, c, d, *_ = struct.unpack("=9i", matrix[:36])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return FrameOrientation(False, a < 0, d < 0)
    return FrameOrientation(True, c < 0, b < 0)


def shown_size(width: int, height: int, pixel_aspect: float, most_pixels: int) -> tuple[int, int]:
    """Width and height at which a stored frame is shown, no more than ``most_pixels``.

    Args:
        pixel_aspect: width of a pixel over its height; 1 where unknown.
    """
    wide = width * pixel_aspect if 1 / MOST_STRETCH <= pixel_aspect <= MOST_STRETCH else float(width)
    return bounded_size(wide, height, most_pixels)


def bounded_size(width: float, height: float, most_pixels: int) -> tuple[int, int]:
    """Width and height shrunk alike to no more than ``most_pixels``, each at least 1."""
    shrink = min(1.0, math.sqrt(most_pixels / (width * height)))
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    if size[0] * size[1] > most_pixels:  # by rounding, or where one side cannot shrink any more
        return (max(1, most_pixels // size[1]), size[1]) if size[0] > 1 else (1, most_pixels)
    return size
