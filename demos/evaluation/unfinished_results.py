"""A run that has no results file yet, or never gets one, as though it had: what its items came to so far."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from demos.evaluation.run_plan import job_from_plan
from evals import result_files
from evals.cli.run_commands import Job, score_all
from evals.result_files import About, Content
from evals.run_journal import RunJournal, read_plan
from evals.scoring import TaskResult
from evals.task_data import expected_rows
from vita.errors import InputError

ITEMS = "items.jsonl"


def unfinished_content(folder: Path) -> Content:
    """What a results file would say if the run ended now; without headlines before its first item.

    Raises:
        InputError: its plan is broken, or names a task that is no more.
    """
    return _scored_run(folder, _item_bytes(folder))[0]


def unfinished_samples(folder: Path, task: str) -> list[dict[str, Any]]:
    """A task's samples so far, under its first scorer, by place in the data. Raises InputError as above."""
    return list(_scored_run(folder, _item_bytes(folder))[1].get(task, ()))


def _item_bytes(folder: Path) -> int:
    path = folder / ITEMS
    return path.stat().st_size if path.is_file() else 0


@lru_cache(maxsize=8)
def _scored_run(folder: Path, size: int) -> tuple[Content, Mapping[str, list[dict[str, Any]]]]:
    """The content, and samples by task; ``size`` is that of its items, so that more of them are read anew."""
    plan = read_plan(folder)
    job, journal = job_from_plan(plan), RunJournal(folder)
    scored = score_all(job, journal)
    content = result_files.build_results(_about_unfinished(job, journal, scored), scored)
    options = job.asking.gen_kwargs or {}
    return content, {one.task.name: result_files.sample_lines(one, options) for one in scored}


def _about_unfinished(job: Job, journal: RunJournal, scored: list[TaskResult]) -> About:
    contestant = job.contestant
    return About(
        model=contestant.name,
        source=contestant.source,
        config={"limit": job.selection.limit, "random_seed": job.asking.seed, "gen_kwargs": job.asking.gen_kwargs},
        provenance={},
        started=min((record.started for record in journal.records.values()), default=time.time()),
        seconds=journal.asking_seconds,
        system=job.asking.system,
        shots={one.task.name: max(record.shots for record in one.records) for one in scored},
        sizes={task.name: _rows_of(job, task) for task in job.tasks},
    )


def _rows_of(job: Job, task: Any) -> int:
    """Rows of a task; 0 where its data has gone since."""
    try:
        return expected_rows(task, job.selection)
    except InputError:
        return 0
