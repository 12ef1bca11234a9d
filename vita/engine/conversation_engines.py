"""The engines that one conversation uses, by role: a generator answers, a monitor listens meanwhile."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from vita.engine.engine_protocol import Delta, Engine, Request, Stage, Status
from vita.errors import EngineError


class EngineSource(Protocol):
    """What a conversation needs of the pool that its engines come from (``EnginePool``)."""

    engines: tuple[Engine, ...]
    conversations: set[ConversationEngines]

    def choose_engines(self) -> tuple[Engine, Engine]:
        """Generator and monitor for a new conversation."""

    def least_loaded(self, others_than: Sequence[Engine] = ()) -> list[Engine]:
        """The ready engines, the least loaded first."""

    def generate_on(
        self,
        request: Request,
        choose: Callable[[Mapping[str, EngineError]], Awaitable[Engine | None]],
        patience: float | None = None,
    ) -> AsyncGenerator[Delta, None]:
        """Answer on the engine that ``choose`` gives; on its next choice if that dies before its first delta."""


class ConversationEngines:
    """One conversation's generator and monitor in a pool.

    A conversation names its engines by slot, 0 and 1, which take turns as generator. A slot whose engine is not ready
    is given a ready one that the conversation does not use yet; where there is none, the engine of the other slot does
    both until the slot's own is back.

    Args:
        patience: seconds that an engine may be mute before its answer counts as failed.
    """

    def __init__(self, pool: EngineSource, patience: float) -> None:
        self._pool = pool
        self._patience = patience
        self._slots: list[Engine] = []
        self._generator = 0

    @property
    def slots(self) -> int:
        """Slots that there are: 2, or 1 in a pool of one engine, which then plays both roles."""
        return min(2, len(self._pool.engines))

    @contextmanager
    def assigned(self) -> Iterator[None]:
        """Have engines for as long as the block lasts, chosen by load; the pool counts them as used meanwhile."""
        self._slots = list(self._pool.choose_engines())[: self.slots]
        self._pool.conversations.add(self)
        try:
            yield
        finally:
            self._pool.conversations.discard(self)

    @property
    def assigned_generator(self) -> Engine:
        """The engine of the slot that answers, ready or not."""
        return self._slots[self._generator]

    @property
    def assigned_monitor(self) -> Engine:
        """The engine of the slot that listens, ready or not."""
        return self._slots[(self._generator + 1) % len(self._slots)]

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Of all the pool's engines, those of slot 0 and slot 1 first."""
        self._fail_over()
        spare = (engine for engine in self._pool.engines if engine not in self._slots)
        return tuple(engine.status for engine in (*self._slots, *spare))

    def engine_at(self, slot: int) -> Engine:
        """The engine that works for ``slot`` now."""
        self._fail_over()
        own = self._slots[slot % len(self._slots)]
        return own if _is_ready(own) else next(filter(_is_ready, self._slots), own)

    def set_generator(self, slot: int) -> None:
        """From now on the engine of ``slot`` generates and the other one monitors."""
        self._generator = slot % len(self._slots)

    def generate_at(self, slot: int, request: Request) -> AsyncGenerator[Delta, None]:
        """Answer ``request`` on the engine of ``slot``; on another one if that dies before its first delta.

        Raises:
            InputError: the request cannot be answered as it is.
            EngineError: no engine is left, or one died in the middle, or was mute for too long.
        """
        return self._pool.generate_on(request, partial(self._choose_engine, slot), self._patience)

    async def _choose_engine(self, slot: int, refused: Mapping[str, EngineError]) -> Engine:
        engine = self.engine_at(slot)
        if engine.name not in refused:
            return engine
        engines = [*self._pool.least_loaded(self._slots), *self._slots]
        left = (other for other in engines if other.name not in refused and _is_ready(other))
        if (other := next(left, None)) is None:
            raise list(refused.values())[-1]
        return other

    def _fail_over(self) -> None:
        """Give each slot whose engine is not ready a ready engine that no slot has."""
        for slot, engine in enumerate(self._slots):
            if not _is_ready(engine) and (spare := self._pool.least_loaded(self._slots)):
                self._slots[slot] = spare[0]


def _is_ready(engine: Engine) -> bool:
    return engine.status.stage is Stage.READY
