"""What each command does: from parsed options to text, files and progress. Prints nothing itself."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from evals import result_files
from evals.contestants import (
    Contestant,
    build_engine,
    contestant_from_arguments,
    hash_of,
    kept_args,
    shown_args,
    tile_bound,
)
from evals.dataset_revisions import dataset_commits
from evals.item_runner import AnswerJudge, AskingOptions
from evals.provenance import git_revision, machine_line, package_versions
from evals.run_journal import RunJournal, open_run, recordings_folder
from evals.scoring import BYPASS, TaskResult, pick_scorers, score_records
from evals.task import Task
from evals.task_data import Selection, expected_rows
from evals.task_runner import Executor, LocalExecutor, TaskProgress, TaskRun
from evals.tasks import select_tasks
from vita.engine.engine_protocol import Engine
from vita.errors import SettingsError


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        results: in the order of the tasks; several for a task with several scorers.
        content: of the results file; empty where it was stopped.
        path: the results file; None where nothing was to be kept.
        complete: False where it was stopped; the same command goes on.
    """

    results: Sequence[TaskResult]
    content: dict[str, Any]
    path: Path | None
    complete: bool


@dataclass(frozen=True)
class Job:
    """A run as it was asked for, by the command line or by the page.

    Attributes:
        shots: examples before each question; None takes each task's own.
        scorers: see ``scoring.pick_scorers``.
        judge: model arguments of the server that judges; "" where none does.
        output: folder for results; None keeps nothing.
        fresh: begin a new run in any case.
        resumes: name of the run's folder to go on with; "" takes the newest unfinished one of the same plan.
    """

    contestant: Contestant
    tasks: tuple[Task, ...]
    selection: Selection = field(default_factory=Selection)
    asking: AskingOptions = field(default_factory=AskingOptions)
    scorers: dict[str, str] | str = ""
    judge: str = ""
    concurrency: int = 32
    output: Path | None = None
    log_samples: bool = False
    fresh: bool = False
    resumes: str = ""
    predict_only: bool = False
    seeds: tuple[int | None, ...] = (0, 1234, 1234, 1234)
    executor: str = "local"
    workers: int = 2

    def run_plan(self) -> dict[str, Any]:
        """Everything that decides what is asked; two jobs with the same plan can go on with each other's items."""
        return {
            "model": self.contestant.name,
            "source": self.contestant.source,
            "model_args": kept_args(self.contestant),
            "tasks": [task.name for task in self.tasks],
            "tiles": {task.name: task.tiles for task in self.tasks if task.tiles is not None},
            "limit": self.selection.limit,
            "shots": self.selection.shots,
            "samples": {name: list(indices) for name, indices in self.selection.samples.items()},
            "data": str(self.selection.folder) if self.selection.folder else None,
            "asking": asdict(self.asking),
            "judge": bool(self.judge),
        }


def job_of(options: argparse.Namespace) -> Job:
    """The job that ``run_job``'s options describe.

    Raises:
        InputError, SettingsError: a task or a model argument that there is not.
    """
    return Job(
        contestant=contestant_from_arguments(options.model, options.model_args),
        tasks=select_tasks(options.tasks),
        selection=Selection(options.data, options.limit, options.num_fewshot, options.samples),
        asking=AskingOptions(options.seeds[0] or 0, options.system_instruction, options.gen_kwargs, mode=options.mode),
        scorers=options.scorers,
        judge=options.judge,
        concurrency=options.concurrency,
        output=options.output_path,
        log_samples=options.log_samples or options.predict_only,
        predict_only=options.predict_only,
        fresh=options.fresh,
        seeds=options.seeds,
        executor=options.executor,
        workers=options.workers,
    )


async def run_job(
    job: Job,
    watch: Callable[[TaskProgress], None] = lambda progress: None,
    stop: asyncio.Event | None = None,
    executor: Executor | None = None,
) -> Outcome:
    """Do a job, or what is left of it, and write its results.

    Args:
        stop: see ``Run.start``.
        executor: who asks, ready already, in place of the contestant's own.

    Raises:
        InputError: data that is not there, or another process works on the same run.
        EngineError: the engine is gone; the same job goes on later.
    """
    date, started = datetime.now().isoformat().replace(":", "-"), time.time()
    with tempfile.TemporaryDirectory() as scratch:
        root = (job.output or Path(scratch)) / result_files.sanitize_name(job.contestant.name)
        root.mkdir(parents=True, exist_ok=True)
        with open_run(root, job.run_plan(), date, job.fresh, job.resumes) as journal:
            read = await asyncio.to_thread(
                _dataset_commits, job
            )  # before anything is read, for the Hub may move meanwhile
            complete = await _ask_all(job, TaskRun(job.tasks, job.selection, journal, watch), stop, executor)
            scored = score_all(job, journal)
            if not complete:
                return Outcome(scored, {}, None, complete)
            about = await asyncio.to_thread(_about_run, job, scored, started, journal.asking_seconds)
            about = replace(about, commits=read)
            content = result_files.build_results(about, scored)
            if job.output is None:
                return Outcome(scored, content, None, complete)
            path = result_files.write_results(root, date, about, scored, job.log_samples)
            journal.mark_finished(path.name)
            return Outcome(scored, content, path, complete)


async def _ask_all(job: Job, todo: TaskRun, stop: asyncio.Event | None, given: Executor | None) -> bool:
    if given is not None:
        return await todo.start_run(given, stop)
    if job.contestant.source == "realtime":
        from evals.conversation.live_executor import LiveExecutor

        return await todo.start_run(
            LiveExecutor(job.contestant.args["base_url"], recordings_folder(todo.journal.folder)), stop
        )
    if job.executor == "ray":
        from evals.ray_workers import RayExecutor

        workers = RayExecutor(job.contestant, job.asking, job.workers, job.concurrency)
        try:
            return await todo.start_run(workers, stop)
        finally:
            await asyncio.to_thread(workers.close)
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(_ready_engine(job.contestant, stop))
        if engine is None:
            return False
        judge = None
        if job.judge:
            judge_engine = await stack.enter_async_context(
                _ready_engine(contestant_from_arguments("remote", job.judge), stop)
            )
            if judge_engine is None:
                return False
            judge = AnswerJudge(judge_engine, {task.name: _judged_scorer(job, task) for task in job.tasks})
        return await todo.start_run(LocalExecutor(engine, job.asking, judge, job.concurrency), stop)


@asynccontextmanager
async def _ready_engine(contestant: Contestant, stop: asyncio.Event | None) -> AsyncIterator[Engine | None]:
    """Its engine, loaded, and closed afterwards; None where the run was stopped before that."""
    engine = build_engine(contestant)
    try:
        yield engine if await _done_before_stop(stop or asyncio.Event(), engine.start()) else None
    finally:
        await engine.close()


async def _done_before_stop(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Whether the work was done before ``stop`` was set, which gives it up. Raises what the work raises."""
    working, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done() or stop.is_set():
            return False
        working.result()
        return True
    finally:
        for future in (working, stopped):
            future.cancel()
        await asyncio.gather(working, stopped, return_exceptions=True)


def _judged_scorer(job: Job, task: Task) -> Any:
    """The scorer of a task whose judge is to be asked: the first chosen one that asks, else the first that can."""
    chosen = [scorer for scorer in pick_scorers(task, job.scorers, has_judge=True) if scorer.ask]
    return (chosen or [scorer for scorer in task.scorers if scorer.ask] or [task.scorers[0]])[0]


def score_all(job: Job, journal: RunJournal) -> list[TaskResult]:
    """Every task's numbers by every scorer that was chosen; with a judge its scorer comes first."""
    found = []
    for task in job.tasks:
        records = journal.records_of(task.name)
        scorers = (BYPASS,) if job.predict_only else pick_scorers(task, job.scorers, has_judge=bool(job.judge))
        if job.judge and not job.predict_only and not job.scorers:
            scorers = tuple(sorted(task.scorers, key=lambda scorer: scorer.ask is None)[:1])
        found += [score_records(task, scorer, records) for scorer in scorers] if records else []
    return found


def _about_run(job: Job, scored: Sequence[TaskResult], started: float, seconds: float) -> result_files.About:
    contestant, seeds = job.contestant, dict(zip(("random", "numpy", "torch", "fewshot"), job.seeds, strict=True))
    return result_files.About(
        model=contestant.name,
        source=contestant.source,
        config={
            "model": contestant.source,
            "model_args": shown_args(contestant),
            "batch_size": str(job.concurrency),
            "batch_sizes": [],
            "device": None,
            "use_cache": None,
            "limit": job.selection.limit,
            "bootstrap_iters": 0,
            "gen_kwargs": job.asking.gen_kwargs,
            **{f"{name}_seed": seed for name, seed in seeds.items()},
            "mode": job.asking.mode,
            "executor": job.executor,
        },
        provenance={
            "versions": package_versions(),
            "git": git_revision(),
            "checkpoint_sha256": hash_of(contestant),
            "machine": machine_line(),
        },
        started=started,
        seconds=seconds,
        system=job.asking.system,
        shots={one.task.name: max(record.shots for record in one.records) for one in scored},
        tile_bound=tile_bound(contestant),
        sizes={task.name: expected_rows(task, replace(job.selection, limit=None, samples={})) for task in job.tasks},
    )


def _dataset_commits(job: Job) -> dict[str, dict[str, str | None]]:
    return {task.name: dataset_commits(task, job.selection.folder) for task in job.tasks}


def check_job(job: Job) -> None:
    """Refuse what can only be a mistake. Raises SettingsError."""
    wanted = [job.scorers] if isinstance(job.scorers, str) else list(job.scorers.values())
    known = {scorer.name for task in job.tasks for scorer in task.scorers} | {"", "all"}
    missing = sorted(set(wanted) - known)
    if missing:
        raise SettingsError(f"No task here has a scorer {missing[0]!r}; known are {sorted(known - {'', 'all'})}.")
    if job.asking.mode == "letters" and job.contestant.source == "remote":
        raise SettingsError("--mode letters needs an engine here; a server's first token stays free.")
    if any(task.live != (job.contestant.source == "realtime") for task in job.tasks):
        raise SettingsError(
            "Tasks full_duplex… are conversations with a live server, and no other tasks are: give them alone, with "
            "--model realtime --model_args base_url=ws://host:7860"
        )
    if job.judge and job.executor == "ray":
        raise SettingsError("--judge works with --executor local only.")
