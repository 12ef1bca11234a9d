"""Runs on disk, ours and the command line's: which there are, what they say, their labels, and deleting them.

A run's id is its folder relative to the folder of results; of results whose folder is not here, the results file.
Knows no Gradio.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from demos.evaluation.run_titles import run_start
from demos.evaluation.unfinished_results import unfinished_content, unfinished_samples
from evals import result_files
from evals.report.run_settings import run_settings
from evals.report.sample_tables import run_seconds
from evals.result_files import Content, read_results
from evals.run_journal import recordings_folder, run_of
from evals.run_labels import RunLabel, read_label, write_label
from evals.task_data import media_root
from evals.tasks import TASKS
from vita.errors import InputError


@dataclass(frozen=True)
class KeptRun:
    """A run as it lies on disk: its folder, its results file, or both.

    Attributes:
        folder: None where only the results are here.
        results: None before the run has ended.
    """

    id: str
    folder: Path | None
    results: Path | None

    @property
    def place(self) -> Path:
        """Where its label is kept, see ``evals.run_labels``."""
        place = self.folder or self.results
        assert place is not None
        return place

    @property
    def plan(self) -> dict[str, Any]:
        """What was to be asked; empty where that is not here or cannot be read."""
        return _read_plan_cached(self.folder / "plan.json") if self.folder else {}


class RunArchive:
    """The runs below a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run_ids(self) -> list[str]:
        """Of all that can be shown, the latest begun first."""
        return list(self._runs())

    def result_ids(self) -> list[str]:
        """Results files that can be shown, newest first."""
        return [self._relative(path) for path in result_files.find_results(self.root) if _is_ours(path)]

    def _runs(self) -> dict[str, KeptRun]:
        found = [*self._runs_with_folders()]
        known = {run.results for run in found}
        alone = [path for path in result_files.find_results(self.root) if path not in known and _is_ours(path)]
        found += [KeptRun(self._relative(path), None, path) for path in alone]
        found.sort(key=lambda run: (str(run_start(run.id) or ""), run.id), reverse=True)
        return {run.id: run for run in found}

    def _runs_with_folders(self) -> Iterator[KeptRun]:
        for plan in self.root.glob("*/run_*/plan.json"):
            folder = plan.parent
            results = _finished_results(folder)
            if (results and not _is_ours(results)) or not is_readable_plan(plan):
                continue
            yield KeptRun(self._relative(folder), folder, results)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def kept_run(self, id: str) -> KeptRun:
        """A run by its id, or by that of its results file. Raises InputError where there is none any more."""
        path = self.root / id
        if path.resolve().is_relative_to(self.root.resolve()):
            if path.suffix == ".json" and path.is_file():
                folder = run_of(path)
                return KeptRun(self._relative(folder) if folder else id, folder, path)
            if path.name.startswith("run_") and (path / "plan.json").is_file():
                return KeptRun(id, path, _finished_results(path))
        raise InputError("There are no results {id} any more; choose others from the list.", id=id)

    def result_path(self, id: str) -> Path:
        """The results file. Raises InputError where there is none, such as of a run that was stopped."""
        results = self.kept_run(id).results
        if results is None:
            raise InputError("This run has no results file yet: resume it and let it end.")
        return results

    def result_content(self, id: str) -> Content:
        """What it came to, of a run that goes on or was stopped what it has come to so far.

        Raises:
            InputError: there is no such run, or its plan names a task that is no more.
        """
        run = self.kept_run(id)
        if run.results is None:
            assert run.folder is not None
            return unfinished_content(run.folder)
        return _read_cached(run.results, run.results.stat().st_mtime_ns)

    def has_task(self, id: str, task: str | None) -> bool:
        """Whether a run has asked a task; a run that has not ended is scored only where its plan has it."""
        try:
            run = self.kept_run(id)
            planned = run.results is not None or task in run.plan.get("tasks", ())
            return planned and task in self.result_content(id)["headlines"]
        except InputError:
            return False

    def result_samples(self, id: str, task: str) -> list[dict[str, Any]]:
        """A task's samples under its first scorer, by place in the data; none where they were not kept."""
        run = self.kept_run(id)
        headline = self.result_content(id)["headlines"].get(task)
        if headline is None:
            return []
        if run.results is None:
            assert run.folder is not None
            return unfinished_samples(run.folder, task)
        found = result_files.read_samples(run.results, task)
        return sorted((one for one in found if one["filter"] == headline["scorer"]), key=lambda one: one["doc_id"])

    def settings(self, id: str) -> dict[str, str]:
        """What a run was made with, see ``run_settings``. Raises InputError as ``result_content``."""
        run = self.kept_run(id)
        return run_settings(run.plan, self.result_content(id))

    def planned_settings(self, id: str) -> dict[str, str]:
        """The same without what only results tell, which is quick. Raises InputError where there is no such run."""
        plan = self.kept_run(id).plan
        return run_settings(plan) if plan else self.settings(id)

    def label(self, id: str) -> RunLabel:
        """The run's own name and note. Raises InputError where there is no such run."""
        return read_label(self.kept_run(id).place)

    def set_label(self, id: str, label: RunLabel) -> None:
        """Name a run and note something of it. Raises InputError: there is no such run, or the text is too long."""
        write_label(self.kept_run(id).place, label)

    def media_folder(self, id: str, task: str) -> Path | None:
        """The folder that the media of a run's samples lie below; None where they are not here."""
        if task not in TASKS:
            return None
        folder = self.kept_run(id).plan.get("data")
        return media_root(TASKS[task], Path(folder) if folder else None)

    def recordings_folder(self, id: str) -> Path | None:
        """The folder of a run's recorded conversations; None where the run is not here."""
        folder = self.kept_run(id).folder
        return recordings_folder(folder) if folder else None

    def run_samples(self, id: str) -> list[list[dict[str, Any]]]:
        """The samples of each task, as ``result_samples``."""
        return [self.result_samples(id, task) for task in self.result_content(id)["headlines"]]

    def item_seconds(self, id: str) -> list[float]:
        """How long each item took until its last token; failed ones left out."""
        return run_seconds(self.run_samples(id))


def _finished_results(folder: Path) -> Path | None:
    """The results file of a run; None where it has not ended, or the file has gone."""
    note = folder / "finished"
    if not note.is_file():
        return None
    path = folder.parent / _note_text(note, note.stat().st_mtime_ns)
    return path if path.is_file() else None


@lru_cache(maxsize=4096)
def _note_text(path: Path, changed: int) -> str:
    return path.read_text(encoding="utf-8").strip()


def _is_ours(path: Path) -> bool:
    try:
        return _has_headlines(path, path.stat().st_mtime_ns)
    except (OSError, ValueError):  # being written, or no JSON
        return False


@lru_cache(maxsize=4096)
def _has_headlines(path: Path, changed: int) -> bool:
    return "headlines" in read_results(path)


@lru_cache(maxsize=256)
def _read_cached(path: Path, changed: int) -> Content:
    """A results file; ``changed`` is when, so that a new one of the same name is read anew."""
    return read_results(path)


def is_readable_plan(plan: Path) -> bool:
    """Whether a plan says anything; one that a full disk cut off has nothing to show."""
    try:
        return isinstance(_parsed_plan(plan, plan.stat().st_mtime_ns), dict)
    except (OSError, ValueError):
        return False


def _read_plan_cached(plan: Path) -> dict[str, Any]:
    """What a plan says; empty where it says nothing."""
    return _parsed_plan(plan, plan.stat().st_mtime_ns) if is_readable_plan(plan) else {}


@lru_cache(maxsize=4096)
def _parsed_plan(plan: Path, changed: int) -> Any:
    """The plan as it was ``changed``; not to be changed by who reads it. Raises ValueError where it is no JSON."""
    return json.loads(plan.read_text(encoding="utf-8"))
