"""Two engines (or one) behind one: load balance, failover, restart, and who generates and who monitors.

Roles belong to a conversation, not to an engine: a conversation remembers which engine generates for it and asks
``monitor_for`` for the other. The pair is an Engine itself and knows its engines by the Protocol alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from typing import Any, cast

from vita.engine.engine_protocol import Delta, Engine, Request, Stage, Status, Usage
from vita.errors import EngineDeadError, EngineError, EngineNotReadyError

log = logging.getLogger(__name__)

RETRY_DELAYS = (0.0, 5.0, 30.0)  # s before each attempt to restart a dead engine; then it stays dead until start()
AGAIN = 30.0  # s between two looks for a server that could not be reached, for as long as it takes
REMEMBERED = 256  # conversations of which the pair knows who answered last


class EnginePair:
    """Owns its engines: starts, watches, restarts and closes them.

    Args:
        engines: one or more, named apart.
        side_by_side: load them all at once; False loads one after the other (see ``factory.build_engines``).
        retry_delays: seconds before each attempt to restart a dead engine.
        again: seconds between later attempts for engines that are elsewhere, and come back by themselves.
    """

    name = "pair"

    def __init__(
        self,
        engines: Sequence[Engine],
        side_by_side: bool = True,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        again: float = AGAIN,
    ) -> None:
        assert engines, "a pair has at least one engine"
        self.engines: tuple[_Watched, ...] = tuple(_Watched(engine, self) for engine in engines)
        self._side_by_side = side_by_side
        self._retry_delays = tuple(retry_delays)
        self._again = again
        self._tasks: dict[str, asyncio.Task[None]] = {}  # one loads or restarts each engine of that name
        self._searches: dict[str, asyncio.Task[None]] = {}  # one looks for each server that is away
        self._turn = asyncio.Lock()  # held while an engine loads, where they load one after the other
        self._change = asyncio.Condition()
        self._waiting: set[str] = set()  # requests that no engine has yet
        self._running: dict[str, Engine] = {}
        self._last: dict[int, str] = {}  # conversation -> engine that has its beginning in its cache

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Of each engine, in order."""
        return tuple(engine.status for engine in self.engines)

    @property
    def status(self) -> Status:
        """Of all together: ready when one is, with the others' troubles in the note."""
        statuses = self.statuses
        order = (Stage.READY, Stage.LOADING, Stage.WAITING, Stage.FAILED, Stage.CLOSED)
        stage = min((status.stage for status in statuses), key=order.index)
        note = " ".join(f"{s.name}: {s.note}" for s in statuses if s.note and s.stage is not Stage.READY)
        return Status(self.name, stage, sum(s.fraction for s in statuses) / len(statuses), note)

    @property
    def load(self) -> int:
        """Requests in flight, those that wait for an engine included."""
        return len(self._waiting) + sum(engine.load for engine in self.engines)

    async def start(self) -> None:
        """Load all engines; returns when none is loading any more and at least one is ready.

        Raises:
            EngineError: none could be loaded.
        """
        self.start_soon()
        await asyncio.gather(*self._tasks.values())
        if not self._ready():
            raise EngineError("No engine could be loaded. {note}", note=self.status.note)

    def start_soon(self) -> None:
        """Load in the background every engine that is neither ready nor loading; returns at once."""
        for engine in self.engines:
            if engine.status.stage is not Stage.READY:
                self._spawn(engine, delays=())

    def generator(self) -> Engine:
        """The less loaded of the ready engines.

        Raises:
            EngineNotReadyError, EngineDeadError: none is ready.
        """
        ready = self._ready()
        if not ready:
            raise self._unavailable()
        return min(ready, key=lambda engine: engine.load)

    def monitor_for(self, generator: Engine | None) -> Engine:
        """The engine that listens while ``generator`` answers: another ready one, else the same, which plays both.

        Raises:
            EngineNotReadyError, EngineDeadError: none is ready.
        """
        others = [engine for engine in self._ready() if generator is None or engine.name != generator.name]
        return min(others, key=lambda engine: engine.load) if others else self.generator()

    async def generate(self, request: Request) -> AsyncIterator[Delta]:
        """Answer on the less loaded engine; on another one if that dies before its first delta.

        Waits while engines load. Of equally loaded engines, the one that answered this conversation last.

        Raises:
            InputError: the request cannot be answered as it is.
            EngineError: no engine is left, or the one that had begun to answer died.
        """
        refused: set[str] = set()
        while True:
            engine = await self._wait_for_engine(request, refused)
            if engine is None:
                yield Delta(finish="abort", usage=Usage(0, 0, 0, 0, 0, 0), engine=self.name)
                return
            begun = False
            self._running[request.id] = engine
            try:
                async with aclosing(_closable(engine.generate(request))) as deltas:
                    async for delta in deltas:
                        begun = True
                        yield delta
                return
            except (EngineDeadError, EngineNotReadyError):
                if begun:
                    raise
                refused.add(engine.name)
                log.warning("%s could not take a request; trying another engine", engine.name)
            finally:
                self._running.pop(request.id, None)

    async def abort(self, request_id: str) -> None:
        """End a request wherever it is, on an engine or still waiting for one."""
        async with self._change:
            self._waiting.discard(request_id)
            self._change.notify_all()
        engine = self._running.get(request_id)  # last, for it may have got one while the lock was another's
        if engine is not None:
            await engine.abort(request_id)

    async def close(self) -> None:
        """Stop loading and restarting, and free all engines."""
        tasks = (*self._tasks.values(), *self._searches.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(engine.close() for engine in self.engines))
        await self._notify()

    def restart(self, engine: _Watched) -> None:
        """Bring a dead engine back in the background; harmless while that is under way."""
        self._spawn(engine, self._retry_delays)

    def _spawn(self, engine: _Watched, delays: Sequence[float]) -> None:
        running = self._tasks.get(engine.name)
        if running is None or running.done():
            task = asyncio.create_task(self._load(engine, delays or (0.0,)), name=f"load {engine.name}")
            self._tasks[engine.name] = task

    async def _load(self, engine: _Watched, delays: Sequence[float]) -> None:
        for delay in delays:
            await asyncio.sleep(delay)
            try:
                if self._side_by_side:
                    await engine.start()
                else:
                    async with self._turn:
                        await engine.start()
            except EngineError as error:
                log.error("%s did not start: %s", engine.name, error)
            else:
                return
            finally:
                await self._notify()
        if engine.is_elsewhere and (engine.name not in self._searches or self._searches[engine.name].done()):
            search = asyncio.create_task(self._search(engine), name=f"look for {engine.name}")
            self._searches[engine.name] = search

    async def _search(self, engine: _Watched) -> None:
        """Ask again and again for a server that is away; nobody waits for it meanwhile."""
        while engine.status.stage is not Stage.READY:
            await asyncio.sleep(self._again)
            with suppress(EngineError):
                await engine.start()
            await self._notify()

    async def _notify(self) -> None:
        async with self._change:
            self._change.notify_all()

    def _ready(self, refused: frozenset[str] | set[str] = frozenset()) -> list[Engine]:
        return [e for e in self.engines if e.status.stage is Stage.READY and e.name not in refused]

    async def _wait_for_engine(self, request: Request, refused: set[str]) -> Engine | None:
        """The engine to ask, None where the request was aborted while it waited."""
        self._waiting.add(request.id)
        try:
            async with self._change:
                await self._change.wait_for(
                    lambda: request.id not in self._waiting or self._ready(refused) or not self._hope(refused)
                )
            if request.id not in self._waiting:
                return None
            return self._choose(request, refused)
        finally:
            self._waiting.discard(request.id)

    def _choose(self, request: Request, refused: set[str]) -> Engine:
        ready = self._ready(refused)
        if not ready:
            raise self._unavailable()
        conversation = hash(request.turns[:1])
        last = self._last.pop(conversation, "")
        engine = min(ready, key=lambda e: (e.load, e.name != last))
        self._last[conversation] = engine.name
        if len(self._last) > REMEMBERED:
            del self._last[next(iter(self._last))]
        return engine

    def _hope(self, refused: set[str]) -> bool:
        """Whether an engine that may take the request is loading; begins to load what nobody has begun to."""
        for engine in self.engines:
            if engine.status.stage is Stage.WAITING:
                self._spawn(engine, delays=())
        return any(not task.done() for name, task in self._tasks.items() if name not in refused)

    def _unavailable(self) -> EngineError:
        note = self.status.note
        if any(not task.done() for task in self._tasks.values()):
            return EngineNotReadyError("The engines are still loading. {note}", note=note)
        return EngineDeadError("No engine is running. {note}", note=note)


class _Watched:
    """An engine whose death the pair hears of, whoever it was working for."""

    def __init__(self, engine: Engine, pair: EnginePair) -> None:
        self.name = engine.name
        self._engine = engine
        self._pair = pair
        if hasattr(engine, "on_death"):
            engine.on_death = lambda: pair.restart(self)

    @property
    def status(self) -> Status:
        return self._engine.status

    @property
    def load(self) -> int:
        return self._engine.load

    @property
    def config(self) -> Any:
        """The checkpoint's configuration where the engine knows one."""
        return getattr(self._engine, "config", None)

    @property
    def is_elsewhere(self) -> bool:
        """Whether somebody else starts and ends it."""
        return getattr(self._engine, "is_elsewhere", False)

    @property
    def processes(self) -> list[int]:
        """Ids of the engine's processes on this machine."""
        return getattr(self._engine, "processes", [])

    async def start(self) -> None:
        await self._engine.start()

    async def generate(self, request: Request) -> AsyncIterator[Delta]:
        try:
            async with aclosing(_closable(self._engine.generate(request))) as deltas:
                async for delta in deltas:
                    yield delta
        except EngineDeadError:
            self._pair.restart(self)
            raise

    async def abort(self, request_id: str) -> None:
        await self._engine.abort(request_id)

    async def close(self) -> None:
        await self._engine.close()


def _closable(deltas: AsyncIterator[Delta]) -> Any:
    """An engine's iterator as what it is, an async generator: closing it is how a request is given up."""
    assert hasattr(deltas, "aclose")
    return cast(Any, deltas)
