"""Sounds for a fake microphone: the bundled questions with silence between them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from tests.browser.serving import ROOT

RATE = 16_000


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE), np.float32)


def speech(name: str) -> np.ndarray:
    sound, rate = soundfile.read(ROOT / "demos" / "examples" / name, dtype="float32")
    assert rate == RATE
    return sound


def write_script(path: Path, *parts: np.ndarray) -> Path:
    """Keep the parts, one behind the other, as a WAV file."""
    soundfile.write(path, np.concatenate(parts), RATE)
    return path
