"""JPEG files that lack their end mark. Decoding processes only."""

from __future__ import annotations

import hashlib
import io

from PIL import Image

_END = b"\xff\xd9"
_FILLERS = (b"", b"\x55" * 64)  # what stands in for missing data: zeros, as the decoder puts them, or anything
_ROWS = 256


def complete_jpeg(data: bytes) -> Image.Image | None:
    """The image of a JPEG file that ends early, if no pixel is missing; else None.

    It is decoded twice, with different bytes behind its end: pixels that are missing would come out differently.
    """
    data = data.removesuffix(b"\xff")
    digests, image = set(), None
    for filler in _FILLERS:
        image = None  # one of them at a time: they may have 50 million pixels
        image = Image.open(io.BytesIO(data + filler + _END), formats=("JPEG",))
        image.load()
        digests.add(_pixel_digest(image))
    return image if len(digests) == 1 else None


def _pixel_digest(image: Image.Image) -> bytes:
    state = hashlib.blake2b()
    for top in range(0, image.height, _ROWS):
        state.update(image.crop((0, top, image.width, min(top + _ROWS, image.height))).tobytes())
    return state.digest()
