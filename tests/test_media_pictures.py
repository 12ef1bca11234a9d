"""Still images: upright, over white, and refused before they cost anything."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.media_files import png_of_size, saved
from vita.errors import LimitError, MediaError
from vita.media import Limits, load_picture

NOISE = Image.effect_noise((40, 30), 60).convert("RGB")
FORMATS = ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM"]


@pytest.mark.parametrize("kind", FORMATS)
def test_common_formats_are_read(kind):
    image = load_picture(saved(NOISE, kind)).image
    assert (image.mode, image.size) == ("RGB", (40, 30))
    if kind in ("PNG", "BMP", "TIFF", "PPM"):
        assert np.array_equal(np.asarray(image), np.asarray(NOISE))


@given(st.floats(0, 1, exclude_max=True))
def test_a_png_whose_pixels_are_not_what_was_saved_is_refused(place):
    data = bytearray(saved(NOISE))
    begin, end = data.index(b"IDAT") + 4, data.index(b"IEND") - 8
    data[begin + int(place * (end - begin))] ^= 1
    with pytest.raises(MediaError, match="damaged or cut off"):
        load_picture(bytes(data))


def test_a_format_is_known_before_any_other_image_was_opened(tmp_path):
    path = tmp_path / "first.webp"
    path.write_bytes(saved(NOISE, "WEBP"))
    program = f"from vita.media import load_picture; print(load_picture({str(path)!r}).image.size)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "(40, 30)\n"


def test_path_bytes_image_and_array_give_the_same_picture(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(saved(NOISE))
    for source in (path, str(path), saved(NOISE), NOISE, np.asarray(NOISE)):
        assert np.array_equal(np.asarray(load_picture(source).image), np.asarray(NOISE))


@pytest.mark.parametrize(
    ("orientation", "place"), [(1, (0, 0)), (2, (1, 0)), (3, (1, 1)), (4, (0, 1)), (6, (1, 0)), (8, (0, 1))]
)
def test_a_phone_s_photo_stands_upright(orientation, place):
    image = Image.new("RGB", (40, 20))
    image.paste((255, 255, 255), (0, 0, 20, 10))  # the sensor's top left
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = load_picture(saved(image, "PNG", exif=exif)).image
    assert found.size == ((20, 40) if orientation > 4 else (40, 20))
    corner = (place[0] * (found.width - 1), place[1] * (found.height - 1))
    assert found.getpixel(corner) == (255, 255, 255)
    assert np.asarray(found).mean() == pytest.approx(255 / 4)


def test_transparency_lies_over_white():
    image = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    image.putpixel((0, 0), (255, 0, 0, 128))
    found = load_picture(saved(image)).image
    assert found.getpixel((1, 1)) == (255, 255, 255)
    assert found.getpixel((0, 0)) == (255, 127, 127)


def test_a_transparent_palette_lies_over_white_too():
    image = Image.new("P", (4, 4), 0)
    image.putpalette([0, 0, 255] * 256)
    assert load_picture(saved(image, transparency=0)).image.getpixel((2, 2)) == (255, 255, 255)


def test_the_first_frame_of_an_animation_is_taken():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert load_picture(data).image.getpixel((4, 4)) == (255, 0, 0)


def test_grey_of_sixteen_bits_keeps_its_shades():
    grey = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    found = np.asarray(load_picture(saved(Image.fromarray(grey))).image)
    assert np.array_equal(found[..., 0].reshape(-1), np.arange(256))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "CMYK", "YCbCr", "HSV", "F", "I"])
def test_every_mode_of_pillow_becomes_colour(mode):
    source = NOISE.convert("L").convert(mode) if mode in ("F", "I") else NOISE.convert(mode)
    found = load_picture(source).image
    assert found.mode == "RGB"
    assert 60 < np.asarray(found).mean() < 200


@pytest.mark.parametrize("size", [(60_000, 60_000), (10_000, 10_000), (1_000_000, 100)])
def test_an_image_too_large_is_refused_by_its_header(size):
    with pytest.raises(LimitError, match="more than 50 million pixels; make it smaller"):
        load_picture(png_of_size(*size))


def test_the_limit_holds_for_images_and_arrays_too():
    for source in (NOISE, np.asarray(NOISE), saved(NOISE)):
        with pytest.raises(LimitError, match=r"\(40 x 30\) has more than 0.001 million pixels"):
            load_picture(source, Limits(image_pixels=1000))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("keep", [0.5, 0.9])
def test_a_truncated_image_is_refused(kind, keep):
    data = saved(NOISE, kind)
    with pytest.raises(MediaError, match=r"damaged or cut off|not an image"):
        load_picture(data[: int(len(data) * keep)])


@pytest.mark.parametrize(
    "data",
    [b"Dear diary, this is no image.\n", b"\x89PNG\r\n\x1a\n", b"%!PS-Adobe-3.0 EPSF-3.0\n", bytes(99)],
    ids=["text", "signature", "postscript", "zeros"],
)
def test_what_is_no_image_is_refused(data, tmp_path):
    path = tmp_path / "renamed.png"
    path.write_bytes(data)
    with pytest.raises(MediaError, match="send a PNG, JPEG"):
        load_picture(path)


@pytest.mark.parametrize(
    "array", [np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4, 3)), np.zeros((4, 4, 2), np.uint8), np.zeros(4, np.uint8)]
)
def test_an_array_that_is_no_image_is_refused(array):
    with pytest.raises(MediaError, match="is no image"):
        load_picture(array)


@pytest.mark.parametrize("channels", [(), (1,), (3,), (4,)])
def test_arrays_may_be_grey_or_coloured(channels):
    array = np.full((6, 5, *channels), 255, np.uint8)
    assert load_picture(array).image.getpixel((4, 5)) == (255, 255, 255)
