"""What the state tokens and the judge are fitted with, and how well they do on what they never met."""

import math

import numpy as np
import torch

from vita.model.judge import KINDS, Judge
from vita.nano import build as nano
from vita.nano.asking import Nano
from vita.nano.hears import states
from vita.nano.train import hearing
from vita.nano.train.inside import Kept
from vita.nano.train.requests import NODS, ORDERS, REQUESTS
from vita.nano.train.states import ELSEWHERE, Places, examples, fit, report
from vita.nano.utterances import templates
from vita.nano.voices import EVALUATION
from vita.tokens import State

SIZE = 48  # utterances
ACCURACY, FALSE_WAKE, MISSED_QUERY = 0.95, 0.03, 0.05  # as published in the model card


def worse(share: float, count: int) -> float:
    """What two standard errors of ``count`` items add to a share of mistakes."""
    return share + 2 * math.sqrt(share * (1 - share) / count)


def test_states_are_told_as_well_as_published():
    found = states(Nano(nano.build()).decide, SIZE)
    assert 1 - found["state_accuracy"] <= worse(1 - ACCURACY, SIZE + SIZE // 2)
    assert found["false_wake"] <= worse(FALSE_WAKE, SIZE // 2 + SIZE // 4)
    assert found["missed_query"] <= worse(MISSED_QUERY, SIZE // 2)


def test_the_judge_learns_what_tells_kinds_apart():
    rng = torch.Generator().manual_seed(1)
    kinds = torch.arange(300) % len(KINDS)
    evidence = torch.randn(300, 40, generator=rng)
    evidence[range(300), kinds] += 6
    judge = Judge.of(hearing.fit(evidence[:200], kinds[:200]))
    right = [int(judge(one[None]).argmax()) == kind for one, kind in zip(evidence[200:], kinds[200:], strict=True)]
    assert sum(right) >= 95


def test_no_voice_that_is_evaluated_teaches_the_judge():
    assert not set(hearing.VOICES) & set(EVALUATION)
    assert len(set(hearing.VOICES)) == len(hearing.VOICES)


def test_only_what_is_not_asked_is_heard_from_across_a_room(monkeypatch):
    far = []
    monkeypatch.setattr(hearing, "speak", lambda *given: np.ones(800, dtype=np.float32))
    monkeypatch.setattr(hearing, "across", lambda samples, random: far.append(True) or samples)
    kinds = [hearing.sound(number, "Hello there.")[1] for number in range(200)]
    assert 0.5 * hearing.FAR < len(far) / kinds.count(KINDS.index("aside")) < 1.5 * hearing.FAR
    monkeypatch.setattr(hearing, "FAR", 1.0)
    far.clear()
    for number in (0, 2, 4):
        hearing.sound(number, "Hello there.")
    assert not far


def test_two_fifths_of_the_judges_sounds_are_asked_two_aside_one_noise():
    made = [hearing.sound(number, "Hello there.")[1] for number in range(10)]
    assert [made.count(kind) for kind in range(len(KINDS))] == [4, 4, 2]


def test_the_judge_hears_every_kind_of_line_but_those_kept_from_it():
    asked, others = hearing.texts(400)
    assert (len(asked), len(others)) == (400, 400)
    plain = {line for lines in (REQUESTS, ORDERS, NODS) for line in lines[:: hearing.KEPT] if "{" not in line}
    plain -= {*templates("aside", "train"), *templates("query", "train")}  # a few are in both lists
    assert len(plain) > 40
    assert not plain & {*asked, *others}
    assert {line for line in hearing.told(NODS) if "{" not in line} <= set(others)


def test_rows_fire_where_answers_begin_and_nowhere_else():
    rng = torch.Generator().manual_seed(2)
    classes = torch.arange(400) % (len(State) + 1)
    hidden = torch.randn(400, 24, generator=rng)
    hidden[range(400), classes] += 5
    places = Places(hidden, torch.zeros(400), classes)
    found = report(fit(places), places)
    assert found["right"] == 1
    assert found["begins"] > 0.97
    assert found["quiet"] > 0.97
    assert (classes == ELSEWHERE).sum() == 100


def test_every_state_has_its_examples():
    made = examples(8)
    counts = [sum(one.state is state for one in made) for state in State]
    assert min(counts) >= 8


def test_features_are_computed_once_and_kept(tmp_path):
    calls = []

    class Sounds:
        def __call__(self, samples):
            calls.append(len(samples))
            return torch.ones(2, 4)

        def tokens(self, rows):
            return rows

    samples = np.ones(100, np.float32)
    first = Kept(Sounds(), tmp_path / "a")(samples)
    again = Kept(Sounds(), tmp_path / "a")(samples)
    assert torch.equal(first, again)
    assert calls == [100]
    assert Kept(Sounds(), tmp_path / "a").tokens(3) == 3


def test_each_kind_has_a_marker_of_its_own():
    assert len(set(hearing.MARKERS)) == len(KINDS)
