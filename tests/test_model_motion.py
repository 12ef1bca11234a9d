"""What happens in a clip is told by plain computation: directions, sizes, comings and goings, order, stillness."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from recipes.nano.train.palettes import BACKGROUNDS, COLOURS
from recipes.nano.train.scene_types import SceneMaterial
from recipes.nano.train.synthetic_clips import make_clip
from vita.nano.model.caption_text import CLIP_ACTIONS
from vita.nano.model.clip_movement import SIDE, box_regions, clip_events, fill_unknown, nearest_direction
from vita.nano.model.pixel_regions import connected_parts, grow_mask, number_regions

WAYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


def film(*places, radius=24, size=(224, 224), colour=(200, 30, 40)):
    """One frame for each centre (x, y) or (x, y, radius) of a disc; None: it is not there."""
    frames = []
    for place in places:
        frame = Image.new("RGB", size, (235, 235, 225))
        if place is not None:
            x, y, reach = (*place, radius)[:3]
            ImageDraw.Draw(frame).ellipse((x - reach, y - reach, x + reach, y + reach), colour)
        frames.append(frame)
    return frames


def actions(frames):
    found = clip_events(frames)
    return None if found is None else [event.action for event in found]


@settings(deadline=None, max_examples=30)
@given(
    way=st.sampled_from(sorted(WAYS)),
    steps=st.integers(2, 9),
    length=st.floats(45, 90),
    colour=st.sampled_from([(200, 30, 40), (20, 20, 25), (30, 90, 220)]),
)
def test_a_disc_that_goes_one_way_is_said_to_go_that_way(way, steps, length, colour):
    x, y = WAYS[way]
    path = [(112 + x * length * i / steps, 112 + y * length * i / steps) for i in range(steps + 1)]
    assert actions(film(*path, colour=colour)) == [way]


@settings(deadline=None, max_examples=15)
@given(way=st.sampled_from(sorted(WAYS)), steps=st.integers(2, 6))
def test_a_clip_played_backwards_goes_the_other_way(way, steps):
    x, y = WAYS[way]
    frames = film(*[(112 + 60 * x * i / steps, 112 + 60 * y * i / steps) for i in range(steps + 1)])
    assert nearest_direction(*WAYS[actions(frames)[0]])[0] == way
    assert nearest_direction(*(-part for part in WAYS[way]))[0] == actions(frames[::-1])[0]


@given(x=st.floats(-1, 1), y=st.floats(-1, 1))
def test_a_direction_is_that_of_the_longer_part(x, y):
    action, length = nearest_direction(x, y)
    assert action in CLIP_ACTIONS
    assert length == max(abs(x), abs(y))


@pytest.mark.parametrize(
    ("places", "action"),
    [
        ([None, None, (100, 90), (100, 90)], "appear"),
        ([(100, 90), (100, 90), (100, 90), None], "disappear"),
        ([(100, 90, r) for r in (20, 26, 32, 38)], "grow"),
        ([(100, 90, r) for r in (38, 30, 22, 16)], "shrink"),
    ],
)
def test_comings_goings_and_sizes_are_told_apart(places, action):
    assert actions(film(*places)) == [action]


def test_two_ways_of_one_thing_are_told_in_order():
    across = [(60 + 12 * step, 80) for step in range(7)]
    down = [(132, 80 + 12 * step) for step in range(1, 7)]
    assert actions(film(*across, *down)) == ["right", "down"]


def test_two_things_are_told_in_the_order_in_which_they_move():
    frames = film(*[(60 + 15 * min(step, 5), 60) for step in range(11)])
    for step, frame in enumerate(frames):
        top = 190 - 15 * max(step - 5, 0)
        ImageDraw.Draw(frame).rectangle((140, top - 40, 180, top), (30, 60, 200))
    found = clip_events(frames)
    assert [event.action for event in found] == ["right", "up"]
    rows, columns = np.nonzero(found[1].mask)
    assert abs(columns.mean() / SIDE - 160 / 224) < 0.03
    assert found[1].mask[rows.min() : rows.max(), columns.min() : columns.max()].mean() > 0.9


def test_the_marked_pixels_are_those_of_the_thing_in_that_frame():
    places = [(60 + 15 * step, 112) for step in range(6)]
    (event,) = clip_events(film(*places))
    rows, columns = np.nonzero(event.mask)
    centre = ((columns.mean() + 0.5) / SIDE * 224, (rows.mean() + 0.5) / SIDE * 224)
    assert np.abs(np.subtract(centre, places[event.frame])).max() < 3


def test_a_thing_that_stands_in_the_way_does_nothing():
    frames = film(*[(50 + 12 * step, 112) for step in range(10)], radius=18)
    for frame in frames:
        ImageDraw.Draw(frame).rectangle((100, 118, 140, 158), (40, 150, 60))
    assert actions(frames) == ["right"]


def test_nothing_moves_where_all_frames_are_alike_but_for_noise():
    rng = np.random.default_rng(0)
    frames = [
        Image.fromarray(np.clip(np.asarray(frame) + rng.normal(0, 4, (224, 224, 3)), 0, 255).astype(np.uint8))
        for frame in film(*[(100, 100)] * 5)
    ]
    assert clip_events(frames) == []


def test_a_single_frame_has_no_events():
    assert clip_events(film((100, 100))) == []


def test_nothing_is_said_of_a_clip_in_which_everything_changes():
    rng = np.random.default_rng(1)
    frames = [Image.fromarray(rng.integers(0, 256, (28, 28, 3), np.uint8)).resize((224, 224)) for _ in range(6)]
    assert clip_events(frames) is None


def test_only_the_middle_of_a_wide_clip_counts():
    frames = film(*[(200 + 20 * step, 112) for step in range(5)], size=(448, 224))
    assert actions(frames) == ["right"]
    assert clip_events(film(*[(20 + 5 * step, 112) for step in range(5)], size=(448, 224))) == []


def test_most_clips_of_the_training_mixture_are_told_as_they_were_drawn():
    material = SceneMaterial(COLOURS, BACKGROUNDS)
    clips = [make_clip(material, np.random.default_rng((5, number))) for number in range(24)]
    right = sum(actions(clip.frames) == [event.action for event in clip.events] for clip in clips)
    assert right >= 19


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=20)
def test_regions_are_connected_and_cover_the_mask(seed):
    mask = np.random.default_rng(seed).random((9, 9)) < 0.5
    labels = number_regions(mask)
    assert ((labels >= 0) == mask).all()
    down, across = mask[1:] & mask[:-1], mask[:, 1:] & mask[:, :-1]
    assert (labels[1:] == labels[:-1])[down].all()
    assert (labels[:, 1:] == labels[:, :-1])[across].all()
    assert sum(part.sum() for part in connected_parts(mask)) == mask.sum()


def test_regions_that_nearly_touch_become_one_box():
    mask = np.zeros((40, 40), bool)
    mask[5:10, 5:10] = mask[8:14, 12:16] = mask[30:33, 30:33] = True
    boxes = box_regions(mask)
    assert boxes[5:14, 5:16].all()
    assert boxes.sum() == 9 * 11 + 9


def test_what_is_unknown_is_filled_from_around_it():
    picture = np.zeros((9, 9, 3), np.float32) + 50
    known = np.ones((9, 9), bool)
    known[3:6, 3:6] = False
    picture[3:6, 3:6] = 255
    np.testing.assert_allclose(fill_unknown(picture, known), 50, atol=1e-3)
    assert grow_mask(~known).sum() == 25
