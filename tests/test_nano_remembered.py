"""Evaluations that go on where they were killed."""

import json

import numpy as np
import pytest

from recipes.nano.answer_cache import AnswerCache
from vita.media import Sound
from vita.tokens import State


class Counting:
    """Answers with how often it was asked."""

    def __init__(self):
        self.asked = 0

    def answer(self, *parts, length=40):
        self.asked += 1
        return f"answer {self.asked}"

    def decide(self, parts):
        self.asked += 1
        return State.NOISE


def test_what_was_answered_is_not_asked_again(tmp_path):
    model = Counting()
    first = AnswerCache(lambda: model, tmp_path / "kept", "one").answer("Why?")
    again = AnswerCache(lambda: pytest.fail("loads the model"), tmp_path / "kept", "one")
    assert again.answer("Why?") == first


def test_states_come_back_as_states(tmp_path):
    sound = Sound(np.ones(160, np.float32))
    AnswerCache(Counting, tmp_path / "kept", "one").decide([sound])
    assert AnswerCache(Counting, tmp_path / "kept", "one").decide([sound]) is State.NOISE


@pytest.mark.parametrize(
    "other",
    [
        lambda path: AnswerCache(Counting, path, "two").answer("Why?"),
        lambda path: AnswerCache(Counting, path, "one").answer("How?"),
        lambda path: AnswerCache(Counting, path, "one").answer("Why?", length=9),
    ],
    ids=["checkpoint", "question", "length"],
)
def test_another_checkpoint_question_or_length_is_asked_anew(tmp_path, other):
    path = tmp_path / "kept"
    AnswerCache(Counting, path, "one").answer("Why?")
    other(path)
    assert len(path.read_text().splitlines()) == 2


def test_a_line_that_a_kill_cut_off_is_left_out(tmp_path):
    path = tmp_path / "kept"
    AnswerCache(Counting, path, "one").answer("Why?")
    path.write_text(path.read_text() + json.dumps({"key": "half"})[:-5] + "\n")
    AnswerCache(lambda: pytest.fail("loads the model"), path, "one").answer("Why?")
