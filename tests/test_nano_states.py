"""What the state tokens and the judge are fitted with, and how well they do on what they never met."""

import math

import numpy as np
import pytest
import torch

from evals.synthetic.speech_programs import EVALUATION
from evals.synthetic.utterances import sentence_templates
from recipes.nano.direct_model import DirectNano
from recipes.nano.hearing_evaluation import state_metrics
from recipes.nano.train import train_device_directed
from recipes.nano.train import train_states as training
from recipes.nano.train.hidden_states import KeptTurn
from recipes.nano.train.requests import NODS, ORDERS, REQUESTS
from recipes.nano.train.train_states import (
    ELSEWHERE,
    EXCHANGES,
    LogitPlaces,
    fit_state_rows,
    report_states,
    state_examples,
)
from vita.media import SAMPLE_RATE, Sound
from vita.nano import build_checkpoint as nano
from vita.nano.model.device_directed import KINDS, DeviceDirectedClassifier
from vita.tokens import State

pytestmark = pytest.mark.embedded

SIZE = 48  # utterances
ACCURACY, FALSE_WAKE, MISSED_QUERY = 0.95, 0.03, 0.05  # as published in the model card


def worse(share: float, count: int) -> float:
    """What two standard errors of ``count`` items add to a share of mistakes."""
    return share + 2 * math.sqrt(share * (1 - share) / count)


def test_states_are_told_as_well_as_published():
    found = state_metrics(DirectNano(nano.build_nano()).decide, SIZE)
    assert 1 - found["state_accuracy"] <= worse(1 - ACCURACY, SIZE + SIZE // 2)
    assert found["false_wake"] <= worse(FALSE_WAKE, SIZE // 2 + SIZE // 4)
    assert found["missed_query"] <= worse(MISSED_QUERY, SIZE // 2)


def test_the_judge_learns_what_tells_kinds_apart():
    rng = torch.Generator().manual_seed(1)
    kinds = torch.arange(300) % len(KINDS)
    evidence = torch.randn(300, 40, generator=rng)
    evidence[range(300), kinds] += 6
    judge = DeviceDirectedClassifier.of(train_device_directed.fit_classifier(evidence[:200], kinds[:200]))
    right = [int(judge(one[None]).argmax()) == kind for one, kind in zip(evidence[200:], kinds[200:], strict=True)]
    assert sum(right) >= 95


def test_no_voice_that_is_evaluated_teaches_the_judge():
    assert not set(train_device_directed.VOICES) & set(EVALUATION)
    assert len(set(train_device_directed.VOICES)) == len(train_device_directed.VOICES)


def test_only_what_is_not_asked_is_heard_from_across_a_room(monkeypatch):
    far = []
    monkeypatch.setattr(train_device_directed, "speak_by_program", lambda *given: np.ones(800, dtype=np.float32))
    monkeypatch.setattr(train_device_directed, "across_room", lambda samples, random: far.append(True) or samples)
    kinds = [train_device_directed.labelled_sound(number, "Hello there.")[1] for number in range(200)]
    assert (
        0.5 * train_device_directed.FAR < len(far) / kinds.count(KINDS.index("aside")) < 1.5 * train_device_directed.FAR
    )
    monkeypatch.setattr(train_device_directed, "FAR", 1.0)
    far.clear()
    for number in (0, 2, 4):
        train_device_directed.labelled_sound(number, "Hello there.")
    assert not far


def test_two_fifths_of_the_judges_sounds_are_asked_two_aside_one_noise():
    made = [train_device_directed.labelled_sound(number, "Hello there.")[1] for number in range(10)]
    assert [made.count(kind) for kind in range(len(KINDS))] == [4, 4, 2]


def test_the_judge_hears_every_kind_of_line_but_those_kept_from_it():
    asked, others = train_device_directed.asked_and_other_texts(400)
    assert (len(asked), len(others)) == (400, 400)
    plain = {
        line for lines in (REQUESTS, ORDERS, NODS) for line in lines[:: train_device_directed.KEPT] if "{" not in line
    }
    plain -= {*sentence_templates("aside", "train"), *sentence_templates("query", "train")}  # a few are in both lists
    assert len(plain) > 40
    assert not plain & {*asked, *others}
    assert {line for line in train_device_directed.taught_lines(NODS) if "{" not in line} <= set(others)


def test_rows_fire_where_answers_begin_and_nowhere_else():
    rng = torch.Generator().manual_seed(2)
    classes = torch.arange(400) % (len(State) + 1)
    hidden = torch.randn(400, 24, generator=rng)
    hidden[range(400), classes] += 5
    places = LogitPlaces(hidden, torch.zeros(400), classes)
    found = report_states(fit_state_rows(places), places)
    assert found["right"] == 1
    assert found["begins"] > 0.97
    assert found["quiet"] > 0.97
    assert (classes == ELSEWHERE).sum() == 100


BANK = [("What is rain?", "Rain is water that falls from clouds."), ("Who are you?", "I am a model that talks.")]


@pytest.fixture
def made(monkeypatch):
    """Examples whose sounds say nothing, and the words that should have been in them."""
    words: list[str] = []
    quiet = Sound(np.zeros(SAMPLE_RATE // 10, np.float32))
    monkeypatch.setattr(training, "spoken_sound", lambda rng, text: words.append(text) or quiet)
    monkeypatch.setattr(training, "random_picture", lambda rng: None)
    return state_examples(40, BANK), words


def test_every_state_has_its_examples(made):
    every, words = made
    assert min(sum(one.state is state for one in every) for state in State) >= 40
    assert any(text in NODS for text in words)
    assert any(text in REQUESTS for text in words)


def test_half_of_what_is_said_is_behind_earlier_exchanges(made):
    said = [one for one in made[0] if one.state is not State.TEXT_QUERY]
    assert {len(one.turns) // 2 for one in said} == set(EXCHANGES)
    for state in (State.AUDIO_QUERY, State.NOISE):
        behind = [len(one.turns) > 1 for one in said if one.state is state]
        assert 0.3 < sum(behind) / len(behind) < 0.7


def test_an_answer_before_is_broken_off_and_says_what_it_answers(made):
    answers = [turn for one in made[0] for turn in one.turns if turn.role == "assistant"]
    assert {turn.state for turn in answers} == {State.AUDIO_QUERY, State.TEXT_QUERY}
    whole = {answer for _, answer in BANK}
    assert all(any(text.startswith(turn.parts[0]) for text in whole) for turn in answers)
    assert any(turn.parts[0] not in whole for turn in answers)
    for one in made[0]:
        for asked, answer in zip(one.turns[:-1:2], one.turns[1::2], strict=True):
            spoken = isinstance(asked.parts[0], Sound)
            assert answer.state is (State.AUDIO_QUERY if spoken else State.TEXT_QUERY)


def test_features_are_computed_once_and_kept(tmp_path):
    calls = []

    class Sounds:
        def __call__(self, samples):
            calls.append(len(samples))
            return torch.ones(2, 4)

        def token_ids(self, features):
            return [9] * len(features)

    samples = np.ones(100, np.float32)
    first = KeptTurn(Sounds(), tmp_path / "a")(samples)
    again = KeptTurn(Sounds(), tmp_path / "a")(samples)
    assert torch.equal(first, again)
    assert calls == [100]
    assert KeptTurn(Sounds(), tmp_path / "a").token_ids(first) == [9, 9]
