"""Evaluation runs of this server: start, watch, stop, go on. Knows no Gradio; what is done is on disk.

A run is a folder ``<results>/<model>/run_<date>_<fingerprint>`` as the command line makes it too, so that either goes
on with what the other began.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from demos.evaluation.low_priority_engines import LowPriorityEngine
from demos.evaluation.run_archive import is_readable_plan
from demos.evaluation.run_plan import ELSEWHERE, job_from_plan
from demos.evaluation.run_views import Phase, RunView, TaskView
from demos.services import Services
from evals.cli.run_commands import Job, run_job, score_all
from evals.conversation.live_executor import LiveExecutor
from evals.report.comparable import result_scale
from evals.result_files import sanitize_name
from evals.run_journal import RunJournal, read_plan, recordings_folder, run_folder
from evals.run_lock import is_held
from evals.task_data import expected_rows
from evals.task_runner import Executor, LocalExecutor, TaskProgress
from vita.errors import InputError, VitaError

logger = logging.getLogger(__name__)

PAUSE = 20.0  # a run's items are read and scored again after so many times what that took, and not sooner


@dataclass(eq=False)
class _LiveRun:
    """The run that is going on. ``address`` is this server's own, for conversations with it."""

    id: str
    job: Job
    address: str
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    progress: dict[str, TaskProgress] = field(default_factory=dict)
    asking: bool = False
    task: asyncio.Task[None] | None = None


@dataclass(frozen=True)
class _ReadProgress:
    """What a run's items came to when they were read last."""

    size: int
    tasks: tuple[TaskView, ...]
    due: float  # not to be read again before


class RunManager:
    """One run at a time, kept in ``services.results``.

    Args:
        clock: seconds, for how often the disk is read.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self.root = services.results
        self._live: _LiveRun | None = None
        self._errors: dict[str, VitaError] = {}
        self._jobs: dict[str, Job] = {}  # with the keys that never reach the disk
        self._read: dict[str, _ReadProgress] = {}

    def __iter__(self) -> Iterator[str]:
        """Ids of all runs, newest first."""
        plans = sorted(self.root.glob("*/run_*/plan.json"), key=lambda path: path.parent.name, reverse=True)
        return (path.parent.relative_to(self.root).as_posix() for path in plans if is_readable_plan(path))

    @property
    def live(self) -> str | None:
        """Id of the run that goes on."""
        return self._live.id if self._live else None

    @property
    def live_share(self) -> float | None:
        """Share of its items that are done; None where that is not known."""
        told = list(self._live.progress.values()) if self._live else []
        total = sum(each.total for each in told)
        is_known = (
            self._live is not None and len(told) == len(self._live.job.tasks) and all(each.total for each in told)
        )
        return sum(each.done for each in told) / total if is_known and total else None

    def plan(self, id: str) -> dict[str, Any]:
        """What a run was asked to do. Raises InputError where there is no such run, or its plan is broken."""
        path = (self.root / id / "plan.json").resolve()
        if not path.is_relative_to(self.root.resolve()) or not path.is_file():
            raise InputError("There is no run {id}; choose one from the list.", id=id)
        return read_plan(path.parent)

    def job(self, id: str) -> Job | None:
        """The job of a run that this process started, its keys included."""
        return self._jobs.get(id)

    async def start(self, job: Job, address: str) -> str:
        """Begin a job, or go on with the run that it resumes or the unfinished one of its plan; returns its id.

        Args:
            address: of this very server, where conversations with the page's own engines are held.

        Raises:
            InputError: another run goes on here, or the same one in another process.
        """
        if self._live:
            raise InputError("A run goes on already: stop it, or wait until it is done.")
        date = datetime.now().isoformat().replace(":", "-")
        folder = run_folder(
            self.root / sanitize_name(job.contestant.name), job.run_plan(), date, job.fresh, job.resumes
        )
        if is_held(folder):
            raise InputError("Another process works on this run: let it end, or stop it there.")
        id = folder.relative_to(self.root).as_posix()
        job = replace(job, output=self.root, log_samples=True, fresh=False, resumes=folder.name)  # decided above
        self._live, self._jobs[id] = _LiveRun(id, job, address), job
        self._errors.pop(id, None)
        self._live.task = asyncio.create_task(self._drive(self._live), name=f"evaluate {id}")
        return id

    async def stop(self) -> None:
        """Give up what is in flight and wait until the run has ended; harmless where none goes on."""
        live = self._live
        if live and live.task:
            live.stop.set()
            await asyncio.wait([live.task])

    async def _drive(self, live: _LiveRun) -> None:
        try:
            executor = await self._executor(live)
            if live.stop.is_set():
                return
            live.asking = True
            await run_job(live.job, lambda told: live.progress.update({told.task: told}), live.stop, executor)
        except VitaError as error:  # the page shows it; what is done stays done
            self._errors[live.id] = error
        except Exception as error:
            logger.exception("Run %s failed", live.id)
            self._errors[live.id] = VitaError("The run broke off: {reason}", reason=f"{type(error).__name__}: {error}")
        finally:
            self._live = None
            self._read.pop(live.id, None)  # what it came to is read at once

    async def _executor(self, live: _LiveRun) -> Executor | None:
        """Who asks the page's own engines once one is ready, or talks with them; None for a contestant elsewhere.

        Raises:
            EngineError: they all failed. InputError: this server cannot be talked with.
        """
        if live.job.contestant.source in ELSEWHERE:
            return None
        if not await self._until_ready(live):
            return None
        if any(task.live for task in live.job.tasks):
            if not live.address:
                raise InputError("This server has no port of its own: give its address as another server's.")
            return LiveExecutor(live.address, recordings_folder(self.root / live.id))
        return LocalExecutor(LowPriorityEngine(self._services.pool), live.job.asking, None, live.job.concurrency)

    async def _until_ready(self, live: _LiveRun) -> bool:
        """Wait for one of the page's own engines; False where the run was stopped before one was ready.

        Raises:
            EngineError: they all failed.
        """
        stopping = asyncio.create_task(live.stop.wait())
        ready = asyncio.create_task(self._services.pool.wait_until_ready())
        try:
            await asyncio.wait((stopping, ready), return_when=asyncio.FIRST_COMPLETED)
            if live.stop.is_set():
                return False
            await ready
            return True
        finally:
            stopping.cancel()
            ready.cancel()
            await asyncio.gather(stopping, ready, return_exceptions=True)

    async def look(self, id: str) -> RunView:
        """Where a run is.

        Raises:
            InputError: there is no such run.
        """
        plan = self.plan(id)
        live = self._live if self._live and self._live.id == id else None
        tasks = await asyncio.to_thread(self._tasks, id, plan)
        told: Mapping[str, TaskProgress] = live.progress if live else {}
        tasks = tuple(_with_told(task, told.get(task.name)) for task in tasks)
        rate = list(told.values())[-1].rate if told else 0.0
        return RunView(id, plan["model"], self.phase(id), tasks, self._errors.get(id), rate)

    def phase(self, id: str) -> Phase:
        """How a run stands; "done" for results whose run is not here."""
        live = self._live if self._live and self._live.id == id else None
        if live:
            return "stopping" if live.stop.is_set() else "running" if live.asking else "waiting"
        if id.endswith(".json") or (self.root / id / "finished").exists():
            return "done"
        if is_held(self.root / id):
            return "elsewhere"
        return "failed" if id in self._errors else "stopped"

    def _tasks(self, id: str, plan: Mapping[str, Any]) -> tuple[TaskView, ...]:
        """From the items on disk; not read again while nothing was added, nor too soon."""
        path = self.root / id / "items.jsonl"
        length = path.stat().st_size if path.exists() else 0
        known = self._read.get(id)
        if known and (known.size == length or time.monotonic() < known.due):
            return known.tasks
        begun = time.monotonic()
        tasks = tuple(_task_views(self.root / id, plan))
        cost = time.monotonic() - begun
        self._read[id] = _ReadProgress(length, tasks, time.monotonic() + PAUSE * cost)
        return tasks


def _with_told(task: TaskView, told: TaskProgress | None) -> TaskView:
    if told is None:
        return task
    total = told.total or task.total
    failed = max(told.failed, task.failed)  # those that could not be scored are known from the disk alone
    return replace(task, done=told.done, total=total, failed=failed, seconds_left=told.seconds_left)


def _task_views(folder: Path, plan: Mapping[str, Any]) -> Iterator[TaskView]:
    job, journal = job_from_plan(plan), RunJournal(folder)
    results = {result.task.name: result for result in score_all(job, journal)}
    for task in job.tasks:
        records = journal.records_of(task.name)
        try:
            total = expected_rows(task, job.selection)
        except InputError:
            total = 0  # the data has gone since
        found = results.get(task.name)
        failed = found.failed_items if found else 0
        view = TaskView(task.name, len(records), total, failed)
        if found:
            unit, best = result_scale(found)
            score, interval = found.headline_value.value, found.headline_interval
            view = replace(view, score=score, interval=interval, unit=unit, best=best)
        yield view
