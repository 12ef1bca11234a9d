"""Channels of a sound to one, at the rate that the models hear. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vita.errors import MediaError
from vita.media.kinds import SAMPLE_RATE
from vita.media.resampling import SincResampler, check_rate

Samples = NDArray[np.float32]

MOST_CHANNELS = 16
QUIET, AUDIBLE = 5e-4, 0.1  # peaks: below -66 dB of full scale, and what it is raised to (-20 dB)
PHASE_WINDOW = 0.1  # seconds, in which it is decided whether channels cancel each other out
CANCELLED = 0.01  # of the loudest channel's energy (-20 dB): a mean with less is of channels in opposite phase


def float_samples(samples: NDArray[Any]) -> Samples:
    """Samples of integers in their type's range, or floats in -1..1, as float32; what is no number becomes 0."""
    if samples.dtype.kind in "iu":
        info = np.iinfo(samples.dtype)
        half = (int(info.max) - int(info.min) + 1) / 2
        middle = half if samples.dtype.kind == "u" else 0.0
        scaled: Samples = ((samples.astype(np.float64) - middle) / half).astype(np.float32)
        return scaled
    floats: Samples = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0).clip(-1, 1).astype(np.float32)
    return floats


def check_channels(channels: int) -> None:
    """Refuse more channels than MOST_CHANNELS. Raises MediaError."""
    if channels > MOST_CHANNELS:
        raise MediaError(
            "The sound has {channels} channels; send one with at most {most}.",
            channels=channels,
            most=MOST_CHANNELS,
        )


class MonoMixer:
    """Takes a sound block by block, whose rate and channels may change between blocks; keeps one channel at 16 kHz.

    That channel is the mean of all; for as long as they are in opposite phase and the mean is silent, the loudest one.

    Attributes:
        seconds: taken so far.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._rate = 0
        self._resampler: SincResampler | None = None
        self._mixed: list[Samples] = []
        self._window: list[Samples] = []  # blocks of equal rate and channels that are mixed together
        self._rows = 0

    def add_block(self, samples: Samples, rate: int) -> None:
        """Take the next samples.

        Args:
            samples: float32 [n, channels] in -1..1.
            rate: Hz.

        Raises:
            MediaError: a rate or a number of channels that no recorder uses.
        """
        check_rate(rate)
        check_channels(samples.shape[1])
        if rate != self._rate:
            self._end_rate()
            self._rate = rate
            self._resampler = None if rate == SAMPLE_RATE else SincResampler(rate)
        elif self._window and samples.shape[1] != self._window[0].shape[1]:
            self._mix_window()
        self.seconds += len(samples) / rate
        for block in in_blocks(samples, max(1, round(rate * PHASE_WINDOW))):
            self._window.append(block.copy())  # a decoder writes its next frame over this one
            self._rows += len(block)
            if self._rows >= rate * PHASE_WINDOW:
                self._mix_window()

    def mixed_samples(self) -> Samples:
        """All that was taken, float32 [n] at SAMPLE_RATE."""
        self._end_rate()
        return np.concatenate(self._mixed).clip(-1, 1) if self._mixed else np.zeros(0, np.float32)

    def _mix_window(self) -> None:
        if self._window:
            mono = mix_channels(np.concatenate(self._window))
            self._mixed.append(mono if self._resampler is None else self._resampler.resample_block(mono))
        self._window, self._rows = [], 0

    def _end_rate(self) -> None:
        self._mix_window()
        if self._resampler is not None:
            self._mixed.append(self._resampler.resample_block(np.zeros(0, np.float32), last=True))
            self._resampler = None


def mix_channels(samples: Samples) -> Samples:
    """Float32 [n, channels] -> [n]: their mean, or the loudest where the mean has lost it to opposite phase."""
    mean = samples.mean(axis=1, dtype=np.float32)
    energies = np.square(samples, dtype=np.float64).sum(axis=0)
    loudest = int(energies.argmax())
    is_lost = np.square(mean, dtype=np.float64).sum() < CANCELLED * energies[loudest]
    return samples[:, loudest].copy() if is_lost else mean


def raise_quiet(samples: Samples) -> Samples:
    """Samples that models would take for silence (recorded with almost no gain), louder; all others as they are."""
    peak = float(np.abs(samples).max(initial=0.0))
    return samples * np.float32(AUDIBLE / peak) if 0 < peak < QUIET else samples


def in_blocks(samples: Samples, size: int) -> Iterator[Samples]:
    """Runs of at most ``size`` rows."""
    return (samples[start : start + size] for start in range(0, len(samples), size))


def mix_array(samples: Samples, rate: int) -> Samples:
    """Samples [n, channels] at any rate as float32 [n'] at SAMPLE_RATE; one channel where the mean is silent."""
    mixer = MonoMixer()
    mixer.add_block(samples, rate)
    return mixer.mixed_samples()
