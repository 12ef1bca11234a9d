"""The chunks of a server's chat completion as deltas: state token, text, how likely the first word was, usage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vita.engine.engine_protocol import Delta, Finish, Usage
from vita.tokens import STATE_TOKENS, State

NO_USAGE = Usage(0, 0, 0, 0, 0, 0)


class ChunkReader:
    """Makes deltas of a server's chunks.

    Args:
        weighed: choices of which it is told how likely each was.
        goes_on: the answer has begun already, and has its state.
    """

    def __init__(self, engine: str, weighed: tuple[str, ...] = (), goes_on: bool = False) -> None:
        self._engine, self._weighed = engine, weighed
        # text not given yet, for it may become a state token; None once that is decided
        self._head: str | None = None if goes_on else ""
        self._begun = goes_on  # whether any text was given
        self._finish: Finish = "stop"
        self._likely: list[Any] = []  # for each token the likeliest ones, until they were told
        self._usage = NO_USAGE
        self._tokens = 0

    @property
    def usage(self) -> Usage:
        """As the server counts, else what was read."""
        return self._usage if self._usage is not NO_USAGE else Usage(0, 0, 0, 0, 0, self._tokens)

    def read_chunk(self, chunk: Any) -> list[Delta]:
        """The deltas that a chunk makes, none while the state is open."""
        if chunk.usage is not None:
            self._usage = _read_usage(chunk.usage)
        if not chunk.choices:
            return []
        choice = chunk.choices[0]
        if choice.finish_reason == "length":
            self._finish = "length"
        text = choice.delta.content or ""
        if not text:
            return []
        self._likely += (choice.logprobs and choice.logprobs.content) or ()
        self._tokens += 1
        if self._head is None:
            return [self._make_delta(text)]
        self._head += text
        split = split_state(self._head)
        if split is None:
            return []
        self._head = None
        return [self._make_delta(split[1], split[0])]

    def final_delta(self, usage: Usage, aborted: bool) -> Delta:
        """The delta that ends the answer, with text that looked like the beginning of a state token and was none."""
        text, self._head = self._head or "", None
        return Delta(text, finish="abort" if aborted else self._finish, usage=usage, engine=self._engine)

    def _make_delta(self, text: str, state: State | None = None) -> Delta:
        if not self._begun:
            text = text.removeprefix(" ")  # some tokenizers write one behind the state token
            self._begun = bool(text)
        return Delta(text, state, tokens=1, engine=self._engine, choice_logprobs=self._weigh_choices(text))

    def _weigh_choices(self, text: str) -> dict[str, float] | None:
        """How likely each choice was as the first word, told once."""
        likely, self._likely = self._likely, []
        if not self._weighed or not likely or not text:
            return None
        weighed, self._weighed = self._weighed, ()
        return choice_logprobs(likely[-1].top_logprobs, weighed)


def choice_logprobs(likely: Sequence[Any], choices: Sequence[str]) -> dict[str, float]:
    """The logprob of each choice among the likeliest tokens; of one that is not there, that of the least likely."""
    least = min((one.logprob for one in likely), default=0.0)
    found: dict[str, list[float]] = {choice: [least] for choice in choices}
    for one in likely:
        for choice in choices:
            if one.token.strip().casefold() == choice.casefold():
                found[choice].append(one.logprob)
    return {choice: max(logprobs) for choice, logprobs in found.items()}


def split_state(head: str) -> tuple[State | None, str] | None:
    """The state that an answer begins with and the text behind it; None while ``head`` may still become a token."""
    for tokens in STATE_TOKENS.values():
        state, text = tokens.split(head)
        if state is not None:
            return state, text
    spelled = (tokens.text(state) for tokens in STATE_TOKENS.values() for state in State)
    return None if any(token.startswith(head) for token in spelled) else (None, head)


def _read_usage(usage: Any) -> Usage:
    """A server's counts: of media by vLLM's own field where it is told to write it, of sounds by OpenAI's."""
    details = usage.prompt_tokens_details
    media = (details and (details.model_extra or {}).get("multimodal_tokens")) or {}
    return Usage(
        usage.prompt_tokens,
        media.get("image", 0),
        media.get("video", 0),
        media.get("audio", (details and details.audio_tokens) or 0),
        (details and details.cached_tokens) or 0,
        usage.completion_tokens,
    )
