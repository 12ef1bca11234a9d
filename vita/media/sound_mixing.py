"""Channels of a sound to one, at the rate that the models hear. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vita.errors import MediaError
from vita.media.kinds import SAMPLE_RATE
from vita.media.resampling import SincResampler, check_rate

Samples = NDArray[np.float32]

MOST_CHANNELS = 16
QUIET, AUDIBLE = 5e-4, 0.1  # peaks: below -66 dB of full scale, and what it is raised to (-20 dB)
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


@dataclass
class MonoMixer:
    """Takes a sound block by block, whose rate and channels may change between blocks; keeps one channel at 16 kHz.

    Attributes:
        channel: the one that is kept; None keeps the mean of all.
        seconds: taken so far.
    """

    channel: int | None = None
    seconds: float = 0.0
    _rate: int = 0
    _stream: SincResampler | None = None
    _blocks: list[Samples] = field(default_factory=list)
    _energies: NDArray[np.float64] = field(default_factory=lambda: np.zeros(MOST_CHANNELS))
    _energy: float = 0.0

    def add_block(self, samples: Samples, rate: int) -> None:
        """Take the next samples.

        Args:
            samples: float32 [n, channels] in -1..1.
            rate: Hz.

        Raises:
            MediaError: a rate or a number of channels that no recorder uses.
        """
        channels = samples.shape[1]
        check_rate(rate)
        check_channels(channels)
        if rate != self._rate:
            self._flush()
            self._rate = rate
            self._stream = None if rate == SAMPLE_RATE else SincResampler(rate)
        mean = samples.mean(axis=1, dtype=np.float32) if channels > 1 else samples[:, 0]
        self._energies[:channels] += np.square(samples).sum(axis=0, dtype=np.float64)
        self._energy += float(np.square(mean).sum(dtype=np.float64))
        kept = mean if self.channel is None else samples[:, min(self.channel, channels - 1)]
        self.seconds += len(samples) / rate
        self._blocks.append(kept.copy() if self._stream is None else self._stream.resample_block(kept))

    @property
    def cancelled(self) -> int | None:
        """The loudest channel, where the mean of all has lost it to opposite phase; else None."""
        loudest = int(self._energies.argmax())
        return loudest if self._energy < CANCELLED * self._energies[loudest] else None

    def mixed_samples(self) -> Samples:
        """All that was taken, float32 [n] at SAMPLE_RATE."""
        self._flush()
        return np.concatenate(self._blocks).clip(-1, 1) if self._blocks else np.zeros(0, np.float32)

    def _flush(self) -> None:
        if self._stream is not None:
            self._blocks.append(self._stream.resample_block(np.zeros(0, np.float32), last=True))
            self._stream = None


def raise_quiet(samples: Samples) -> Samples:
    """Samples that models would take for silence (recorded with almost no gain), louder; all others as they are."""
    peak = float(np.abs(samples).max(initial=0.0))
    return samples * np.float32(AUDIBLE / peak) if 0 < peak < QUIET else samples


def in_blocks(samples: Samples, size: int = 2**16) -> Iterator[Samples]:
    """Runs of at most ``size`` rows."""
    return (samples[start : start + size] for start in range(0, len(samples), size))


def mix_array(samples: Samples, rate: int) -> Samples:
    """Samples [n, channels] at any rate as float32 [n'] at SAMPLE_RATE; one channel where the mean is silent."""
    channel: int | None = None
    for _ in range(2):
        mixer = MonoMixer(channel)
        for block in in_blocks(samples):
            mixer.add_block(block, rate)
        if channel is not None or mixer.cancelled is None:
            break
        channel = mixer.cancelled
    return mixer.mixed_samples()
