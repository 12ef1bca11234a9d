"""Endings on its own, with vLLM's repetition penalty behind it as in the engine."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from vllm import SamplingParams
from vllm._custom_ops import apply_repetition_penalties
from vllm.v1.sample.logits_processor.interface import BatchUpdate

from vita.model.configuration import VITAConfig
from vita.vllm_plugin.endings import Endings

END, SAID, FREE = 2, 3, 5


def endings(config: object = None) -> Endings:
    ours = VITAConfig.__new__(VITAConfig) if config is None else config
    model = SimpleNamespace(hf_config=ours, enable_prompt_embeds=False)
    return Endings(SimpleNamespace(model_config=model), torch.device("cpu"), False)


def processed(penalty: float, prompt: list[int], output: list[int], logits: torch.Tensor) -> torch.Tensor:
    """What the sampler sees: our processor, then the penalty."""
    processor, params = endings(), SamplingParams(repetition_penalty=penalty)
    processor.update_state(BatchUpdate(1, removed=[], added=[(0, params, prompt, output)], moved=[]))
    rows = processor.apply(logits[None].clone())
    seen = torch.zeros(2, 1, len(logits), dtype=torch.bool)
    seen[0, 0, [token for token in prompt if token < len(logits)]] = True
    seen[1, 0, output] = True
    apply_repetition_penalties(rows, *seen, torch.tensor([penalty]))
    return rows[0]


@pytest.mark.parametrize("value", [4.0, -4.0])
def test_the_answers_tokens_are_penalised_and_the_prompts_are_not(value):
    after = processed(1.25, [1, END, SAID], [SAID], torch.full((6,), value))
    assert after[END].item() == pytest.approx(value)
    assert after[FREE].item() == value
    assert after[SAID].item() == pytest.approx(value / 1.25 if value > 0 else value * 1.25)


def test_an_end_that_was_the_likeliest_stays_so():
    logits = torch.tensor([0.0, 0.0, 5.0, 4.8, 0.0, 0.0])
    assert processed(1.25, [1, END], [], logits).argmax() == END


def test_a_placeholder_beyond_the_vocabulary_is_passed_over():
    assert processed(1.25, [1, 99], [], torch.ones(6)).tolist() == [1.0] * 6


def test_a_request_without_a_penalty_has_no_processor():
    assert endings().new_req_logits_processor(SamplingParams(repetition_penalty=1.0)) is None


def test_other_models_are_left_alone():
    assert endings(object()).new_req_logits_processor(SamplingParams(repetition_penalty=1.2)) is None


def test_it_changes_which_token_is_likeliest():
    assert not endings().is_argmax_invariant()
