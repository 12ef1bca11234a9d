"""What each of vLLM's two interfaces of logits processors has of its own."""

from __future__ import annotations

import pytest
import torch
from vllm import SamplingParams
from vllm.v1.sample.logits_processor.interface import BatchUpdate, MoveDirectionality

from tests.logits_runners import LONGEST, PLAIN_RUNNERS, SLOTS, PlainRunnerV1, PlainRunnerV2, held_config

SIZE, START, END = 10, 3, 4
OFFICIAL, HELD = (held_config(SIZE, START, END, states, audio_token_id=6) for states in ((), (0, 1, 2)))
QUESTION = [START, 7, 8, 9, END, 8, START, 7, 8]  # typed, so that its answer begins with the third state


def naming(*ids: int) -> SamplingParams:
    return SamplingParams(extra_args={"first_token_ids": list(ids)})


@pytest.mark.parametrize("runner", PLAIN_RUNNERS)
def test_requests_that_ask_for_no_rule_are_left_alone_beside_one_that_does(runner):
    rows = torch.arange(3.0 * SIZE).view(3, SIZE)
    answers = [([1], [], SamplingParams()), ([1], [], naming(3)), ([1], [5], SamplingParams())]
    after = runner(OFFICIAL, SIZE).sampled_from(answers, rows)
    assert torch.equal(after[[0, 2]], rows[[0, 2]])
    assert after[1].isfinite().nonzero().flatten().tolist() == [3]


def test_a_request_that_moves_in_v1s_batch_keeps_its_rules():
    processor = PlainRunnerV1(OFFICIAL, SIZE).processor
    processor.update_state(BatchUpdate(2, removed=[], added=[(1, naming(3), [1], [])], moved=[]))
    moved = [(1, 0, MoveDirectionality.UNIDIRECTIONAL)]
    processor.update_state(BatchUpdate(1, removed=[], added=[], moved=moved))
    assert processor.apply(torch.arange(10.0).view(1, SIZE)).argmax() == 3


def test_v1s_rules_see_tokens_that_arrive_after_the_batch_was_made():
    processor, output = PlainRunnerV1(OFFICIAL, SIZE).processor, list[int]()
    processor.update_state(BatchUpdate(1, removed=[], added=[(0, naming(3), [1], output)], moved=[]))
    assert processor.apply(torch.arange(10.0).view(1, SIZE)).argmax() == 3
    output.append(3)
    processor.update_state(None)
    assert processor.apply(torch.arange(10.0).view(1, SIZE)).argmax() == 9


def test_v1_is_told_that_the_likeliest_token_may_become_another():
    assert not PlainRunnerV1(OFFICIAL, SIZE).processor.is_argmax_invariant()


def test_a_slot_of_v2_has_nothing_left_of_the_request_before():
    runner = PlainRunnerV2(HELD, SIZE)
    first = runner.sampled_from([(QUESTION, [], SamplingParams(repetition_penalty=2.0))], torch.ones(1, SIZE))
    assert first.isfinite().sum() == 1
    runner.processor.rules = runner.processor.answers.rules = PlainRunnerV2(OFFICIAL, SIZE).processor.rules
    after = runner.sampled_from([(QUESTION, [], SamplingParams()), ([1], [], naming(3))], torch.ones(2, SIZE))
    assert (after[0] == 1).all()


def test_an_answer_that_v2_takes_up_again_is_not_at_its_beginning():
    runner = PlainRunnerV2(HELD, SIZE)
    fresh = runner.sampled_from([(QUESTION, [2, 9], SamplingParams())], torch.zeros(1, SIZE))
    assert torch.isinf(fresh[0, :3]).all()
    assert fresh[0, 3:].isfinite().all()


def test_rows_of_a_prompt_that_v2_has_read_in_part_are_left_alone():
    runner = PlainRunnerV2(HELD, SIZE)
    runner._add(0, (QUESTION, [], SamplingParams()))
    runner.processor.apply_staged_writes()
    context = runner._context(torch.tensor([0]).numpy(), torch.tensor([len(QUESTION) - 2]).numpy())
    assert (runner.processor.apply(torch.zeros(1, SIZE), context) == 0).all()


def test_v2_skips_its_processors_where_no_request_needs_them():
    processor = PlainRunnerV2(OFFICIAL, SIZE).processor
    assert not processor.add_request(0, SamplingParams())
    assert processor.add_request(0, SamplingParams(repetition_penalty=1.1))
    assert PlainRunnerV2(HELD, SIZE).processor.add_request(0, SamplingParams())


def test_whole_answers_are_the_same_by_both_runners():
    """A toy model whose logits depend on the last token; each runner decodes greedily, side by side."""
    table = torch.randn(SIZE, SIZE, generator=torch.Generator().manual_seed(3))
    params = SamplingParams(repetition_penalty=1.3)
    said = []
    for one in PLAIN_RUNNERS:
        runner, output = one(HELD, SIZE), list[int]()
        while len(QUESTION) + len(output) < LONGEST // 2:
            last = (QUESTION + output)[-1]
            rows = runner.sampled_from([(QUESTION, output, params)], table[last][None])
            output.append(int(rows[0].argmax()))
        said.append(output)
    assert said[0] == said[1]
    assert said[0][0] == 2
    assert SLOTS > 1
