"""Whisper's log-mel spectrum, and long sounds cut into windows. Pure functions on arrays.

Source: openai/whisper, audio.py; there every window is padded to 30 s, here to its own length and a little silence.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

SAMPLE_RATE = 16_000  # Hz
WINDOW = 400  # samples of one spectrum, 25 ms
HOP = 160  # samples between spectra, 10 ms
TAIL = SAMPLE_RATE  # silence behind a clip, so that its last word is not cut off
LONGEST = 30 * SAMPLE_RATE  # samples, Whisper's own context
SEARCH = 5 * SAMPLE_RATE  # a longer sound is cut at the quietest moment of so much of a window's end
BLOCK = SAMPLE_RATE // 50  # samples, 20 ms: how finely the quietest moment is looked for
SHORTEST = SAMPLE_RATE // 10  # samples; anything shorter is padded with silence


def cut_windows(samples: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Pieces of at most LONGEST less TAIL samples, cut where the sound is quietest; silence fills what is too short."""
    longest = LONGEST - TAIL
    rest = np.asarray(samples, dtype=np.float32)
    if len(rest) < SHORTEST:
        rest = np.pad(rest, (0, SHORTEST - len(rest)))
    pieces: list[NDArray[np.float32]] = []
    while len(rest) > longest:
        energy = np.square(rest[longest - SEARCH : longest]).reshape(-1, BLOCK).sum(1)
        cut = longest - SEARCH + int(energy.argmin()) * BLOCK
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return [*pieces, rest]


def log_mel(samples: NDArray[np.float32], filters: Tensor) -> Tensor:
    """Whisper's log-mel spectrum [mel_bins, T] of float32 [n] at 16 kHz with TAIL samples of silence behind it."""
    padded = F.pad(torch.from_numpy(np.ascontiguousarray(samples)), (0, TAIL))
    spectrum = torch.stft(padded, WINDOW, HOP, window=torch.hann_window(WINDOW), return_complex=True)
    power = filters @ spectrum[:, :-1].abs().square()
    log = power.clamp(min=1e-10).log10()
    return (torch.maximum(log, log.max() - 8.0) + 4.0) / 4.0


def mel_filters(bins: int) -> Tensor:
    """Slaney's triangles, [bins, WINDOW // 2 + 1], each of unit area (as librosa makes them)."""
    edges = _mel_to_hertz(np.linspace(0.0, _hertz_to_mel(SAMPLE_RATE / 2), bins + 2))
    frequencies = np.linspace(0.0, SAMPLE_RATE / 2, WINDOW // 2 + 1)
    widths = np.diff(edges)
    ramps = edges[:, None] - frequencies[None]
    rising, falling = -ramps[:-2] / widths[:-1, None], ramps[2:] / widths[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return torch.from_numpy(triangles.astype(np.float32))


def _hertz_to_mel(hertz: float) -> float:
    """Slaney's scale for 1 kHz and above: linear below, logarithmic from there."""
    return 15.0 + 27.0 * math.log(hertz / 1000.0) / math.log(6.4)


def _mel_to_hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15.0, 200.0 * mel / 3.0, 1000.0 * 6.4 ** ((mel - 15.0) / 27.0))
