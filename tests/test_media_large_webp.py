"""WebP images near the limit of pixels, which Pillow alone has no memory for, and PNG texts that unfold."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from tests.media_files import saved
from vita.media import Limits, inspect_file, load_picture
from vita.media.webp_decoder import decode_large_webp


@pytest.mark.parametrize(("mode", "options"), [("RGB", {"quality": 50}), ("RGBA", {"lossless": True, "quality": 0})])
def test_an_image_of_nearly_fifty_megapixels_is_read(mode, options):
    file = io.BytesIO()
    Image.new(mode, (8064, 6048), (200, 100, 50) + ((255,) if mode == "RGBA" else ())).save(
        file, "WEBP", method=0, **options
    )
    image = load_picture(file.getvalue()).image
    assert image.width / image.height == pytest.approx(8064 / 6048, rel=0.01)
    assert np.abs(np.asarray(image).mean(axis=(0, 1)) - (200, 100, 50)).max() < 3


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 95}])
def test_both_decoders_show_the_same_colours_and_transparency(options):
    image = Image.effect_noise((320, 240), 20).convert("RGBA").resize((640, 480))
    image.putalpha(Image.linear_gradient("L").resize((640, 480)))
    data = saved(image, "WEBP", **options)
    theirs = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"), np.float32)
    ours = np.asarray(decode_large_webp(data, Limits()), np.float32)
    seen = theirs[..., 3] > 8  # colours under full transparency are nobody's
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs)[seen].mean() < 2


def test_a_png_whose_text_unfolds_to_gigabytes_is_a_picture_to_inspection_too():
    data = saved(Image.new("RGB", (8, 8), "red"), "PNG")
    text = b"zTXtbomb\0\0" + zlib.compress(bytes(2**26), 9)
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    bomb = data[:33] + chunk + data[33:]
    assert inspect_file(bomb) == "image"
    assert load_picture(bomb).image.getpixel((4, 4)) == (255, 0, 0)
