"""Which rows of a task are asked about: limits, chosen ones, examples beforehand. Media are read late."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from evals.task import BUNDLED, Kind, Row, Task
from evals.task_rows import PART, SPLIT, is_local, rows_of, shots_of
from vita.errors import InputError, MediaError
from vita.media import Limits, Medium, load_clip, load_picture, load_sound

LIMITS = Limits(
    video_bytes=4 * 2**30, video_seconds=7200.0, audio_bytes=200 * 2**20, audio_seconds=600.0, decode_seconds=900.0
)


@dataclass(frozen=True)
class TaskExample:
    """One row to ask about.

    Attributes:
        index: place in the task's order, which never changes; results name items by it.
        shots: rows to show beforehand.
        root: folder that the row's media lie below; None where they come with the rows.
    """

    index: int
    row: Row
    shots: tuple[Row, ...] = ()
    root: Path | None = None


@dataclass(frozen=True)
class Selection:
    """Which rows of which data.

    Attributes:
        folder: data in place of the Hub.
        limit: rows, or a share of them where below 1; None takes all.
        shots: examples shown beforehand; None takes the task's own number.
        samples: indices to take, by task; others are left out.
    """

    folder: Path | None = None
    limit: float | None = None
    shots: int | None = None
    samples: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def expected_rows(task: Task, selection: Selection) -> int:
    """How many rows will come, as far as it is known beforehand; 0 where it is not."""
    if is_local(task, selection.folder):
        return sum(1 for _ in _taken_rows(task, selection))
    if task.name in selection.samples:
        return len(selection.samples[task.name])
    whole = task.source.size
    limit = _row_limit(task, selection, whole)
    return min(whole, limit) if limit is not None and whole else whole or limit or 0


def selected_examples(task: Task, selection: Selection) -> Iterator[TaskExample]:
    """The rows in an order that is the same each time.

    Raises:
        InputError: the data is not there; the message says how to get it.
    """
    shots, root = FewShots(task, selection), media_root(task, selection.folder)
    return (TaskExample(index, row, shots.shots_for(row), root) for index, row in _taken_rows(task, selection))


def media_root(task: Task, folder: Path | None) -> Path | None:
    """The folder that paths of a task's media in records are relative to; None where there are no files."""
    return BUNDLED if task.bundled else folder


def _taken_rows(task: Task, selection: Selection) -> Iterator[tuple[int, Row]]:
    """Indices and rows; nothing is read behind the last one that is wanted."""
    limit, wanted = _row_limit(task, selection, _all_rows(task, selection)), selection.samples.get(task.name)
    last: object = None
    for index, row in enumerate(rows_of(task, selection.folder)):
        group = task.group(row) if task.group else None
        if limit is not None and index >= limit and (task.group is None or group != last):
            return
        last = group
        if wanted is None or index in wanted:
            yield index, row
        if wanted is not None and index >= max(wanted, default=0):
            return


def _all_rows(task: Task, selection: Selection) -> int:
    """All rows; counted only where a share of them is asked for and counting is cheap."""
    is_share = selection.limit is not None and 0 <= selection.limit < 1
    if is_share and is_local(task, selection.folder):
        return sum(1 for _ in rows_of(task, selection.folder))
    return task.source.size


class FewShots:
    """Rows to show before a question, from the same part of the data; read once for each part."""

    def __init__(self, task: Task, selection: Selection) -> None:
        self._task, self._selection = task, selection
        self._count = task.shots if selection.shots is None else selection.shots
        self._known: dict[str, tuple[Row, ...]] = {}

    def shots_for(self, row: Row) -> tuple[Row, ...]:
        """The first rows of the split for examples; fewer where it has fewer."""
        part = str(row.get(PART, ""))
        if not self._count or not self._task.source.shots:
            return ()
        if part not in self._known:
            self._known[part] = tuple(islice(shots_of(self._task, self._selection.folder, part), self._count))
        return self._known[part]


def plain_row(example: TaskExample, media: Mapping[str, Kind]) -> dict[str, Any]:
    """The row for files: each medium becomes the hash of its content and, if it is a file, its path below the root.

    No path of this machine is in it, for results are given away.
    """
    row = example.row
    shown = {name: value for name, value in row.items() if name not in media and name != SPLIT}
    return shown | {name: _described_medium(row[name], example.root) for name in media if row.get(name) is not None}


def open_media(row: Row, media: Mapping[str, Kind]) -> dict[str, Any]:
    """The row with its media read. Raises MediaError or LimitError for a file that cannot be used."""
    return dict(row) | {
        name: _load_medium(row[name], kind) for name, kind in media.items() if row.get(name) is not None
    }


def _load_medium(value: Any, kind: Kind) -> Medium:
    source = _media_content(value)
    if kind == "picture":
        return load_picture(source, LIMITS)
    return load_sound(source, LIMITS) if kind == "sound" else load_clip(source, LIMITS)


def _media_content(value: Any) -> Any:
    """What vita.media reads: a path, bytes or a Pillow image, out of what ``datasets`` gives."""
    if isinstance(value, Mapping):
        if value.get("bytes") is None and not value.get("path"):
            raise MediaError("The row names a file but holds neither its bytes nor its path.")
        return value["bytes"] if value.get("bytes") is not None else Path(value["path"])
    return Path(value) if isinstance(value, str) else value


def _described_medium(value: Any, root: Path | None) -> dict[str, str]:
    content = _media_content(value)
    path = {"path": _relative_path(content, root)} if isinstance(content, Path) else {}
    if isinstance(content, Path):
        content = content.read_bytes() if content.is_file() else b""
    data = content if isinstance(content, bytes) else content.tobytes()
    return path | {"sha256": hashlib.sha256(data).hexdigest()}


def _relative_path(path: Path, root: Path | None) -> str:
    """The path relative to ``root``; of a file elsewhere its name alone."""
    return path.relative_to(root).as_posix() if root and path.is_relative_to(root) else path.name


def _row_limit(task: Task, selection: Selection, whole: int) -> int | None:
    """As lm-eval: a whole number of rows, or a share below 1, rounded up."""
    if selection.limit is None or selection.limit < 0:
        return None
    if selection.limit >= 1:
        return int(selection.limit)
    if not whole:
        raise InputError("The size of {task} is not known beforehand; limit it to a whole number.", task=task.name)
    return math.ceil(selection.limit * whole)
