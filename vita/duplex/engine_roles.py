"""Answers as the engines give them: who plays which role, what if one is gone, how long one may be mute."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Any, cast

from vita.engine.engine_protocol import Delta, Engine, Request, Stage
from vita.errors import EngineDeadError, EngineError, EngineNotReadyError


class Roles:
    """The engines by role. A conversation speaks of engine 0 and 1; where one is gone the other plays both.

    Args:
        engines: one or two.
        patience: seconds that an engine may be mute before its answer counts as failed.
    """

    def __init__(self, engines: Sequence[Engine], patience: float = 60.0) -> None:
        assert engines
        self.engines = tuple(engines)
        self._patience = patience

    def engine(self, role: int) -> Engine:
        """Who plays ``role`` now."""
        wanted = self.engines[role % len(self.engines)]
        if wanted.status.stage is Stage.READY:
            return wanted
        return next((engine for engine in self.engines if engine.status.stage is Stage.READY), wanted)

    async def answer(self, role: int, request: Request) -> AsyncIterator[Delta]:
        """Answer ``request`` on the engine of ``role``; on another one if that dies before its first delta.

        Raises:
            InputError: the request cannot be answered as it is.
            EngineError: no engine is left, or one died in the middle, or was mute for too long.
        """
        refused: list[Engine] = []
        while True:
            engine = self._next(role, refused)
            begun = False
            try:
                async with aclosing(cast(Any, engine.generate(request))) as deltas:
                    while (delta := await self._within(deltas, engine.name)) is not None:
                        begun = True
                        yield delta
                return
            except (EngineDeadError, EngineNotReadyError):
                refused.append(engine)
                if begun or len(refused) == len(self.engines):
                    raise

    def _next(self, role: int, refused: list[Engine]) -> Engine:
        engine = self.engine(role)
        return next((other for other in self.engines if other not in refused), engine) if engine in refused else engine

    async def _within(self, deltas: Any, name: str) -> Delta | None:
        try:
            async with asyncio.timeout(self._patience):
                return cast(Delta, await anext(deltas))
        except StopAsyncIteration:
            return None
        except TimeoutError as error:
            raise EngineError(f"The engine {name} gave no word for {self._patience:.0f} seconds.") from error


class Stream:
    """One request under way: deltas are kept, and may be read by several.

    Attributes:
        error: what ended it before its time.
        engine: the name of the engine that answers; "" before its first delta.
        spoke: when the first delta with text came, by ``clock``, however much later it is read.
    """

    def __init__(
        self, deltas: AsyncIterator[Delta], on_first: Callable[[Delta], None], clock: Callable[[], float]
    ) -> None:
        self.error: Exception | None = None
        self.engine = ""
        self.spoke: float | None = None
        self._clock = clock
        self._deltas = deltas
        self._on_first = on_first
        self._seen: list[Delta] = []
        self._over = False
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Fetch deltas until the answer is over. Cancelling this aborts the request in its engine."""
        first = True
        try:
            async with aclosing(cast(Any, self._deltas)) as deltas:
                async for delta in deltas:
                    self._seen.append(delta)
                    if delta.text and self.spoke is None:
                        self.spoke = self._clock()
                    self._tell()
                    if first:
                        first, self.engine = False, delta.engine
                        self._on_first(delta)
        finally:
            self._over = True
            self._tell()

    def fail(self, error: Exception) -> None:
        """Tell the reader why there will be no more."""
        self.error = error
        self._over = True
        self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def __aiter__(self) -> AsyncIterator[Delta]:
        """The deltas, from the first one on.

        Raises:
            Exception: what ended the stream before its time.
        """
        read = 0
        while read < len(self._seen) or not self._over:
            if read == len(self._seen):
                await self._news.wait()
                continue
            yield self._seen[read]
            read += 1
        if self.error:
            raise self.error
