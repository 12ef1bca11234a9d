"""Runs that the page starts: watched, stopped, gone on with, behind visitors, and found again after a restart."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from demos.evaluation.evaluation_html import progress_html
from demos.evaluation.low_priority_engines import PRIORITY, LowPriorityEngine
from demos.evaluation.run_manager import RunManager
from demos.evaluation.run_plan import RunForm, job_of
from demos.services import Services
from tests.fakes import Answer, FakeEngine, pool_of
from vita.conversation import Turn
from vita.engine.engine_protocol import Request, Stage
from vita.errors import EngineDeadError, InputError

ADDRESS = "ws://127.0.0.1:1"
HELLO = Request((Turn("user", ("Hello?",)),))


def services(folder, engine) -> Services:
    return Services(pool_of(engine), model="fake", results=folder)


def job(*tasks: str, **options):
    return job_of(RunForm(tasks or ("gsm8k",), **options), "fake", local=False)


async def ended(runs: RunManager) -> None:
    async with asyncio.timeout(20):
        while runs.live:
            await asyncio.sleep(0.01)


async def until(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_run_goes_from_start_to_results_with_its_score_so_far(tmp_path):
    engine = FakeEngine("The answer is 7.")
    runs = RunManager(services(tmp_path, engine))
    id = await runs.start(job("gsm8k", "mme", limit=2), ADDRESS)
    assert runs.live == id
    assert (await runs.look(id)).phase in ("waiting", "running")
    await ended(runs)
    view = await runs.look(id)
    assert (view.phase, view.live, view.error) == ("done", False, None)
    assert [(task.name, task.done, task.total) for task in view.tasks] == [
        ("gsm8k_bundled", 2, 2),
        ("mme_bundled", 2, 2),
    ]
    assert view.tasks[0].score is not None
    assert list(tmp_path.glob("fake/results_*.json"))
    assert list(tmp_path.glob("fake/samples_gsm8k_bundled_*.jsonl"))
    assert {request.priority for request in engine.requests} == {PRIORITY}


async def test_a_stopped_run_goes_on_where_it_was_in_another_process_too(tmp_path):
    engine = FakeEngine("yes", paced=True)
    runs = RunManager(services(tmp_path, engine))
    id = await runs.start(job("mme"), ADDRESS)
    await until(lambda: engine.requests)
    await engine.release(6)
    await until(lambda: (tmp_path / id / "items.jsonl").exists())
    await runs.stop()
    assert runs.live is None
    done = sum(task.done for task in (await runs.look(id)).tasks)
    assert 0 < done < 16
    fresh = FakeEngine("yes")
    later = RunManager(services(tmp_path, fresh))
    assert list(later) == [id]
    assert (await later.look(id)).phase == "stopped"
    assert await later.start(job("mme"), ADDRESS) == id
    await ended(later)
    assert len(fresh.requests) == 16 - done
    assert (await later.look(id)).phase == "done"


async def test_a_run_begun_anew_leaves_the_stopped_one_as_it_is(tmp_path):
    engine = FakeEngine("yes", paced=True)
    runs = RunManager(services(tmp_path, engine))
    id = await runs.start(job(), ADDRESS)
    await until(lambda: engine.requests)
    await runs.stop()
    engine.paced = False
    other = await runs.start(job(fresh=True), ADDRESS)
    await ended(runs)
    assert other != id
    assert {(await runs.look(each)).phase for each in runs} == {"done", "stopped"}


async def test_one_run_at_a_time(tmp_path):
    runs = RunManager(services(tmp_path, FakeEngine("never", paced=True)))
    await runs.start(job(), ADDRESS)
    with pytest.raises(InputError, match="A run goes on already"):
        await runs.start(job("mme"), ADDRESS)
    await runs.stop()


async def test_a_run_waits_for_engines_that_load_and_can_be_stopped_meanwhile(tmp_path):
    engine = FakeEngine("4", stage=Stage.LOADING)
    runs = RunManager(services(tmp_path, engine))
    id = await runs.start(job(), ADDRESS)
    assert (await runs.look(id)).phase == "waiting"
    await runs.stop()
    assert (await runs.look(id)).phase == "stopped"
    await runs.start(job(), ADDRESS)
    await engine.start()
    await ended(runs)
    assert (await runs.look(id)).phase == "done"


async def test_engines_that_failed_end_a_run_with_their_reason(tmp_path):
    engine = FakeEngine()
    engine.die("No memory is left.")
    runs = RunManager(services(tmp_path, engine))
    id = await runs.start(job(), ADDRESS)
    await ended(runs)
    view = await runs.look(id)
    assert (view.phase, str(view.error)) == ("failed", "No engine is running. No memory is left.")
    assert "没有引擎在运行。" in progress_html(view, "m", "", "zh")


async def test_an_engine_that_dies_fails_the_run_and_keeps_what_is_done(tmp_path):
    engine = FakeEngine("1", "2", Answer(error=EngineDeadError("The engine's process ended.")))
    runs = RunManager(services(tmp_path, engine))
    id = await runs.start(job(in_flight=1), ADDRESS)
    await ended(runs)
    view = await runs.look(id)
    assert (view.phase, str(view.error)) == ("failed", "The engine's process ended.")
    assert view.tasks[0].done == 2


async def test_a_run_that_breaks_off_says_what_was_raised_in_the_visitors_language(tmp_path, monkeypatch):
    async def broken(*_):
        raise RuntimeError("disk full")

    monkeypatch.setattr("demos.evaluation.run_manager.run_job", broken)
    runs = RunManager(services(tmp_path, FakeEngine()))
    id = await runs.start(job(), ADDRESS)
    await ended(runs)
    view = await runs.look(id)
    assert "The run broke off: RuntimeError: disk full" in progress_html(view, "m", "", "en")
    assert "评测中断：RuntimeError: disk full" in progress_html(view, "m", "", "zh")


async def test_failed_items_are_counted_and_do_not_end_the_run(tmp_path):
    runs = RunManager(services(tmp_path, FakeEngine("4", Answer("3", error=InputError("Too long.")), "5")))
    id = await runs.start(job(in_flight=1), ADDRESS)
    await ended(runs)
    view = await runs.look(id)
    assert (view.phase, view.tasks[0].failed) == ("done", 1)


async def test_there_is_no_run_outside_the_folder_of_results(tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "plan.json").write_text("{}")
    runs = RunManager(services(tmp_path / "results", FakeEngine()))
    with pytest.raises(InputError, match="There is no run"):
        await runs.look("../secret")


async def test_an_item_waits_until_visitors_are_answered():
    engine = FakeEngine("Hello.", paced=True)
    pool = pool_of(engine)
    visitor = asyncio.create_task(drain(pool, HELLO))
    await until(lambda: engine.load == 1)
    item = asyncio.create_task(drain(LowPriorityEngine(pool), HELLO))
    await asyncio.sleep(0.25)
    assert len(engine.requests) == 1
    await engine.release(20)
    await visitor
    await item
    assert [request.priority for request in engine.requests] == [0, PRIORITY]


async def test_an_item_does_not_wait_for_ever():
    engine = FakeEngine("Hello.", paced=True)
    pool = pool_of(engine)
    visitor = asyncio.create_task(drain(pool, HELLO))
    await until(lambda: engine.load == 1)
    item = asyncio.create_task(drain(LowPriorityEngine(pool, patience=0.05), HELLO))
    await until(lambda: len(engine.requests) == 2)
    await engine.release(20)
    await asyncio.gather(visitor, item)


async def test_a_runs_own_items_do_not_wait_for_each_other():
    engine = FakeEngine("Hello.", paced=True)
    polite = LowPriorityEngine(pool_of(engine))
    items = [asyncio.create_task(drain(polite, HELLO)) for _ in range(3)]
    await until(lambda: len(engine.requests) == 3)
    await engine.release(20)
    await asyncio.gather(*items)


async def drain(engine, request) -> None:
    async with aclosing(engine.generate(request)) as deltas:
        async for _ in deltas:
            pass


@pytest.mark.parametrize("broken", ["", '{"model": "fake", "ta', "[1]"])
async def test_a_run_whose_plan_was_cut_off_is_passed_over(broken, tmp_path):
    runs = RunManager(services(tmp_path, FakeEngine("4")))
    id = await runs.start(job(limit=1), ADDRESS)
    await ended(runs)
    folder = tmp_path / "fake" / "run_2026-01-01T00-00-00_0badf00d"
    folder.mkdir()
    (folder / "plan.json").write_text(broken)
    assert list(runs) == [id]
    with pytest.raises(InputError, match="cannot be read"):
        await runs.look(folder.relative_to(tmp_path).as_posix())


async def test_a_run_stops_while_its_server_does_not_answer(tmp_path, monkeypatch):
    class Silent(FakeEngine):
        async def start(self) -> None:
            self.starts += 1
            await asyncio.Event().wait()

    engine = Silent()
    monkeypatch.setattr("evals.cli.run_commands.build_engine", lambda contestant: engine)
    runs = RunManager(services(tmp_path, FakeEngine()))
    id = await runs.start(job(server=True, address="http://far/v1"), ADDRESS)
    await until(lambda: engine.starts)
    async with asyncio.timeout(20):
        await runs.stop()
    assert ((await runs.look(id)).phase, engine.status.stage) == ("stopped", Stage.CLOSED)
