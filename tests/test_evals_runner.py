"""Whole runs through fake engines: concurrency, failures, stopping, resuming, the same answers twice."""

from __future__ import annotations

import asyncio
import itertools
import json

import pytest

from evals.cli import run_commands
from evals.contestants import Contestant
from evals.item_runner import AnswerJudge, AskingOptions, answer_of, ask_item, cut_at_stops, shown_prompt
from evals.run_journal import (
    ItemRecord,
    RunJournal,
    find_unfinished,
    open_run,
    plan_fingerprint,
    plan_of,
    read_plan,
    run_folder,
)
from evals.scoring import pick_scorers, score_records, speed_figures
from evals.task_data import Selection, TaskExample, selected_examples
from evals.task_runner import LocalExecutor, TaskRun
from evals.tasks import TASKS, select_tasks
from tests.fakes import Answer, FakeEngine
from vita.conversation import Turn
from vita.engine.engine_protocol import Sampling
from vita.errors import EngineDeadError, EngineError, InputError, PromptTooLongError
from vita.tokens import State

GSM8K = TASKS["gsm8k_bundled"]
MME = TASKS["mme_bundled"]


def run_of(tasks, folder, watch=lambda progress: None, **selection) -> TaskRun:
    return TaskRun(tasks, Selection(**selection), RunJournal(folder), watch)


async def test_a_run_asks_every_item_once_and_tells_how_it_goes(tmp_path):
    seen = []
    run = run_of([MME, GSM8K], tmp_path, seen.append)
    engine = FakeEngine("yes")
    assert await run.start_run(LocalExecutor(engine, concurrency=4))
    assert len(engine.requests) == 16 + 4
    assert [record.doc_id for record in run.journal.records_of("mme_bundled")] == list(range(16))
    assert seen[-1].done == seen[-1].total
    assert {progress.task for progress in seen} == {"mme_bundled", "gsm8k_bundled"}
    assert seen[-1].seconds_left == 0
    assert seen[-1].rate > 0


async def test_no_more_items_fly_than_allowed(tmp_path):
    full = asyncio.Event()  # the first answers wait for as many questions as allowed: reading pictures takes a while

    class Counting(FakeEngine):
        most = 0

        async def generate(self, request):
            Counting.most = max(Counting.most, self.load + 1)
            async for delta in super().generate(request):
                if Counting.most >= 3:
                    full.set()
                await asyncio.wait_for(full.wait(), 60)
                yield delta

    await run_of([MME], tmp_path).start_run(LocalExecutor(Counting("no"), concurrency=3))
    assert Counting.most == 3


async def test_one_broken_item_is_one_recorded_failure(tmp_path, caplog):
    replies = itertools.cycle(["yes", PromptTooLongError(9, 5), "yes", ValueError("bug")])
    engine = FakeEngine(lambda request: next(replies))
    run = run_of([MME], tmp_path)
    assert await run.start_run(LocalExecutor(engine, concurrency=1))
    records = run.journal.records_of("mme_bundled")
    failed = [record for record in records if record.error]
    assert len(records) == 16
    assert len(failed) == 8
    assert failed[0].error.startswith("PromptTooLongError: The conversation is 4 tokens too long")
    assert "bug" in caplog.text, "what nobody foresaw is logged with its trace"
    result = score_records(MME, MME.scorers[0], records)
    assert result.failed_items == 8
    assert result.metrics["mme_score"].n == 16, "failed items stay in the denominator"


async def test_a_dead_engine_ends_the_run_and_loses_nothing(tmp_path):
    replies = iter(["yes", "no", EngineDeadError("gone")])
    run = run_of([MME], tmp_path)
    with pytest.raises(EngineDeadError):
        await run.start_run(LocalExecutor(FakeEngine(lambda request: next(replies)), concurrency=1))
    again = run_of([MME], tmp_path)
    assert len(again.journal.records) == 2
    engine = FakeEngine("no")
    assert await again.start_run(LocalExecutor(engine))
    assert len(engine.requests) == 14


async def test_stopping_gives_up_what_flies_and_goes_on_later(tmp_path):
    stop = asyncio.Event()
    run = run_of([MME], tmp_path, lambda progress: stop.set() if progress.done >= 5 else None)
    engine = FakeEngine("yes")
    assert not await run.start_run(LocalExecutor(engine, concurrency=2), stop)
    done = len(run.journal.records)
    assert 5 <= done < 16
    assert engine.load == 0
    again = run_of([MME], tmp_path)
    engine = FakeEngine("yes")
    assert await again.start_run(LocalExecutor(engine, concurrency=2))
    assert len(engine.requests) == 16 - done


async def test_stopping_does_not_wait_for_a_slow_engine(tmp_path):
    stop = asyncio.Event()
    engine = FakeEngine("never", paced=True)
    run = asyncio.create_task(run_of([GSM8K], tmp_path).start_run(LocalExecutor(engine), stop))
    while engine.load < 4:
        await asyncio.sleep(0)
    stop.set()
    assert await asyncio.wait_for(run, 5) is False
    assert engine.load == 0


async def test_a_prompt_has_text_shots_state_and_media(tmp_path):
    task = TASKS["mme_bundled"]
    example = next(selected_examples(task, Selection()))
    engine = FakeEngine(Answer("Yes.", State.TEXT_QUERY))
    ticks = itertools.count()
    asking = AskingOptions(seed=7, system="be short", gen_kwargs={"max_gen_toks": 3, "temperature": 0.5})
    record = await ask_item(engine, task, example, asking, clock=lambda: float(next(ticks)))
    request = engine.requests[0]
    assert request.sampling == Sampling(temperature=0.5, max_tokens=3, seed=7, repetition_penalty=1.0)
    assert request.system == "be short"
    assert record.prompt == f"<picture 224x224>\n{request.turns[0].text}"
    assert (record.answer, record.state, record.finish) == ("Yes.", "text_query", "stop")
    assert (record.first_token_seconds, record.seconds) == (1.0, 2.0)
    assert record.tokens["completion_tokens"] == 2
    assert record.doc["image"]["sha256"]


async def test_a_missing_file_fails_its_item_alone(tmp_path):
    record = await ask_item(
        FakeEngine("yes"), MME, TaskExample(3, {"image": str(tmp_path / "no.png"), "answer": "Yes"}), AskingOptions()
    )
    assert record.doc_id == 3
    assert record.error.startswith("MediaError")
    assert answer_of(record) is None


def test_state_tokens_that_a_server_left_in_the_text_are_taken_off():
    record = ItemRecord("mme", 0, {}, "", "", answer="<1> Yes")
    assert answer_of(record).text == "Yes"
    assert answer_of(record).state is State.AUDIO_QUERY
    assert cut_at_stops("7 eggs\nQuestion: more", ("Question:", "</s>")) == "7 eggs\n"
    assert shown_prompt((Turn("user", ("a",)), Turn("assistant", ("b",)))) == "user: a\nassistant: b"


async def test_a_judge_is_asked_where_a_scorer_needs_one(tmp_path):
    task = TASKS["mmvet_bundled"]
    engine, judge = FakeEngine("a circle"), FakeEngine("0.5")
    run = run_of([task], tmp_path)
    await run.start_run(LocalExecutor(engine, judge=AnswerJudge(judge, {task.name: task.scorer_named("judge")})))
    records = run.journal.records_of(task.name)
    assert [record.verdict for record in records] == ["0.5"] * 3
    assert "Prediction: a circle" in judge.requests[0].turns[0].text
    assert score_records(task, task.scorer_named("judge"), records).headline_value.value == 50.0


def test_scorers_are_picked_by_name_by_task_or_all():
    assert [scorer.name for scorer in pick_scorers(GSM8K, "", has_judge=False)] == ["flexible-extract"]
    assert [scorer.name for scorer in pick_scorers(GSM8K, "strict-match", has_judge=False)] == ["strict-match"]
    assert len(pick_scorers(GSM8K, "all", has_judge=False)) == 3
    assert [s.name for s in pick_scorers(GSM8K, {"gsm8k_bundled": "opencompass"}, has_judge=False)] == ["opencompass"]
    assert [s.name for s in pick_scorers(TASKS["mmvet"], "judge", has_judge=False)] == ["contains"]


def test_speed_tells_latency_tokens_and_throughput():
    records = [ItemRecord("t", index, {}, "", "", answer="", seconds=float(index), tokens={"completion_tokens": 5})
               for index in range(1, 4)]  # fmt: skip
    found = speed_figures([*records, ItemRecord("t", 9, {}, "", "", error="x")], 2.0)
    assert found["latency_seconds_p50"] == 2.0
    assert found["completion_tokens_per_second"] == 7.5
    assert found["items_per_second"] == 1.5
    assert speed_figures([], 0.0)["latency_seconds_p50"] is None


async def test_the_same_run_twice_gives_the_same_answers(tmp_path):
    answers = []
    for name in ("one", "two"):
        run = run_of(select_tasks(["mme_bundled", "ceval_bundled"]), tmp_path / name)
        engine = run_commands.build_engine(Contestant("simulated", "simulated"))
        await run.start_run(LocalExecutor(engine, AskingOptions(seed=3), concurrency=5))
        answers.append(
            [(record.doc_id, record.answer, record.state) for record in run.journal.records_of("mme_bundled")]
        )
    assert answers[0] == answers[1]
    assert len({answer for _, answer, _ in answers[0]}) > 1


def test_a_torn_line_is_forgotten_and_whole_ones_are_kept(tmp_path):
    journal = RunJournal(tmp_path)
    journal.append_records(
        [ItemRecord("t", 0, {"a": 1}, "x", "p", answer="1"), ItemRecord("t", 1, {}, "x", "p", answer="2")]
    )
    journal.append_records([ItemRecord("t", 1, {}, "x", "p", answer="again")])
    path = tmp_path / "items.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"task": "t", "doc_id": 2, "do')
    again = RunJournal(tmp_path)
    assert path.read_bytes() != whole, "reading changes nothing, for another process may be writing"
    assert ("t", 1) in again
    assert [record.answer for record in again.records_of("t")] == ["1", "2"]
    again.append_records([ItemRecord("t", 2, {}, "x", "p", answer="3")])
    assert [json.loads(line)["doc_id"] for line in path.read_text().splitlines()] == [0, 1, 2]


def test_only_an_unfinished_run_of_the_same_plan_is_gone_on_with(tmp_path):
    plan = {"model": "m", "tasks": ["a"]}
    first = run_folder(tmp_path, plan, "2026-01-01")
    assert find_unfinished(tmp_path, plan) == first
    assert run_folder(tmp_path, plan, "2026-01-02") == first
    assert run_folder(tmp_path, plan, "2026-01-02", fresh=True) != first
    assert run_folder(tmp_path, {"model": "n"}, "2026-01-03").name.endswith(plan_fingerprint({"model": "n"}))
    newest = find_unfinished(tmp_path, plan)
    with open_run(tmp_path, plan, "2026-01-04") as journal:
        journal.mark_finished("results.json")
    assert find_unfinished(tmp_path, plan) != newest
    assert plan_of(newest.with_name("results.json")) == plan
    assert plan_of(newest.with_name("results_of_another.json")) == {}


@pytest.mark.parametrize("broken", ["", '{"model": "m", "ta', "[]"])
def test_a_plan_that_was_cut_off_is_written_again_and_reads_as_none_meanwhile(broken, tmp_path):
    plan = {"model": "m", "tasks": ["a"]}
    with open_run(tmp_path, plan, "2026-01-01") as journal:
        journal.mark_finished("results.json")
    (journal.folder / "plan.json").write_text(broken)
    with pytest.raises(InputError, match="cannot be read"):
        read_plan(journal.folder)
    assert plan_of(tmp_path / "results.json") == {}
    (journal.folder / "finished").unlink()
    assert run_folder(tmp_path, plan, "2026-01-02") == journal.folder
    assert read_plan(journal.folder) == plan


def test_a_full_disk_leaves_no_plan_rather_than_a_part_of_one(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("evals.run_journal.os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            run_folder(tmp_path, {"model": "m"}, "2026-01-01")
    assert list(tmp_path.glob("run_*/plan.json")) == []
    assert read_plan(run_folder(tmp_path, {"model": "m"}, "2026-01-01")) == {"model": "m"}


def test_of_several_unfinished_runs_of_a_plan_the_one_that_is_named_goes_on(tmp_path):
    plan = {"model": "m", "tasks": ["a"]}
    old, new = (run_folder(tmp_path, plan, f"2026-01-0{day}", fresh=True) for day in (1, 2))
    assert run_folder(tmp_path, plan, "2026-01-03") == new
    with open_run(tmp_path, plan, "2026-01-03", run=old.name) as journal:
        assert journal.folder == old


def test_the_time_of_a_run_is_that_of_all_its_starts(tmp_path):
    journal = RunJournal(tmp_path)
    journal.append_records([ItemRecord("t", index, {}, "", "", at=105.0 + index, started=100.0) for index in range(3)])
    journal.append_records([ItemRecord("t", 9, {}, "", "", at=903.0, started=900.0)])
    assert RunJournal(tmp_path).asking_seconds == 10.0


async def test_an_engine_that_is_there_already_is_used_and_left_open(tmp_path):
    engine = FakeEngine("yes")
    job = run_commands.Job(Contestant("mine", "simulated"), (MME,), output=tmp_path)
    outcome = await run_commands.run_job(job, executor=LocalExecutor(engine))
    assert outcome.content["model_name"] == "mine"
    assert outcome.results[0].metrics["mme_score"].value == 8 * 50.0
    assert engine.starts == 0
    assert engine.status.stage.value == "ready"


async def test_a_judge_that_is_a_server_is_opened_and_closed(tmp_path, monkeypatch):
    opened = []

    def build(contestant):
        opened.append(FakeEngine("1.0" if contestant.source == "remote" else "a circle", name=contestant.name))
        return opened[-1]

    monkeypatch.setattr(run_commands, "build_engine", build)
    job = run_commands.Job(
        Contestant("m", "simulated"), (TASKS["mmvet_bundled"],), judge="base_url=http://x/v1,model=j"
    )
    outcome = await run_commands.run_job(job)
    assert (outcome.results[0].scorer.name, outcome.results[0].headline_value.value) == ("judge", 100.0)
    assert [engine.status.stage.value for engine in opened] == ["closed", "closed"]


class Loading(FakeEngine):
    """An engine that never gets ready."""

    async def start(self) -> None:
        self.starts += 1
        await asyncio.Event().wait()


@pytest.mark.parametrize("judged", [False, True])
async def test_a_contestant_or_judge_that_still_loads_is_given_up_when_stopped(judged, tmp_path, monkeypatch):
    opened, stop = [], asyncio.Event()

    def build(contestant):
        opened.append(FakeEngine() if judged and not opened else Loading())
        return opened[-1]

    monkeypatch.setattr(run_commands, "build_engine", build)
    judge = "base_url=http://x/v1" if judged else ""
    job = run_commands.Job(Contestant("m", "simulated"), (MME,), judge=judge, output=tmp_path)
    running = asyncio.create_task(run_commands.run_job(job, stop=stop))
    async with asyncio.timeout(20):
        while not (opened and isinstance(opened[-1], Loading) and opened[-1].starts):
            await asyncio.sleep(0.01)
        stop.set()
        outcome = await running
    assert (outcome.complete, outcome.path, outcome.content) == (False, None, {})
    assert {engine.status.stage.value for engine in opened} == {"closed"}
    assert find_unfinished(tmp_path / "m", job.run_plan()), "it goes on later"


async def test_a_contestant_that_cannot_be_loaded_says_why(monkeypatch):
    class Broken(FakeEngine):
        async def start(self) -> None:
            raise EngineError("No memory is left.")

    monkeypatch.setattr(run_commands, "build_engine", lambda contestant: Broken())
    with pytest.raises(EngineError, match="No memory"):
        await run_commands.run_job(run_commands.Job(Contestant("m", "simulated"), (MME,)))
