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
ROLLOFF = 0.99  # cutoff as a part of the lower of the two Nyquist frequencies
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
    crossings = (distances * (cutoff / up)).clip(-ZERO_CROSSINGS, ZERO_CROSSINGS)
    window = np.cos(crossings * (math.pi / 2 / ZERO_CROSSINGS)) ** 2
    weights: NDArray[np.float32] = (cutoff * np.sinc(crossings) * window).astype(np.float32)
    return weights


def resample_sound(samples: NDArray[np.float32], rate: int, target: int = SAMPLE_RATE) -> NDArray[np.float32]:
    """Mono samples at ``rate`` Hz, float32 [n] -> at ``target`` Hz, float32 [ceil(n * target / rate)].

    The same array where the rates are equal. Output sample 0 lies where input sample 0 does; silence is around both.

    Raises:
        MediaError: a rate that no recorder uses.
    """
    check_rate(rate)
    check_rate(target)
    if rate == target:
        return samples
    up, down = reduced_ratio(rate, target)
    near = filter_reach(up, down) // up + 1  # input samples on each side of an output sample
    around = np.arange(-near, near + 1) * up
    windows = sliding_window_view(np.pad(samples, (near, near + 1)), len(around))  # [n + 1, 2 * near + 1]
    resampled = np.empty(-(-len(samples) * up // down), np.float32)
    for phase in range(min(up, len(resampled))):  # every up-th output sample lies alike between input samples
        first, distance = divmod(phase * down, up)
        places = resampled[phase::up]
        places[:] = windows[first::down][: len(places)] @ sinc_weights(around - distance, up, down)
    return resampled
