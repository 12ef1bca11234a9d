"""Which rules change the logits of a request's answer, and in what order; knows neither of vLLM's model runners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from vllm import SamplingParams
from vllm.config import ModelConfig

from vita.model.configuration import VITAConfig
from vita.tokens import FIRST_TOKEN_IDS
from vita.vllm_plugin.earlier_answer_penalty import lower_earlier_answers, stack_earlier_answers
from vita.vllm_plugin.prompt_messages import find_earlier_answers
from vita.vllm_plugin.state_token_mask import (
    STATE_SHARPNESS,
    FirstTokens,
    StateTokenMask,
    forbid_state_tokens,
    make_index_tensors,
    restrict_first_token,
)


@dataclass(frozen=True)
class RequestRules:
    """What a request's parameters decide.

    Attributes:
        mask: of a checkpoint that is held to its state tokens; its rules need the ids of the prompt.
        named: the ids that the request lets its answer begin with, none of them: all; None: it says nothing.
        penalty: the repetition penalty that the prompt's tokens are exempted from; 1: none.
        penalizes_earlier: whether going on as an earlier answer is made less likely.
    """

    mask: StateTokenMask | None
    named: tuple[int, ...] | None
    penalty: float
    penalizes_earlier: bool = False

    @property
    def restricts_tokens(self) -> bool:
        """Whether any rule but the exemption applies."""
        return self.mask is not None or bool(self.named)


@dataclass(frozen=True)
class AnswerRules:
    """What a checkpoint decides.

    Attributes:
        mask: None where it is not held to its state tokens, or where prompts may be embeddings and have no ids.
        exempts: whether prompts are exempted from the repetition penalty.
        vocab_size: columns of the logits.
        penalizes_earlier: whether going on as an earlier answer is made less likely.
    """

    mask: StateTokenMask | None
    exempts: bool
    vocab_size: int
    penalizes_earlier: bool = False

    @classmethod
    def from_model(cls, model_config: ModelConfig) -> AnswerRules:
        """The rules of an engine's checkpoint."""
        config, has_ids = model_config.hf_config, not model_config.enable_prompt_embeds
        held = isinstance(config, VITAConfig) and config.state_token_ids and has_ids
        mask = StateTokenMask.from_config(config) if held else None
        return cls(mask, has_ids, model_config.get_vocab_size(), bool(held and config.penalizes_earlier_answers))

    def select_rules(self, params: SamplingParams) -> RequestRules | None:
        """The rules of a request; None where none applies.

        A grammar (structured outputs) already says how an answer begins, and would leave the state tokens out: with
        one the first token is free of the mask.
        """
        named = read_first_token_ids(params)
        if params.structured_outputs is not None and named is None:
            named = []
        penalty = params.repetition_penalty if self.exempts else 1.0
        rules = RequestRules(self.mask, None if named is None else tuple(named), penalty, self.penalizes_earlier)
        return rules if rules.restricts_tokens or penalty != 1.0 else None


class PromptRules:
    """The state token mask and the earlier answer penalty of one prompt, as tensors on the device of the logits."""

    def __init__(self, rules: RequestRules, prompt_ids: Sequence[int], vocab_size: int, device: torch.device) -> None:
        mask = rules.mask
        first, answers = FirstTokens(), list[Sequence[int]]()
        if mask is not None:
            first = mask.choose_first_tokens(prompt_ids, rules.named)
            if rules.penalizes_earlier:
                answers = find_earlier_answers(prompt_ids, mask.start, mask.end)
        elif rules.named:
            first = FirstTokens(rules.named, (0.0,) * len(rules.named))
        states = [] if mask is None else list(mask.states.values())
        self._first_ids, self._first_biases = make_index_tensors(first, vocab_size, device)
        decides_state = bool(first.token_ids) and set(first.token_ids) <= set(states)
        self._sharpness = STATE_SHARPNESS if decides_state else 1.0
        self._states = torch.tensor(states, dtype=torch.int64, device=device)
        self._earlier = stack_earlier_answers(answers, states, vocab_size, device)

    def mask_tokens(self, logits: Tensor, output_length: int) -> None:
        """Put what may not come at -inf in logits [vocab], in place, behind ``output_length`` tokens of the answer."""
        if output_length:
            forbid_state_tokens(logits, self._states)
        else:
            restrict_first_token(logits, self._first_ids, self._first_biases, self._sharpness)

    def lower_repeated(self, logits: Tensor, output: Tensor) -> None:
        """Lower what would go on as an earlier answer in logits [vocab], in place, behind the ``output`` [n] so far."""
        lower_earlier_answers(logits, self._earlier, output, self._states)


def read_first_token_ids(params: SamplingParams) -> list[int] | None:
    """The ids that may come first as the request says it: none of them leaves it free; None where it says nothing.

    Raises:
        ValueError: the argument is no list of non-negative integers, or names some beside a grammar.
    """
    ids = (params.extra_args or {}).get(FIRST_TOKEN_IDS)
    if ids is None:
        return None
    if not isinstance(ids, list) or not all(type(item) is int and item >= 0 for item in ids):
        raise ValueError(f"extra_args[{FIRST_TOKEN_IDS!r}] must be a list of token ids, not {ids!r}")
    if ids and params.structured_outputs is not None:
        raise ValueError(f"Leave out {FIRST_TOKEN_IDS}: structured outputs already say how the answer begins.")
    return ids
