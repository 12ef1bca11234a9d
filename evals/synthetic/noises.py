"""Sounds made from nothing: noises, music and silence. Seeded; for training and evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from vita.media import SAMPLE_RATE

Samples = NDArray[np.float32]

NOISES = ("white", "brown", "hum", "clicks", "music", "silence")


def make_noise(kind: str, seconds: float, seed: int) -> Samples:
    """A sound without speech, float32 [n] at 16 kHz, at a loudness that the seed decides."""
    random = np.random.default_rng(seed)
    count = int(seconds * SAMPLE_RATE)
    time = np.arange(count) / SAMPLE_RATE
    if kind == "silence":
        return (random.standard_normal(count) * 1e-4).astype(np.float32)
    wave: NDArray[np.floating[Any]]
    if kind == "white":
        wave = random.standard_normal(count)
    elif kind == "brown":
        walk = np.asarray(np.cumsum(random.standard_normal(count)), dtype=np.float64)
        wave = walk - np.convolve(walk, np.ones(800) / 800, "same")
    elif kind == "hum":
        base = random.uniform(50, 200)
        tones = np.stack([np.sin(2 * np.pi * base * k * time) / k for k in range(1, 6)])
        wave = tones.sum(0) + 0.1 * random.standard_normal(count)
    elif kind == "clicks":
        wave = (random.random(count) < 3 / SAMPLE_RATE) * 1.0
        wave = np.convolve(wave, np.exp(-np.arange(800) / 80) * random.standard_normal(800), "same")
    else:
        wave = _make_music(time, random)
    loudness = 10 ** random.uniform(-2.0, -0.7)
    return np.asarray(wave / (np.abs(wave).max() + 1e-9) * loudness, dtype=np.float32)


def _make_music(time: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """Notes of a minor scale, a few a second, each a plucked tone with overtones."""
    wave = np.zeros_like(time)
    beat = random.uniform(0.2, 0.5)  # seconds
    for start in np.arange(0, time[-1], beat):
        pitch = 220 * 2 ** (random.choice([0, 2, 3, 5, 7, 8, 10, 12]) / 12)
        age = np.clip(time - start, 0, None)
        tone = np.sum([np.sin(2 * np.pi * pitch * k * age) / k**1.5 for k in (1, 2, 3, 4)], 0)
        wave += np.where(time >= start, tone * np.exp(-age / 0.3), 0)
    return wave


def mix_at_snr(speech: Samples, other: Samples, decibels: float) -> Samples:
    """Speech with a noise behind it, at a signal-to-noise ratio; the noise is repeated to the speech's length."""
    background = np.resize(other, speech.shape)
    gain = np.sqrt(np.mean(speech**2) / (np.mean(background**2) + 1e-12) / 10 ** (decibels / 10))
    return np.asarray(speech + gain * background, dtype=np.float32)


def across_room(speech: Samples, random: np.random.Generator) -> Samples:
    """Speech from across a room: a good part of it comes by way of the walls."""
    time = np.arange(int(0.4 * SAMPLE_RATE)) / SAMPLE_RATE
    walls = random.standard_normal(len(time)) * np.exp(-time / random.uniform(0.03, 0.12))
    walls *= random.uniform(0.5, 2.0) / np.sqrt(np.sum(walls**2))
    walls[0] = 1.0
    heard = np.convolve(speech, walls)
    return np.asarray(heard / np.abs(heard).max() * np.abs(speech).max(), dtype=np.float32)
