"""The bundled items are what their makers make, and are ours."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from PIL import Image, ImageChops

from evals.bundled import make, make_dialogues, make_drawings, make_sounds
from evals.conversation import voice_segments
from evals.task import BUNDLED
from evals.task_data import open_media
from evals.tasks import PUBLIC
from vita.media import SAMPLE_RATE, load_clip, load_sound

ROWS = make.rows_by_task()


@pytest.mark.parametrize("task", ROWS)
def test_the_files_hold_what_the_makers_make(task):
    lines = (BUNDLED / f"{task}.jsonl").read_text("utf-8").splitlines()
    made = [json.loads(json.dumps(make.with_paths(row))) for row in ROWS[task]]
    assert [json.loads(line) for line in lines] == made


def test_every_task_has_rows_and_every_row_can_be_opened():
    assert set(ROWS) == set(PUBLIC)
    for task, rows in ROWS.items():
        media = PUBLIC[task].source.media
        for row in rows:
            paths = {
                name: str(BUNDLED / value) for name, value in make.with_paths(row).items() if name in media and value
            }
            assert set(open_media(dict(row) | paths, media)) >= set(paths)


@pytest.mark.parametrize("name", make_drawings.PICTURES)
def test_drawings_are_as_drawn(name):
    kept = Image.open(BUNDLED / f"media/{name}.png").convert("RGB")
    assert ImageChops.difference(kept, make_drawings.PICTURES[name]).getbbox() is None


def test_a_drawing_has_its_shapes_where_they_should_be():
    image = make_drawings.draw_shapes([("square", "blue", 0.25, 0.5, 0.3), ("circle", "red", 0.75, 0.5, 0.3)])
    middle = make_drawings.SIDE // 2
    assert image.getpixel((make_drawings.SIDE // 4, middle)) == (0, 0, 255)
    assert image.getpixel((3 * make_drawings.SIDE // 4, middle)) == (255, 0, 0)
    assert image.getpixel((2, 2)) == (255, 255, 255)
    bars = make_drawings.PICTURES["bars"]
    heights = [
        sum(bars.getpixel((round(x * make_drawings.SIDE), y)) == (0, 128, 128) for y in range(make_drawings.SIDE))
        for x in (0.25, 0.5, 0.75)
    ]
    assert heights == sorted(heights)
    assert heights[0] < heights[2]


def test_clips_move():
    frames = [make.moving_circle(index) for index in (0, make.FRAMES - 1)]
    middle = make_drawings.SIDE // 2
    assert frames[0].getpixel((round(0.15 * make_drawings.SIDE), middle)) == (255, 0, 0)
    assert frames[1].getpixel((round(0.15 * make_drawings.SIDE), middle)) == (255, 255, 255)
    assert make.growing_square(31).getpixel((20, middle)) == (0, 0, 255)
    for name in make.CLIPS:
        clip = load_clip(BUNDLED / f"media/{name}.mp4")
        assert clip.duration == pytest.approx(make.FRAMES / make.RATE, abs=0.2)
        assert len(clip.frames) >= 4


def test_recordings_are_there_at_their_rate_and_neither_empty_nor_clipped():
    names = [f"said_{name}" for name in (*make_sounds.ENGLISH, *make_sounds.CHINESE)] + [
        f"asked_{name}" for name in make_sounds.ASKED
    ]
    for name in [*names, "noise_hiss", "noise_tune"]:
        assert soundfile.info(BUNDLED / f"media/{name}.ogg").samplerate == SAMPLE_RATE
        sound = load_sound(BUNDLED / f"media/{name}.ogg")
        assert 0.5 < sound.duration < 15, name
        assert 0.01 < float(np.sqrt(np.mean(sound.samples**2))) < 0.5, name


def test_noises_and_roughness_come_from_seeds():
    first, second = make_sounds.make_noises(), make_sounds.make_noises()
    assert all(np.array_equal(first[name], second[name]) for name in first)
    clean = np.full(1000, 0.5, np.float32)
    noise = make_sounds.add_noise(clean) - clean
    assert np.sqrt(np.mean(noise**2)) == pytest.approx(0.05, rel=0.1), "20 dB below"


def test_pairs_and_rotations_are_whole():
    pairs = [row["question_id"] for row in ROWS["mme"]]
    assert all(pairs.count(name) == 2 for name in pairs)
    for row in ROWS["mmbench_en"]:
        assert row[row["answer"]] in ("red", "triangle")
    assert {row["state"] for row in ROWS["state_tokens"]} == {"audio_query", "noise", "text_query"}


def test_what_ships_says_so():
    assert "CC0" in (BUNDLED / "LICENCE.md").read_text("utf-8")


@pytest.mark.parametrize("task", make_dialogues.SETS)
def test_dialogues_have_what_their_kind_needs_and_are_marked_where_it_is(task):
    start, kind = make_dialogues.SETS[task]
    rows = [json.loads(line) for line in (BUNDLED / f"full_duplex_{task}.jsonl").read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == [name for name in make_dialogues.DIALOGUES if name.startswith(start)]
    for row in rows:
        speech = voice_segments.voice_spans(load_sound(BUNDLED / row["audio"]).samples)
        if kind == "end":
            assert row["marks"][0][0] == pytest.approx(speech[-1].end, abs=0.5)
        elif kind == "last":
            [[begin, end]] = row["marks"]
            heard = [span for span in speech if span.start > begin - 0.1]
            assert begin - 0.1 < heard[0].start < begin + 0.5
            assert abs(heard[-1].end - end) < 0.6
        elif kind == "pause":
            [[begin, end]] = row["marks"]
            assert not any(span.start < (begin + end) / 2 < span.end for span in speech), "nobody speaks in a pause"
            assert any(span.end <= begin + 0.3 for span in speech)
            assert any(span.start >= end - 0.3 for span in speech)


def test_a_dialogue_is_its_pieces_one_after_the_other(monkeypatch):
    monkeypatch.setattr(make_dialogues, "speak_user", lambda text: np.ones(len(text) * SAMPLE_RATE // 10, np.float32))
    monkeypatch.setattr(make_dialogues, "speak_other", lambda text: np.ones(SAMPLE_RATE, np.float32))
    pieces = (
        0.5,
        make_dialogues.SpokenPiece("ten letter"),
        1.0,
        make_dialogues.SpokenPiece("in the room", by_other=True),
    )
    monkeypatch.setitem(make_dialogues.DIALOGUES, "test", pieces)
    assert [(begin, end) for _, begin, end in make_dialogues.piece_spans(pieces)] == [
        (0, 0.5),
        (0.5, 1.5),
        (1.5, 2.5),
        (2.5, 3.5),
    ]
    assert make_dialogues.dialogue_marks("test", "last") == [[2.5, 3.5]]
    assert make_dialogues.dialogue_marks("test", "pause") == [[1.5, 2.5]]
    assert make_dialogues.dialogue_marks("test", "end") == [[3.5, 3.5]]
    assert make_dialogues.dialogue_marks("test", "") == []
    sound = dict(make_dialogues.dialogue_recordings())["duplex_test"]
    assert len(sound) == 3.5 * SAMPLE_RATE
    assert sound[-1] == pytest.approx(make_dialogues.FAR), "others are farther away"
