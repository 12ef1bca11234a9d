"""How engines are asked about a frame, and how their answers are read."""

from __future__ import annotations

import asyncio
import math
from types import SimpleNamespace

import pytest
from PIL import Image

from tests.fakes import Answer, FakeEngine
from vita.duplex.watch_asking import NamingAsking, YesNoAsking, asking_for, checked_goal
from vita.duplex.watch_goal import make_goal
from vita.errors import InputError
from vita.media import Picture
from vita.model.tower_configs import InternViTConfig
from vita.nano.captioning_weights import COLOURS, SHAPES, drawing_names, photo_names
from vita.nano.sight_names import sight_names

FRAME = Picture(Image.new("RGB", (4, 3)))
NAMES = sight_names({"classes": photo_names(), "drawings": drawing_names(), "shapes": SHAPES, "colours": COLOURS})
NAMING = NamingAsking(NAMES)


def score(asking, wanted: str, answer: Answer | str) -> float:
    goal = make_goal(wanted)
    engine = FakeEngine(answer)
    return asyncio.run(asking.read_answer(goal, engine.generate(asking.look_request(goal, FRAME)))).score


@pytest.mark.parametrize(
    ("wanted", "described", "shown"),
    [
        ("a dog", "This is a picture of a dog.", True),
        ("a dog", "This is a picture of three dogs.", True),
        ("a dog", "This is a picture of a Golden Retriever dog.", True),
        ("a puppy", "This is a picture of a dog.", True),
        ("a dog", "This is a picture of a hot dog stand keeper.", True),  # a whole word counts, wherever it stands
        ("a dog", "This is a picture of a cat.", False),
        ("a cat", "This is a picture of an Egyptian Mau cat.", True),
        ("a car", "This is a picture of a station wagon.", True),
        ("cars", "This is a picture of a taxi.", True),
        ("a cup of coffee", "This is a picture of an espresso.", True),
        ("a red circle", "The picture shows a red circle at the top.", True),
        ("a red circle", "The picture shows two shapes: a red square at the left, a blue circle at the right.", False),
        ("a dog in the garden", "This is a picture of a dog.", True),
        ("a dog house", "This is a picture of a dog.", False),
        ("a fire truck", "This is a picture of a fire engine.", True),
        ("a fire truck", "This is a picture of a fire.", False),
        ("a catalogue", "This is a picture of a cat.", False),
    ],
)
def test_a_description_shows_what_it_names_in_its_own_words(wanted, described, shown):
    if wanted == "a catalogue":
        with pytest.raises(InputError, match="no name for"):
            checked_goal(NAMING, make_goal(wanted))
    assert score(NAMING, wanted, described) == float(shown)


@pytest.mark.parametrize("wanted", ["somebody comes in", "a woman", "people", "me", "a man with a dog"])
def test_people_are_refused_by_who_cannot_recognise_them(wanted):
    with pytest.raises(InputError, match="cannot recognise people yet"):
        checked_goal(NAMING, make_goal(wanted))


def test_whoever_has_a_name_for_people_may_watch_for_them():
    checked_goal(
        NamingAsking({"person": frozenset({"person"}), "somebody": frozenset({"person"})}), make_goal("somebody")
    )


@pytest.mark.parametrize(
    ("wanted", "why"),
    [("", "Say what to watch for"), ("a" * 201, "at most 200"), ("狗", "English only"), ("justice", "no name for")],
)
def test_what_can_never_be_seen_is_refused_with_what_to_do(wanted, why):
    with pytest.raises(InputError, match=why):
        checked_goal(NAMING, make_goal(wanted))


def test_a_word_of_yes_or_no_is_weighed_against_the_other():
    logs = {"Yes": math.log(0.7), "No": math.log(0.1)}
    assert score(YesNoAsking(), "a dog", Answer("Yes", choice_logprobs=logs)) == pytest.approx(math.log(7))


@pytest.mark.parametrize(("answer", "sign"), [("Yes", 1), ("yes.", 1), ("No", -1), ("", -1)])
def test_without_weights_the_word_itself_counts(answer, sign):
    assert math.copysign(1, score(YesNoAsking(), "a dog", answer)) == sign


def test_a_question_in_chinese_is_answered_in_chinese():
    request = YesNoAsking().look_request(make_goal("有人进来"), FRAME)
    assert request.sampling.choices == ("是", "否")
    assert "有人" in request.turns[0].text


def test_the_checkpoint_itself_says_how_it_can_be_asked():
    assert isinstance(asking_for(None), YesNoAsking)
    assert InternViTConfig().sight_names() is None
    assert isinstance(asking_for(SimpleNamespace(sight_names=None)), YesNoAsking)
    assert isinstance(asking_for(SimpleNamespace(sight_names=NAMES)), NamingAsking)


def test_everyday_names_stand_for_the_classes_below_them():
    assert {"golden retriever dog", "dalmatian dog", "pug dog"} <= NAMES["dog"]
    assert "great grey owl bird" in NAMES["bird"] or "great grey owl" in NAMES["bird"]
    assert "tabby cat" in NAMES["cat"] & NAMES["kitten"]
    assert "airliner" in NAMES["plane"]
