"""A pool whose engines die, come back, break and fall mute in any order, on a virtual clock: nobody waits in vain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.duplex_world import VirtualLoop
from vita.conversation import Turn
from vita.engine.conversation_engines import ConversationEngines
from vita.engine.engine_pool import EnginePool
from vita.engine.engine_protocol import Delta, Engine, Request, Stage, Status, Usage
from vita.errors import EngineDeadError, EngineError, EngineNotReadyError

LOADING, TOKEN, PATIENCE = 1.0, 0.1, 60.0  # seconds that loading takes, that a token takes, that a caller waits for one
RETRIES = (0.0, 5.0, 30.0)
QUESTION = (Turn("user", ("Hi?",)),)


class FragileEngine(Engine):
    """Answers three tokens, while it lives and is not mute; ``broken`` ones do not start."""

    def __init__(self, name: str, elsewhere: bool) -> None:
        self.name, self._elsewhere = name, elsewhere
        self.broken = self.mute = False
        self.load = 0
        self._status, self._changed = Status(name, Stage.WAITING), lambda: None
        self._dead = asyncio.Event()
        self._aborted: set[str] = set()

    load = 0
    is_elsewhere = property(lambda self: self._elsewhere)
    status = property(lambda self: self._status)

    def watch_status(self, changed) -> None:
        self._changed = changed

    def reach(self, stage: Stage) -> None:
        self._status = Status(self.name, stage, note=f"It is {stage.value}.")
        self._changed()

    async def start(self) -> None:
        if self._status.stage is Stage.READY:
            return
        self.reach(Stage.LOADING)
        await asyncio.sleep(LOADING)
        if self.broken:
            self.reach(Stage.FAILED)
            raise EngineError("It is broken.")
        self._dead = asyncio.Event()
        self.reach(Stage.READY)

    def die(self) -> None:
        self._dead.set()
        self.reach(Stage.FAILED)

    async def generate(self, request: Request) -> AsyncGenerator[Delta, None]:
        if self._status.stage is not Stage.READY:
            raise EngineNotReadyError("It is not ready.")
        dead, self.load = self._dead, self.load + 1
        try:
            for _ in range(3):
                await asyncio.sleep(TOKEN)
                while self.mute and not dead.is_set() and request.id not in self._aborted:
                    await asyncio.sleep(TOKEN)
                if dead.is_set():
                    raise EngineDeadError("It died.")
                if request.id in self._aborted:
                    yield Delta(finish="abort", engine=self.name)
                    return
                yield Delta("word ", tokens=1, engine=self.name)
            yield Delta(finish="stop", usage=Usage(1, 0, 0, 0, 0, 3), engine=self.name)
        finally:
            self.load -= 1

    async def abort(self, request_id: str) -> None:
        self._aborted.add(request_id)

    async def close(self) -> None:
        self._dead.set()
        self.reach(Stage.CLOSED)


class EngineFailures(RuleBasedStateMachine):
    """Callers and live conversations over a pool of one to three engines."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.stack = ExitStack()
        self.conversations: list[ConversationEngines] = []
        self.asked: dict[str, asyncio.Task[str]] = {}
        self.seen: tuple[Stage, ...] = ()

    @initialize(elsewhere=st.lists(st.booleans(), min_size=1, max_size=3), side_by_side=st.booleans())
    def build(self, elsewhere: list[bool], side_by_side: bool) -> None:
        self.engines = [FragileEngine(name, away) for name, away in zip("abc", elsewhere, strict=False)]
        self.pool = EnginePool(self.engines, side_by_side, RETRIES, search_interval=30.0)
        self.run(self.begin())

    async def begin(self) -> None:
        self.watching = asyncio.create_task(self.watch())
        await self.pool.start()

    async def watch(self) -> None:
        while True:
            self.seen = await self.pool.wait_for_other(self.pool.read_stages, self.seen)

    def run(self, work):
        """Run ``work``, then what can run at once."""

        async def settled():
            found = await work
            for _ in range(30):
                await asyncio.sleep(0)
            return found

        return self.runner.run(settled())

    @property
    def ready(self) -> list[Engine]:
        return [engine for engine in self.engines if engine.status.stage is Stage.READY]

    @rule(place=st.integers(0, 2))
    def an_engine_dies(self, place: int) -> None:
        engine = self.engines[place % len(self.engines)]
        if engine in self.ready:
            self.run(self.act(engine.die))

    @rule(place=st.integers(0, 2), broken=st.booleans())
    def an_engine_breaks_or_is_mended(self, place: int, broken: bool) -> None:
        self.engines[place % len(self.engines)].broken = broken

    @rule(place=st.integers(0, 2), mute=st.booleans())
    def an_engine_falls_mute_or_speaks_again(self, place: int, mute: bool) -> None:
        self.engines[place % len(self.engines)].mute = mute

    @rule()
    def somebody_asks(self) -> None:
        request = Request(QUESTION)
        self.run(self.ask(request.id, self.pool.generate(request)))

    @rule()
    def a_conversation_begins(self) -> None:
        conversation = self.pool.open_conversation(PATIENCE)
        self.stack.enter_context(conversation.assigned())
        self.conversations.append(conversation)

    @precondition(lambda self: self.conversations)
    @rule(data=st.data(), slot=st.integers(0, 1))
    def a_conversation_asks(self, data, slot: int) -> None:
        conversation, request = data.draw(st.sampled_from(self.conversations)), Request(QUESTION)
        conversation.set_generator(slot)
        self.run(self.ask(request.id, conversation.generate_at(slot, request)))

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def somebody_changes_their_mind(self, data) -> None:
        self.run(self.pool.abort(data.draw(st.sampled_from(sorted(self.asked)))))

    @rule(seconds=st.sampled_from([0.05, 1.0, 10.0, 50.0]))
    def time_passes(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))

    async def act(self, action) -> None:
        action()

    async def ask(self, name: str, deltas: AsyncGenerator[Delta, None]) -> None:
        self.asked[name] = asyncio.create_task(self.finish_of(deltas))

    async def finish_of(self, deltas: AsyncGenerator[Delta, None]) -> str:
        found = [delta async for delta in deltas]
        words = sum(delta.tokens for delta in found)
        assert found[-1].finish == ("stop" if words == 3 else "abort")
        return str(found[-1].finish)

    def collect(self) -> None:
        """Forget who has an answer; an answer may fail by the engine's fault alone."""
        for name, task in list(self.asked.items()):
            if task.done():
                assert task.exception() is None or isinstance(task.exception(), EngineError), task.exception()
                del self.asked[name]

    @invariant()
    def who_waits_has_an_engine_to_wait_for(self) -> None:
        """Each engine is asked once, so that a request that kills engines ends; then it waits for others alone."""
        self.collect()
        loading = any(self.pool._supervisor.is_loading(engine) for engine in self.engines)
        assert loading or not self.pool._waiting
        assert self.pool.load == len(self.asked)

    @invariant()
    def who_watches_knows_every_stage(self) -> None:
        assert self.seen == self.pool.read_stages()

    @invariant()
    def conversations_use_engines_that_are_ready_and_two_where_there_are_two(self) -> None:
        for conversation in self.conversations:
            used = {conversation.engine_at(slot).name for slot in (0, 1)}
            if self.ready:
                assert used <= {engine.name for engine in self.ready}
                assert len(used) == min(2, len(self.ready))

    @invariant()
    def every_conversation_counts_once_for_each_role(self) -> None:
        loads = [self.pool.load_of(engine) for engine in self.engines]
        assert sum(load.generating for load in loads) == len(self.conversations)
        assert sum(load.monitoring for load in loads) == len(self.conversations)

    def teardown(self) -> None:
        if hasattr(self, "pool"):
            for engine in self.engines:
                engine.broken = engine.mute = False
            self.run(asyncio.sleep(sum(RETRIES) + PATIENCE))
            self.collect()
            assert not self.asked, "all that were asked have an end"
            assert all(engine.status.stage is Stage.READY for engine in self.engines if engine.is_elsewhere)
            self.stack.close()
            self.run(self.pool.close())
            assert {engine.status.stage for engine in self.engines} == {Stage.CLOSED}
            self.watching.cancel()
            self.run(asyncio.sleep(100.0))
            assert {engine.status.stage for engine in self.engines} == {Stage.CLOSED}
        self.runner.close()


EngineFailures.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestEngineFailures = EngineFailures.TestCase
