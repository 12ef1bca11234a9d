"""Log mel filter bank features as Kaldi computes them, in torch alone.

Upstream calls torchaudio's copy of Kaldi with dither 0 in training's fixtures and 1.0 (random noise) in its vLLM
demo; here there is no dither, so that results repeat. Upstream 1.0 computes files that are not 16 kHz with the window
of the original rate after resampling them; 1.5 corrected that. Here a sound is always at 16 kHz.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from vita.media import SAMPLE_RATE
from vita.model.configuration import VITAConfig
from vita.model.whale_encoder import SHORTEST, token_count

WINDOW = SAMPLE_RATE * 25 // 1000  # samples, 25 ms
HOP = SAMPLE_RATE * 10 // 1000  # samples, 10 ms
FFT = 1 << (WINDOW - 1).bit_length()  # points, the next power of two
FULL_SCALE = 32_768.0  # Kaldi takes 16 bit samples
PREEMPHASIS = 0.97
POVEY = 0.85  # power of the Hann window
LOWEST = 20.0  # Hz, where the first filter begins
HIGHEST = SAMPLE_RATE / 2  # Hz, where the last one ends
FLOOR = torch.finfo(torch.float32).eps  # of a filter's energy, before the logarithm
SHORTEST_SAMPLES = WINDOW + (SHORTEST - 1) * HOP  # what gives one token


def frame_count(samples: int) -> int:
    """Frames of a sound of that many samples; the rest that fills no window is left out."""
    return 1 + (samples - WINDOW) // HOP if samples >= WINDOW else 0


def _mel_scale(hertz: Tensor) -> Tensor:
    return 1127.0 * torch.log1p(hertz / 700.0)


def mel_filters(bins: int) -> Tensor:
    """Triangular filters, equally wide in mel: float32 [bins, FFT // 2 + 1]."""
    low, high = _mel_scale(torch.tensor([LOWEST, HIGHEST], dtype=torch.float64))
    edges = low + (high - low) / (bins + 1) * torch.arange(bins + 2)
    spectrum = _mel_scale(torch.arange(FFT // 2 + 1, dtype=torch.float64) * SAMPLE_RATE / FFT)
    left, centre, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (spectrum - left) / (centre - left), (right - spectrum) / (right - centre)
    filters = torch.minimum(rising, falling).clamp(min=0)
    filters[:, -1] = 0  # Kaldi leaves the Nyquist frequency out
    return filters.float()


def kaldi_fbank(samples: Tensor, filters: Tensor) -> Tensor:
    """Samples float32 [n] in -1..1 at 16 kHz, filters [bins, FFT // 2 + 1] -> float32 [T, bins]."""
    frames = (samples * FULL_SCALE).unfold(0, WINDOW, HOP)
    frames = frames - frames.mean(dim=1, keepdim=True)
    before = torch.cat([frames[:, :1], frames[:, :-1]], dim=1)
    window = torch.hann_window(WINDOW, periodic=False) ** POVEY
    windowed = (frames - PREEMPHASIS * before) * window
    power: Tensor = torch.fft.rfft(F.pad(windowed, (0, FFT - WINDOW))).abs() ** 2
    return (power @ filters.T).clamp(min=FLOOR).log()


class FbankFrontEnd:
    """What the Whale encoder hears: fbank, not yet normalised (the encoder has the checkpoint's statistics)."""

    def __init__(self, config: VITAConfig, folder: Path) -> None:
        """Take the mel bins from ``config``; ``folder`` is the checkpoint's and holds nothing that this one needs."""
        self.filters = mel_filters(config.audio_config.input_dim)
        self._placeholder = config.audio_token_id

    def __call__(self, samples: NDArray[np.float32]) -> Tensor:
        """Samples float32 [n] in -1..1 at 16 kHz -> float32 [T, bins]; silence fills what is too short for a token."""
        missing = max(0, SHORTEST_SAMPLES - len(samples))
        return kaldi_fbank(F.pad(torch.from_numpy(np.array(samples, dtype=np.float32)), (0, missing)), self.filters)

    def token_ids(self, features: Tensor) -> list[int]:
        """Placeholders of features [T, bins]."""
        return [self._placeholder] * token_count(len(features))

    def max_tokens(self, seconds: float) -> int:
        """Audio tokens of a sound of that length."""
        return token_count(frame_count(max(SHORTEST_SAMPLES, math.floor(seconds * SAMPLE_RATE))))
