"""An answer as an engine gives it, delta by delta, kept for several readers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing

from vita.engine.engine_protocol import Delta


class AnswerStream:
    """One request under way: deltas are kept, and may be read by several.

    Attributes:
        error: what ended it before its time.
        engine: the name of the engine that answers; "" before its first delta.
        spoke: when the first delta with text came, by ``clock``, however much later it is read.
    """

    def __init__(
        self, deltas: AsyncGenerator[Delta, None], on_first: Callable[[Delta], None], clock: Callable[[], float]
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
            async with aclosing(self._deltas) as deltas:
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
