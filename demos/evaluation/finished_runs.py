"""Finished runs on disk: which there are, what they say, and what can be taken away. Knows no Gradio."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from evals import result_files
from evals.report import sample_tables
from evals.report.sample_tables import Until
from evals.result_files import Content, read_results
from evals.run_journal import plan_of, recordings_folder, run_of
from evals.task_data import media_root
from evals.tasks import TASKS
from vita.errors import InputError
from vita.folder_aging import remove_old_folders

EXPORTS = "vita-evaluation-"  # how the folders of downloads begin
KEPT = 3600  # seconds that such a folder is kept


class FinishedRuns:
    """The results files below a folder, ours and those that the command line wrote there."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def result_ids(self) -> list[str]:
        """Of all that can be shown, newest first."""
        return [
            path.relative_to(self.root).as_posix()
            for path in result_files.find_results(self.root)
            if self._is_ours(path)
        ]

    def _is_ours(self, path: Path) -> bool:
        try:
            return "headlines" in _read_cached(path, path.stat().st_mtime_ns)
        except (OSError, ValueError):  # being written, or no JSON
            return False

    def result_path(self, id: str) -> Path:
        """The file. Raises InputError where there is none, such as one that was deleted since."""
        path = self.root / id
        if not path.resolve().is_relative_to(self.root.resolve()) or not path.is_file():
            raise InputError("There are no results {id} any more; choose others from the list.", id=id)
        return path

    def result_content(self, id: str) -> Content:
        """What it says. Raises InputError as ``path``."""
        path = self.result_path(id)
        return _read_cached(path, path.stat().st_mtime_ns)

    def result_samples(self, id: str, task: str) -> list[dict[str, Any]]:
        """A task's samples under its first scorer, by place in the data; none where they were not kept."""
        headline = self.result_content(id)["headlines"].get(task)
        if headline is None:
            return []
        found = result_files.read_samples(self.result_path(id), task)
        return sorted((one for one in found if one["filter"] == headline["scorer"]), key=lambda one: one["doc_id"])

    def media_folder(self, id: str, task: str) -> Path | None:
        """The folder that the media of a run's samples lie below; None where they are not here."""
        if task not in TASKS:
            return None
        folder = plan_of(self.result_path(id)).get("data")
        return media_root(TASKS[task], Path(folder) if folder else None)

    def recordings_folder(self, id: str) -> Path | None:
        """The folder of a run's recorded conversations; None where the run is not here."""
        run = run_of(self.result_path(id))
        return recordings_folder(run) if run else None

    def item_seconds(self, id: str, until: Until = "seconds") -> list[float]:
        """How long each item took until its last token, or its first; failed ones left out."""
        return sample_tables.item_seconds(self.result_path(id), self.result_content(id)["headlines"], until)


@lru_cache(maxsize=256)
def _read_cached(path: Path, changed: int) -> Content:
    """A results file; ``changed`` is when, so that a new one of the same name is read anew."""
    return read_results(path)


def run_start(id: str) -> datetime | None:
    """When a run began, from its file's or folder's name; None where that does not say."""
    name = Path(id).stem if id.endswith(".json") else Path(id).name
    text = name.removeprefix("results_").removeprefix("run_")[:19]
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H-%M-%S")
    except ValueError:
        return None


def run_stamp(id: str) -> str:
    """``11-21 23:15:02``, without the year and in no language, for lists."""
    moment = run_start(id)
    return moment.strftime("%m-%d %H:%M:%S") if moment else Path(id).stem


def names_of(contents: Sequence[Content], ids: Sequence[str]) -> list[str]:
    """What charts call each run: its model, the time too where a model comes twice, and a number within one second."""
    models = [str(content["model_name"]) for content in contents]
    names = [
        f"{model} · {run_stamp(id)}" if models.count(model) > 1 else model
        for model, id in zip(models, ids, strict=True)
    ]
    return [
        f"{name} · {names[: place + 1].count(name)}" if names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]


def _kept_download(name: str, write: Callable[[Path], Any]) -> str:
    """A file for download in a folder of its own, so that it keeps its name; the page takes a copy at once."""
    remove_old_folders(Path(tempfile.gettempdir()).glob(f"{EXPORTS}*"), KEPT)
    path = Path(tempfile.mkdtemp(prefix=EXPORTS)) / name
    write(path)
    return str(path)


def csv_file(contents: Sequence[Content]) -> str:
    """The table of headline numbers; returns its path."""
    text = sample_tables.as_csv(contents)
    return _kept_download("results.csv", lambda path: path.write_text(text, encoding="utf-8"))


def html_file(page: str) -> str:
    """A page of charts; returns its path."""
    return _kept_download("charts.html", lambda path: path.write_text(page, encoding="utf-8"))


def zip_file(path: Path) -> str:
    """A run's results and samples; returns the archive's path."""
    return _kept_download(f"{path.parent.name}_{path.stem}.zip", lambda target: sample_tables.as_zip(path, target))
