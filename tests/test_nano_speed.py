"""The benchmark of speed: its sums and its questions; no engine runs here."""

import json

import numpy as np
import pytest
from safetensors import safe_open

from recipes.nano.speed import (
    LANDS,
    PHOTO,
    ROUNDS,
    SECONDS,
    SPOKEN,
    STORY,
    TYPED,
    Figures,
    PlainAsker,
    VitaAsker,
    markdown_row,
    question_parts,
    speed_ratios,
    write_plain,
)
from tests.fakes import Answer, FakeEngine
from vita.media import Picture, Sound
from vita.nano.build_checkpoint import build_nano

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def folder():
    return build_nano()


def figures(typed: float, spoken: float, photo: float, pace: float) -> Figures:
    return Figures({TYPED: [typed], SPOKEN: [spoken], PHOTO: [photo]}, [pace])


def test_waiting_is_to_the_first_piece_and_pace_is_of_what_follows():
    found = Figures()
    found.add_answer(TYPED, [0.5], [1])
    found.add_answer(STORY, [1.0, 2.0, 3.0], [1, 4, 6])
    assert found.median_wait(TYPED) == 0.5
    assert found.median_wait(STORY) == 1.0
    assert found.pace == [5.0]


def test_of_several_answers_the_middle_one_counts():
    found = Figures()
    for seconds in (9.0, 1.0, 2.0):
        found.add_answer(PHOTO, [seconds], [1])
    assert found.median_wait(PHOTO) == 2.0


def test_media_are_told_as_multiples_of_the_typed_question_and_pace_as_a_part_of_the_plain_models():
    row = speed_ratios(figures(0.2, 0.5, 0.6, 9.0), figures(0.1, 0.0, 0.0, 10.0))
    assert (row["spoken_over_typed"], row["photo_over_typed"]) == (pytest.approx(2.5), pytest.approx(3.0))
    assert row["pace_over_plain"] == 0.9


def test_a_spoken_question_lasts_exactly_as_long_as_the_table_says():
    (sound,) = question_parts(SPOKEN, "Norway")
    assert isinstance(sound, Sound)
    assert len(sound.samples) == SECONDS * 16_000
    assert np.abs(sound.samples).max() > 0.1


def test_no_two_lands_get_the_same_question_and_there_are_enough_of_them():
    assert len(set(LANDS)) == len(LANDS) == 3 * ROUNDS
    photos = {
        question_parts(PHOTO, land)[0].image.tobytes()
        for land in LANDS
        if isinstance(question_parts(PHOTO, land)[0], Picture)
    }
    assert len(photos) == len(LANDS)
    assert len({question_parts(kind, land) for land in LANDS for kind in (TYPED, STORY)}) == 2 * len(LANDS)


async def test_vita_is_asked_as_everywhere_and_the_plain_model_in_the_same_ids(folder):
    engine, asker = FakeEngine(Answer("Oslo is it.")), VitaAsker()
    assert sum([count async for count in asker.ask_question(engine, asker.write_question(TYPED, "Norway"))]) == 4
    plain = PlainAsker(folder)
    ids, tokens = plain.write_question(TYPED, "Norway")
    assert plain.tokenizer.decode(ids).endswith("capital city of that country?<|im_end|>\n<|im_start|>assistant\n")
    assert tokens == engine.requests[0].sampling.max_tokens


def test_the_plain_model_is_what_its_package_has(folder, tmp_path):
    write_plain(folder, tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["tie_word_embeddings"]
    with safe_open(tmp_path / "model.safetensors", "pt") as file:
        assert file.get_slice("model.embed_tokens.weight").get_shape() == [config["vocab_size"], config["hidden_size"]]
        assert len(file.keys()) == 9 * config["num_hidden_layers"] + 2


def test_a_row_shows_two_digits():
    assert markdown_row(["float32", 1, 0.12345]) == "| float32 | 1 | 0.12 |"
