"""An engine's deltas with a sign of life while there is none, so that a reader who is gone is noticed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from vita.engine.engine_protocol import Delta, Engine, Request


async def deltas_with_heartbeat(
    engine: Engine, request: Request, stop: asyncio.Event, beat: float
) -> AsyncGenerator[Delta | None, None]:
    """The engine's deltas, and None whenever ``beat`` seconds brought none; aborts the request once ``stop`` is set."""
    deltas = engine.generate(request)
    stopping = asyncio.create_task(stop.wait())
    coming = asyncio.create_task(_next_delta(deltas))
    aborted = False
    try:
        while True:
            waited = {coming} if aborted else {coming, stopping}
            await asyncio.wait(waited, timeout=beat, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set() and not aborted:  # also where it was set while the reader held a delta
                aborted = True
                await engine.abort(request.id)
            if not coming.done():
                yield None
                continue
            delta = coming.result()
            if delta is None:
                return
            coming = asyncio.create_task(_next_delta(deltas))
            yield delta
    finally:
        coming.cancel()
        stopping.cancel()
        await asyncio.gather(coming, stopping, return_exceptions=True)
        await deltas.aclose()


async def _next_delta(deltas: AsyncGenerator[Delta, None]) -> Delta | None:
    """The next delta; None where there is no more."""
    return await anext(deltas, None)
