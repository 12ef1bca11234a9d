"""An engine without a model: after a set time it says one of a few things, always the same for the same prompt.

For tests of the machinery and for measuring it; its scores mean nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator

from evals.item_runner import shown_prompt
from vita.engine.engine_protocol import Delta, Engine, Request, Stage, Status, Usage
from vita.tokens import State

SAYINGS = ("A", "B", "C", "D", "yes", "no", "42", "The answer is 7.", "I am sorry, I cannot tell.", "you can hear that")


class SimulatedEngine(Engine):
    """An Engine by the Protocol.

    Args:
        seconds: each answer takes this long.
        parallel: answers at once, as a real engine's batch has an end; more wait.
    """

    name = "simulated"
    load = 0

    def __init__(self, seconds: float = 0.0, parallel: int = 32) -> None:
        self._seconds = seconds
        self._room = asyncio.Semaphore(parallel)

    @property
    def status(self) -> Status:
        """Always ready."""
        return Status(self.name, Stage.READY, 1.0)

    async def start(self) -> None:
        """Nothing to load."""

    async def generate(self, request: Request) -> AsyncGenerator[Delta, None]:
        """See Engine."""
        digest = hashlib.sha256(f"{request.sampling.seed} {shown_prompt(request.turns)}".encode()).digest()
        self.load += 1
        try:
            async with self._room:
                await asyncio.sleep(self._seconds)
        finally:
            self.load -= 1
        yield Delta(state=list(State)[digest[1] % 3], tokens=1, engine=self.name)
        yield Delta(text=SAYINGS[digest[0] % len(SAYINGS)], tokens=3, engine=self.name)
        yield Delta(finish="stop", usage=Usage(len(shown_prompt(request.turns)) // 4, 0, 0, 0, 0, 4), engine=self.name)

    async def abort(self, request_id: str) -> None:
        """Answers end by themselves."""

    async def close(self) -> None:
        """Nothing to free."""
