"""Still images: from a file to upright RGB of bounded size. Decoding processes only; Pillow decodes."""

from __future__ import annotations

import io

from PIL import Image

from vita.errors import LimitError
from vita.media.image_colour import present_image
from vita.media.jpeg_repair import complete_jpeg
from vita.media.kinds import Limits
from vita.media.media_sentences import damaged_file, too_many_pixels, unreadable_file
from vita.media.png_chunks import drop_text
from vita.media.webp_decoder import LARGE_WEBP, decode_large_webp


def decode_picture(data: bytes, name: str, limits: Limits) -> Image.Image:
    """An image as RGB, upright, transparency over white, the first frame of an animation, at most PICTURE_PIXELS.

    Args:
        name: Pillow's name of the format.

    Raises:
        MediaError: a damaged image.
        LimitError: too many pixels by its header; nothing is decoded then.
    """
    if name == "PNG":
        data = drop_text(data)
    open_picture(data, name, limits)  # its errors are the header's
    try:
        if name == "PNG":  # its checksums, which the decoder passes over
            open_picture(data, name, limits).verify()
        return present_image(_load_pixels(data, name, limits))
    except MemoryError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as e:  # of an image within, as an ICO has
        raise LimitError(
            "The image has more than {millions:g} million pixels; make it smaller and send it again.",
            millions=limits.image_pixels / 1e6,
        ) from e
    except Exception as e:  # Pillow's decoders raise whatever a damaged file leads them into
        raise damaged_file("image") from e


def open_picture(data: bytes, name: str, limits: Limits) -> Image.Image:
    """The image of a file, only its header read; see ``decode_picture`` for the errors."""
    Image.MAX_IMAGE_PIXELS = None  # checked below, with a sentence that tells the size
    try:
        image = Image.open(io.BytesIO(data), formats=(name,))
    except MemoryError:
        raise
    except Exception as e:  # broken headers end in struct.error, ValueError, SyntaxError, ...
        raise unreadable_file("image") from e
    Image.MAX_IMAGE_PIXELS = limits.image_pixels  # of images within this one
    if image.width < 1 or image.height < 1:
        raise unreadable_file("image")
    if image.width * image.height > limits.image_pixels:
        raise too_many_pixels("image", image.width, image.height, limits.image_pixels)
    return image


def _load_pixels(data: bytes, name: str, limits: Limits) -> Image.Image:
    """The image with its pixels; a JPEG that lacks nothing but its end mark is whole."""
    image = open_picture(data, name, limits)
    if name == "WEBP" and image.width * image.height > LARGE_WEBP and not getattr(image, "is_animated", False):
        info = dict(image.info)  # its colour profile and orientation
        del image  # and with it room for two frames of its size
        large = decode_large_webp(data, limits)
        large.info = info
        return large
    try:
        image.load()
        return image
    except OSError:
        if name != "JPEG":
            raise
    del image  # the half of it that was decoded
    whole = complete_jpeg(data)
    if whole is None:
        raise damaged_file("image")
    return whole
