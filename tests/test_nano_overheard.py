"""What the row of noise is turned by: sounds behind earlier exchanges."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vita.media import SAMPLE_RATE, Sound
from vita.nano.train import overheard
from vita.nano.train.overheard import EXCHANGES, as_received, examples, turned
from vita.nano.train.requests import NODS
from vita.tokens import State

BANK = [("What is rain?", "Rain is water that falls from clouds."), ("Who are you?", "I am a model that talks.")]


@pytest.fixture
def made(monkeypatch):
    """Examples whose sounds are a tenth of a second each, the words in them kept aside."""
    words: list[str] = []

    def said(rng: np.random.Generator, text: str) -> Sound:
        words.append(text)
        return Sound(np.full(SAMPLE_RATE // 10, 0.1, np.float32))

    monkeypatch.setattr(overheard, "said", said)
    return examples(40, BANK), words


def test_most_is_overheard_and_most_is_behind_a_history(made):
    every, words = made
    assert [one.asked for one in every].count(True) == 40
    assert len(every) == 40 + 40 + 15 + 5
    assert sum(text in NODS for text in words) >= 15
    behind = [one for one in every if len(one.turns) > 1]
    assert len(every) / 2 < len(behind) < len(every)
    assert {len(one.turns) // 2 for one in every} == set(EXCHANGES)
    assert sum(one.asked for one in behind) > 20


def test_an_answer_before_is_broken_off_and_says_what_it_answers(made):
    every, _ = made
    answers = [turn for one in every for turn in one.turns if turn.role == "assistant"]
    assert {turn.state for turn in answers} == {State.AUDIO_QUERY, State.TEXT_QUERY}
    whole = {answer for _, answer in BANK}
    assert all(any(text.startswith(turn.parts[0]) for text in whole) for turn in answers)
    assert any(turn.parts[0] not in whole for turn in answers)
    for one in every:
        spoken = isinstance(one.turns[0].parts[0], Sound)
        assert len(one.turns) == 1 or one.turns[1].state is (State.AUDIO_QUERY if spoken else State.TEXT_QUERY)


def test_a_sound_comes_with_the_room_around_it():
    received = as_received(np.random.default_rng(0), Sound(np.full(1600, 0.5, np.float32)))
    loud = np.flatnonzero(np.abs(received.samples) > 0.1)
    assert loud[0] == 0.3 * SAMPLE_RATE
    assert len(loud) == 1600
    assert 0.05 <= received.duration - 0.4 <= 0.15


def test_sounds_are_told_apart_by_the_row_of_noise_alone():
    rng = torch.Generator().manual_seed(0)
    asked = torch.arange(200) % 2 == 0
    hidden = torch.randn(200, 16, generator=rng)
    hidden[:, 0] += torch.where(asked, 3.0, -3.0)
    hidden[:, 1] += 4
    rows = torch.zeros(3, 16)
    rows[0, 1] = 3  # everything looks like a question
    better = turned(rows, hidden, asked)
    logits = hidden @ better.T
    assert ((logits[:, 0] > logits[:, 1]) == asked).float().mean() > 0.95
    assert torch.equal(better[[0, 2]], rows[[0, 2]])
