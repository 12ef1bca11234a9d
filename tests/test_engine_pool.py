from __future__ import annotations

import asyncio

import pytest

from tests.fakes import Answer, FakeEngine, pool_of
from vita.conversation import Turn
from vita.engine.engine_pool import EnginePool
from vita.engine.engine_protocol import Delta, Request, Stage
from vita.errors import EngineDeadError, EngineError, EngineNotReadyError, InputError


def question(text: str = "Hi?", **options) -> Request:
    return Request((Turn("user", (text,)),), **options)


async def answer(engine, request: Request) -> str:
    return "".join([delta.text async for delta in engine.generate(request)])


async def settle() -> None:
    """Let everything that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)


class LoadingEngine(FakeEngine):
    """Loads when the test says so; fails to as often as told."""

    def __init__(self, name: str, failures: int = 0) -> None:
        super().__init__(f"{name} here", name=name, stage=Stage.WAITING)
        self.failures, self.loaded = failures, asyncio.Event()

    async def start(self) -> None:
        await self.loaded.wait()
        if self.failures:
            self.failures -= 1
            self.starts += 1
            self.die("It is broken.")
            raise EngineError("It is broken.")
        await super().start()


async def test_a_request_goes_to_the_less_loaded_engine():
    one, two = FakeEngine("one", name="a", paced=True), FakeEngine("two", name="b")
    pool = EnginePool([one, two])
    long = asyncio.create_task(answer(pool, question("long")))
    await settle()
    assert await answer(pool, question("short")) == "two"
    assert pool.load == 1
    await one.release(5)
    assert await long == "one"


async def test_a_conversation_stays_on_the_engine_that_knows_its_beginning():
    one, two = FakeEngine("1", name="a"), FakeEngine("2", name="b", paced=True)
    pool = EnginePool([one, two])
    one.load = 1
    task = asyncio.create_task(answer(pool, question("mine")))
    await two.release(5)
    await task
    one.load = 0
    await two.release(5)
    assert await answer(pool, question("mine")) == "2"
    assert await answer(pool, question("yours")) == "1"


async def test_deltas_pass_unchanged():
    deltas = [delta async for delta in EnginePool([FakeEngine("Hello you", name="a")]).generate(question())]
    assert [delta.text for delta in deltas] == ["", "Hello ", "you", ""]
    assert deltas[0].state is not None
    assert (deltas[-1].finish, deltas[-1].engine) == ("stop", "a")


async def test_a_dead_engine_is_passed_over_before_its_first_token_and_restarted():
    dead, alive = FakeEngine(EngineDeadError("gone"), "back", name="a"), FakeEngine("alive", name="b")
    pool = EnginePool([dead, alive], retry_delays=(0.0,))
    assert await answer(pool, question()) == "alive"
    await settle()
    assert dead.starts == 1


async def test_an_engine_that_dies_amid_an_answer_ends_it_with_an_error():
    dying = FakeEngine(Answer("It is", error=EngineDeadError("gone")), name="a")
    other = FakeEngine("other", name="b")
    deltas = EnginePool([dying, other]).generate(question())
    assert [(await anext(deltas)).text for _ in range(3)] == ["", "It ", "is"]
    with pytest.raises(EngineDeadError):
        await anext(deltas)
    assert not other.requests


async def test_bad_input_is_not_tried_on_another_engine():
    one, two = FakeEngine(InputError("Too long."), name="a"), FakeEngine("two", name="b")
    with pytest.raises(InputError, match="Too long"):
        await answer(EnginePool([one, two]), question())
    assert not two.requests


async def test_with_all_engines_dead_the_error_says_so():
    pool = pool_of(FakeEngine(name="a"), FakeEngine(name="b"))
    for engine in pool.engines:
        engine.die("Out of memory.")
    with pytest.raises(EngineDeadError, match=r"No engine is running. a: Out of memory."):
        await answer(pool, question())


async def test_closing_the_iterator_aborts_in_the_engine():
    engine = FakeEngine("a long answer", name="a")
    deltas = EnginePool([engine]).generate(request := question())
    await anext(deltas)
    await deltas.aclose()
    assert engine.aborts == [request.id]
    assert engine.load == 0


async def test_cancelling_the_task_aborts_in_the_engine():
    engine = FakeEngine("a long answer", name="a", paced=True)
    task = asyncio.create_task(answer(EnginePool([engine]), request := question()))
    await settle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert engine.aborts == [request.id]


async def test_abort_by_id_finds_the_engine_and_ends_the_stream():
    engine = FakeEngine("a long answer", name="a", paced=True)
    pool = EnginePool([FakeEngine(name="b", stage=Stage.FAILED), engine])
    await engine.release(2)
    deltas = pool.generate(request := question())
    assert [(await anext(deltas)).text for _ in range(2)] == ["", "a "]
    await pool.abort(request.id)
    assert (await anext(deltas)).finish == "abort"
    await pool.abort("unknown")


async def test_a_request_waits_while_the_engines_load():
    engine = LoadingEngine("a")
    pool = EnginePool([engine])
    task = asyncio.create_task(answer(pool, question()))
    await settle()
    assert not task.done()
    assert pool.load == 1
    engine.loaded.set()
    assert await task == "a here"


async def test_the_first_engine_that_is_ready_answers():
    slow, fast = LoadingEngine("slow"), LoadingEngine("fast")
    pool = EnginePool([slow, fast])
    pool.start_soon()
    task = asyncio.create_task(answer(pool, question()))
    fast.loaded.set()
    assert await task == "fast here"
    assert slow.starts == 0
    await pool.close()


async def test_an_abort_that_comes_just_as_a_request_gets_its_engine_is_not_lost():
    engine = FakeEngine("a long answer", paced=True)
    pool, request = EnginePool([engine]), question()
    deltas = pool.generate(request)
    async with pool._change:  # both stand in line for it, the request first
        coming = asyncio.ensure_future(anext(deltas))
        await asyncio.sleep(0)
        aborting = asyncio.create_task(pool.abort(request.id))
        await asyncio.sleep(0)
    await aborting
    assert engine.aborts == [request.id]
    await asyncio.wait_for(coming, 1)
    await deltas.aclose()


async def test_a_waiting_request_can_be_aborted():
    pool = EnginePool([LoadingEngine("a")])
    deltas = pool.generate(request := question())
    first: asyncio.Task[Delta] = asyncio.ensure_future(anext(deltas))
    await settle()
    await pool.abort(request.id)
    assert (await first).finish == "abort"
    assert pool.load == 0
    await pool.close()


async def test_a_waiting_request_hears_that_no_engine_could_be_loaded():
    engine = LoadingEngine("a", failures=9)
    pool = EnginePool([engine])
    task = asyncio.create_task(answer(pool, question()))
    engine.loaded.set()
    with pytest.raises(EngineDeadError, match=r"It is broken\."):
        await task


async def test_start_loads_side_by_side_and_is_satisfied_with_one_engine():
    good, bad = LoadingEngine("good"), LoadingEngine("bad", failures=1)
    good.loaded.set()
    bad.loaded.set()
    pool = EnginePool([good, bad])
    await pool.start()
    assert [status.stage for status in pool.statuses] == [Stage.READY, Stage.FAILED]
    assert pool.status.stage is Stage.READY
    assert "bad: It is broken." in pool.status.note


async def test_start_fails_where_no_engine_loads():
    bad = LoadingEngine("bad", failures=1)
    bad.loaded.set()
    with pytest.raises(EngineError, match="It is broken"):
        await EnginePool([bad]).start()


async def test_loading_one_after_the_other_begins_the_second_when_the_first_is_done():
    one, two = LoadingEngine("a"), LoadingEngine("b")
    two.loaded.set()
    pool = EnginePool([one, two], side_by_side=False)
    task = asyncio.create_task(pool.start())
    await settle()
    assert two.starts == 0
    one.loaded.set()
    await task
    assert (one.starts, two.starts) == (1, 1)


async def test_a_restart_is_tried_again_until_it_works():
    engine = LoadingEngine("a", failures=2)
    engine.loaded.set()
    pool = EnginePool([engine], retry_delays=(0.0, 0.0, 0.0, 0.0))
    pool._supervisor.restart_engine(engine)
    pool._supervisor.restart_engine(engine)
    await pool._supervisor.wait_loaded()
    assert engine.starts == 3
    assert pool.status.stage is Stage.READY


async def test_an_engine_that_says_it_died_is_restarted_without_any_request():
    engine = FakeEngine(name="a")
    pool = EnginePool([engine], retry_delays=(0.0,))
    engine.die()
    await pool._supervisor.wait_loaded()
    assert pool.status.stage is Stage.READY


async def test_closing_closes_every_engine():
    engines = [FakeEngine(name="a"), FakeEngine(name="b")]
    pool = EnginePool(engines)
    await pool.close()
    await pool.close()
    assert {engine.status.stage for engine in engines} == {Stage.CLOSED}
    assert pool.status.stage is Stage.CLOSED


class ServerElsewhere(LoadingEngine):
    """Comes and goes by itself."""

    is_elsewhere = True


async def eventually(holds) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0)


async def test_a_server_that_comes_later_is_found_and_nobody_waits_for_it_before():
    server = ServerElsewhere("a", failures=5)
    server.loaded.set()
    pool = EnginePool([server], search_interval=0.0)
    with pytest.raises(EngineError, match="No engine could be loaded"):
        await pool.start()
    with pytest.raises(EngineDeadError, match="No engine is running"):
        await answer(pool, question())
    await eventually(lambda: server.status.stage is Stage.READY)
    assert await answer(pool, question()) == "a here"
    await pool.close()


async def test_a_server_that_was_away_for_longer_than_the_attempts_is_found_again():
    server = ServerElsewhere("a")
    server.loaded.set()
    pool = EnginePool([server], retry_delays=(0.0, 0.0), search_interval=0.0)
    await pool.start()
    server.failures = 7
    server.replies = [EngineDeadError("gone"), "back"]
    with pytest.raises(EngineNotReadyError):
        await answer(pool, question())
    await eventually(lambda: not server.failures and server.status.stage is Stage.READY)
    assert await answer(pool, question()) == "back"
    await pool.close()


async def test_an_engine_of_this_machine_that_does_not_start_is_given_up():
    broken = LoadingEngine("a", failures=99)
    broken.loaded.set()
    pool = EnginePool([broken], retry_delays=(0.0,), search_interval=0.0)
    with pytest.raises(EngineError):
        await pool.start()
    await settle()
    assert broken.starts == 1
    await pool.close()


async def test_a_pool_that_is_closed_looks_for_no_server_any_more():
    server = ServerElsewhere("a", failures=10**9)
    server.loaded.set()
    pool = EnginePool([server], search_interval=0.0)
    with pytest.raises(EngineError):
        await pool.start()
    await settle()
    await pool.close()
    starts = server.starts
    await settle()
    assert server.starts == starts


async def test_a_request_that_closing_cuts_off_does_not_start_its_engine_again():
    class ClosedEngine(FakeEngine):
        async def close(self) -> None:
            self.replies = [Answer(error=EngineDeadError("closed"))]
            await super().close()
            await self.release(9)

    engine = ClosedEngine(Answer("It is", error=EngineDeadError("closed")), paced=True)
    pool = EnginePool([engine], retry_delays=(0.0,))
    asking = asyncio.create_task(answer(pool, question()))
    await settle()
    await pool.close()
    with pytest.raises(EngineDeadError):
        await asking
    await settle()
    assert (engine.starts, engine.status.stage) == (0, Stage.CLOSED)
