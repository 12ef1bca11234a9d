"""24 kHz to 16 kHz as it arrives, 1 ms late.

soxr's streams hand out sound in blocks (measured with 20 ms messages: 12 to 30 ms late in every quality that filters),
which would be a fifth of the time in which a voice must duck an answer. Two thirds is a short filter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vita.media import SAMPLE_RATE
from vita.speech.sample_rates import VOICE_RATE

UP, DOWN = 2, 3
assert VOICE_RATE * UP == SAMPLE_RATE * DOWN
TAPS = 97  # at 48 kHz: a delay of 48 of its samples, 1 ms
CUTOFF = 7_400 / (VOICE_RATE * UP)  # Hz, below the new Nyquist of 8 kHz; speech holds little between


def _low_pass() -> NDArray[np.float32]:
    """A windowed sinc, float32 [TAPS], whose gain makes up for the zeros between samples."""
    n = np.arange(TAPS) - (TAPS - 1) / 2
    taps = np.sinc(2 * CUTOFF * n) * np.kaiser(TAPS, 6.0)
    return np.asarray(taps / taps.sum() * UP, np.float32)


class Downsampler:
    """One stream from VOICE_RATE to SAMPLE_RATE."""

    def __init__(self) -> None:
        self._filter = _low_pass()
        self._past = np.zeros(TAPS - 1, np.float32)  # at 48 kHz
        self._skip = 0  # samples at 48 kHz until the next one to keep

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The next samples, float32 [n], as float32 [about 2n/3]."""
        if not len(samples):
            return samples
        stuffed = np.zeros(len(samples) * UP, np.float32)
        stuffed[::UP] = samples
        stuffed = np.concatenate([self._past, stuffed])
        self._past = stuffed[-(TAPS - 1) :]
        smooth = np.convolve(stuffed, self._filter, "valid")
        kept = smooth[self._skip :: DOWN]
        self._skip = (self._skip - len(smooth)) % DOWN
        return kept
