"""What a model can be shown and played, decoded, and how much of it is accepted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SAMPLE_RATE = 16_000  # Hz, what every checkpoint hears
LEAST_FRAMES, MOST_FRAMES = 4, 32  # frames taken from one video
PICTURE_PIXELS = (
    4_200_000  # larger pictures are shrunk: 13 tiles of 448 x 448, the most that any checkpoint sees, are 2.6
)
FRAME_PIXELS = 810_000  # larger frames are shrunk: a frame is seen as one tile of 448 x 448


@dataclass(frozen=True, eq=False)
class Picture:
    """A still image.

    Attributes:
        image: RGB, upright (EXIF orientation applied).
    """

    image: Image.Image


@dataclass(frozen=True, eq=False)
class Clip:
    """The frames of a video that the model will see.

    Attributes:
        frames: RGB, in order of time.
        times: seconds from the start of the video, one for each frame.
        duration: seconds.
    """

    frames: tuple[Image.Image, ...]
    times: tuple[float, ...]
    duration: float


@dataclass(frozen=True, eq=False)
class Sound:
    """A mono recording.

    Attributes:
        samples: float32 [n] in -1..1 at SAMPLE_RATE.
    """

    samples: NDArray[np.float32]

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / SAMPLE_RATE


Medium = Picture | Clip | Sound


@dataclass(frozen=True)
class Limits:
    """What is accepted; beyond it a LimitError says what to do.

    Attributes:
        decode_seconds: CPU time that decoding one file may take; the wall-clock limit is twice that.
    """

    image_bytes: int = 20 * 2**20
    image_pixels: int = 50_000_000
    video_bytes: int = 200 * 2**20
    video_seconds: float = 600.0
    audio_bytes: int = 50 * 2**20
    audio_seconds: float = 60.0
    images: int = 8
    sounds: int = 8
    clips: int = 2
    decode_seconds: float = 60.0
