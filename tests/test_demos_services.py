"""The service behind the tabs: streaming, stopping, waiting for engines, and what never reaches an engine."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress

import numpy as np
import pytest

from demos import services as module
from demos.services import BusyError, Services
from demos.visitor_conversation import AnswerPhase, ChatOptions
from demos.visitor_conversation import VisitorAnswer as Shown
from tests.fakes import Answer, FakeEngine, pool_of
from vita.conversation import Turn
from vita.engine.engine_pool import EnginePool
from vita.engine.engine_protocol import Stage, Status
from vita.errors import EngineDeadError, EngineError, InputError, LimitError
from vita.media import Limits, Sound
from vita.tokens import State

HELLO = (Turn("user", ("Hello?",)),)
KNOCK = (Turn("user", (Sound(np.zeros(16_000, np.float32)),)),)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(module, "BEAT", 0.02)
    monkeypatch.setattr(module, "FRAME", 0.0)


async def ask(services, turns=HELLO, key="me", **options) -> list[Shown]:
    return [answer async for answer in services.ask(turns, ChatOptions(**options), key)]


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def test_an_answer_grows_word_by_word_and_ends_with_its_usage():
    answers = await ask(Services(pool_of(FakeEngine("One two three."))))
    texts = [answer.text for answer in answers]
    assert texts == sorted(texts, key=len)
    assert texts[-1] == "One two three."
    assert "One two " in texts
    last = answers[-1]
    assert (last.phase, last.finish, last.state) == (AnswerPhase.DONE, "stop", State.TEXT_QUERY)
    assert last.usage is not None
    assert last.usage.completion_tokens == 4


async def test_pace_is_measured_from_the_first_token_on():
    ticks = iter(range(1000))
    services = Services(pool_of(FakeEngine("a b c d e f")), clock=lambda: float(next(ticks)))
    last = (await ask(services))[-1]
    assert last.first_token is not None
    assert last.first_token > 0
    assert last.rate is not None
    assert 0 < last.rate <= 1  # a token takes at least one tick


async def test_options_reach_the_engine():
    engine = FakeEngine("Yes.")
    await ask(Services(pool_of(engine)), temperature=0.7, seed=3, tiles=2, system="  Be brief. ", max_tokens=9)
    request = engine.requests[0]
    assert (request.sampling.temperature, request.sampling.seed, request.sampling.max_tokens) == (0.7, 3, 9)
    assert (request.max_tiles, request.system) == (2, "  Be brief. ".strip())


async def test_an_empty_system_prompt_keeps_the_models_own():
    engine = FakeEngine("Yes.")
    await ask(Services(pool_of(engine)), system="  ")
    assert engine.requests[0].system is None


async def test_stop_aborts_in_the_engine_and_keeps_what_was_written():
    engine = FakeEngine("one two three four", paced=True)
    services = Services(pool_of(engine))
    task = asyncio.create_task(ask(services))
    await until(lambda: engine.requests)
    await engine.release(3)
    await until(lambda: not engine._budget)
    await services.stop("me")
    last = (await task)[-1]
    assert engine.aborts == [engine.requests[0].id]
    assert (last.phase, last.finish, last.text) == (AnswerPhase.DONE, "abort", "one two ")
    assert not services.busy("me")


async def test_closing_the_stream_aborts_in_the_engine_while_it_reads_the_prompt():
    engine = FakeEngine("never", paced=True)
    services = Services(pool_of(engine))
    async with aclosing(services.ask(HELLO, ChatOptions(), "me")) as answers:
        assert (await anext(answers)).phase is AnswerPhase.READING
        await anext(answers)  # a beat without news: the engine is still at it
        assert engine.load == 1
    assert engine.load == 0
    assert engine.aborts == [engine.requests[0].id]
    assert not services.busy("me")


async def test_cancelling_the_task_aborts_in_the_engine():
    engine = FakeEngine("never", paced=True)
    task = asyncio.create_task(ask(Services(pool_of(engine))))
    await until(lambda: engine.load)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert engine.load == 0
    assert engine.aborts


async def test_a_closed_tab_ends_its_own_answers_only():
    engine = FakeEngine("never", paced=True)
    services = Services(pool_of(engine))
    mine = asyncio.create_task(ask(services, key="me:image"))
    yours = asyncio.create_task(ask(services, key="you:image"))
    await until(lambda: engine.load == 2)
    await services.drop("me:")
    assert (await mine)[-1].finish == "abort"
    assert not yours.done()
    await services.stop("you:image")
    await yours


async def test_noise_gets_no_text_even_where_the_model_goes_on():
    engine = FakeEngine(Answer("I will talk anyway.", State.NOISE))
    last = (await ask(Services(pool_of(engine)), KNOCK))[-1]
    assert (last.state, last.text, last.finish, last.phase) == (State.NOISE, "", "stop", AnswerPhase.DONE)
    assert engine.aborts


async def test_a_question_waits_while_the_engines_load_and_is_then_answered():
    engine = FakeEngine("Here.", stage=Stage.LOADING)
    engine.status = Status("fake", Stage.LOADING, 0.4)
    answers: list[Shown] = []
    async for answer in Services(pool_of(engine)).ask(HELLO, ChatOptions(), "me"):
        answers.append(answer)
        if len(answers) == 3:
            await engine.start()
    assert (answers[0].phase, answers[0].loaded) == (AnswerPhase.LOADING, 0.4)
    assert answers[-1].text == "Here."


async def test_one_ready_engine_is_enough():
    ready, loading = FakeEngine("Here.", name="a"), FakeEngine(name="b", stage=Stage.LOADING)
    answers = await ask(Services(pool_of(loading, ready)))
    assert all(answer.phase is not AnswerPhase.LOADING for answer in answers)


async def test_a_stop_that_comes_while_the_reader_holds_a_delta_reaches_the_engine():
    engine = FakeEngine("One two three four five six.")
    services = Services(pool_of(engine))
    async with aclosing(services.ask(HELLO, ChatOptions(), "me")) as answers:
        async for answer in answers:
            if answer.text:
                break
        stopping = asyncio.create_task(services.stop("me"))
        await asyncio.sleep(0.05)  # the stop is taken note of; nothing is read meanwhile
        rest = [answer async for answer in answers]
    await stopping
    assert len(engine.aborts) == 1
    assert rest[-1].finish == "abort"
    assert "six" not in rest[-1].text


async def test_stop_ends_a_question_that_waits_for_the_engines():
    engine = FakeEngine(stage=Stage.LOADING)
    services = Services(pool_of(engine))
    task = asyncio.create_task(ask(services))
    await until(lambda: services.busy("me"))
    await services.stop("me")
    assert (await task)[-1].finish == "abort"
    assert not engine.requests


async def test_engines_that_all_failed_say_why():
    engine = FakeEngine()
    engine.die("No memory is left.")
    with pytest.raises(EngineError, match="No memory is left"):
        await ask(Services(pool_of(engine)))


async def test_an_engine_that_dies_ends_the_answer_with_its_error():
    services = Services(pool_of(FakeEngine(Answer("Half an", error=EngineDeadError("gone")))))
    with pytest.raises(EngineDeadError):
        await ask(services)
    assert not services.busy("me")


@pytest.mark.parametrize(
    ("turns", "error"),
    [
        ((Turn("user", ("  ",)),), InputError),
        ((Turn("user", ("Hear!", *KNOCK[0].media * 3)),), LimitError),
    ],
)
async def test_what_cannot_be_asked_costs_no_engine_time(turns, error):
    engine = FakeEngine()
    with pytest.raises(error):
        await ask(Services(pool_of(engine), limits=Limits(sounds=2)), turns)
    assert not engine.requests


@pytest.mark.parametrize(
    "option", [{"temperature": -1}, {"top_p": 0}, {"max_tokens": 0}, {"frames": 1000}, {"tiles": 0}]
)
async def test_settings_out_of_range_cost_no_engine_time(option):
    engine = FakeEngine()
    with pytest.raises(InputError, match=next(iter(option))):
        await ask(Services(pool_of(engine)), **option)
    assert not engine.requests


async def test_one_answer_at_a_time_for_each_visitor():
    engine = FakeEngine("never", paced=True)
    services = Services(pool_of(engine))
    task = asyncio.create_task(ask(services))
    await until(lambda: engine.load)
    with pytest.raises(BusyError):
        await ask(services)
    await services.stop("me")
    await task
    assert len(engine.requests) == 1


async def test_whoever_sees_a_complete_answer_may_ask_again_at_once():
    services = Services(pool_of(FakeEngine("One.")))
    async with aclosing(services.ask(HELLO, ChatOptions(), "me")) as answers:
        async for answer in answers:
            if answer.phase is AnswerPhase.DONE:
                assert (await ask(services))[-1].text == "One."
    assert not services.busy("me")


async def test_engines_are_built_and_started_once_a_browser_shows_the_page():
    engine, services = FakeEngine("Here.", stage=Stage.WAITING), Services()
    start = asyncio.create_task(services.start(lambda pool: pool.add_engines([engine])))
    await asyncio.sleep(0.02)
    assert not engine.starts
    assert [status.stage for status in services.statuses()] == [Stage.WAITING]
    services.seen.set()
    await start
    assert (await ask(services))[-1].text == "Here."
    await services.close()
    assert engine.status.stage is Stage.CLOSED


async def test_engines_are_started_without_a_browser_too(monkeypatch):
    monkeypatch.setattr(module, "HEAD_START", 0.01)
    engine = FakeEngine(stage=Stage.WAITING)
    await Services().start(lambda pool: pool.add_engines([engine]))
    assert engine.starts == 1


async def test_engines_that_do_not_start_leave_the_page_up(monkeypatch, caplog):
    monkeypatch.setattr(module, "HEAD_START", 0.01)
    engine = FakeEngine(stage=Stage.WAITING)
    monkeypatch.setattr(engine, "start", failing)
    await Services().start(lambda pool: pool.add_engines([engine]))
    assert "did not start" in caplog.text


async def failing() -> None:
    raise EngineError("no")


async def test_an_installation_that_cannot_build_engines_is_said_to_who_asks(monkeypatch, caplog):
    monkeypatch.setattr(module, "HEAD_START", 0.01)
    services = Services()
    await services.start(broken)
    assert "no module" in caplog.text
    with pytest.raises(EngineError, match="doctor"):
        await ask(services)


def broken(pool: EnginePool) -> None:
    raise ImportError("no module")


def test_servers_elsewhere_name_the_model_themselves():
    parts = [FakeEngine(name="one"), FakeEngine(name="two")]
    far = Services(pool_of(*parts), model="nano", remotes=["http://a/v1", "http://b/v1"])
    assert far.model == "", "until one has answered"
    parts[0].status = Status("one", Stage.READY, 1.0, model="VITA-1.5")
    assert far.model == "VITA-1.5"
    parts[1].status = Status("two", Stage.READY, 1.0, model="VITA-1.5")
    assert far.model == "VITA-1.5"
    parts[1].status = Status("two", Stage.READY, 1.0, model="Qwen")
    assert far.model == "VITA-1.5 + Qwen"
    assert Services(pool_of(*parts), model="nano").model == "nano"
