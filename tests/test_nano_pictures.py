"""Drawn scenes, clips and words: the same seed gives the same, labels tell what is there, nothing held out leaks."""

import numpy as np
import pytest
from PIL import Image, ImageChops

from recipes.nano.train import palettes
from recipes.nano.train.emoji import drawing_classes
from recipes.nano.train.feature_store import SHAPE_NAMES, FeatureStore
from recipes.nano.train.fonts import evaluation_fonts, font_of_size, has_letters
from recipes.nano.train.scene_types import SceneMaterial
from recipes.nano.train.scenes import (
    degrade_picture,
    drawings_scene,
    free_places,
    restyle_sprite,
    shapes_scene,
    word_scene,
)
from recipes.nano.train.synthetic_clips import MOVES, make_clip
from recipes.nano.train.word_splits import common_words, held_out, split_words
from vita.nano.captioning_weights import ACTIONS, COLOURS, SHAPES, drawing_names


@pytest.fixture(scope="module")
def material():
    sprite = Image.new("RGBA", (64, 64))
    sprite.paste((200, 40, 40, 255), (12, 12, 52, 52))
    words = ["open", "table", "seven"]
    return SceneMaterial(palettes.COLOURS, palettes.BACKGROUNDS, {"box": [sprite]}, evaluation_fonts(), words)


def rng(seed=0):
    return np.random.default_rng(seed)


def same(first, second):
    return ImageChops.difference(first, second).getbbox() is None


def test_the_same_seed_draws_the_same_scene(material):
    first, again = (shapes_scene(material, rng(5), 4, alike=False) for _ in range(2))
    assert first.things == again.things
    assert same(first.picture, again.picture)


def test_another_seed_draws_another_scene(material):
    assert not same(shapes_scene(material, rng(1), 3, False).picture, shapes_scene(material, rng(2), 3, False).picture)


@pytest.mark.parametrize("seed", range(6))
def test_a_filled_shape_has_its_colour_at_its_centre(material, seed):
    scene = shapes_scene(material, rng(seed), 3, alike=False)
    for thing in scene.things:
        pixel = scene.picture.getpixel((round(thing.x), round(thing.y)))
        assert min(np.abs(np.subtract(pixel, tone)).max() for tone in palettes.COLOURS[thing.colour]) < 45


def test_shapes_that_are_alike_share_shape_and_colour(material):
    scene = shapes_scene(material, rng(3), 5, alike=True)
    assert len({(thing.shape, thing.colour) for thing in scene.things}) == 1


def test_things_do_not_touch_and_lie_inside():
    found = free_places(5, 20, 36, rng(8))
    for i, (x, y, radius) in enumerate(found):
        assert radius <= x <= 224 - radius
        assert radius <= y <= 224 - radius
        assert all(np.hypot(x - a, y - b) > radius + r for a, b, r in found[:i])


def test_copies_of_a_drawing_carry_its_name(material):
    scene = drawings_scene(material, rng(4), 3)
    assert {(thing.shape, thing.name) for thing in scene.things} == {("thing", "box")}


def test_a_single_drawing_is_large(material):
    assert drawings_scene(material, rng(4), 1).things[0].radius >= 60


@pytest.mark.parametrize("seed", range(5))
def test_the_box_of_a_word_holds_all_its_ink(material, seed):
    plain = SceneMaterial(palettes.COLOURS, ((255, 255, 255),), fonts=material.fonts, words=material.words, spread=0.0)
    scene = word_scene(plain, rng(seed))
    assert scene.word in material.words
    left, top, right, bottom = scene.box
    assert 0 <= left < right <= 226
    assert 0 <= top < bottom <= 224
    inside = np.asarray(scene.picture.convert("L"), float)[round(top) : round(bottom), round(left) : round(right)]
    assert inside.std() > 5


def test_restyling_keeps_the_outline_of_a_drawing(material):
    sprite = material.sprites["box"][0]
    for seed in range(8):
        assert same(restyle_sprite(sprite, rng(seed)).getchannel("A"), sprite.getchannel("A"))


def test_soiling_keeps_size_and_mode(material):
    picture = shapes_scene(material, rng(1), 2, False).picture
    assert degrade_picture(picture, rng(2)).size == picture.size


def test_colours_of_evaluation_are_none_of_trainings():
    for name, tones in palettes.HELD_OUT_COLOURS.items():
        assert not set(tones) & set(palettes.COLOURS[name])
    assert not set(palettes.HELD_OUT_BACKGROUNDS) & set(palettes.BACKGROUNDS)


def test_words_are_kept_for_evaluation_by_their_hash():
    tokens = ["Ġopen", "Ġtable", "Ġat", "Ġseven", "ing", "Ġgarden", "ĠHouse", "Ġwonderful"]
    assert common_words(tokens) == ["open", "table", "seven", "garden"]
    train, test = split_words(tokens)
    assert sorted(train + test) == ["garden", "open", "seven", "table"]
    assert all(held_out(word) for word in test)
    assert not any(held_out(word) for word in train)


def test_names_of_heads_and_of_training_agree():
    assert SHAPE_NAMES == SHAPES
    assert tuple(palettes.COLOURS) == COLOURS == tuple(palettes.HELD_OUT_COLOURS)
    assert drawing_names() == list(drawing_classes())
    assert ACTIONS[:4] == tuple(MOVES)


@pytest.mark.parametrize("seed", range(8))
def test_what_moves_left_is_further_left_at_the_end(material, seed):
    for number in range(40):
        shot = make_clip(
            SceneMaterial(palettes.COLOURS, ((240, 240, 240),), spread=0.0), rng((seed, number)), still=0.0
        )
        if len(shot.events) == 1 and shot.events[0].action in ("left", "right"):
            break
    assert 4 <= len(shot.frames) <= 16
    first, last = (np.asarray(shot.frames[index], float) for index in (0, -1))
    changed = np.abs(first - last).sum(2) > 60
    ground = np.median(first.reshape(-1, 3), 0)
    before, after = (np.nonzero(changed & (np.abs(frame - ground).sum(2) > 60))[1].mean() for frame in (first, last))
    assert (after < before) == (shot.events[0].action == "left")


def test_a_still_clip_has_no_events(material):
    shot = make_clip(material, rng(3), still=1.0)
    assert shot.events == ()


def test_a_store_remembers_how_far_it_is(tmp_path):
    store = FeatureStore(tmp_path, 4)
    assert store.rows_done == 0
    store.field_array("text")[2] = 7
    store.mark_done(3)
    again = FeatureStore(tmp_path, 4)
    assert again.rows_done == 3
    assert again.field_array("text")[2].tolist() == [7, 7, 7, 7]


def test_fonts_to_read_have_all_letters_and_differ():
    fonts = evaluation_fonts()
    assert len(fonts) >= 3
    assert all(has_letters(font) for font in fonts)
    drawn = {bytes(font_of_size(font, 32).getmask("Rag")) for font in fonts}
    assert len(drawn) == len(fonts)


def test_a_font_that_prints_boxes_has_no_letters(monkeypatch):
    class Boxes:
        def getmask(self, text):
            return b"box"

    monkeypatch.setattr("recipes.nano.train.fonts.font_of_size", lambda font, size: Boxes())
    assert not has_letters(b"")
