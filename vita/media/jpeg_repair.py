"""JPEG files that lack their end mark. Decoding processes only."""

from __future__ import annotations

import io

from PIL import Image, ImageChops

_END = b"\xff\xd9"
_FILLERS = (b"", b"\x55" * 64)  # what stands in for missing data: zeros, as the decoder puts them, or anything


def complete_jpeg(data: bytes) -> Image.Image | None:
    """The image of a JPEG file that ends early, if no pixel is missing; else None.

    It is decoded twice, with different bytes behind its end: pixels that are missing would come out differently.
    """
    data = data.removesuffix(b"\xff")
    images = []
    for filler in _FILLERS:
        image = Image.open(io.BytesIO(data + filler + _END), formats=("JPEG",))
        image.load()
        images.append(image)
    same = ImageChops.difference(*(image.convert("RGB") for image in images)).getbbox() is None
    return images[0] if same else None
