"""From the history to requests that fit: sound looked up, old pictures and then old turns left out.

What no longer fits is forgotten for good and several items at once, because each change of the beginning of a prompt
costs the engines' prefix cache.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from vita.conversation import Turn
from vita.duplex.conversation_events import Faded
from vita.duplex.conversation_history import HistoryItem, UserPart, Utterance, parts_of_user, to_turns, without
from vita.duplex.driver_commands import StartAnswer
from vita.engine.engine_protocol import Delta, Request, Sampling, Usage
from vita.errors import PromptTooLongError
from vita.media import Limits, Picture, Sound
from vita.tokens import State

FORGET = 4  # items forgotten at once
DECIDES_FIRST, ANSWERS, WARMS_LAST = -1, 0, 10  # priorities at the engine

Answering = Callable[[int, Request], AsyncGenerator[Delta, None]]  # by the slot of an engine
MakeRequest = Callable[[tuple[HistoryItem, ...]], Request]


@dataclass(frozen=True)
class AnswerOptions:
    """How one answer differs from the conversation's others.

    Attributes:
        instructions: replace the system prompt, and stand for the user's turn where there is none.
        tokens: at most so many of them; None for as many as ever.
        text_only: it is not to be spoken.
        metadata: the client's own; told with the answer, and read by nobody.
        said: all that is answered; no engine is asked.
    """

    instructions: str = ""
    tokens: int | None = None
    text_only: bool = False
    metadata: dict[str, Any] | None = None
    said: str = ""


PLAIN = AnswerOptions()


class ContextWindow:
    """The requests of one conversation.

    Args:
        hear: the sound of a stretch of what was received, while that is still kept.
    """

    def __init__(self, hear: Callable[[Utterance], Sound], limits: Limits) -> None:
        self.sampling = Sampling()
        self.system: str | None = None
        self._hear, self._limits = hear, limits
        self._sounds: dict[Utterance, Sound] = {}
        self._forgotten: set[str] = set()  # items that are left out, by id: others may come and go around them
        self._faded: set[str] = set()  # items that are left without their pictures

    def afresh(self) -> ContextWindow:
        """The same, with nothing forgotten: for a context beside the conversation."""
        other = ContextWindow(self.sound, self._limits)
        other.sampling, other.system = self.sampling, self.system
        return other

    def keep(self, items: tuple[HistoryItem, ...]) -> Faded:
        """Hold the sound of these items, and of no others; returns whose media no request will hold again."""
        ids = {item.id for item in items}
        self._forgotten &= ids
        self._faded &= ids
        shown = self._window(items)
        needed = [part for item in shown for part in parts_of_user(item) if isinstance(part, Utterance)]
        self._sounds = {utterance: self.sound(utterance) for utterance in needed}
        return Faded(
            tuple(item.id for item in items if item.id in self._forgotten | self._faded and _count([item], Picture)),
            tuple(item.id for item in items if item.id in self._forgotten and _count([item], Sound)),
        )

    def decision(self, items: tuple[HistoryItem, ...]) -> Request:
        """Is the last of ``items`` a query? If so, answer it."""
        return self._request(items, (State.AUDIO_QUERY, State.NOISE), DECIDES_FIRST)

    def answer(self, items: tuple[HistoryItem, ...], states: tuple[State, ...], wish: AnswerOptions = PLAIN) -> Request:
        """Answer the last of ``items``, or the instructions of ``wish`` where that is not the user's."""
        request = self._request(items, states, ANSWERS, wish.instructions or "Please go on.")
        sampling = request.sampling
        if wish.tokens is not None:
            sampling = replace(sampling, max_tokens=min(sampling.max_tokens, wish.tokens))
        return replace(request, system=wish.instructions or request.system, sampling=sampling)

    def warm(self, items: tuple[HistoryItem, ...], sees_camera: bool = False) -> Request:
        """The history and next to nothing more: one token, for the sake of the prefix.

        Args:
            sees_camera: what will follow shows something: the system prompt, which begins the prefix, is a video's.
        """
        request = self._request(items, (), WARMS_LAST, ".")
        shown = replace(request, sight="video") if sees_camera else request
        return replace(shown, sampling=Sampling(max_tokens=1, states=()))

    async def fitting(
        self, engines: Answering, slot: int, items: tuple[HistoryItem, ...], make: MakeRequest
    ) -> AsyncGenerator[Delta, None]:
        """The answer to what ``make`` makes of ``items``, of fewer and fewer of them while they are too long.

        Raises:
            PromptTooLongError: the last item alone is too long.
        """
        while True:
            try:
                async with aclosing(engines(slot, make(items))) as deltas:
                    async for delta in deltas:
                        yield delta
                return
            except PromptTooLongError:
                left = self._remembered(items)
                if len(left) <= 1:
                    raise
                self._forgotten |= {item.id for item in left[: len(left) // 2]}

    def answer_deltas(self, engines: Answering, begin: StartAnswer, wish: AnswerOptions) -> AsyncGenerator[Delta, None]:
        """The answer to a new request, or what ``wish`` says in its place."""
        make = partial(self.answer, states=begin.states, wish=wish)
        return fixed_deltas(wish.said) if wish.said else self.fitting(engines, begin.engine, begin.items, make)

    def _request(
        self, items: tuple[HistoryItem, ...], states: tuple[State, ...], priority: int, prompt: str = "."
    ) -> Request:
        turns = to_turns(self._window(items), self.sound)
        if not turns or turns[-1].role != "user":
            turns = (*turns, Turn("user", (prompt,)))
        return Request(turns, replace(self.sampling, states=states), self.system, priority=priority)

    def _window(self, items: tuple[HistoryItem, ...]) -> tuple[HistoryItem, ...]:
        shown = self._remembered(items)
        while len(shown) > 1 and _count(shown, Sound | Utterance) > self._limits.sounds:
            self._forgotten |= {item.id for item in shown[:-1][:FORGET]}
            shown = self._remembered(items)
        seen = [item for item in shown if item.id not in self._faded]
        while len(seen) > 1 and _count(seen, Picture) > self._limits.images:
            self._faded |= {item.id for item in seen[:-1][:FORGET]}
            seen = [item for item in shown if item.id not in self._faded]
        return tuple(without(item, _is_picture) if item.id in self._faded else item for item in shown)

    def _remembered(self, items: tuple[HistoryItem, ...]) -> list[HistoryItem]:
        return [item for item in items if item.id not in self._forgotten]

    def sound(self, utterance: Utterance) -> Sound:
        """The sound of a stretch of what was received; the same one each time."""
        if utterance not in self._sounds:
            self._sounds[utterance] = self._hear(utterance)
        return self._sounds[utterance]


async def fixed_deltas(said: str) -> AsyncGenerator[Delta, None]:
    """A sentence as an engine would answer it."""
    yield Delta(state=State.TEXT_QUERY)
    yield Delta(said)
    yield Delta(finish="stop", usage=Usage(0, 0, 0, 0, 0, 0))


def _count(items: list[HistoryItem], kind: Any) -> int:
    return sum(isinstance(part, kind) for item in items for part in parts_of_user(item))


def _is_picture(part: UserPart) -> bool:
    return isinstance(part, Picture)
