"""Still images: from a file or an array to upright RGB. Pillow decodes, and only formats that are images at all."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from vita.errors import LimitError, MediaError
from vita.media.files import Source, content
from vita.media.kinds import Limits, Picture

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM", "ICO")
_UNREADABLE = "This file is not an image that can be read; send a PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF file."
_DAMAGED = "The image is damaged or cut off; save or download it again and send that."
_WHITE = (255, 255, 255, 255)


def load_picture(source: Source | Image.Image | NDArray[np.uint8], limits: Limits | None = None) -> Picture:
    """Read an image as RGB, upright, transparency over white, the first frame of an animation.

    Args:
        source: a path, a file's bytes, a Pillow image, or uint8 [height, width], [height, width, 3] or
            [height, width, 4].

    Raises:
        MediaError: no image, an empty or a damaged one.
        LimitError: too many bytes, or too many pixels by its header; nothing is decoded then.
    """
    limits, data = limits or Limits(), b""
    if isinstance(source, np.ndarray):
        image = _from_array(source)
    elif isinstance(source, Image.Image):
        image = source
    else:
        data = content(source, limits.image_bytes, "image")
        image = _opened(data, limits)
    _check_pixels(image, limits)
    try:
        if data:  # the checksums of a PNG, which its decoder passes over
            _opened(data, limits).verify()
        image.load()
        return Picture(_rgb(ImageOps.exif_transpose(image)))
    except Exception as e:  # Pillow's decoders raise whatever a damaged file leads them into
        raise MediaError(_DAMAGED) from e


def check_picture(source: Source, limits: Limits) -> None:
    """Refuse by its header alone what ``load_picture`` would refuse by it; see there for the errors."""
    with _opened(content(source, limits.image_bytes, "image"), limits) as image:
        _check_pixels(image, limits)


def _opened(data: bytes, limits: Limits) -> Image.Image:
    """The image of a file, only its header read."""
    Image.init()  # ``formats`` takes no plugin that is not loaded yet
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as e:
        raise LimitError(
            "The image has more than {millions:g} million pixels; make it smaller and send it again.",
            millions=limits.image_pixels / 1e6,
        ) from e
    except Exception as e:  # as above: broken headers end in struct.error, ValueError, SyntaxError, ...
        raise MediaError(_UNREADABLE) from e


def _from_array(array: NDArray[np.uint8]) -> Image.Image:
    colours = array.shape[2] if array.ndim == 3 else 1
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or colours not in (1, 3, 4) or array.size == 0:
        raise MediaError(
            "An array of {dtype} with shape {shape} is no image; "
            "send uint8 of shape [height, width, 3] with at least one pixel.",
            dtype=array.dtype,
            shape=array.shape,
        )
    return Image.fromarray(array[..., 0] if array.ndim == 3 and colours == 1 else array)


def _check_pixels(image: Image.Image, limits: Limits) -> None:
    if image.width < 1 or image.height < 1:
        raise MediaError(_UNREADABLE)
    if image.width * image.height > limits.image_pixels:
        raise LimitError(
            "The image ({width:,} x {height:,}) has more than {millions:g} million pixels; "
            "make it smaller and send it again.",
            width=image.width,
            height=image.height,
            millions=limits.image_pixels / 1e6,
        )


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        return _from_deep(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, _WHITE), image).convert("RGB")
    return image.convert("RGB")


def _from_deep(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits or of floats as 8 bits; Pillow's own conversion clips at 255 and makes them white.

    Modes "I" and "F" do not say what white is: up to 1 and up to 255 are tried before 65,535.
    """
    grey = np.nan_to_num(np.asarray(image, dtype=np.float64))
    white = 65535.0
    if not image.mode.startswith("I;16"):
        white = next((top for top in (1.0, 255.0) if grey.max() <= top), max(white, float(grey.max())))
    return Image.fromarray((grey.clip(0, white) * (255 / white)).round().astype(np.uint8)).convert("RGB")
