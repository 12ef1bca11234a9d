"""Run tasks against a contestant: many items in flight, each written down as it finishes, until all are done.

An executor turns work into records, in whatever order they finish; ``LocalExecutor`` asks one engine in this process.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Protocol

from evals.item_runner import AnswerJudge, AskingOptions, Clock, ask_item
from evals.run_journal import ItemRecord, RunJournal
from evals.task import Task
from evals.task_data import Selection, TaskExample, expected_rows, selected_examples
from vita.engine.engine_protocol import Engine


@dataclass(frozen=True)
class Work:
    """One item to ask about; small enough to be sent to another process."""

    task: Task
    example: TaskExample


@dataclass(frozen=True)
class TaskProgress:
    """Where a task is.

    Attributes:
        done: items that are on disk, failed ones and those of an earlier start included.
        total: items there will be; 0 where it is not known.
        rate: items per second since this start.
        seconds_left: for this task at this rate; None where nothing tells.
    """

    task: str
    done: int
    total: int
    failed: int
    rate: float
    seconds_left: float | None


class Executor(Protocol):
    """Asks about items."""

    def run(self, work: Iterator[Work]) -> AsyncIterator[Sequence[ItemRecord]]:
        """Records in groups as they finish. Closing the iterator cancels what is in flight."""


@dataclass
class LocalExecutor:
    """One engine, asked by this process.

    Attributes:
        concurrency: items in flight; the engine batches them as it can.
    """

    engine: Engine
    asking: AskingOptions = field(default_factory=AskingOptions)
    judge: AnswerJudge | None = None
    concurrency: int = 32
    clock: Clock = time.monotonic

    async def run(self, work: Iterator[Work]) -> AsyncIterator[Sequence[ItemRecord]]:
        """See Executor. The data is read in a thread, so that a slow download holds nothing up."""
        flying: set[asyncio.Task[ItemRecord]] = set()
        more = True
        try:
            while more or flying:
                while more and len(flying) < self.concurrency:
                    item = await asyncio.to_thread(next, work, None)
                    more = item is not None
                    if item is not None:
                        one = ask_item(self.engine, item.task, item.example, self.asking, self.judge, self.clock)
                        flying.add(asyncio.create_task(one, name=f"{item.task.name} {item.example.index}"))
                if flying:
                    done, flying = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
                    yield [task.result() for task in done]
        finally:
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)


@dataclass
class TaskRun:
    """Tasks over rows, a journal that knows what is done, and who watches.

    Attributes:
        watch: told of every change; exceptions in it end the run.
    """

    tasks: Sequence[Task]
    selection: Selection
    journal: RunJournal
    watch: Callable[[TaskProgress], None] = lambda progress: None
    clock: Clock = time.monotonic
    wall: Clock = time.time
    _totals: dict[str, int] = field(default_factory=dict)
    _done: Counter[str] = field(default_factory=Counter)
    _failed: Counter[str] = field(default_factory=Counter)
    _fresh: int = 0  # items of this start

    async def start_run(self, executor: Executor, stop: asyncio.Event | None = None) -> bool:
        """Do what is not done yet.

        Args:
            stop: when set, no new item is asked, those in flight are given up, and what is done stays done.

        Returns:
            Whether everything was done.

        Raises:
            InputError: data is not there.
            EngineDeadError, EngineNotReadyError: the engine is gone; what was done is on disk.
        """
        for task in self.tasks:
            self._totals[task.name] = await asyncio.to_thread(expected_rows, task, self.selection)
        self._count_records(list(self.journal.records.values()))
        begun, started = self.clock(), self.wall()
        async with aclosing(executor.run(self._remaining_work())) as batches:  # type: ignore[type-var]
            batch = asyncio.ensure_future(anext(batches, None))
            stopped = asyncio.ensure_future((stop or asyncio.Event()).wait())
            try:
                while True:
                    await asyncio.wait({batch, stopped}, return_when=asyncio.FIRST_COMPLETED)
                    if not batch.done():
                        return False
                    records = batch.result()
                    if records is None:
                        return True
                    records = [replace(record, at=self.wall(), started=started) for record in records]
                    await asyncio.to_thread(self.journal.append_records, records)
                    self._tell_progress(records, self.clock() - begun)
                    batch = asyncio.ensure_future(anext(batches, None))
            finally:
                for future in (batch, stopped):
                    future.cancel()
                await asyncio.gather(batch, stopped, return_exceptions=True)

    def _remaining_work(self) -> Iterator[Work]:
        """What is left of all tasks, one after the other, so that the engine is never idle between two."""
        for task in self.tasks:
            for example in selected_examples(task, self.selection):
                if (task.name, example.index) not in self.journal:
                    yield Work(task, example)

    def _count_records(self, records: Sequence[ItemRecord]) -> None:
        self._done.update(record.task for record in records)
        self._failed.update(record.task for record in records if record.error)

    def _tell_progress(self, records: Sequence[ItemRecord], seconds: float) -> None:
        self._count_records(records)
        self._fresh += len(records)
        for name in dict.fromkeys(record.task for record in records):
            self.watch(self.progress_of(name, seconds))

    def progress_of(self, name: str, seconds: float) -> TaskProgress:
        """A task's progress after ``seconds`` of this start."""
        done, total = self._done[name], self._totals.get(name, 0)
        rate = self._fresh / seconds if seconds > 0 else 0.0
        left = max(0, total - done) / rate if rate and total else None
        return TaskProgress(name, done, total, self._failed[name], rate, left)
