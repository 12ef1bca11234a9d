"""An image of any kind as it is shown: sRGB of 8 bits over white, upright, of bounded size."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps

from vita.media.image_shrinking import shrink_image
from vita.media.kinds import PICTURE_PIXELS

ROWS = 256  # converted at once: 50 million values of 16 bits need no copy of 64 bits each
_SPACES = {"RGB ": ("RGB", "RGBA"), "GRAY": ("L", "LA"), "CMYK": ("CMYK",)}  # of ICC profiles, and Pillow's modes
_WHITE = (255, 255, 255, 255)


def present_image(image: Image.Image) -> Image.Image:
    """An image of any kind as it is shown: RGB in sRGB, upright, over white, at most PICTURE_PIXELS."""
    flat = flatten_deep(image) if image.mode.startswith(("I", "F")) else image
    shrunk = shrink_image(flat, PICTURE_PIXELS)
    return ImageOps.exif_transpose(flatten_image(shrunk, image.info.get("icc_profile"), image.info))


def flatten_image(image: Image.Image, profile: bytes | None, info: Mapping[Any, Any]) -> Image.Image:
    """RGB, the colour profile applied, transparency over white.

    Args:
        profile: ICC profile of the file, or None.
        info: of the file; its EXIF orientation stays with the result.
    """
    if image.mode == "P" or "transparency" in image.info or image.mode == "1":
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if image.mode == "LA":
        image = image.convert("RGBA") if not profile else image
    alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
    colours = _apply_profile(image.convert(image.mode.removesuffix("A")) if alpha else image, profile)
    colours = colours if colours.mode == "RGB" else colours.convert("RGB")
    if alpha is not None:
        colours.putalpha(alpha)
        colours = Image.alpha_composite(Image.new("RGBA", image.size, _WHITE), colours).convert("RGB")
    colours = colours.copy() if colours is image else colours  # which may be the caller's
    colours.info = {name: value for name, value in info.items() if name in ("exif", "Raw profile type exif")}
    return colours


def _apply_profile(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image in sRGB; as it is where it has no profile, or one that does not fit it."""
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if image.mode not in _SPACES.get(source.profile.xcolor_space, ()):
            return image
        if "srgb" in (source.profile.profile_description or "").lower():
            return image
        result = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return result or image


def flatten_deep(image: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits or of floats as 8 bits; Pillow's own conversion clips at 255 and makes them white.

    Modes "I" and "F" do not say what white is: up to 1 and up to 255 are tried before 65,535.
    """
    strips = [(top, min(top + ROWS, image.height)) for top in range(0, image.height, ROWS)]
    is_short = image.mode.startswith("I;16")
    white = 65_535.0
    if not is_short:
        brightest = max(float(_cut_strip(image, *strip).max()) for strip in strips)
        white = next((top for top in (1.0, 255.0) if brightest <= top), max(white, brightest))
    flat = Image.new("L", image.size)
    for top, bottom in strips:
        grey = _cut_strip(image, top, bottom)
        short = (grey + 128) // 257 if is_short else (grey.clip(0, white) * (255 / white)).round()
        flat.paste(Image.fromarray(short.astype(np.uint8)), (0, top))
    flat.info = {name: value for name, value in image.info.items() if name != "transparency"}
    return flat


def _cut_strip(image: Image.Image, top: int, bottom: int) -> np.ndarray[Any, np.dtype[Any]]:
    """Rows of it; of 16 bits as unsigned integers that have room for sums, of other types as floats."""
    values = np.asarray(image.crop((0, top, image.width, bottom)))
    return values.astype(np.uint32) if values.dtype.itemsize == 2 else np.nan_to_num(values.astype(np.float64))
