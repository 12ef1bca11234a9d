"""Endings on its own, with vLLM's repetition penalty behind it as in the engine."""

from __future__ import annotations

import pytest
import torch
from vllm import SamplingParams
from vllm._custom_ops import apply_repetition_penalties
from vllm.v1.sample.logits_processor.interface import BatchUpdate

from vita.vllm_plugin.endings import Endings

END, OTHER = 2, 3


def params(penalty: float) -> SamplingParams:
    made = SamplingParams(repetition_penalty=penalty)
    made.update_from_generation_config({}, eos_token_id=END)
    return made


def processed(penalty: float, prompt: list[int], logits: torch.Tensor) -> torch.Tensor:
    """What the sampler sees: our processor, then the penalty."""
    endings = Endings(None, torch.device("cpu"), False)
    endings.update_state(BatchUpdate(1, removed=[], added=[(0, params(penalty), prompt, [])], moved=[]))
    rows = endings.apply(logits[None].clone())
    seen = torch.zeros(1, len(logits), dtype=torch.bool)
    seen[0, prompt] = True
    apply_repetition_penalties(rows, seen, torch.zeros_like(seen), torch.tensor([penalty]))
    return rows[0]


@pytest.mark.parametrize("value", [4.0, -4.0])
def test_the_end_of_a_turn_in_the_prompt_is_not_penalised(value):
    logits = torch.full((6,), value)
    after = processed(1.25, [1, END, OTHER], logits)
    assert after[END].item() == pytest.approx(value)
    assert after[OTHER].item() < value
    assert after[5].item() == value


def test_an_end_that_was_never_met_is_left_as_it_is():
    assert processed(1.25, [1, OTHER], torch.ones(6))[END].item() == 1.0


def test_an_end_that_was_the_likeliest_stays_so():
    logits = torch.tensor([0.0, 0.0, 5.0, 4.8, 0.0, 0.0])
    assert processed(1.25, [1, END], logits).argmax() == END
    assert processed(1.25, [1, END, OTHER], logits).argmax() == END


def test_a_request_without_a_penalty_has_no_processor():
    assert Endings(None, torch.device("cpu"), False).new_req_logits_processor(params(1.0)) is None


def test_it_changes_which_token_is_likeliest():
    assert not Endings(None, torch.device("cpu"), False).is_argmax_invariant()
