"""Large WebP images by FFmpeg, which needs half of the memory that libwebp's animation decoder in Pillow takes."""

from __future__ import annotations

import io
import math

from av.video.reformatter import Interpolation
from PIL import Image

from vita.media.containers import open_container
from vita.media.kinds import PICTURE_PIXELS, Limits
from vita.media.media_sentences import damaged_file

LARGE_WEBP = 24_000_000  # pixels


def decode_large_webp(data: bytes, limits: Limits) -> Image.Image:
    """A still WebP image as RGBA, made smaller where it has more than PICTURE_PIXELS.

    Raises:
        MediaError: it is damaged.
    """
    with open_container(io.BytesIO(data), "webp_pipe", "image", limits.image_pixels) as opened:
        frame = next(opened.decode(video=0), None)
        if frame is None:
            raise damaged_file("image")
        scale = min(1.0, math.sqrt(PICTURE_PIXELS / (frame.width * frame.height)))
        width, height = (max(1, int(side * scale)) for side in (frame.width, frame.height))
        small = frame.reformat(width, height, "rgba", interpolation=Interpolation.AREA)
        return Image.fromarray(small.to_ndarray())
