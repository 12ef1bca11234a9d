"""PCM16 (signed, little-endian, mono) to float samples and back: the only place that knows its scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BYTES_PER_SAMPLE = 2
LOWEST, HIGHEST = 32_768, 32_767  # absolute values of the most negative and the most positive sample


def pcm16_samples(pcm: bytes) -> NDArray[np.int16]:
    """PCM16 as int16 [len(pcm) // 2], not copied; half a sample at the end is left out."""
    return np.frombuffer(pcm, "<i2", count=len(pcm) // BYTES_PER_SAMPLE)


def decode_pcm16(pcm: bytes) -> NDArray[np.float32]:
    """PCM16 as float32 [len(pcm) // 2] in -1..1; half a sample at the end is left out."""
    return pcm16_samples(pcm).astype(np.float32) / np.float32(LOWEST)


def encode_pcm16(samples: NDArray[np.floating], rounded: bool = False) -> bytes:
    """Float samples [n] as PCM16; what lies outside -1..1 is clipped.

    Args:
        rounded: to the nearest step; otherwise towards zero.
    """
    scaled = np.clip(samples, -1.0, 1.0) * HIGHEST
    return (scaled.round() if rounded else scaled).astype("<i2").tobytes()
