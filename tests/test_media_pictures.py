"""Still images: upright, over white, and refused before they cost anything."""

import io
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.media_files import png_of_size, saved
from vita.errors import LimitError, MediaError
from vita.media import Limits, inspect_file, load_picture

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


def matrix_profile(primaries):
    """An ICC profile (version 2) of an RGB space with a gamma of 2.2; ``primaries`` are XYZ of red, green, blue."""

    def fixed(values):
        return b"".join(round(value * 65_536).to_bytes(4, "big", signed=True) for value in values)

    tags = [
        (name, b"XYZ \0\0\0\0" + fixed(xyz)) for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)
    ]
    tags += [(name, b"curv\0\0\0\0\0\0\0\x01\x02\x33\0\0") for name in (b"rTRC", b"gTRC", b"bTRC")]
    tags.append((b"wtpt", b"XYZ \0\0\0\0" + fixed((0.9642, 1.0, 0.8249))))
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags:
        table += name + (start + len(body)).to_bytes(4, "big") + len(data).to_bytes(4, "big")
        body += data
    head = bytes(8) + b"\x02\x10\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28) + fixed((0.9642, 1.0, 0.8249))
    whole = head.ljust(128, b"\0") + len(tags).to_bytes(4, "big") + table + body
    return len(whole).to_bytes(4, "big") + whole[4:]


P3 = matrix_profile([(0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841)])


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_colour_profile_is_applied(kind, mode):
    """Display-P3 to sRGB by hand: linear (0.586, 0.128, 0.028) -> (0.689, 0.108, 0.009), encoded (216, 93, 24)."""
    if (kind, mode) == ("JPEG", "RGBA"):
        return
    image = Image.new(mode, (16, 16), (200, 100, 50) + (255,) * (mode == "RGBA"))
    found = load_picture(saved(image, kind, icc_profile=P3)).image
    assert found.mode == "RGB"
    assert found.getpixel((8, 8)) == pytest.approx((216, 93, 24), abs=4)
    assert load_picture(saved(image, kind)).image.getpixel((8, 8)) == pytest.approx((200, 100, 50), abs=4)


def test_a_profile_of_another_kind_or_damaged_is_passed_over():
    for profile in (b"no profile", P3[:200], bytes(128)):
        assert load_picture(saved(NOISE, icc_profile=profile)).image.tobytes() == NOISE.tobytes()
        assert load_picture(saved(NOISE.convert("L"), icc_profile=P3)).image.mode == "RGB"


def test_cmyk_is_shown_in_its_colours():
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    red, green, blue = load_picture(saved(image, "JPEG")).image.getpixel((8, 8))
    assert red > 200
    assert max(green, blue) < 60


def test_transparency_and_profile_go_together():
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    assert load_picture(saved(image, icc_profile=P3)).image.getpixel((1, 1)) == (255, 255, 255)


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_a_heic_photo_stands_upright(orientation):
    import pillow_heif

    image = Image.new("RGB", (64, 32))
    image.paste((255, 255, 255), (0, 0, 32, 16))
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    pillow_heif.from_pillow(image).save(file, quality=90, exif=exif.tobytes())
    found = np.asarray(load_picture(file.getvalue()).image).mean(axis=2)
    height, width = found.shape
    assert (width, height) == ((32, 64) if orientation == 6 else (64, 32))
    corner = {1: (4, 4), 3: (-4, -4), 6: (4, -4)}[orientation]
    assert found[corner] > 200
    assert found.mean() == pytest.approx(255 / 4, abs=12)


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG drawings"), (b"\xff\x0a" + bytes(50), "JPEG XL images")],
)
def test_known_formats_that_are_not_read_have_a_sentence_of_their_own(data, says):
    for load in (load_picture, inspect_file):
        with pytest.raises(MediaError, match=says):
            load(data)


@pytest.mark.parametrize("missing", [1, 2])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_without_its_end_mark_is_whole(missing, progressive):
    data = saved(NOISE, "JPEG", progressive=progressive)
    assert load_picture(data[:-missing]).image.tobytes() == load_picture(data).image.tobytes()


@pytest.mark.parametrize("missing", [5, 12, 100])
def test_a_jpeg_that_lacks_pixels_is_refused(missing):
    with pytest.raises(MediaError, match="damaged or cut off"):
        load_picture(saved(NOISE, "JPEG")[:-missing])


def test_the_first_picture_of_a_stereo_camera_is_taken():
    data = saved(NOISE, "MPO", save_all=True, append_images=[NOISE.rotate(180)])
    assert load_picture(data).image.size == (40, 30)
    assert inspect_file(data) == "image"


def test_large_pictures_are_shrunk_alike_whatever_they_come_from():
    image = Image.effect_noise((3000, 2000), 60).convert("RGB")
    found = [load_picture(source).image for source in (saved(image), image, np.asarray(image))]
    assert {picture.size for picture in found} == {(2510, 1673)}
    assert len({picture.tobytes() for picture in found}) == 1


def test_a_callers_image_is_left_as_it_is():
    image = NOISE.copy()
    image.info["mine"] = 1
    load_picture(image)
    assert image.info == {"mine": 1}
