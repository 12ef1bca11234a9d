"""How pictures are cut, against upstream's layouts and pixel values."""

import resource
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from PIL import Image

from tests.golden_data import V10, arrays, checkpoint, clip, close, picture, values
from vita.model.configuration import VITAConfig
from vita.model.tile_processor import ImageProcessor, normalised_pixels
from vita.model.tiling import Tiling, cut_tiles, limit_aspect, nearest_grid, resize_bicubic, square_frame, tile_count
from vita.nano.model.efficientnet import EfficientNetImages


@pytest.fixture(scope="module")
def processor():
    return ImageProcessor(VITAConfig.from_checkpoint(checkpoint(V10)), checkpoint(V10))


def test_every_image_size_is_cut_as_upstream_cuts_it():
    layouts = values(V10, "tile_layouts")
    assert len(layouts["rows"]) >= 150
    for width, height, least, most, columns, rows, tiles in layouts["rows"]:
        tiling = Tiling(layouts["image_size"], least, most)
        assert nearest_grid(width, height, tiling) == (columns, rows), (width, height, most)
        assert tile_count(width, height, tiling) == tiles


@pytest.mark.parametrize("name", ["img1", "img2", "img3"])
def test_pixels_of_tiles_and_thumbnail_are_upstreams(processor, name):
    stored = arrays(V10, "pixel_values")
    close(processor(picture(name).image)[stored[f"{name}__index"]], stored[name])


def test_pixels_of_frames_are_upstreams(processor):
    stored = arrays(V10, "pixel_values")
    close(processor.frames(clip().frames)[stored["video__index"]], stored["video"])


def test_thumbnail_is_last_and_only_of_an_image_that_was_cut():
    image = Image.new("RGB", (20, 10), "red")
    image.paste("blue", (10, 0, 20, 10))
    left, right, whole = cut_tiles(image, Tiling(size=8, max_tiles=2))
    assert left.getpixel((3, 4)) == (255, 0, 0)
    assert right.getpixel((4, 4)) == (0, 0, 255)
    assert (whole.getpixel((0, 4)), whole.getpixel((7, 4))) == ((255, 0, 0), (0, 0, 255))
    assert len(cut_tiles(image, Tiling(size=8, max_tiles=1))) == 1
    assert len(cut_tiles(image, Tiling(size=8, max_tiles=2, thumbnail=False))) == 2


def test_max_tiles_bounds_the_tiles_of_a_picture(processor):
    image = picture("img1").image
    assert [len(processor(image, most)) for most in (1, 2, None, 12, 99)] == [1, 3, 9, 9, 9]
    assert [processor.tile_count(*image.size, most) for most in (1, 2, None)] == [1, 3, 9]


def test_tiles_for_people_are_those_that_the_model_sees(processor):
    image = picture("img2").image
    tiles = processor.tiles(image, 4)
    assert torch.equal(torch.stack([normalised_pixels(tile) for tile in tiles]), processor(image, 4))


def test_frame_loses_its_sides_and_keeps_its_aspect():
    frame = Image.new("RGB", (40, 10), "red")
    frame.paste("blue", (15, 0, 25, 10))
    middle = square_frame(frame, 10)
    assert middle.size == (10, 10)
    assert middle.getcolors() == [(100, (0, 0, 255))]


def test_grey_and_transparent_pictures_are_read_as_rgb(processor):
    assert torch.equal(processor(Image.new("L", (9, 9), 255), 1), processor(Image.new("RGBA", (9, 9), "white"), 1))


def test_white_is_one_before_it_is_normalised():
    close(
        normalised_pixels(Image.new("RGB", (1, 1), "white")).flatten(),
        [(1 - 0.485) / 0.229, 2.428571, (1 - 0.406) / 0.225],
    )


def test_resizing_begins_with_the_axis_that_loses_clearly_more():
    noise = Image.effect_noise((60, 200), 80)
    tall = noise.resize((60, 20), Image.Resampling.BICUBIC).resize((40, 20), Image.Resampling.BICUBIC)
    assert resize_bicubic(noise, 40, 20).tobytes() == tall.tobytes()
    flat = noise.resize((10, 200), Image.Resampling.BICUBIC).resize((10, 110), Image.Resampling.BICUBIC)
    assert resize_bicubic(noise, 10, 110).tobytes() == flat.tobytes()


STRIPS = [(20_000, 1), (1, 20_000), (16_000, 2), (60_000, 3)]


@pytest.mark.parametrize("size", STRIPS)
def test_a_strip_costs_no_more_than_a_picture(size):
    """Scaled whole before it is cropped, 20,000 x 1 pixels would be 9 million x 448."""
    strip = Image.new("RGB", size, (10, 200, 30))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    config = SimpleNamespace(
        vision_config=SimpleNamespace(image_size=224, tokens_per_tile=49, image_mean=[0.0] * 3, image_std=[1.0] * 3)
    )
    pixels = EfficientNetImages(config, Path())(strip)
    assert pixels.shape == (1, 3, 224, 224)
    assert square_frame(strip, 448).getcolors() == [(448 * 448, (10, 200, 30))]
    assert len(cut_tiles(strip, Tiling())) == 13
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 200


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (1600, 100), (100, 1600)])
def test_usual_shapes_are_not_cropped_first(size):
    image = Image.effect_noise(size, 60)
    assert limit_aspect(image) is image
