"""How fast the machinery is: throughput beside plain offline generation, what a second Ray worker brings, the page."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evals.contestants import build_engine, contestant_from_arguments
from evals.item_runner import AskingOptions
from evals.page_benchmark import measure_page
from evals.provenance import git_revision, machine_line, package_versions
from evals.ray_workers import RayExecutor
from evals.run_journal import ItemRecord, RunJournal
from evals.task_data import Selection, selected_examples
from evals.task_runner import Executor, LocalExecutor, TaskRun
from evals.tasks import TASKS
from vita.engine.engine_protocol import Engine, Request
from vita.settings import Settings

TASK = TASKS["gsm8k"]  # its prompts are text, so that both sides wait for the model alone
TOKENS = 32  # of each answer at most
ROUNDS = 3  # measured, after one to warm up; the best of each side counts, for other programs disturb both
SIMULATED = "seconds=0.25,parallel=4"
_ASKING = AskingOptions(gen_kwargs={"max_gen_toks": TOKENS})


def measure_performance(model: str, items: int, parts: Sequence[str]) -> dict[str, Any]:
    """All figures that ``parts`` ("throughput", "ray", "page") name, with what they are made from.

    Args:
        items: asked at once in each round.
    """
    found: dict[str, Any] = {"versions": package_versions(), "git": git_revision(), "machine": machine_line()}
    if "throughput" in parts:
        found |= measure_throughput(model, items)
    if "ray" in parts:
        found |= asyncio.run(measure_scaling())
    if "page" in parts:
        found |= asyncio.run(measure_page(model))
    return found


def measure_throughput(model: str, items: int) -> dict[str, Any]:
    """Completion tokens a second of an evaluation, journal and all, over those of LLM.generate in this process."""
    from vita.engine.offline_engine import time_offline

    settings = Settings(model=model, engines=1)
    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch) / str(number) for number in range(ROUNDS + 1)]
        batches = [_write_problems(folder, number, items) for number, folder in enumerate(folders)]
        ours = asyncio.run(_evaluate_rounds(model, folders, items))
    theirs = time_offline(settings, batches)
    rates = [tokens / seconds for seconds, tokens in ours], [tokens / seconds for seconds, tokens in theirs]
    return {
        "eval_throughput_ratio": max(rates[0]) / max(rates[1]),
        "eval_tokens_per_second": rates[0],
        "offline_tokens_per_second": rates[1],
        "items": items,
        "eval_tokens": [tokens for _, tokens in ours],
        "offline_tokens": [tokens for _, tokens in theirs],
    }


def _write_problems(folder: Path, number: int, items: int) -> list[Request]:
    """Problems of a round, written as data of a task; no two are the same, so that no cache answers."""
    folder.mkdir(parents=True)
    rows = [
        {"question": f"A farm has {7 * index + number + 2} hens and buys {index + 3} more. How many has it now?",
         "answer": f"#### {8 * index + number + 5}"}
        for index in range(items)
    ]  # fmt: skip
    (folder / "gsm8k.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    asked = selected_examples(TASK, Selection(folder, shots=0))
    return [Request(TASK.prompt(example.row, ()), _ASKING.sampling_for(TASK)) for example in asked]


async def _evaluate_rounds(model: str, folders: Sequence[Path], items: int) -> list[tuple[float, int]]:
    engine = build_engine(contestant_from_arguments(model, ""))
    await engine.start()
    try:
        return [await _offline_round(engine, folder, items) for folder in folders][1:]
    finally:
        await engine.close()


async def _offline_round(engine: Engine, folder: Path, items: int) -> tuple[float, int]:
    run = TaskRun([TASK], Selection(folder, shots=0), RunJournal(folder / "run"))
    start = time.monotonic()
    await run.start_run(LocalExecutor(engine, _ASKING, concurrency=items))
    seconds = time.monotonic() - start
    return seconds, sum(record.tokens["completion_tokens"] for record in run.journal.records.values())


async def measure_scaling(items: int = 160) -> dict[str, Any]:
    """Items a second of two Ray workers over one, on a task whose model time is simulated, and whether they agree."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "data"
        _write_problems(folder, 0, items)
        rates, answers = {}, {}
        for workers in (1, 2):
            executor = RayExecutor(contestant_from_arguments("simulated", SIMULATED), _ASKING, workers, concurrency=4)
            await executor.prepare_workers()
            try:
                run = TaskRun([TASK], Selection(folder, shots=0), RunJournal(Path(scratch) / str(workers)))
                rates[workers] = await _items_per_second(run, executor, items)
                answers[workers] = [_said_tokens(record) for record in run.journal.records_of(TASK.name)]
            finally:
                await asyncio.to_thread(executor.close)
    return {
        "ray_scaling": rates[2] / rates[1],
        "ray_items_per_second": rates,
        "ray_results_equal": answers[1] == answers[2],
    }


async def _items_per_second(run: TaskRun, executor: Executor, items: int) -> float:
    start = time.monotonic()
    await run.start_run(executor)
    return items / (time.monotonic() - start)


def _said_tokens(record: ItemRecord) -> tuple[int, str | None, str | None]:
    return record.doc_id, record.answer, record.state
