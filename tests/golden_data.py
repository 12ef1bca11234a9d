"""Upstream's own outputs and the tiny checkpoints that gave them, for tests."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import soundfile
import torch
from PIL import Image

from vita.media import Clip, Picture, Sound, load_sound

GOLDEN = Path(__file__).parent / "golden"
INPUTS = GOLDEN / "vita-1.0" / "inputs"  # both families were asked about the same files
V10, V15 = "vita-1.0", "vita-1.5"


def checkpoint(family):
    return GOLDEN / family / "ckpt"


def values(family, name):
    return json.loads((GOLDEN / family / "expected" / f"{name}.json").read_text(encoding="utf-8"))


def arrays(family, name):
    with np.load(GOLDEN / family / "expected" / f"{name}.npz") as stored:
        return {key: torch.from_numpy(stored[key]) for key in stored.files}


def sound(name):
    """A recording; the one at 24 kHz resampled, as upstream resampled it."""
    if name == "audio_24k":
        return load_sound(INPUTS / "audio_2s_24k.wav")
    samples, rate = soundfile.read(INPUTS / f"{name}_16k.wav", dtype="float32")
    assert rate == 16_000
    return Sound(samples)


def picture(name):
    with Image.open(INPUTS / f"{name}.png") as image:
        return Picture(image.convert("RGB"))


def clip():
    return Clip(tuple(picture(f"frame{number}").image for number in range(4)), (0.0, 1.0, 2.0, 3.0), 4.0)


def media(kinds):
    """The media of a prompt, from their names."""
    return [clip() if kind == "video" else picture(kind) if kind.startswith("img") else sound(kind) for kind in kinds]


def pieces(prompt, kinds):
    """Upstream's prompt in pieces, each run of its placeholders one medium."""
    left = iter(media(kinds))
    texts = re.split(r"((?:<image>)+|<audio>)", prompt)
    return [next(left) if number % 2 else text for number, text in enumerate(texts)]


def close(actual, expected, tolerance=1e-4):
    """Equal shape and no value farther off than ``tolerance``; half-precision references get half a step more."""
    expected = torch.as_tensor(expected)
    relative = 2**-11 if expected.dtype == torch.float16 else 0.0
    torch.testing.assert_close(actual, expected.float(), atol=tolerance, rtol=relative)


def payload(medium):
    """A medium as vLLM takes it."""
    if isinstance(medium, Picture):
        return medium.image
    return list(medium.frames) if isinstance(medium, Clip) else medium.samples
