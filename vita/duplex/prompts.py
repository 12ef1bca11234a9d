"""From the history to requests that fit: sound looked up, old pictures and then old turns left out.

What no longer fits is forgotten for good and several items at once, because each change of the beginning of a prompt
costs the engines' prefix cache.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, cast

from vita.conversation import Turn
from vita.duplex.history import Item, UserItem, Utterance, to_turns
from vita.engine.base import Delta, Request, Sampling
from vita.errors import PromptTooLongError
from vita.media import Limits, Picture, Sound
from vita.tokens import State

FORGET = 4  # items forgotten at once
DECIDES_FIRST, ANSWERS, WARMS_LAST = -1, 0, 10  # priorities at the engine

Answering = Callable[[int, Request], AsyncIterator[Delta]]


class Prompts:
    """The requests of one conversation.

    Args:
        hear: the sound of a stretch of what was received, while that is still kept.
    """

    def __init__(self, hear: Callable[[Utterance], Sound], limits: Limits) -> None:
        self.sampling = Sampling()
        self.system: str | None = None
        self._hear, self._limits = hear, limits
        self._sounds: dict[Utterance, Sound] = {}
        self._forgotten = 0  # items at the front that are left out
        self._faded = 0  # items at the front that are left without their pictures

    def keep(self, items: tuple[Item, ...]) -> None:
        """Hold the sound of these items, and of no others."""
        needed = [part for item in items[self._forgotten :] for part in _parts(item) if isinstance(part, Utterance)]
        self._sounds = {utterance: self.sound(utterance) for utterance in needed}

    def decision(self, items: tuple[Item, ...]) -> Request:
        """Is the last of ``items`` a query? If so, answer it."""
        return self._request(items, (State.AUDIO_QUERY, State.NOISE), DECIDES_FIRST)

    def answer(self, items: tuple[Item, ...], states: tuple[State, ...], prompt: str = "") -> Request:
        """Answer the last of ``items``, or ``prompt`` where that is not the user's."""
        return self._request(items, states, ANSWERS, prompt or "Please go on.")

    def warm(self, items: tuple[Item, ...]) -> Request:
        """The history and next to nothing more: one token, for the sake of the prefix."""
        request = self._request(items, (), WARMS_LAST, ".")
        return replace(request, sampling=Sampling(max_tokens=1, states=()))

    async def fitting(
        self, engines: Answering, role: int, items: tuple[Item, ...], make: Callable[[tuple[Item, ...]], Request]
    ) -> AsyncIterator[Delta]:
        """The answer to what ``make`` makes of ``items``, of fewer and fewer of them while they are too long.

        Raises:
            PromptTooLongError: the last item alone is too long.
        """
        while True:
            try:
                async with aclosing(cast(Any, engines(role, make(items)))) as deltas:
                    async for delta in deltas:
                        yield delta
                return
            except PromptTooLongError:
                left = len(items) - self._forgotten
                if left <= 1:
                    raise
                self._forgotten += left // 2

    def _request(self, items: tuple[Item, ...], states: tuple[State, ...], priority: int, prompt: str = ".") -> Request:
        turns = to_turns(self._window(items), self.sound)
        if not turns or turns[-1].role != "user":
            turns = (*turns, Turn("user", (prompt,)))
        return Request(turns, replace(self.sampling, states=states), self.system, priority=priority)

    def _window(self, items: tuple[Item, ...]) -> tuple[Item, ...]:
        last = len(items) - 1
        while self._forgotten < last and _count(items[self._forgotten :], Sound | Utterance) > self._limits.sounds:
            self._forgotten = min(self._forgotten + FORGET, last)
        while self._faded < last and _count(items[self._faded :], Picture) > self._limits.images:
            self._faded = min(self._faded + FORGET, last)
        shown = (item if n >= self._faded else _without_pictures(item) for n, item in enumerate(items))
        return tuple(shown)[self._forgotten :]

    def sound(self, utterance: Utterance) -> Sound:
        """The sound of a stretch of what was received; the same one each time."""
        if utterance not in self._sounds:
            self._sounds[utterance] = self._hear(utterance)
        return self._sounds[utterance]


def _parts(item: Item) -> tuple[object, ...]:
    return item.parts if isinstance(item, UserItem) else ()


def _count(items: tuple[Item, ...], kind: Any) -> int:
    return sum(isinstance(part, kind) for item in items for part in _parts(item))


def _without_pictures(item: Item) -> Item:
    if not isinstance(item, UserItem):
        return item
    return replace(item, parts=tuple(part for part in item.parts if not isinstance(part, Picture)))
