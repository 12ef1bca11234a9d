"""The state token mask: what may begin an answer, and nothing else; no state token comes later. Decided only here.

The answer of a VITA model begins with a state token. Checkpoints that are held to it (``VITAConfig.state_token_ids``)
give one that fits the question: whether it was spoken, typed or both is seen in the ids of the prompt, and so is, where
it was only spoken, what a classifier of sounds found (``vita.model.sound_verdicts``). A request may say otherwise with
``SamplingParams.extra_args["first_token_ids"]`` (``vllm_xargs`` in a request over HTTP): those ids, or any token where
the list is empty. The engine that only has to decide whether it was spoken to needs that one token and no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from vita.model.configuration import VITAConfig
from vita.model.sound_verdicts import nothing_said, query_logit_bias
from vita.tokens import State, fitting_states
from vita.vllm_plugin.prompt_messages import split_messages


@dataclass(frozen=True)
class FirstTokens:
    """What may begin one answer.

    Attributes:
        token_ids: those that may; any where there are none.
        biases: what is added to the logit of each of them, in nats.
    """

    token_ids: tuple[int, ...] = ()
    biases: tuple[float, ...] = ()


@dataclass(frozen=True)
class StateTokenMask:
    """The rule of a checkpoint whose chat markers are tokens, which begin and end its text.

    Attributes:
        states: the id of each state token.
        sounds: placeholders of sounds.
        verdicts: those of them that say what a classifier of sounds found.
        others: placeholders of pictures and clips.
        start, end: the tokens around a message; of a prompt that asks for an answer the last message has no end.
    """

    states: dict[State, int]
    sounds: frozenset[int]
    verdicts: tuple[int, ...]
    others: tuple[int, int]
    start: int
    end: int

    @classmethod
    def from_config(cls, config: VITAConfig) -> StateTokenMask:
        """The rule of a checkpoint with ``state_token_ids``."""
        states = dict(zip(State, config.state_token_ids, strict=True))
        shown = (config.image_token_id, config.video_token_id)
        text = config.text_config
        sounds, verdicts = frozenset(config.sound_token_ids), tuple(config.verdict_token_ids)
        return cls(states, sounds, verdicts, shown, text.bos_token_id, text.eos_token_id)

    def choose_first_tokens(self, prompt_ids: Sequence[int], named: Sequence[int] | None = None) -> FirstTokens:
        """What may begin the answer to a prompt: a state that fits it, or what the request has ``named``."""
        asked = self._asked_message(prompt_ids)
        allowed = self._fitting_ids(prompt_ids, asked) if named is None else list(named)
        query, noise = self.states[State.AUDIO_QUERY], self.states[State.NOISE]
        bias = query_logit_bias(asked, self.verdicts) if query in allowed and noise in allowed else 0.0
        return FirstTokens(tuple(allowed), tuple(bias if token == query else 0.0 for token in allowed))

    def _fitting_ids(self, prompt_ids: Sequence[int], asked: Sequence[int]) -> list[int]:
        """The state tokens that fit a question; none for a text that is to be continued."""
        if not asked:
            return []
        newline = prompt_ids[-1]  # as behind every role, and behind pictures
        words = set(asked[2:]) - {newline, *self.sounds, *self.others, self.end}  # behind the role
        heard, silent = not self.sounds.isdisjoint(asked), nothing_said(asked, self.verdicts)
        return [self.states[state] for state in fitting_states(heard, bool(words), silent)]

    def _asked_message(self, prompt_ids: Sequence[int]) -> Sequence[int]:
        """The user's last turn, where the answer to it is to begin; empty for a text that is to be continued."""
        messages = split_messages(prompt_ids, self.start)
        begun = len(messages) > 1 and not {self.end, *self.states.values()}.isdisjoint(messages[-1])
        return () if len(messages) < 2 or begun else messages[-2]


STATE_SHARPNESS = 20.0  # a temperature is meant for words: who was addressed is no matter of chance, up to 2 and beyond


def restrict_first_token(logits: Tensor, token_ids: Tensor, biases: Tensor, sharpness: float = 1.0) -> None:
    """Put all but the allowed tokens at -inf, in place.

    Args:
        logits: [vocab] of an answer's first token.
        token_ids: int64 [n], those allowed; none of them: all are.
        biases: [n], added to their logits.
        sharpness: what their logits are multiplied by.
    """
    if len(token_ids):
        kept = (logits[token_ids] + biases) * sharpness
        logits.fill_(float("-inf"))
        logits[token_ids] = kept


def forbid_state_tokens(logits: Tensor, state_ids: Tensor) -> None:
    """Put the state tokens, int64 [n], at -inf in logits [vocab] of a later token, in place.

    Small models put a state token between two paragraphs now and then, and it would be read as text.
    """
    logits.index_fill_(0, state_ids, float("-inf"))


def make_index_tensors(first: FirstTokens, vocab_size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """``restrict_first_token``'s last two arguments; ids beyond the vocabulary, which no model can say, are left out.

    On a GPU such an index would end the engine, and a request may name any.
    """
    pairs = [pair for pair in zip(first.token_ids, first.biases, strict=True) if pair[0] < vocab_size]
    ids = torch.tensor([token for token, _ in pairs], dtype=torch.int64, device=device)
    return ids, torch.tensor([bias for _, bias in pairs], dtype=torch.float32, device=device)
