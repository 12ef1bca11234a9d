"""Prefix caching: an engine prefills the history before it is needed, so that a decision costs only the new audio."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from vita.duplex.driver_commands import PrefillHistory
from vita.engine.engine_protocol import Delta
from vita.errors import VitaError

log = logging.getLogger(__name__)


class HistoryPrefill:
    """The prefill requests of one conversation, at most one for each engine.

    Args:
        request: sends the request of a command; its deltas tell nothing but its end.
        first_audio: waits until the running answer, if any, has sent its first audio, which is more urgent.
        on_error: hears why one failed; a decision then only takes longer.
    """

    def __init__(
        self,
        request: Callable[[PrefillHistory], AsyncGenerator[Delta, None]],
        first_audio: Callable[[], Awaitable[None]],
        on_error: Callable[[str], None],
    ) -> None:
        self._request, self._first_audio, self._on_error = request, first_audio, on_error
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def start_prefill(self, command: PrefillHistory, group: asyncio.TaskGroup) -> None:
        """Prefill; an earlier one on the same engine is cancelled."""
        self.cancel_prefill(command.engine)
        self._tasks[command.engine] = group.create_task(self._run_prefill(command), name=f"prefill {command.engine}")

    def cancel_prefill(self, engine: int) -> None:
        """End the request of an engine, which has something to decide."""
        task = self._tasks.pop(engine, None)
        if task:
            task.cancel()

    def cancel_all(self) -> None:
        """End every request."""
        for engine in list(self._tasks):
            self.cancel_prefill(engine)

    async def _run_prefill(self, command: PrefillHistory) -> None:
        await self._first_audio()
        try:
            async with aclosing(self._request(command)) as deltas:
                async for _ in deltas:
                    pass
        except VitaError as error:
            self._on_error(str(error))
        except Exception as error:  # a decision only takes longer: no fault of an engine's ends a conversation here
            log.exception("a prefill failed")
            self._on_error(str(error))
