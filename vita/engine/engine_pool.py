"""The engines of a server behind one: which are ready, who answers what, failover, and roles for conversations.

The pool is an Engine itself and knows its engines by the Protocol alone. Requests that belong to no live conversation
go to the less loaded engine; a live conversation has a generator and a monitor (``ConversationEngines``).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from functools import partial
from typing import TypeVar

from vita.engine.conversation_engines import ConversationEngines
from vita.engine.engine_assignment import EngineLoad, PrefixAffinity, choose_engine_pair
from vita.engine.engine_protocol import Delta, Engine, Request, Stage, Status, Usage
from vita.engine.engine_supervisor import RETRY_DELAYS, SEARCH_INTERVAL, EngineSupervisor
from vita.errors import EngineDeadError, EngineError, EngineNotReadyError

log = logging.getLogger(__name__)

DOWN = (Stage.FAILED, Stage.CLOSED)

Value = TypeVar("Value")
ChooseEngine = Callable[[Mapping[str, EngineError]], Awaitable[Engine | None]]  # from what each refused with


class EnginePool(Engine):
    """Owns its engines: starts, watches, restarts and closes them.

    Args:
        engines: named apart; may be added later.
        side_by_side: load them all at once; False loads one after the other (see ``engine_factory.fill_pool``).
        retry_delays: seconds before each attempt to restart a dead engine.
        search_interval: seconds between later attempts for engines that are elsewhere, and come back by themselves.

    Attributes:
        conversations: live ones that have engines assigned.
    """

    name = "pool"

    def __init__(
        self,
        engines: Sequence[Engine] = (),
        side_by_side: bool = True,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        search_interval: float = SEARCH_INTERVAL,
    ) -> None:
        self.engines: tuple[Engine, ...] = ()
        self.conversations: set[ConversationEngines] = set()
        self._unbuilt = Status("engines", Stage.WAITING)  # stands for engines that do not exist
        self._supervisor = EngineSupervisor(self._announce_change, retry_delays, search_interval)
        self._stages: dict[str, Stage] = {}  # of each engine when it last changed
        self._change = asyncio.Condition()
        self._announcing: asyncio.Task[None] | None = None
        self._waiting: set[str] = set()  # requests that no engine has yet
        self._running: dict[str, Engine] = {}
        self._affinity = PrefixAffinity()
        self.add_engines(engines, side_by_side)

    def add_engines(self, engines: Sequence[Engine], side_by_side: bool = True) -> None:
        """Take engines that are not loading yet."""
        self._supervisor.side_by_side = side_by_side
        for engine in engines:
            self._stages[engine.name] = engine.status.stage
            engine.watch_status(partial(self._status_changed, engine))
        self.engines = (*self.engines, *engines)

    def report_unbuildable(self, note: str) -> None:
        """There will be no engines; ``note`` tells visitors what to do."""
        self._unbuilt = Status("engines", Stage.FAILED, note=note)
        self._announce_change()

    @property
    def statuses(self) -> tuple[Status, ...]:
        """Of each engine, in order; one that stands for all while there are none."""
        return tuple(engine.status for engine in self.engines) or (self._unbuilt,)

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
        await self._supervisor.wait_loaded()
        if not self.least_loaded():
            raise EngineError("No engine could be loaded. {note}", note=self.status.note)

    def start_soon(self) -> None:
        """Load in the background every engine that is neither ready nor loading; returns at once."""
        for engine in self.engines:
            if engine.status.stage is not Stage.READY:
                self._supervisor.start_engine(engine)

    async def close(self) -> None:
        """Stop loading and restarting, and free all engines."""
        await self._supervisor.stop_tasks()
        await asyncio.gather(*(engine.close() for engine in self.engines))

    async def wait_until(self, holds: Callable[[], bool]) -> None:
        """Until ``holds`` does, looked at after each change of a status and after each request that ends.

        Raises:
            Exception: what ``holds`` raises.
        """
        async with self._change:
            await self._change.wait_for(holds)

    async def wait_for_other(self, read: Callable[[], Value], known: Value) -> Value:
        """What ``read`` gives once that is another than ``known``; looked at as by ``wait_until``."""
        await self.wait_until(lambda: read() != known)
        return read()

    def read_stages(self) -> tuple[Stage, ...]:
        """The stage of each engine, in order."""
        return tuple(status.stage for status in self.statuses)

    def check_ready(self) -> bool:
        """Whether an engine is ready.

        Raises:
            EngineError: none is, and none is loading.
        """
        statuses = self.statuses
        if all(status.stage in DOWN for status in statuses):
            raise EngineError("No engine is running. {note}", note=next((s.note for s in statuses if s.note), ""))
        return any(status.stage is Stage.READY for status in statuses)

    async def wait_until_ready(self) -> None:
        """Until an engine is ready.

        Raises:
            EngineError: none is, and none is loading any more.
        """
        await self.wait_until(self.check_ready)

    def least_loaded(self, others_than: Sequence[Engine] = ()) -> list[Engine]:
        """The ready engines, those with the fewest conversations and requests first."""
        ready = [e for e in self.engines if e.status.stage is Stage.READY and e not in others_than]
        return sorted(ready, key=lambda engine: (self.load_of(engine).conversations, engine.load))

    def load_of(self, engine: Engine) -> EngineLoad:
        """What an engine has to do."""
        return EngineLoad(
            engine.status.stage is Stage.READY,
            sum(conversation.assigned_generator is engine for conversation in self.conversations),
            sum(conversation.assigned_monitor is engine for conversation in self.conversations),
            engine.load,
        )

    def open_conversation(self, patience: float = 60.0) -> ConversationEngines:
        """Engines by role for a new live conversation; see ``ConversationEngines.assigned``.

        Args:
            patience: seconds that an engine may be mute before its answer counts as failed.
        """
        return ConversationEngines(self, patience)

    def choose_engines(self) -> tuple[Engine, Engine]:
        """Generator and monitor for a new live conversation."""
        generator, monitor = choose_engine_pair([self.load_of(engine) for engine in self.engines])
        return self.engines[generator], self.engines[monitor]

    def generate(self, request: Request) -> AsyncGenerator[Delta, None]:
        """Answer on the less loaded engine; on another one if that dies before its first delta.

        Waits while engines load. Of equally loaded engines, the one that answered this conversation last.

        Raises:
            InputError: the request cannot be answered as it is.
            EngineError: no engine is left, or the one that had begun to answer died.
        """
        return self.generate_on(request, partial(self._wait_for_engine, request))

    async def generate_on(
        self, request: Request, choose: ChooseEngine, patience: float | None = None
    ) -> AsyncGenerator[Delta, None]:
        """Answer on the engine that ``choose`` gives; on its next choice if that dies before its first delta.

        Args:
            choose: gets the engines that could not take the request, by name; gives None where it was aborted.
            patience: seconds that an engine may be mute; None for as long as it takes.

        Raises:
            InputError: the request cannot be answered as it is.
            EngineError: as ``choose`` raises, or an engine died in the middle, or was mute for too long.
        """
        refused: dict[str, EngineError] = {}
        while (engine := await choose(refused)) is not None:
            begun = False
            self._running[request.id] = engine
            try:
                async with aclosing(engine.generate(request)) as deltas:
                    while (delta := await _next_delta(deltas, engine.name, patience)) is not None:
                        begun = True
                        yield delta
                return
            except (EngineDeadError, EngineNotReadyError) as error:
                if isinstance(error, EngineDeadError):
                    self._supervisor.restart_engine(engine)
                if begun:
                    raise
                refused[engine.name] = error
                log.warning("%s could not take a request; trying another engine", engine.name)
            finally:
                self._running.pop(request.id, None)
                self._announce_change()
        yield Delta(finish="abort", usage=Usage(0, 0, 0, 0, 0, 0), engine=self.name)

    async def abort(self, request_id: str) -> None:
        """End a request wherever it is, on an engine or still waiting for one."""
        async with self._change:
            self._waiting.discard(request_id)
            self._change.notify_all()
        engine = self._running.get(request_id)  # last, for it may have got one while the lock was another's
        if engine is not None:
            await engine.abort(request_id)

    async def _wait_for_engine(self, request: Request, refused: Mapping[str, EngineError]) -> Engine | None:
        """The engine to ask, None where the request was aborted while it waited."""
        self._waiting.add(request.id)
        try:
            await self.wait_until(
                lambda: (
                    request.id not in self._waiting
                    or bool(self._ready_engines(refused))
                    or not self._is_hopeful(refused)
                )
            )
            return self._choose_engine(request, refused) if request.id in self._waiting else None
        finally:
            self._waiting.discard(request.id)

    def _choose_engine(self, request: Request, refused: Mapping[str, EngineError]) -> Engine:
        ready = self._ready_engines(refused)
        if not ready:
            raise self._unavailable_error()
        return self._affinity.choose_engine(ready, request)

    def _ready_engines(self, refused: Mapping[str, EngineError]) -> list[Engine]:
        return [e for e in self.engines if e.status.stage is Stage.READY and e.name not in refused]

    def _is_hopeful(self, refused: Mapping[str, EngineError]) -> bool:
        """Whether an engine that may take the request is loading; begins to load what nobody has begun to."""
        for engine in self.engines:
            if engine.status.stage is Stage.WAITING:
                self._supervisor.start_engine(engine)
        return any(self._supervisor.is_loading(engine) for engine in self.engines if engine.name not in refused)

    def _unavailable_error(self) -> EngineError:
        note = self.status.note
        if any(map(self._supervisor.is_loading, self.engines)):
            return EngineNotReadyError("The engines are still loading. {note}", note=note)
        return EngineDeadError("No engine is running. {note}", note=note)

    def _status_changed(self, engine: Engine) -> None:
        before, stage = self._stages[engine.name], engine.status.stage
        self._stages[engine.name] = stage
        if before is Stage.READY and stage is Stage.FAILED:
            self._supervisor.restart_engine(engine)
        self._announce_change()

    def _announce_change(self) -> None:
        """Wake all that wait for a change. Where no event loop runs, nobody waits."""
        with suppress(RuntimeError):
            loop = asyncio.get_running_loop()
            if self._announcing is None or self._announcing.done():
                self._announcing = loop.create_task(self._notify_waiting(), name="announce change")

    async def _notify_waiting(self) -> None:
        async with self._change:
            self._change.notify_all()


async def _next_delta(deltas: AsyncGenerator[Delta, None], engine: str, patience: float | None) -> Delta | None:
    """The next delta; None where there is no more."""
    try:
        async with asyncio.timeout(patience):
            return await anext(deltas, None)
    except TimeoutError as error:
        seconds = round(patience or 0)
        raise EngineError("{name} did not respond for {seconds} seconds.", name=engine, seconds=seconds) from error
