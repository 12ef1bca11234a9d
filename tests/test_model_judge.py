"""The judge of a sound: one verdict over all of its windows."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from vita.model.sound_verdicts import STEP, VERDICTS, WEIGHT, nothing_said, query_logit_bias
from vita.nano.model.device_directed import KINDS, DeviceDirectedClassifier, nearest_verdict


def judge() -> DeviceDirectedClassifier:
    """Its evidence is one figure for each kind."""
    eye = torch.eye(3)
    return DeviceDirectedClassifier(eye, torch.zeros(3), 10 * eye, torch.zeros(3))


def kind(*windows: list[float]) -> str:
    return KINDS[int(judge()(torch.tensor(windows, dtype=torch.float32)).argmax())]


@pytest.mark.parametrize(("evidence", "expected"), list(zip(torch.eye(3).tolist(), KINDS, strict=True)))
def test_the_likeliest_kind_wins(evidence, expected):
    assert kind(evidence) == expected


def test_chances_add_up_to_one():
    chances = judge()(torch.rand(4, 3))
    assert chances.sum().item() == pytest.approx(1.0)
    assert (chances >= 0).all()


def test_a_question_behind_something_else_is_a_question():
    assert kind([0, 1, 0], [0, 0, 1], [1, 0, 0]) == "asked"


def test_speech_between_noises_is_speech():
    assert kind([0, 0, 1], [0, 1, 0], [0, 0, 1]) == "aside"


def test_a_sound_is_noise_where_all_of_it_is():
    assert kind([0, 0, 1], [0, 0, 1]) == "noise"


def test_it_reads_its_tensors_by_name():
    tensors = {"judge.inner": torch.ones(2, 5), "judge.inner_bias": torch.ones(2)}
    tensors |= {"judge.outer": torch.ones(3, 2).half(), "judge.outer_bias": torch.zeros(3)}
    assert DeviceDirectedClassifier.of(tensors)(torch.ones(1, 5)).tolist() == pytest.approx([1 / 3] * 3)


IDS = list(range(100, 100 + VERDICTS))  # of the verdicts
NOTHING = torch.tensor([0.1, 0.2, 0.7])
CHANCES = st.floats(0, 1, width=32).map(lambda asked: torch.tensor([asked, 1 - asked, 0.0]))


@given(CHANCES)
def test_a_verdict_leans_as_far_as_the_chances_do(chances):
    told = query_logit_bias([7, IDS[nearest_verdict(chances)], 8], IDS)
    odds = torch.logit(chances[0], 1e-6).clamp(-STEP * (VERDICTS // 2 - 1), STEP * (VERDICTS // 2))
    assert told == pytest.approx(WEIGHT * float(odds), abs=WEIGHT * STEP / 2 + 1e-3)


@given(CHANCES, CHANCES)
def test_a_turn_of_several_sounds_asks_where_any_of_them_does(one, other):
    both = [IDS[nearest_verdict(one)], 7, IDS[nearest_verdict(other)]]
    assert query_logit_bias(both, IDS) == max(query_logit_bias(both[:1], IDS), query_logit_bias(both[2:], IDS))


@given(CHANCES)
def test_a_turn_says_nothing_where_none_of_its_sounds_does(chances):
    speech, noise = IDS[nearest_verdict(chances)], IDS[nearest_verdict(NOTHING)]
    assert nothing_said([7, noise, 8, noise], IDS)
    assert not nothing_said([noise, speech], IDS)
    assert not nothing_said([speech], IDS)
    assert not nothing_said([7], IDS)
    assert not nothing_said([7], [])
    assert query_logit_bias([noise], IDS) <= query_logit_bias([speech], IDS)


def test_what_was_not_judged_leans_nowhere():
    assert query_logit_bias([1, 2, 3], IDS) == query_logit_bias([1, 2, 3], []) == 0
