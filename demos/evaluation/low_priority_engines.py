"""The page's engines as an evaluation run may use them: behind every visitor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace

from vita.engine.engine_pool import EnginePool
from vita.engine.engine_protocol import Delta, Engine, Request, Status

PRIORITY = 100  # visitors ask with 0; the engines' scheduler takes the smaller first
PATIENCE = 10.0  # seconds that an item waits for visitors' answers to end; a long talk must not hold a run up for ever


class LowPriorityEngine(Engine):
    """An Engine over ``pool`` whose requests have a low priority and begin, if they can, while nobody is answered.

    An item's latency is counted from the moment it is put here, so a run beside visitors shows longer ones.
    """

    def __init__(self, pool: EnginePool, patience: float = PATIENCE) -> None:
        self.name = pool.name
        self._pool, self._patience = pool, patience
        self._in_flight = 0

    @property
    def status(self) -> Status:
        """The pool's."""
        return self._pool.status

    @property
    def load(self) -> int:
        """The pool's, visitors' requests included."""
        return self._pool.load

    async def start(self) -> None:
        """The pool is loaded by whom it belongs to."""

    async def generate(self, request: Request) -> AsyncGenerator[Delta, None]:
        """See Engine."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                await self._pool.wait_until(lambda: self._pool.load <= self._in_flight)
        self._in_flight += 1
        try:
            async with aclosing(self._pool.generate(replace(request, priority=PRIORITY))) as deltas:
                async for delta in deltas:
                    yield delta
        finally:
            self._in_flight -= 1

    async def abort(self, request_id: str) -> None:
        """See Engine."""
        await self._pool.abort(request_id)

    async def close(self) -> None:
        """The pool stays: visitors need it."""
