"""Animated images (GIF, WebP, APNG, AVIF) as videos. Decoding processes only; Pillow decodes."""

from __future__ import annotations

import numpy as np
from PIL import Image

from vita.media.clip_decoder import DecodedClip
from vita.media.files import check_length
from vita.media.frame_times import choose_by_time
from vita.media.image_colour import flatten_image
from vita.media.image_shrinking import shrink_image
from vita.media.kinds import FRAME_PIXELS, Limits
from vita.media.media_sentences import damaged_file, unreadable_file
from vita.media.picture_decoder import open_picture
from vita.media.png_chunks import drop_text

ANIMATED = ("GIF", "WEBP", "PNG", "AVIF")  # Pillow's names; an MPO or a TIFF has pages, which are no frames
SHORTEST, USUAL = 0.02, 0.1  # seconds; browsers show a frame that says less for as long as USUAL


def is_animated(image: Image.Image) -> bool:
    """Whether it has more than one frame, one behind the other."""
    return image.format in ANIMATED and bool(getattr(image, "is_animated", False))


def decode_animation(data: bytes, name: str, limits: Limits, frames: int) -> DecodedClip:
    """Read at most ``frames`` frames of an animated image.

    Raises:
        MediaError: a still image, or a damaged animation.
        LimitError: too many seconds or pixels.
    """
    if name == "PNG":
        data = drop_text(data)
    try:
        times = [0.0]
        with open_picture(data, name, limits) as image:
            if not is_animated(image):
                raise unreadable_file("video")
            for number in range(getattr(image, "n_frames", 1)):
                image.seek(number)
                image.load()
                shown = float(image.info.get("duration") or 0) / 1000
                times.append(times[-1] + (shown if shown >= SHORTEST else USUAL))
                check_length(times[-1], limits.video_seconds, "video")
        chosen = choose_by_time(times[:-1], times[-1], frames)
        unique = sorted(set(chosen))
        with open_picture(data, name, limits) as image:
            found = [_frame_pixels(image, number) for number in unique]
    except (EOFError, OSError, SyntaxError, ValueError, IndexError, KeyError, TypeError) as e:
        raise damaged_file("video") from e
    return DecodedClip(
        frames=tuple(found),
        chosen=tuple(unique.index(index) for index in chosen),
        times=tuple(times[index] for index in chosen),
        duration=times[-1],
    )


def _frame_pixels(image: Image.Image, number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image.seek(number)
    image.load()
    shrunk = shrink_image(image, FRAME_PIXELS)
    return np.asarray(flatten_image(shrunk, image.info.get("icc_profile"), {}))
