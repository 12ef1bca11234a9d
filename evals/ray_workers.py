"""Run over Ray workers, each with its own engine, on one machine or a cluster. Records are as in one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from evals.contestants import Contestant
from evals.item_runner import AskingOptions
from evals.run_journal import ItemRecord
from evals.task_data import TaskExample
from evals.task_runner import LocalExecutor, Work
from vita.errors import EngineError, InputError

_AHEAD = 2  # batches that each worker has, so that none waits for this process


class RayWorker:
    """Lives in a Ray process: one engine, asked about batches of items."""

    def __init__(self, contestant: Contestant, asking: AskingOptions, concurrency: int) -> None:
        from evals.contestants import build_engine

        self._engine = build_engine(contestant)
        self._asking, self._concurrency = asking, concurrency

    async def load_engine(self) -> None:
        """Load the engine."""
        await self._engine.start()

    async def ask_batch(self, batch: Sequence[tuple[str, TaskExample]]) -> list[ItemRecord]:
        """Records of a batch, as Local makes them."""
        from evals.tasks import TASKS

        work = iter([Work(TASKS[name], example) for name, example in batch])
        local = LocalExecutor(self._engine, self._asking, None, self._concurrency)
        return [record async for records in local.run(work) for record in records]


@dataclass
class RayExecutor:
    """An Executor over ``workers`` Ray actors.

    Attributes:
        concurrency: items in flight on each worker.
        gpus: GPUs that each worker asks Ray for.
    """

    contestant: Contestant
    asking: AskingOptions
    workers: int = 2
    concurrency: int = 32
    gpus: float = 0.0
    _actors: list[Any] = field(default_factory=list)

    async def prepare_workers(self) -> None:
        """Start Ray, unless it runs, and load an engine on each worker; harmless when done already.

        Raises:
            InputError: Ray is not installed. EngineError: a worker died.
        """
        if self._actors:
            return
        try:
            import ray
        except ImportError as error:
            raise InputError("--executor ray needs Ray: pip install ray.") from error
        if not ray.is_initialized():
            ray.init(log_to_driver=False, include_dashboard=False)
        actor = ray.remote(num_gpus=self.gpus, num_cpus=0, max_concurrency=_AHEAD + 1)(RayWorker)
        self._actors = [actor.remote(self.contestant, self.asking, self.concurrency) for _ in range(self.workers)]
        await asyncio.gather(*(_call_result(one.load_engine.remote()) for one in self._actors))

    async def run(self, work: Iterator[Work]) -> AsyncIterator[Sequence[ItemRecord]]:
        """See Executor.

        Raises:
            InputError: Ray is not installed. EngineError: a worker died.
        """
        await self.prepare_workers()
        async with aclosing(self._collect_records(self._actors, work)) as batches:
            async for records in batches:
                yield records

    def close(self) -> None:
        """End the workers and their engines."""
        if self._actors:
            import ray

            for one in self._actors:
                ray.kill(one)
            self._actors = []

    async def _collect_records(
        self, actors: Sequence[Any], work: Iterator[Work]
    ) -> AsyncGenerator[Sequence[ItemRecord]]:
        flying: dict[asyncio.Future[list[ItemRecord]], Any] = {}
        free = [one for one in actors for _ in range(_AHEAD)]
        while True:
            while free and (batch := await asyncio.to_thread(self._next_batch, work)):
                one = free.pop(0)
                flying[asyncio.ensure_future(_call_result(one.ask_batch.remote(batch)))] = one
            if not flying:
                return
            done, _ = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
            for future in done:
                free.append(flying.pop(future))
                yield future.result()

    def _next_batch(self, work: Iterator[Work]) -> list[tuple[str, TaskExample]]:
        """As many items as a worker has in flight, so that both of its batches together keep its engine busy."""
        return [(item.task.name, item.example) for item in islice(work, self.concurrency)]


async def _call_result(reference: Any) -> Any:
    """What a Ray call came to. Raises EngineError where its worker is gone, and the worker's own errors."""
    import ray

    try:
        return await reference
    except ray.exceptions.RayTaskError as error:
        raise error.as_instanceof_cause() from error
    except ray.exceptions.RayError as error:
        raise EngineError(f"A Ray worker failed: {error}") from error
