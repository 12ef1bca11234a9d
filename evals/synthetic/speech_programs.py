"""Speech by programs: espeak-ng, Flite (training only) and Piper. The same text and voice give the same sound.

A voice is named "program:voice"; training and evaluation share none.
"""

from __future__ import annotations

import io
import subprocess
import tempfile
from functools import cache
from typing import Any

import numpy as np
import soundfile
import soxr

from evals.synthetic.noises import Samples
from vita.errors import CheckpointError
from vita.media import SAMPLE_RATE

TRAINING = (
    "espeak:en-us",
    "espeak:en-gb+f3",
    "espeak:en-us+m5",
    "espeak:en-gb-x-gbclan",
    "espeak:en-us+f2",
    "espeak:en-gb+m7",
    "espeak:en-us-nyc",
    "espeak:en-us+Alex",
    "espeak:en-gb+Annie",
    "espeak:en-us+linda",
    "espeak:en-gb+david",
    "espeak:en-us+klatt2",
    "espeak:en-gb+steph",
    "espeak:en-gb",
    "espeak:en-us+m8",
    "flite:kal",
    "flite:rms",
    "flite:slt",
)
EVALUATION = ("piper:joe", "espeak:en-gb-scotland", "espeak:en-us+f5", "espeak:en-029", "espeak:en-gb-x-rp+m3")
PACE = 160  # words a minute


def speak_by_program(text: str, voice: str, pace: int = PACE) -> Samples:
    """``text`` as float32 [n] at 16 kHz.

    Args:
        pace: about so many words a minute.

    Raises:
        CheckpointError: the program is not installed.
    """
    program, name = voice.split(":")
    try:
        samples, rate = _PROGRAMS[program](text, name, pace)
    except (OSError, ImportError, subprocess.SubprocessError) as e:
        raise CheckpointError(f"The voice {voice} cannot speak here, {program} is missing or fails: {e}") from e
    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE), dtype=np.float32)


def _speak_by_espeak(text: str, name: str, pace: int) -> tuple[Samples, int]:
    command = ["espeak-ng", "-v", name, "-s", str(pace), "--stdout", text]
    spoken = subprocess.run(command, capture_output=True, check=True, timeout=30).stdout
    samples, rate = soundfile.read(io.BytesIO(spoken), dtype="float32")
    return samples, int(rate)


def _speak_by_flite(text: str, name: str, pace: int) -> tuple[Samples, int]:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        stretch = f"duration_stretch={PACE / pace:.3f}"
        subprocess.run(
            ["flite", "-voice", name, "--setf", stretch, "-t", text, "-o", file.name], check=True, timeout=30
        )
        samples, rate = soundfile.read(file.name, dtype="float32")
    return samples, int(rate)


def _speak_by_piper(text: str, name: str, pace: int) -> tuple[Samples, int]:
    from piper.config import SynthesisConfig

    voice = _piper_voice(name)
    calm = SynthesisConfig(length_scale=PACE / pace, noise_scale=0.0, noise_w_scale=0.0)  # the same sound every time
    pieces = [chunk.audio_float_array for chunk in voice.synthesize(text, calm)]
    return np.concatenate(pieces), voice.config.sample_rate


@cache
def _piper_voice(name: str) -> Any:
    from importlib.util import find_spec
    from pathlib import Path

    from piper import PiperVoice

    spec = find_spec(f"{name}_us_piper_voice")
    if spec is None or spec.origin is None:
        raise ImportError(f"{name}-us-piper-voice is not installed")
    return PiperVoice.load(Path(spec.origin).parent / "data" / f"en_US-{name}-medium.onnx")


_PROGRAMS = {"espeak": _speak_by_espeak, "flite": _speak_by_flite, "piper": _speak_by_piper}
