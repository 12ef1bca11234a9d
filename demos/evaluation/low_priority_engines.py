"""The page's engines as an evaluation run may use them: behind every visitor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace

from vita.engine.engine_protocol import Delta, Engine, Request, Status

PRIORITY = 100  # visitors ask with 0; the engines' scheduler takes the smaller first
PATIENCE = 10.0  # seconds that an item waits for visitors' answers to end; a long talk must not hold a run up for ever
BEAT = 0.1  # seconds between two looks at who else is being answered


class LowPriorityEngine:
    """An Engine over ``engine`` whose requests have a low priority and begin, if they can, while nobody is answered.

    An item's latency is counted from the moment it is put here, so a run beside visitors shows longer ones.
    """

    def __init__(self, engine: Engine, patience: float = PATIENCE, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = engine.name
        self._engine, self._patience, self._clock = engine, patience, clock
        self._flying = 0

    @property
    def status(self) -> Status:
        """The engine's."""
        return self._engine.status

    @property
    def load(self) -> int:
        """The engine's, visitors' requests included."""
        return self._engine.load

    async def start(self) -> None:
        """The engine is loaded by whom it belongs to."""

    async def generate(self, request: Request) -> AsyncIterator[Delta]:
        """See Engine."""
        await self._quiet()
        self._flying += 1
        try:
            answering = self._engine.generate(replace(request, priority=PRIORITY))
            async with aclosing(answering) as deltas:  # type: ignore[type-var]
                async for delta in deltas:
                    yield delta
        finally:
            self._flying -= 1

    async def _quiet(self) -> None:
        """Until nobody else is being answered, or patience ends."""
        end = self._clock() + self._patience
        while self._engine.load > self._flying and self._clock() < end:
            await asyncio.sleep(BEAT)

    async def abort(self, request_id: str) -> None:
        """See Engine."""
        await self._engine.abort(request_id)

    async def close(self) -> None:
        """The engine stays: visitors need it."""
