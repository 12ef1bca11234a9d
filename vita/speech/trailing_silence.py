"""Trailing silence by loudness alone, which finds the end of speech earlier than a network does (endpointing)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PIECE = 128  # samples, 8 ms at SAMPLE_RATE
FADING = 0.999  # of the loudest a piece: a shout is forgotten within half a minute


class TrailingSilence:
    """Trailing silence of one utterance, frame by frame.

    Args:
        share: what is quieter than this share of the voice's loudest piece is quiet. Where the room is louder than
            that, nothing ever is.
    """

    def __init__(self, share: float) -> None:
        self.share = share
        self._loudest = 0.0
        self._quiet = 0

    def feed_frame(self, frame: NDArray[np.float32]) -> int:
        """Samples at the end of ``frame``, float32 [a multiple of PIECE], and before it that have been quiet."""
        for loud in np.sqrt(np.square(frame.reshape(-1, PIECE)).mean(1)):
            self._loudest = max(self._loudest * FADING, float(loud))
            self._quiet = self._quiet + PIECE if loud < self.share * self._loudest else 0
        return self._quiet
