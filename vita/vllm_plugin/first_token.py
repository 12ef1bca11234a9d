"""What may begin an answer, and nothing else: no state token comes later. The one place where this is decided.

The answer of a VITA model begins with a state token. Checkpoints that are held to it (``VITAConfig.state_token_ids``)
give one that fits the question: whether it was spoken, typed or both is seen in the ids of the prompt, and so is, where
it was only spoken, what a judge of sounds found (``vita.nano.model.device_directed``). A request may say otherwise with
``SamplingParams.extra_args["first_token_ids"]`` (``vllm_xargs`` in a request over HTTP): those ids, or any token where
the list is empty. The engine that only has to decide whether it was spoken to needs that one token and no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from vllm import SamplingParams
from vllm.config import VllmConfig
from vllm.v1.sample.logits_processor import AdapterLogitsProcessor

from vita.model.configuration import VITAConfig
from vita.nano.model.device_directed import leaning, nothing_said
from vita.tokens import FIRST_TOKEN_IDS, State, fitting_states


class OnlyTheseFirst:
    """Logits processor of one request.

    Args:
        token_ids: may begin the answer; none of them leaves its first token free.
        never_later: may not come behind that. Small models put a state token between two paragraphs now and then, and
            it would be read as text.
    """

    def __init__(self, token_ids: Sequence[int], never_later: Sequence[int] = ()) -> None:
        self.token_ids, self.never_later = list(token_ids), list(never_later)

    def __call__(self, output_ids: list[int], logits: torch.Tensor) -> torch.Tensor:
        """Logits [vocab] of the next token, those that may not come at -inf."""
        if output_ids:
            logits[self.never_later] = float("-inf")
            return logits
        if not self.token_ids:
            return logits
        restricted = torch.full_like(logits, float("-inf"))
        restricted[self.token_ids] = logits[self.token_ids]
        return restricted


@dataclass(frozen=True)
class FittingState:
    """Logits processor of a request: the state tokens that fit the prompt, where it is a chat's, or those it names.

    Attributes:
        states: the id of each state token.
        sounds: placeholders of sounds.
        verdicts: those of them that say what the judge found.
        others: placeholders of pictures and clips.
        start, end: the tokens around a message; of a prompt that asks for an answer the last message has no end.
        named: the ids that the request names itself; None where it says nothing.
    """

    states: dict[State, int]
    sounds: frozenset[int]
    verdicts: tuple[int, ...]
    others: tuple[int, int]
    start: int
    end: int
    named: tuple[int, ...] | None = None

    @classmethod
    def of(cls, config: VITAConfig) -> FittingState:
        """The rule of a checkpoint with chat markers that are tokens, which begin and end its text."""
        states = dict(zip(State, config.state_token_ids, strict=True))
        shown = (config.image_token_id, config.video_token_id)
        text = config.text_config
        sounds, verdicts = frozenset(config.sound_token_ids), tuple(config.verdict_token_ids)
        return cls(states, sounds, verdicts, shown, text.bos_token_id, text.eos_token_id)

    def __call__(self, prompt_ids: list[int], output_ids: list[int], logits: torch.Tensor) -> torch.Tensor:
        """``OnlyTheseFirst`` with what is allowed; behind the first token anything but a state token."""
        first = OnlyTheseFirst(() if output_ids else self.allowed(prompt_ids), list(self.states.values()))
        query, noise = self.states[State.AUDIO_QUERY], self.states[State.NOISE]
        if query in first.token_ids and noise in first.token_ids:
            logits = logits.clone()
            logits[query] += leaning(self._asked(prompt_ids), self.verdicts)
        return first(output_ids, logits)

    def allowed(self, prompt_ids: Sequence[int]) -> list[int]:
        """The ids that may begin the answer to a prompt; none for a text that is to be continued."""
        if self.named is not None:
            return list(self.named)
        asked = self._asked(prompt_ids)
        if not asked:
            return []
        newline = prompt_ids[-1]  # as behind every role, and behind pictures
        words = set(asked[2:]) - {newline, *self.sounds, *self.others, self.end}  # behind the role
        heard, silent = not self.sounds.isdisjoint(asked), nothing_said(asked, self.verdicts)
        return [self.states[state] for state in fitting_states(heard, bool(words), silent)]

    def _asked(self, prompt_ids: Sequence[int]) -> Sequence[int]:
        """The user's last turn, where the answer to it is to begin; empty for a text that is to be continued."""
        messages = messages_of(prompt_ids, self.start)
        return () if len(messages) < 2 or self.end in messages[-1] else messages[-2]


def messages_of(prompt_ids: Sequence[int], start: int) -> list[Sequence[int]]:
    """The messages of a chat's prompt, each from its ``start`` on; that which is to be written is the last one."""
    starts = [place for place, token in enumerate(prompt_ids) if token == start]
    return [prompt_ids[begin:behind] for begin, behind in pairwise([*starts, len(prompt_ids)])]


class FirstToken(AdapterLogitsProcessor):
    """vLLM's seam for both, loaded through the entry point group ``vllm.logits_processors`` with every model."""

    def __init__(self, vllm_config: VllmConfig, device: torch.device, is_pin_memory: bool) -> None:
        super().__init__(vllm_config, device, is_pin_memory)
        model = vllm_config.model_config
        config = model.hf_config
        held = isinstance(config, VITAConfig) and config.state_token_ids and not model.enable_prompt_embeds
        self.fitting = FittingState.of(config) if held else None

    @classmethod
    def validate_params(cls, sampling_params: SamplingParams) -> None:
        """Raise ValueError (HTTP 400 in vLLM's server) where the argument is not a list of token ids."""
        token_ids(sampling_params)

    def is_argmax_invariant(self) -> bool:
        """False: a restricted token may not be the likeliest one."""
        return False

    def new_req_logits_processor(self, params: SamplingParams) -> OnlyTheseFirst | FittingState | None:
        """The processor of a new request, None where its first token is free."""
        ids = token_ids(params)
        if self.fitting is None:
            return None if ids is None else OnlyTheseFirst(ids)
        return replace(self.fitting, named=None if ids is None else tuple(ids))


def token_ids(params: SamplingParams) -> list[int] | None:
    """The ids that may come first as the request says it: none of them leaves it free; None where it says nothing.

    Raises:
        ValueError: the argument is no list of non-negative integers.
    """
    ids = (params.extra_args or {}).get(FIRST_TOKEN_IDS)
    if ids is None:
        return None
    if not isinstance(ids, list) or not all(type(item) is int and item >= 0 for item in ids):
        raise ValueError(f"extra_args[{FIRST_TOKEN_IDS!r}] must be a list of token ids, not {ids!r}")
    return ids
