"""The judge of a sound: one verdict over all of its windows."""

import pytest
import torch

from vita.model.judge import KINDS, Judge


def judge() -> Judge:
    """Its evidence is one figure for each kind."""
    eye = torch.eye(3)
    return Judge(eye, torch.zeros(3), 10 * eye, torch.zeros(3))


def verdict(*windows: list[float]) -> str:
    return KINDS[int(judge()(torch.tensor(windows, dtype=torch.float32)).argmax())]


@pytest.mark.parametrize(("evidence", "kind"), list(zip(torch.eye(3).tolist(), KINDS, strict=True)))
def test_the_likeliest_kind_wins(evidence, kind):
    assert verdict(evidence) == kind


def test_chances_add_up_to_one():
    chances = judge()(torch.rand(4, 3))
    assert chances.sum().item() == pytest.approx(1.0)
    assert (chances >= 0).all()


def test_a_question_behind_something_else_is_a_question():
    assert verdict([0, 1, 0], [0, 0, 1], [1, 0, 0]) == "asked"


def test_speech_between_noises_is_speech():
    assert verdict([0, 0, 1], [0, 1, 0], [0, 0, 1]) == "aside"


def test_a_sound_is_noise_where_all_of_it_is():
    assert verdict([0, 0, 1], [0, 0, 1]) == "noise"


def test_it_reads_its_tensors_by_name():
    tensors = {"judge.inner": torch.ones(2, 5), "judge.inner_bias": torch.ones(2)}
    tensors |= {"judge.outer": torch.ones(3, 2).half(), "judge.outer_bias": torch.zeros(3)}
    assert Judge.of(tensors)(torch.ones(1, 5)).tolist() == pytest.approx([1 / 3] * 3)
