"""Rows of a task: from the Hub (streamed), from a folder, or from the few that ship with it. Media are read late.

A folder holds for each task ``<task>.jsonl``, with media as paths relative to the folder, or ``<task>/*.parquet``
as downloaded from the Hub, or only media that the Hub's rows name. In a .jsonl the rows to show as examples carry
``"_split": "dev"``.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from evals.task import BUNDLED, Kind, Row, Source, Task
from vita.errors import InputError, MediaError, VitaError
from vita.media import Limits, Medium, load_clip, load_picture, load_sound

LIMITS = Limits(video_bytes=4 * 2**30, video_seconds=7200.0, audio_bytes=200 * 2**20, audio_seconds=600.0)
PART = "_part"  # the configuration that a row came from
SPLIT = "_split"


@dataclass(frozen=True)
class Example:
    """One row to ask about.

    Attributes:
        index: place in the task's order, which never changes; results name items by it.
        shots: rows to show beforehand.
    """

    index: int
    row: Row
    shots: tuple[Row, ...] = ()


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


def size(task: Task, selection: Selection) -> int:
    """How many rows will come, as far as it is known beforehand; 0 where it is not."""
    if task.name in selection.samples:
        return len(selection.samples[task.name])
    whole = sum(1 for _ in _rows(task, selection)) if _local(task, selection) else task.source.size
    limit = _limit(task, selection, whole)
    return min(whole, limit) if limit is not None and whole else whole or limit or 0


def examples(task: Task, selection: Selection) -> Iterator[Example]:
    """The rows in an order that is the same each time.

    Raises:
        InputError: the data is not there; the message says how to get it.
    """
    whole = task.source.size
    if selection.limit is not None and selection.limit < 1 and _local(task, selection):
        whole = sum(1 for _ in _rows(task, selection))
    limit, wanted = _limit(task, selection, whole), selection.samples.get(task.name)
    shots = Shots(task, selection)
    last: object = None
    for index, row in enumerate(_rows(task, selection)):
        group = task.group(row) if task.group else None
        if limit is not None and index >= limit and (task.group is None or group != last):
            return
        last = group
        if wanted is None or index in wanted:
            yield Example(index, row, shots.of(row))


class Shots:
    """Rows to show before a question, from the same part of the data; read once for each part."""

    def __init__(self, task: Task, selection: Selection) -> None:
        self._task, self._selection = task, selection
        self._count = task.shots if selection.shots is None else selection.shots
        self._known: dict[str, tuple[Row, ...]] = {}

    def of(self, row: Row) -> tuple[Row, ...]:
        """The first rows of the split for examples; fewer where it has fewer."""
        part = str(row.get(PART, ""))
        if not self._count or not self._task.source.shots:
            return ()
        if part not in self._known:
            self._known[part] = tuple(islice(_shot_rows(self._task, self._selection, part), self._count))
        return self._known[part]


def plain(row: Row, media: Mapping[str, Kind]) -> dict[str, Any]:
    """The row for files: each medium becomes its path, if it has one, and the hash of its content."""
    shown = {name: value for name, value in row.items() if name not in media and name != SPLIT}
    return shown | {name: _described(row[name]) for name in media if row.get(name) is not None}


def opened(row: Row, media: Mapping[str, Kind]) -> dict[str, Any]:
    """The row with its media read. Raises MediaError or LimitError for a file that cannot be used."""
    return dict(row) | {name: _load(row[name], kind) for name, kind in media.items() if row.get(name) is not None}


def _load(value: Any, kind: Kind) -> Medium:
    source = _content(value)
    if kind == "picture":
        return load_picture(source, LIMITS)
    return load_sound(source, LIMITS) if kind == "sound" else load_clip(source, LIMITS)


def _content(value: Any) -> Any:
    """What vita.media reads: a path, bytes or a Pillow image, out of what ``datasets`` gives."""
    if isinstance(value, Mapping):
        if value.get("bytes") is None and not value.get("path"):
            raise MediaError("The row names a file but holds neither its bytes nor its path.")
        return value["bytes"] if value.get("bytes") is not None else Path(value["path"])
    return Path(value) if isinstance(value, str) else value


def _described(value: Any) -> dict[str, str]:
    content = _content(value)
    path = {"path": str(content)} if isinstance(content, Path) else {}
    if isinstance(content, Path):
        content = content.read_bytes() if content.is_file() else b""
    data = content if isinstance(content, bytes) else content.tobytes()
    return path | {"sha256": hashlib.sha256(data).hexdigest()}


def _local(task: Task, selection: Selection) -> bool:
    return task.bundled or selection.folder is not None


def _limit(task: Task, selection: Selection, whole: int) -> int | None:
    """As lm-eval: a whole number of rows, or a share below 1, rounded up."""
    if selection.limit is None or selection.limit < 0:
        return None
    if selection.limit >= 1:
        return int(selection.limit)
    if not whole:
        raise InputError(f"The size of {task.name} is not known beforehand; give --limit as a whole number.")
    return math.ceil(selection.limit * whole)


def _rows(task: Task, selection: Selection) -> Iterator[Row]:
    if task.bundled:
        name = task.name.removesuffix("_bundled")
        return (row for row in _jsonl(BUNDLED, name, task.source) if row.get(SPLIT) != "dev")
    if selection.folder is not None:
        return (row for row in _folder(selection.folder, task) if row.get(SPLIT) != "dev")
    return _interleaved(task.source)


def _shot_rows(task: Task, selection: Selection, part: str) -> Iterator[Row]:
    if _local(task, selection):
        folder = BUNDLED if task.bundled or selection.folder is None else selection.folder
        rows = _jsonl(folder, task.name.removesuffix("_bundled"), task.source)
        return (row for row in rows if row.get(SPLIT) == "dev" and row.get(PART, "") == part)
    return _stream(task.source, part or task.source.configs[0], task.source.shots)


def _jsonl(folder: Path, name: str, source: Source) -> Iterator[Row]:
    path = folder / f"{name}.jsonl"
    if not path.is_file():
        raise InputError(f"There is no {path}. {source.how_to_get}".strip())
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row | {name: str(folder / row[name]) for name in source.media if isinstance(row.get(name), str)}


def _folder(folder: Path, task: Task) -> Iterator[Row]:
    source = task.source
    if (folder / f"{task.name}.jsonl").is_file():
        return _jsonl(folder, task.name, source)
    parquet = sorted(map(str, (folder / task.name).glob("**/*.parquet")))
    if not parquet and source.locate is None:
        return _jsonl(folder, task.name, source)  # raises, and says what is missing
    if not parquet:
        rows = _interleaved(source)
    else:
        import datasets

        rows = _undecoded(datasets.load_dataset("parquet", data_files=parquet, split="train", streaming=True), source)
    return (source.locate(row, folder) if source.locate else row for row in rows)


def _interleaved(source: Source) -> Iterator[Row]:
    """One row of each configuration and split in turn, so that a limit takes evenly from all."""
    splits = source.split.split("+")
    streams = [_stream(source, config, split) for config in source.configs for split in splits]
    while streams:
        heads = [(stream, next(stream, None)) for stream in streams]
        yield from (row for _, row in heads if row is not None)
        streams = [stream for stream, row in heads if row is not None]


def _stream(source: Source, config: str, split: str) -> Iterator[Row]:
    if not source.hub:
        raise InputError(f"This data is not on the Hub: {source.how_to_get} Then give its folder with --data.")
    import datasets

    try:
        rows = datasets.load_dataset(source.hub, config or None, split=split, revision=source.revision, streaming=True)
        for row in _undecoded(rows, source):
            yield dict(row) | ({PART: config} if len(source.configs) > 1 else {})
    except VitaError:
        raise
    except Exception as error:  # the Hub's client raises whatever its transport raises
        advice = source.how_to_get or "Check the network, or give a folder with --data."
        raise InputError(f"{source.hub} could not be read ({type(error).__name__}: {error}). {advice}") from error


def _undecoded(rows: Any, source: Source) -> Iterator[Row]:
    """Rows whose images and sounds are left as bytes, to be read with the project's own readers."""
    import datasets

    known = rows.features or {}
    for name, kind in source.media.items():
        if name in known and kind != "clip":
            feature = datasets.Image(decode=False) if kind == "picture" else datasets.Audio(decode=False)
            rows = rows.cast_column(name, feature)
    yield from rows
