"""Make images smaller: the one place where pictures and frames of animations are."""

from __future__ import annotations

from PIL import Image

from vita.media.frame_geometry import bounded_size


def shrink_image(image: Image.Image, most_pixels: int) -> Image.Image:
    """The image with at most ``most_pixels``, its shape kept; a small one as it is."""
    if image.width * image.height <= most_pixels:
        return image
    if image.mode in ("P", "PA", "1") or "transparency" in image.info:  # indices and key colours cannot be averaged
        image = image.convert("RGBA" if image.has_transparency_data else "L" if image.mode == "1" else "RGB")
    return image.resize(bounded_size(image.width, image.height, most_pixels), Image.Resampling.LANCZOS)
