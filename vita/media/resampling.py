"""Resampling as in VITA's training: a sinc windowed by Hann's function.

The formula of ``torchaudio.functional.resample`` with its defaults (``sinc_interp_hann``, ``lowpass_filter_width=6``,
``rolloff=0.99``; https://docs.pytorch.org/audio/stable/generated/torchaudio.functional.resample.html), which upstream's
front end applies to every file that is not at 16 kHz. Steeper filters such as soxr's leave less between 7.5 and 8 kHz
than the model was trained on. In NumPy, because torchaudio brings a torch of its own.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from vita.errors import MediaError
from vita.media.kinds import SAMPLE_RATE

ZERO_CROSSINGS = 6  # of the sinc on each side, where the window ends
INAUDIBLE = 1e-12  # of full scale; smaller weights would underflow in float32 products
ROLLOFF = 0.99  # cutoff as a part of the lower of the two Nyquist frequencies
BLOCK = 2**15  # input samples; a window of each output is held at a time
RATES = range(4_000, 768_001)  # Hz, what recorders use


def check_rate(rate: int) -> None:
    """Refuse a sample rate in Hz that no recorder uses.

    Raises:
        MediaError: the rate is not among RATES.
    """
    if rate not in RATES:
        raise MediaError("A sound of {rate} samples a second cannot be used; send one of 8,000 to 48,000.", rate=rate)


def reduced_ratio(rate: int, target: int) -> tuple[int, int]:
    """``target / rate`` in lowest terms, as (up, down): 24,000 to 16,000 Hz is (2, 3)."""
    common = math.gcd(rate, target)
    return target // common, rate // common


def filter_reach(up: int, down: int) -> int:
    """The largest distance from its centre at which ``sinc_weights`` is not 0, in samples at ``up`` times the rate."""
    return math.ceil(ZERO_CROSSINGS * up * down / (ROLLOFF * min(up, down))) - 1


def sinc_weights(distances: NDArray[np.int64], up: int, down: int) -> NDArray[np.float32]:
    """Weights of input samples at these distances from an output sample, in samples at ``up`` times the input's rate.

    Float32 of the same shape; their sum over all input samples is about 1.
    """
    cutoff = ROLLOFF * min(up, down) / down  # as a part of the input's Nyquist frequency
    crossings = distances * (cutoff / up)
    window = np.cos(crossings * (math.pi / 2 / ZERO_CROSSINGS)) ** 2
    weights = cutoff * np.sinc(crossings) * window
    heard = (np.abs(crossings) < ZERO_CROSSINGS) & (np.abs(weights) > INAUDIBLE)
    return np.where(heard, weights, 0.0).astype(np.float32)


class SincResampler:
    """Mono samples at one rate to another, block by block; equal to resampling them whole.

    Output sample 0 lies where input sample 0 does; silence is around both.

    Args:
        rate, target: Hz.

    Raises:
        MediaError: a rate that no recorder uses.
    """

    def __init__(self, rate: int, target: int = SAMPLE_RATE) -> None:
        check_rate(rate)
        check_rate(target)
        self._up, self._down = reduced_ratio(rate, target)
        self._near = filter_reach(self._up, self._down) // self._up + 1  # input samples on each side of an output's
        around = np.arange(-self._near, self._near + 1) * self._up
        phases = np.arange(self._up)[:, None]  # how far behind an input sample, in samples at up times the rate
        self._weights = sinc_weights(around - phases, self._up, self._down)  # [up, 2 * near + 1]
        self._kept = np.zeros(self._near, np.float32)  # input from ``_first`` on
        self._first = -self._near
        self._given = self._made = 0

    def resample_block(self, samples: NDArray[np.float32], last: bool = False) -> NDArray[np.float32]:
        """The next samples, float32 [n] -> what of the output is certain by now; all of it with the ``last`` ones."""
        self._given += len(samples)
        self._kept = np.concatenate((self._kept, samples, np.zeros(self._near if last else 0, np.float32)))
        until = self._given if last else max(0, self._given - self._near)  # input with all its neighbours
        places = np.arange(self._made, max(self._made, -(-until * self._up // self._down))) * self._down
        self._made += len(places)
        at, phases = places // self._up - self._near - self._first, places % self._up
        windows = sliding_window_view(self._kept, 2 * self._near + 1)[at] if len(at) else np.zeros((0, 1), np.float32)
        resampled: NDArray[np.float32] = np.einsum("nw,nw->n", windows, self._weights[phases][:, : windows.shape[1]])
        passed = max(0, self._made * self._down // self._up - self._near - self._first)
        self._kept, self._first = self._kept[passed:], self._first + min(passed, len(self._kept))
        return resampled


def resample_sound(samples: NDArray[np.float32], rate: int, target: int = SAMPLE_RATE) -> NDArray[np.float32]:
    """Mono samples at ``rate`` Hz, float32 [n] -> at ``target`` Hz, float32 [ceil(n * target / rate)].

    The same array where the rates are equal.

    Raises:
        MediaError: a rate that no recorder uses.
    """
    resampler = SincResampler(rate, target)
    if rate == target:
        return samples
    blocks = [resampler.resample_block(samples[start : start + BLOCK]) for start in range(0, len(samples), BLOCK)]
    return np.concatenate((*blocks, resampler.resample_block(np.zeros(0, np.float32), last=True)))
