"""The frame number that clips in ``tests/media_faults`` carry as 16 vertical bars (bit 0 leftmost); light is 1."""

import numpy as np


def frame_number(frame):
    """The number written in the middle row of a Pillow image."""
    gray = np.asarray(frame.convert("L")).astype(int)
    height, width = gray.shape
    return sum(1 << bit for bit in range(16) if gray[height // 2, int((bit + 0.5) * width / 16)] > 128)
