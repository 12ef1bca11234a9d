"""Loads engines, restarts dead ones, and looks again and again for servers that are away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from vita.engine.engine_protocol import Engine, Stage
from vita.errors import EngineError

log = logging.getLogger(__name__)

RETRY_DELAYS = (0.0, 5.0, 30.0)  # s before each attempt to restart a dead engine; then it stays dead until start()
SEARCH_INTERVAL = 30.0  # s between two looks for a server that could not be reached, for as long as it takes


class EngineSupervisor:
    """Has at most one task for each engine that loads it, and one that looks for it where it is a server elsewhere.

    Args:
        changed: called when a task has ended.
        retry_delays: seconds before each attempt to restart a dead engine; empty for none.
        search_interval: seconds between later attempts for servers elsewhere.

    Attributes:
        side_by_side: load engines all at once; False loads one after the other.
    """

    def __init__(self, changed: Callable[[], None], retry_delays: Sequence[float], search_interval: float) -> None:
        self.side_by_side = True
        self._changed = changed
        self._retry_delays = tuple(retry_delays)
        self._search_interval = search_interval
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._searching: dict[str, asyncio.Task[None]] = {}
        self._lock = asyncio.Lock()  # held while an engine loads, where they load one after the other

    def start_engine(self, engine: Engine) -> None:
        """Load an engine in the background; harmless while that is under way."""
        self._run_once(self._loading, engine, self._load_engine(engine, (0.0,)))

    def restart_engine(self, engine: Engine) -> None:
        """Bring a dead engine back in the background; harmless while that is under way, and where it is closed."""
        if engine.status.stage is not Stage.CLOSED and self._retry_delays:
            self._run_once(self._loading, engine, self._load_engine(engine, self._retry_delays))

    def is_loading(self, engine: Engine) -> bool:
        """Whether an engine is being loaded or restarted; looking for a server that is away does not count."""
        task = self._loading.get(engine.name)
        return task is not None and not task.done()

    async def wait_loaded(self) -> None:
        """Until no engine is being loaded, well or not."""
        await asyncio.gather(*self._loading.values())

    async def stop_tasks(self) -> None:
        """Load, restart and look for nothing any more."""
        tasks = (*self._loading.values(), *self._searching.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _run_once(self, tasks: dict[str, asyncio.Task[None]], engine: Engine, work: Coroutine[Any, Any, None]) -> None:
        if engine.name in tasks and not tasks[engine.name].done():
            work.close()
            return
        task = asyncio.create_task(work, name=f"load {engine.name}")
        tasks[engine.name] = task

        task.add_done_callback(lambda _: self._changed())

    async def _load_engine(self, engine: Engine, delays: Sequence[float]) -> None:
        for delay in delays:
            await asyncio.sleep(delay)
            try:
                if self.side_by_side:
                    await engine.start()
                else:
                    async with self._lock:
                        await engine.start()
            except EngineError as error:
                log.error("%s did not start: %s", engine.name, error)
            else:
                return
        if engine.is_elsewhere:
            self._run_once(self._searching, engine, self._search_engine(engine))

    async def _search_engine(self, engine: Engine) -> None:
        """Ask again and again for a server that is away; nobody waits for it meanwhile."""
        while engine.status.stage is not Stage.READY:
            await asyncio.sleep(self._search_interval)
            with suppress(EngineError):
                await engine.start()
