"""The admission queue: how many conversations run at once, and which wait for a place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager


class AdmissionQueue:
    """``capacity`` places, first come first served."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.taken = 0
        self._queue: list[asyncio.Event] = []

    @property
    def is_full(self) -> bool:
        """Whether a newcomer must wait."""
        return self.taken >= self.capacity or bool(self._queue)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)

    @asynccontextmanager
    async def hold_place(self, told: Callable[[int], None]) -> AsyncIterator[None]:
        """A place for as long as the block lasts; ``told`` hears the position, 1 being next, whenever it changes."""
        if self.is_full:
            await self._wait_turn(told)
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1
            self._wake_waiting()

    async def _wait_turn(self, told: Callable[[int], None]) -> None:
        mine, position = asyncio.Event(), 0
        self._queue.append(mine)
        try:
            while not (self._queue[0] is mine and self.taken < self.capacity):
                if self._queue.index(mine) + 1 != position:
                    position = self._queue.index(mine) + 1
                    told(position)
                mine.clear()
                await mine.wait()
        finally:
            self._queue.remove(mine)
            self._wake_waiting()

    def _wake_waiting(self) -> None:
        for waiting in self._queue:
            waiting.set()
