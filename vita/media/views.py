"""What others want to know of decoded media: a name for caches, an outline to draw."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vita.media.kinds import Clip, Medium, Picture, Sound


def digest(medium: Medium) -> str:
    """A name of what the model perceives: equal for equal pixels or samples, whatever file they came from.

    Returns:
        32 hexadecimal digits (BLAKE2b).
    """
    state = hashlib.blake2b(digest_size=16)
    match medium:
        case Picture(image):
            state.update(b"picture")
            _add_image(state, image)
        case Clip(frames):
            state.update(b"clip")
            for frame in frames:
                _add_image(state, frame)
        case Sound(samples):
            state.update(b"sound")
            state.update(np.ascontiguousarray(samples, np.float32).tobytes())
    return state.hexdigest()


def _add_image(state: hashlib.blake2b, image: Image.Image) -> None:
    state.update(f"{image.mode} {image.width} {image.height} ".encode())
    state.update(image.tobytes())


def waveform(sound: Sound, points: int) -> NDArray[np.float32]:
    """The outline of a recording: the peak of each of ``points`` equal stretches.

    Returns:
        float32 [points] in 0..1; shorter where there are fewer samples than points.
    """
    loud = np.abs(sound.samples)
    edges = np.linspace(0, len(loud), min(points, len(loud)), endpoint=False, dtype=np.intp)
    return np.maximum.reduceat(loud, edges) if len(edges) else np.zeros(0, np.float32)
