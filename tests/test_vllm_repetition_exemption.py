"""Only what the answer itself has said is penalised as a repetition, wherever a runner has its penalties."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from vllm import SamplingParams

from tests.logits_runners import LONGEST, PLAIN_RUNNERS, held_config
from vita.vllm_plugin.prompt_repetition_exemption import lift_prompt_penalty
from vita.vllm_plugin.runner_v2_answers import ROWS

END, SAID, FREE, SIZE = 2, 3, 5, 6
OFFICIAL = held_config(SIZE, 0, 1, ())
TOKENS = st.lists(st.integers(0, SIZE - 1), max_size=LONGEST // 2)


@pytest.fixture(params=PLAIN_RUNNERS)
def sampled(request):
    """Logits [vocab] that the next token of one answer is sampled from."""

    def logits(penalty, prompt, output, given, embeds=False):
        runner = request.param(OFFICIAL, SIZE, embeds)
        params = SamplingParams(repetition_penalty=penalty)
        return runner.sampled_from([(prompt, output, params)], given[None])[0]

    return logits


@pytest.mark.parametrize("value", [4.0, -4.0])
def test_the_answers_tokens_are_penalised_and_the_prompts_are_not(sampled, value):
    after = sampled(1.25, [1, END, SAID], [SAID], torch.full((SIZE,), value))
    assert after[END].item() == pytest.approx(value)
    assert after[FREE].item() == value
    assert after[SAID].item() == pytest.approx(value / 1.25 if value > 0 else value * 1.25)


def test_an_end_that_was_the_likeliest_stays_so(sampled):
    assert sampled(1.25, [1, END], [], torch.tensor([0.0, 0.0, 5.0, 4.8, 0.0, 0.0])).argmax() == END


def test_a_placeholder_beyond_the_vocabulary_is_passed_over(sampled):
    assert sampled(1.25, [1, 99], [], torch.ones(SIZE)).tolist() == [1.0] * SIZE


def test_prompts_of_embeddings_are_penalised_as_vllm_does(sampled):
    assert sampled(1.25, [END], [], torch.ones(SIZE), embeds=True)[END].item() == pytest.approx(1 / 1.25)


def test_a_request_without_a_penalty_is_not_touched(sampled):
    assert sampled(1.0, [1, END], [SAID], torch.arange(6.0)).tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


@pytest.mark.parametrize("runner", PLAIN_RUNNERS)
def test_each_request_of_a_batch_has_its_own_penalty_and_prompt(runner):
    answers = [
        ([1, END], [SAID], SamplingParams(repetition_penalty=2.0)),
        ([FREE], [], SamplingParams()),
        ([FREE, END, 1, 1], [END, 1], SamplingParams(repetition_penalty=4.0)),
    ]
    rows = runner(OFFICIAL, SIZE).sampled_from(answers, torch.full((3, SIZE), 8.0))
    assert rows.tolist() == [[8, 8, 8, 4, 8, 8], [8] * 6, [8, 2, 2, 8, 8, 8]]


@given(prompt=TOKENS, output=TOKENS, penalty=st.floats(0.5, 2.0), seed=st.integers(0, 99))
def test_both_runners_give_the_logits_that_a_penalty_without_a_prompt_gives(prompt, output, penalty, seed):
    given_logits = torch.randn(1, SIZE, generator=torch.Generator().manual_seed(seed))
    params = SamplingParams(repetition_penalty=penalty)
    both = [one(OFFICIAL, SIZE).sampled_from([(prompt, output, params)], given_logits) for one in PLAIN_RUNNERS]
    alone = PLAIN_RUNNERS[0](OFFICIAL, SIZE).sampled_from([([], output, params)], given_logits)
    for rows in both:
        torch.testing.assert_close(rows, alone)


def test_padding_of_a_shorter_prompt_exempts_nothing():
    ids = torch.tensor([[1, -1, -1], [1, 2, 3]])
    logits = torch.full((2, SIZE), 4.0)
    lift_prompt_penalty(logits, ids, torch.tensor([1, 2]), torch.tensor([2.0, 2.0]))
    assert logits.tolist() == [[4, 8, 4, 4, 4, 4], [4, 8, 8, 4, 4, 4]]


def test_a_batch_of_more_rows_than_are_exempted_at_once_is_exempted_whole(monkeypatch):
    monkeypatch.setattr("vita.vllm_plugin.runner_v2_answers.ROWS", 2)
    answers = [([1, END], [], SamplingParams(repetition_penalty=2.0))] * 3
    assert (PLAIN_RUNNERS[1](OFFICIAL, SIZE).sampled_from(answers, torch.ones(3, SIZE)) == 1).all()
    assert ROWS > 2
