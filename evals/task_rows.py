"""Where a task's rows come from: the Hub (streamed), a folder, or the few that ship with it. Media stay unread.

A folder holds for each task ``<task>.jsonl``, with media as paths relative to the folder, or ``<task>/…/*.parquet``
laid out and named as on the Hub (``[<configuration>/]<split>-….parquet``), or only media that the Hub's rows name.
In a .jsonl the rows to show as examples carry ``"_split": "dev"``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from evals.task import BUNDLED, DataSource, Row, Task
from vita.errors import InputError, VitaError

PART = "_part"  # the configuration that a row came from
SPLIT = "_split"
Stream = Callable[[str, str], Iterator[Row]]  # rows of a configuration and a split


def is_local(task: Task, folder: Path | None) -> bool:
    """Whether the rows themselves lie here, so that counting them is cheap."""
    if task.bundled or folder is None:
        return task.bundled
    return (folder / f"{task.name}.jsonl").is_file() or bool(_parquet_paths(folder, task)) or task.source.locate is None


def rows_of(task: Task, folder: Path | None) -> Iterator[Row]:
    """The rows to ask about, in an order that is the same each time.

    Args:
        folder: data in place of the Hub.

    Raises:
        InputError: the data is not there; the message says how to get it.
    """
    source = task.source
    if task.bundled:
        return _asked_rows(_jsonl_rows(BUNDLED, task.name.removesuffix("_bundled"), source))
    if folder is None:
        return _interleaved_rows(source, partial(_hub_rows, source))
    if (folder / f"{task.name}.jsonl").is_file():
        return _asked_rows(_jsonl_rows(folder, task.name, source))
    if source.read:
        return _some_rows(source.read(folder), folder, source)
    if _parquet_paths(folder, task):
        found = _named_rows(_interleaved_rows(source, partial(_parquet_rows, folder, task)), folder, task)
    elif source.locate is None:
        return _jsonl_rows(folder, task.name, source)  # raises, and says what is missing
    else:
        found = _interleaved_rows(source, partial(_hub_rows, source))
    return (source.locate(row, folder) if source.locate else row for row in found)


def shots_of(task: Task, folder: Path | None, part: str) -> Iterator[Row]:
    """Rows to show before a question, from the same part of the same data. Raises InputError as ``rows_of``."""
    source = task.source
    if not task.bundled and folder is None:
        return _hub_rows(source, part or source.configs[0], source.shots)
    if not task.bundled and folder is not None and not (folder / f"{task.name}.jsonl").is_file():
        return _parquet_rows(folder, task, part or source.configs[0], source.shots)
    name = task.name.removesuffix("_bundled")
    rows = _jsonl_rows(BUNDLED if task.bundled or folder is None else folder, name, source)
    return (row for row in rows if row.get(SPLIT) == "dev" and row.get(PART, "") == part)


def hub_id(source: DataSource, config: str) -> str:
    """The data set that a configuration's rows are in."""
    return source.hub.replace("*", config)


def _asked_rows(rows: Iterator[Row]) -> Iterator[Row]:
    return (row for row in rows if row.get(SPLIT) != "dev")


def _jsonl_rows(folder: Path, name: str, source: DataSource) -> Iterator[Row]:
    path = folder / f"{name}.jsonl"
    if not path.is_file():
        raise InputError(
            "There is neither {path} nor a folder {name} with .parquet files beside it. {advice}",
            path=path, name=name, advice=source.how_to_get,
        )  # fmt: skip
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):  # not at U+2028 in a text
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(
                "Line {line} of {path} is no JSON: {reason}.", line=number, path=path, reason=error
            ) from error
        yield row | {name: str(folder / row[name]) for name in source.media if isinstance(row.get(name), str)}


def _interleaved_rows(source: DataSource, stream: Stream) -> Iterator[Row]:
    """One row of each configuration and split in turn, so that a limit takes evenly from all."""
    splits = source.split.split("+")
    streams = [stream(config, split) for config in source.configs for split in splits]
    while streams:
        heads = [(one, next(one, None)) for one in streams]
        yield from (row for _, row in heads if row is not None)
        streams = [one for one, row in heads if row is not None]


def import_datasets() -> Any:
    """The package datasets, which the extra ``evals`` brings.

    Raises:
        InputError: it is not installed.
    """
    try:
        import datasets
    except ImportError as error:
        raise InputError("Benchmarks from the Hub and .parquet files need datasets: pip install datasets.") from error
    return datasets


def _hub_rows(source: DataSource, config: str, split: str) -> Iterator[Row]:
    if not source.hub:
        raise InputError(
            "This data is not on the Hub: {advice} Then give its folder (--data).", advice=source.how_to_get
        )
    datasets = import_datasets()
    hub, name = hub_id(source, config), None if "*" in source.hub else config or None
    try:
        rows = datasets.load_dataset(hub, name, split=split, revision=source.revision, streaming=True)
        for row in _undecoded_rows(rows, source):
            yield dict(row) | _part_fields(source, config)
    except VitaError:
        raise
    except Exception as error:  # the Hub's client raises whatever its transport raises
        raise InputError(
            "{hub} could not be read ({reason}): check the network, or give a folder with the data (--data). {advice}",
            hub=hub, advice=source.how_to_get, reason=f"{type(error).__name__}: {error}",
        ) from error  # fmt: skip


def _part_fields(source: DataSource, config: str) -> dict[str, str]:
    return {PART: config} if len(source.configs) > 1 else {}


def _parquet_paths(folder: Path, task: Task) -> list[Path]:
    return sorted((folder / task.name).glob("**/*.parquet"))


def _parquet_rows(folder: Path, task: Task, config: str, split: str) -> Iterator[Row]:
    """Rows of the .parquet files of a configuration and a split."""
    files = [
        str(path)
        for path in _parquet_paths(folder, task)
        if _belongs_to_split(path, folder, task.source, config, split)
    ]
    if not files:
        return
    datasets = import_datasets()
    rows = datasets.load_dataset("parquet", data_files=files, split="train", streaming=True)
    for row in _undecoded_rows(rows, task.source):
        yield dict(row) | _part_fields(task.source, config)


def _belongs_to_split(path: Path, folder: Path, source: DataSource, config: str, split: str) -> bool:
    """By the names that the Hub gives: ``<configuration>/<split>-….parquet`` or ``…/<split>/….parquet``."""
    above = path.relative_to(folder).parts[1:-1]
    is_split = split in above or path.name.startswith((f"{split}-", f"{split}."))
    in_config = config in above or (len(source.configs) == 1 and set(above) <= {split, "data"})
    return is_split and in_config if config else is_split


def _some_rows(rows: Iterator[Row], folder: Path, source: DataSource) -> Iterator[Row]:
    """The rows. Raises InputError where there are none."""
    first = next(rows, None)
    if first is None:
        raise InputError("There is nothing to run in {folder}. {advice}", folder=folder, advice=source.how_to_get)
    yield first
    yield from rows


def _named_rows(rows: Iterator[Row], folder: Path, task: Task) -> Iterator[Row]:
    """The rows. Raises InputError where none of the files has the name of a split that is asked for."""
    first = next(rows, None)
    if first is None:
        raise InputError(
            "No .parquet file below {folder} is of the split {split}; keep the Hub's names.",
            folder=folder / task.name, split=task.source.split,
        )  # fmt: skip
    yield first
    yield from rows


def _undecoded_rows(rows: Any, source: DataSource) -> Iterator[Row]:
    """Rows whose images and sounds are left as bytes, to be read with the project's own readers."""
    datasets = import_datasets()
    known = rows.features or {}
    for name, kind in source.media.items():
        if name in known and kind != "clip":
            feature = datasets.Image(decode=False) if kind == "picture" else datasets.Audio(decode=False)
            rows = rows.cast_column(name, feature)
    yield from rows
