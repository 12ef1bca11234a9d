"""From a Request to what vLLM takes: token ids, media by modality, sampling. Knows the checkpoint, not the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from vllm import SamplingParams
from vllm.sampling_params import RequestOutputKind

from vita.conversation import render_prompt
from vita.engine.engine_protocol import Request, Sampling
from vita.errors import InputError
from vita.media import Clip, Medium, Picture, digest
from vita.model.configuration import VITAConfig
from vita.model.processing import KINDS, prompt_ids, state_token_ids
from vita.tokens import FIRST_TOKEN_IDS, STATE_TOKENS, Family, State


@dataclass(frozen=True)
class PromptWriter:
    """Writes the prompts of one checkpoint.

    Attributes:
        states: the state that each state token's id stands for.
        repetition_penalty: the checkpoint's own, for requests that name none.
    """

    config: VITAConfig
    tokenizer: Any
    states: dict[int, State]
    repetition_penalty: float = 1.0

    @classmethod
    def for_checkpoint(cls, config: VITAConfig, tokenizer: Any, repetition_penalty: float = 1.0) -> PromptWriter:
        """Look the state tokens up. Raises CheckpointError where the tokenizer lacks them."""
        ids = state_token_ids(tokenizer, Family(config.family))
        return cls(config, tokenizer, {token_id: state for state, token_id in ids.items()}, repetition_penalty)

    def write_prompt(self, request: Request) -> dict[str, Any]:
        """A prompt for vLLM's renderer: ids with one placeholder for each medium, the media, and their names.

        A medium's name is the hash of its content: what an engine has seen before, in whatever request, it neither
        processes nor encodes again. Slow for large media (hashing, tokenising): call it in a thread.
        """
        pieces = render_prompt(
            request.turns, Family(self.config.family), request.system, shown=request.sight, continued=request.goes_on
        )
        prompt: dict[str, Any] = {"prompt_token_ids": prompt_ids(pieces, self.tokenizer, self.config)}
        data: dict[str, list[Any]] = {}
        names: dict[str, list[str]] = {}
        for medium in (piece for piece in pieces if not isinstance(piece, str)):
            kind = KINDS[type(medium)]
            data.setdefault(kind, []).append(_media_payload(medium))
            names.setdefault(kind, []).append(_media_name(medium))
        if data:
            prompt |= {"multi_modal_data": data, "multi_modal_uuids": names}
        if request.max_tiles is not None and "image" in data:
            prompt["mm_processor_kwargs"] = {"max_tiles": request.max_tiles}
        return prompt

    def sampling_params(self, sampling: Sampling) -> SamplingParams:
        """How to decode, in vLLM's words; the first token restricted where ``sampling`` says so.

        Raises:
            InputError: two choices begin with the same token.
        """
        penalty = sampling.repetition_penalty
        return SamplingParams(
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            max_tokens=sampling.max_tokens,
            seed=sampling.seed,
            repetition_penalty=self.repetition_penalty if penalty is None else penalty,
            output_kind=RequestOutputKind.DELTA,
            logprob_token_ids=list(self.choice_ids(sampling)) or None,
            extra_args=None if (first := self._allowed_first_ids(sampling)) is None else {FIRST_TOKEN_IDS: first},
        )

    def choice_ids(self, sampling: Sampling) -> dict[int, str]:
        """The choices that are to be weighed, by their first token."""
        return {self._first_id(text): text for text in sampling.choices} if sampling.weighs_choices else {}

    def _allowed_first_ids(self, sampling: Sampling) -> list[int] | None:
        if sampling.choices:
            return self._first_ids_of(sampling.choices)
        if sampling.states is None:
            return None
        return [token_id for token_id, state in self.states.items() if state in sampling.states]

    def _first_ids_of(self, choices: tuple[str, ...]) -> list[int]:
        """The first token of each choice, as the tokenizer writes it where a text begins."""
        ids = [self._first_id(choice) for choice in choices]
        if len(set(ids)) < len(set(choices)):
            raise InputError(f"The choices {choices} cannot be told apart by their first token.")
        return ids

    def _first_id(self, text: str) -> int:
        """A token of a space alone, which some tokenizers put in front, tells nothing and is passed over."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False)
        return next((token_id for token_id in ids if self.tokenizer.decode([token_id]).strip()), ids[0])

    def without_state(self, text: str, state: State) -> str:
        """The text that begins an answer, its state token left out where the tokenizer wrote it."""
        return text.removeprefix(STATE_TOKENS[Family(self.config.family)].text(state))


_names: WeakKeyDictionary[Medium, str] = WeakKeyDictionary()


def _media_name(medium: Medium) -> str:
    """The digest of a medium, computed once for each object: earlier media come again with every turn."""
    if medium not in _names:
        _names[medium] = digest(medium)
    return _names[medium]


def _media_payload(medium: Medium) -> Any:
    """A medium as vLLM's parser takes it."""
    if isinstance(medium, Picture):
        return medium.image
    return list(medium.frames) if isinstance(medium, Clip) else medium.samples
