"""24 kHz to 16 kHz as it arrives, 0.4 ms late, as ``vita.media.resampling`` does it to a whole sound.

soxr's streams hand out sound in blocks (measured with 20 ms messages: 12 to 30 ms late in every quality that filters),
which would be a fifth of the time in which a voice must duck an answer. Two thirds is a short filter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vita.media import SAMPLE_RATE
from vita.media.resampling import filter_reach, reduced_ratio, sinc_weights
from vita.speech.sample_rates import VOICE_RATE

UP, DOWN = reduced_ratio(VOICE_RATE, SAMPLE_RATE)
REACH = filter_reach(UP, DOWN)  # samples at 48 kHz on each side of the filter's centre
DELAY = REACH // DOWN  # samples at SAMPLE_RATE
assert REACH % DOWN == 0, "the delay must be whole samples for a stream to give what a whole sound gives"


class Downsampler:
    """One stream from VOICE_RATE to SAMPLE_RATE, DELAY samples late."""

    def __init__(self) -> None:
        self._filter = sinc_weights(np.arange(-REACH, REACH + 1), UP, DOWN)
        self._past = np.zeros(2 * REACH, np.float32)  # at 48 kHz
        self._skip = 0  # samples at 48 kHz until the next one to keep

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The next samples, float32 [n], as float32 [about 2n/3]."""
        if not len(samples):
            return samples
        stuffed = np.zeros(len(samples) * UP, np.float32)
        stuffed[::UP] = samples
        stuffed = np.concatenate([self._past, stuffed])
        self._past = stuffed[-2 * REACH :]
        smooth = np.convolve(stuffed, self._filter, "valid")
        kept = smooth[self._skip :: DOWN]
        self._skip = (self._skip - len(smooth)) % DOWN
        return kept
