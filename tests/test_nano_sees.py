"""How seeing is judged, what is asked, and what the language model learns it with."""

import numpy as np
import pytest
import torch
from torch import nn

from recipes.nano import seeing_evaluation
from recipes.nano.train.lessons import known_objects, make_lesson
from recipes.nano.train.tune import LowRank, LowRankChanges, add_low_rank
from vita.media import Clip, Picture
from vita.nano.captioning_weights import COLOURS, drawing_names, photo_names
from vita.nano.sight_names import name_synonyms


@pytest.mark.parametrize(
    ("answer", "names", "right"),
    [
        ("This is a picture of two dogs.", ["dog"], True),
        ("It is a fire engine!", ["fire truck", "fire engine"], True),
        ("It is an engine on fire.", ["fire engine"], False),
        ("A catalogue.", ["cat"], False),
        ("", ["cat"], False),
    ],
)
def test_an_object_is_named_by_whole_words(answer, names, right):
    assert seeing_evaluation.says_name(answer, names) is right


@pytest.mark.parametrize(
    ("answer", "right"),
    [("The circle is red.", True), ("Red or blue.", False), ("It's reddish.", False), ("blue", False)],
)
def test_a_colour_must_be_the_only_one_named(answer, right):
    assert seeing_evaluation.says_only(answer, "red", COLOURS) is right


@pytest.mark.parametrize(("answer", "right"), [("There are 3.", True), ("three", True), ("two or three", False)])
def test_counts_may_be_digits_or_words(answer, right):
    assert seeing_evaluation.says_only(answer, "three", seeing_evaluation.NUMBERS) is right


@pytest.mark.parametrize(("answer", "right"), [("Yes, there is.", True), ("I say yes.", False), ("No.", False)])
def test_yes_and_no_are_judged_by_the_first_word(answer, right):
    assert seeing_evaluation.begins_with(answer, "yes") is right


def test_order_is_judged_by_what_is_named_first():
    assert seeing_evaluation.says_first("The star moves, then the cross.", "star", "cross")
    assert not seeing_evaluation.says_first("After the cross, the star moves.", "star", "cross")
    assert not seeing_evaluation.says_first("The cross moves.", "star", "cross")


def test_every_synonym_belongs_to_a_class():
    known = set(drawing_names()) | set(photo_names())
    assert set(name_synonyms()) <= known


def test_held_out_drawings_are_of_at_least_fifty_classes_that_the_eye_knows():
    assert len(seeing_evaluation.held_out_drawings()) >= 50
    assert set(seeing_evaluation.held_out_drawings()) <= set(drawing_names())


def test_details_ask_five_kinds_alike_often():
    items = seeing_evaluation._some_items(seeing_evaluation.detail_items(), 20)
    assert [item.kind for item in items[:5]] == ["colour", "count", "place", "word", "yes or no"]
    assert all(isinstance(item.shown, Picture) for item in items)
    assert [item.wanted for item in items if item.kind == "yes or no"] == ["yes", "no", "yes", "no"]


def test_the_same_questions_come_every_time():
    first, again = (
        [item.question for item in seeing_evaluation._some_items(seeing_evaluation.detail_items(), 10)]
        for _ in range(2)
    )
    assert first == again


def test_happenings_are_clips_of_4_to_16_frames():
    items = seeing_evaluation._some_items(seeing_evaluation.event_items(), 6)
    assert [item.kind for item in items] == ["mover", "direction", "order"] * 2
    assert all(isinstance(item.shown, Clip) and 4 <= len(item.shown.frames) <= 16 for item in items)


def test_a_perfect_witness_gets_all_and_a_silent_one_nothing():
    items = seeing_evaluation._some_items(seeing_evaluation.detail_items(), 5)
    wanted = {item.question: item.wanted for item in items}
    assert seeing_evaluation.run_questions(items, lambda shown, question: wanted[question])[0] == 1
    fraction, records = seeing_evaluation.run_questions(items, lambda shown, question: "")
    assert fraction == 0
    assert records[0]["kind"] == "colour"


def test_lessons_answer_from_their_caption():
    for seed in range(60):
        given = make_lesson(np.random.default_rng(seed), ["open", "seven"], known_objects(["tench"]))
        assert 1 <= len(given.exchanges) <= 4
        for question, answer in given.exchanges:
            colours = [colour for colour in COLOURS if f" {colour} " in answer and answer.startswith("The ")]
            assert all(colour in " ".join(given.captions) for colour in colours)
            assert question
            assert answer.endswith(".")


def test_lessons_share_no_question_with_the_evaluation():
    asked = {item.question for item in seeing_evaluation._some_items(seeing_evaluation.detail_items(), 40)} | {
        item.question for item in seeing_evaluation._some_items(seeing_evaluation.event_items(), 9)
    }
    taught = {
        question
        for seed in range(300)
        for question, _ in make_lesson(np.random.default_rng(seed), ["open"], known_objects([])).exchanges
    }
    assert not asked & taught


def test_a_low_rank_change_begins_as_nothing_and_can_be_switched_off():
    model = nn.ModuleDict({"q_proj": nn.Linear(6, 6), "other": nn.Linear(6, 6)})
    x = torch.randn(2, 6)
    before = model["q_proj"](x)
    added = add_low_rank(model)
    assert list(added) == ["q_proj"]
    torch.testing.assert_close(model["q_proj"](x), before)
    nn.init.ones_(added["q_proj"].up)
    assert not torch.allclose(model["q_proj"](x), before)
    added["q_proj"].off = True
    torch.testing.assert_close(model["q_proj"](x), before)


def test_what_is_exported_is_the_change_that_was_learnt():
    changed = LowRank(nn.Linear(6, 4, bias=False))
    nn.init.normal_(changed.up)
    tensors = LowRankChanges(nn.ModuleDict({"model/q_proj": changed})).change_tensors()
    product = tensors["tuned.model.q_proj.up"].float() @ tensors["tuned.model.q_proj.down"].float()
    x = torch.randn(3, 6)
    torch.testing.assert_close(x @ product.T, changed(x) - changed.linear(x), rtol=2e-2, atol=2e-2)
