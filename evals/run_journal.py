"""What a run has done so far, on disk: one line an item, written as items finish, whole after any kill.

A run folder holds ``plan.json`` (what is being run), ``items.jsonl``, ``lock`` (see ``evals.run_lock``),
``recordings_folder`` of conversations and, once results are written, ``finished`` with the name of the results file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from evals.run_lock import hold_run
from vita.errors import InputError
from vita.json_lines import JsonLinesFile


@dataclass(frozen=True)
class ItemRecord:
    """One item that was asked.

    Attributes:
        doc: the row without its media.
        prompt: what was asked, media as marks.
        answer: the text as it came, None where it failed.
        state: name of the state token that came with it.
        error: why it failed, "" where it did not.
        shots: examples that the prompt really had.
        first_token_seconds: until the first delta; seconds: until the last.
        at: unix time at which it was done; started: at which that start of the run began to ask.
    """

    task: str
    doc_id: int
    doc: Mapping[str, Any]
    target: str
    prompt: str
    answer: str | None = None
    state: str | None = None
    verdict: str | None = None
    error: str = ""
    finish: str = ""
    shots: int = 0
    seconds: float = 0.0
    first_token_seconds: float = 0.0
    tokens: Mapping[str, int] = field(default_factory=dict)
    at: float = 0.0
    started: float = 0.0


class RunJournal:
    """The items of one run. One process writes, others may read; a line that was being written is forgotten."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records: dict[tuple[str, int], ItemRecord] = {}
        self._lines = JsonLinesFile(folder / "items.jsonl")
        for line in self._lines.read_values():
            record = ItemRecord(**line)
            self.records[record.task, record.doc_id] = record

    def __contains__(self, item: tuple[str, int]) -> bool:
        return item in self.records

    def append_records(self, records: Iterable[ItemRecord]) -> None:
        """Append items and return when the disk has them. An item that is there already is left as it is."""
        fresh = [record for record in records if (record.task, record.doc_id) not in self.records]
        self._lines.append_values(map(asdict, fresh))
        self.records |= {(record.task, record.doc_id): record for record in fresh}

    def records_of(self, task: str) -> list[ItemRecord]:
        """A task's items in the order of the data."""
        return sorted((record for key, record in self.records.items() if key[0] == task), key=lambda item: item.doc_id)

    @property
    def asking_seconds(self) -> float:
        """Time spent asking, over all starts of the run; of a killed one until its last item."""
        ends: dict[float, float] = {}
        for record in self.records.values():
            ends[record.started] = max(ends.get(record.started, 0.0), record.at)
        return sum(end - start for start, end in ends.items())

    def mark_finished(self, results: str) -> None:
        """Note that results were written; the run will not be resumed."""
        (self.folder / "finished").write_text(results, encoding="utf-8")


def plan_fingerprint(plan: Mapping[str, Any]) -> str:
    """Eight hex digits that are the same for runs that would ask the same of the same model."""
    return hashlib.sha256(json.dumps(plan, sort_keys=True, default=str).encode()).hexdigest()[:8]


def find_unfinished(root: Path, plan: Mapping[str, Any]) -> Path | None:
    """The newest run folder of this plan that has no results yet."""
    folders = sorted(root.glob(f"run_*_{plan_fingerprint(plan)}"), reverse=True)
    return next((folder for folder in folders if not (folder / "finished").exists()), None)


def run_of(results: Path) -> Path | None:
    """The folder of the run that wrote a results file; None where it is not here."""
    notes = results.parent.glob("run_*/finished")
    return next((note.parent for note in notes if note.read_text(encoding="utf-8") == results.name), None)


def plan_of(results: Path) -> dict[str, Any]:
    """The plan of the run that wrote a results file; empty where its folder is not here or its plan is broken."""
    folder = run_of(results)
    try:
        return read_plan(folder) if folder else {}
    except InputError:
        return {}


def read_plan(folder: Path) -> dict[str, Any]:
    """What a run was asked to do. Raises InputError where its plan is not there or broken, as by a full disk."""
    found = None
    with suppress(OSError, ValueError):
        found = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise InputError("The plan of the run {run} cannot be read.", run=folder.name)
    return found


def _write_plan(folder: Path, plan: Mapping[str, Any]) -> None:
    """Whole or not at all, whatever kills this process: others read plans meanwhile."""
    unfinished = folder / f".plan.{os.getpid()}"
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(json.dumps(plan, indent=2, ensure_ascii=False, default=str))
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, folder / "plan.json")


def recordings_folder(run: Path) -> Path:
    """Where a run keeps what was said in its conversations, see ``recording_path``."""
    return run / "recordings"


def recording_path(folder: Path, task: str, doc_id: int) -> Path:
    """The file of one conversation, the user on the left and the model on the right."""
    return folder / f"{task}_{doc_id}.ogg"


def run_folder(root: Path, plan: Mapping[str, Any], date: str, fresh: bool = False, run: str = "") -> Path:
    """The folder of the unfinished run of this plan, or of a new one.

    Args:
        date: names a new run's folder.
        fresh: a new one in any case.
        run: the name of the one to take, where there may be several of one plan.
    """
    folder = root / run if run else None if fresh else find_unfinished(root, plan)
    folder = folder or root / f"run_{date}_{plan_fingerprint(plan)}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        read_plan(folder)
    except InputError:
        _write_plan(folder, plan)
    return folder


@contextmanager
def open_run(
    root: Path, plan: Mapping[str, Any], date: str, fresh: bool = False, run: str = ""
) -> Iterator[RunJournal]:
    """Go on with the unfinished run of this plan, or begin one, and let nobody else write until it is left.

    Args:
        date, fresh, run: see ``run_folder``.

    Raises:
        InputError: another process works on it.
    """
    folder = run_folder(root, plan, date, fresh, run)
    with hold_run(folder):
        if (folder / "finished").exists():  # by who held it a moment ago
            raise InputError(
                "The run {run} has just been finished by another process; see its results.", run=folder.name
            )
        yield RunJournal(folder)
