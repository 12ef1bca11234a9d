from __future__ import annotations

import asyncio

import pytest

from tests.fakes import Answer, FakeEngine
from vita.conversation import Turn
from vita.engine.engine_pool import EnginePair
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
    pair = EnginePair([one, two])
    long = asyncio.create_task(answer(pair, question("long")))
    await settle()
    assert await answer(pair, question("short")) == "two"
    assert pair.load == 1
    await one.release(5)
    assert await long == "one"


async def test_a_conversation_stays_on_the_engine_that_knows_its_beginning():
    one, two = FakeEngine("1", name="a"), FakeEngine("2", name="b", paced=True)
    pair = EnginePair([one, two])
    one.load = 1
    task = asyncio.create_task(answer(pair, question("mine")))
    await two.release(5)
    await task
    one.load = 0
    await two.release(5)
    assert await answer(pair, question("mine")) == "2"
    assert await answer(pair, question("yours")) == "1"


async def test_deltas_pass_unchanged():
    deltas = [delta async for delta in EnginePair([FakeEngine("Hello you", name="a")]).generate(question())]
    assert [delta.text for delta in deltas] == ["", "Hello ", "you", ""]
    assert deltas[0].state is not None
    assert (deltas[-1].finish, deltas[-1].engine) == ("stop", "a")


async def test_a_dead_engine_is_passed_over_before_its_first_token_and_restarted():
    dead, alive = FakeEngine(EngineDeadError("gone"), "back", name="a"), FakeEngine("alive", name="b")
    pair = EnginePair([dead, alive], retry_delays=(0.0,))
    assert await answer(pair, question()) == "alive"
    await settle()
    assert dead.starts == 1


async def test_an_engine_that_dies_amid_an_answer_ends_it_with_an_error():
    dying = FakeEngine(Answer("It is", error=EngineDeadError("gone")), name="a")
    other = FakeEngine("other", name="b")
    deltas = EnginePair([dying, other]).generate(question())
    assert [(await anext(deltas)).text for _ in range(3)] == ["", "It ", "is"]
    with pytest.raises(EngineDeadError):
        await anext(deltas)
    assert not other.requests


async def test_bad_input_is_not_tried_on_another_engine():
    one, two = FakeEngine(InputError("Too long."), name="a"), FakeEngine("two", name="b")
    with pytest.raises(InputError, match="Too long"):
        await answer(EnginePair([one, two]), question())
    assert not two.requests


async def test_with_all_engines_dead_the_error_says_so():
    pair = EnginePair([FakeEngine(name="a"), FakeEngine(name="b")])
    for engine in pair.engines:
        engine._engine.die("Out of memory.")
    with pytest.raises(EngineDeadError, match=r"No engine is running. a: Out of memory."):
        await answer(pair, question())


async def test_closing_the_iterator_aborts_in_the_engine():
    engine = FakeEngine("a long answer", name="a")
    deltas = EnginePair([engine]).generate(request := question())
    await anext(deltas)
    await deltas.aclose()
    assert engine.aborts == [request.id]
    assert engine.load == 0


async def test_cancelling_the_task_aborts_in_the_engine():
    engine = FakeEngine("a long answer", name="a", paced=True)
    task = asyncio.create_task(answer(EnginePair([engine]), request := question()))
    await settle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert engine.aborts == [request.id]


async def test_abort_by_id_finds_the_engine_and_ends_the_stream():
    engine = FakeEngine("a long answer", name="a", paced=True)
    pair = EnginePair([FakeEngine(name="b", stage=Stage.FAILED), engine])
    await engine.release(2)
    deltas = pair.generate(request := question())
    assert [(await anext(deltas)).text for _ in range(2)] == ["", "a "]
    await pair.abort(request.id)
    assert (await anext(deltas)).finish == "abort"
    await pair.abort("unknown")


async def test_a_request_waits_while_the_engines_load():
    engine = LoadingEngine("a")
    pair = EnginePair([engine])
    task = asyncio.create_task(answer(pair, question()))
    await settle()
    assert not task.done()
    assert pair.load == 1
    engine.loaded.set()
    assert await task == "a here"


async def test_the_first_engine_that_is_ready_answers():
    slow, fast = LoadingEngine("slow"), LoadingEngine("fast")
    pair = EnginePair([slow, fast])
    pair.start_soon()
    task = asyncio.create_task(answer(pair, question()))
    fast.loaded.set()
    assert await task == "fast here"
    assert slow.starts == 0
    await pair.close()


async def test_an_abort_that_comes_just_as_a_request_gets_its_engine_is_not_lost():
    engine = FakeEngine("a long answer", paced=True)
    pair, request = EnginePair([engine]), question()
    deltas = pair.generate(request)
    async with pair._change:  # both stand in line for it, the request first
        coming = asyncio.ensure_future(anext(deltas))
        await asyncio.sleep(0)
        aborting = asyncio.create_task(pair.abort(request.id))
        await asyncio.sleep(0)
    await aborting
    assert engine.aborts == [request.id]
    await asyncio.wait_for(coming, 1)
    await deltas.aclose()


async def test_a_waiting_request_can_be_aborted():
    pair = EnginePair([LoadingEngine("a")])
    deltas = pair.generate(request := question())
    first: asyncio.Task[Delta] = asyncio.ensure_future(anext(deltas))
    await settle()
    await pair.abort(request.id)
    assert (await first).finish == "abort"
    assert pair.load == 0
    await pair.close()


async def test_a_waiting_request_hears_that_no_engine_could_be_loaded():
    engine = LoadingEngine("a", failures=9)
    pair = EnginePair([engine])
    task = asyncio.create_task(answer(pair, question()))
    engine.loaded.set()
    with pytest.raises(EngineDeadError, match=r"It is broken\."):
        await task


async def test_start_loads_side_by_side_and_is_satisfied_with_one_engine():
    good, bad = LoadingEngine("good"), LoadingEngine("bad", failures=1)
    good.loaded.set()
    bad.loaded.set()
    pair = EnginePair([good, bad])
    await pair.start()
    assert [status.stage for status in pair.statuses] == [Stage.READY, Stage.FAILED]
    assert pair.status.stage is Stage.READY
    assert "bad: It is broken." in pair.status.note


async def test_start_fails_where_no_engine_loads():
    bad = LoadingEngine("bad", failures=1)
    bad.loaded.set()
    with pytest.raises(EngineError, match="It is broken"):
        await EnginePair([bad]).start()


async def test_loading_one_after_the_other_begins_the_second_when_the_first_is_done():
    one, two = LoadingEngine("a"), LoadingEngine("b")
    two.loaded.set()
    pair = EnginePair([one, two], side_by_side=False)
    task = asyncio.create_task(pair.start())
    await settle()
    assert two.starts == 0
    one.loaded.set()
    await task
    assert (one.starts, two.starts) == (1, 1)


async def test_a_restart_is_tried_again_until_it_works():
    engine = LoadingEngine("a", failures=2)
    engine.loaded.set()
    pair = EnginePair([engine], retry_delays=(0.0, 0.0, 0.0, 0.0))
    pair.restart(pair.engines[0])
    pair.restart(pair.engines[0])
    await pair._tasks["a"]
    assert engine.starts == 3
    assert pair.status.stage is Stage.READY


async def test_an_engine_that_says_it_died_is_restarted_without_any_request():
    engine = FakeEngine(name="a")
    engine.on_death = lambda: None
    pair = EnginePair([engine], retry_delays=(0.0,))
    engine.die()
    engine.on_death()
    await pair._tasks["a"]
    assert pair.status.stage is Stage.READY


async def test_roles_follow_the_conversation_and_swap():
    pair = EnginePair([FakeEngine(name="a"), FakeEngine(name="b")])
    generator = pair.generator()
    monitor = pair.monitor_for(generator)
    assert {generator.name, monitor.name} == {"a", "b"}
    assert pair.monitor_for(monitor).name == generator.name


async def test_one_engine_plays_both_roles():
    pair = EnginePair([FakeEngine("mine", name="a")])
    generator = pair.generator()
    assert pair.monitor_for(generator) is generator
    assert await answer(pair.monitor_for(generator), question()) == "mine"


async def test_the_engine_that_lives_takes_both_roles_when_the_other_dies():
    dying, alive = FakeEngine(name="a"), FakeEngine(name="b")
    pair = EnginePair([dying, alive])
    dying.die()
    assert pair.monitor_for(pair.engines[1]).name == "b"
    assert pair.monitor_for(pair.engines[0]).name == "b"


async def test_a_death_in_a_role_is_noticed_too():
    engine = FakeEngine(EngineDeadError("gone"), "back", name="a")
    pair = EnginePair([engine], retry_delays=(0.0,))
    with pytest.raises(EngineDeadError):
        await answer(pair.generator(), question())
    await pair._tasks["a"]
    assert engine.starts == 1


async def test_a_role_asked_for_while_the_engines_load_says_not_ready():
    pair = EnginePair([LoadingEngine("a")])
    pair.start_soon()
    with pytest.raises(EngineNotReadyError, match="still loading"):
        pair.monitor_for(None)
    await pair.close()


async def test_closing_closes_every_engine():
    engines = [FakeEngine(name="a"), FakeEngine(name="b")]
    pair = EnginePair(engines)
    await pair.close()
    await pair.close()
    assert {engine.status.stage for engine in engines} == {Stage.CLOSED}
    assert pair.status.stage is Stage.CLOSED


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
    pair = EnginePair([server], again=0.0)
    with pytest.raises(EngineError, match="No engine could be loaded"):
        await pair.start()
    with pytest.raises(EngineDeadError, match="No engine is running"):
        await answer(pair, question())
    await eventually(lambda: server.status.stage is Stage.READY)
    assert await answer(pair, question()) == "a here"
    await pair.close()


async def test_a_server_that_was_away_for_longer_than_the_attempts_is_found_again():
    server = ServerElsewhere("a")
    server.loaded.set()
    pair = EnginePair([server], retry_delays=(0.0, 0.0), again=0.0)
    await pair.start()
    server.failures = 7
    server.replies = [EngineDeadError("gone"), "back"]
    with pytest.raises(EngineNotReadyError):
        await answer(pair, question())
    await eventually(lambda: not server.failures and server.status.stage is Stage.READY)
    assert await answer(pair, question()) == "back"
    await pair.close()


async def test_an_engine_of_this_machine_that_does_not_start_is_given_up():
    broken = LoadingEngine("a", failures=99)
    broken.loaded.set()
    pair = EnginePair([broken], retry_delays=(0.0,), again=0.0)
    with pytest.raises(EngineError):
        await pair.start()
    await settle()
    assert broken.starts == 1
    await pair.close()


async def test_a_pair_that_is_closed_looks_for_no_server_any_more():
    server = ServerElsewhere("a", failures=10**9)
    server.loaded.set()
    pair = EnginePair([server], again=0.0)
    with pytest.raises(EngineError):
        await pair.start()
    await settle()
    await pair.close()
    starts = server.starts
    await settle()
    assert server.starts == starts
