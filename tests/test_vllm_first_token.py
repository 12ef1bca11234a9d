"""FirstToken on its own: the logits of a batch, as vLLM hands them over."""

from __future__ import annotations

import pytest
import torch
from vllm import SamplingParams
from vllm.v1.sample.logits_processor.interface import BatchUpdate, MoveDirectionality

from vita.vllm_plugin.first_token import FirstToken, OnlyTheseFirst


def sampling(*ids: int) -> SamplingParams:
    return SamplingParams(extra_args={"first_token_ids": list(ids)})


def processor() -> FirstToken:
    return FirstToken(None, torch.device("cpu"), False)


def test_only_allowed_tokens_can_come_first():
    logits = OnlyTheseFirst([2, 4])([], torch.arange(6.0))
    assert logits.isfinite().nonzero().flatten().tolist() == [2, 4]
    assert logits[[2, 4]].tolist() == [2.0, 4.0]


def test_every_later_token_is_free():
    logits = torch.arange(6.0)
    assert OnlyTheseFirst([2, 4])([4], logits) is logits


def test_requests_that_do_not_ask_are_left_alone():
    first_token = processor()
    first_token.update_state(
        BatchUpdate(2, removed=[], added=[(0, SamplingParams(), [1], []), (1, sampling(3), [1], [])], moved=[])
    )
    logits = first_token.apply(torch.arange(12.0).view(2, 6))
    assert logits[0].tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert logits[1].argmax() == 3


def test_a_request_that_moves_in_the_batch_keeps_its_restriction():
    first_token = processor()
    first_token.update_state(BatchUpdate(2, removed=[], added=[(1, sampling(3), [1], [])], moved=[]))
    moved = [(1, 0, MoveDirectionality.UNIDIRECTIONAL)]
    first_token.update_state(BatchUpdate(1, removed=[], added=[], moved=moved))
    assert first_token.apply(torch.arange(6.0).view(1, 6)).argmax() == 3


def test_the_restriction_ends_when_the_first_token_is_out():
    first_token, output = processor(), []
    first_token.update_state(BatchUpdate(1, removed=[], added=[(0, sampling(3), [1], output)], moved=[]))
    assert first_token.apply(torch.arange(6.0).view(1, 6)).argmax() == 3
    output.append(3)
    first_token.update_state(None)
    assert first_token.apply(torch.arange(6.0).view(1, 6)).argmax() == 5


def test_it_changes_which_token_is_likeliest():
    assert not processor().is_argmax_invariant()


@pytest.mark.parametrize("ids", ["3", [1.5], [True], [-1], 3])
def test_what_is_no_list_of_ids_is_refused(ids):
    with pytest.raises(ValueError, match="must be a list of token ids"):
        FirstToken.validate_params(SamplingParams(extra_args={"first_token_ids": ids}))
