"""What people call a run and note of it: a small file in its folder, or beside results whose folder is not here."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from vita.errors import InputError

NAME_LENGTH, NOTE_LENGTH = 60, 2000  # characters


@dataclass(frozen=True)
class RunLabel:
    """A run's own name and note; "" where nobody gave one."""

    name: str = ""
    note: str = ""


def label_path(place: Path) -> Path:
    """The file that a run's label is kept in.

    Args:
        place: the run's folder, or its results file where the folder is not here.
    """
    if place.suffix == ".json":
        return place.with_name(place.name.replace("results_", "label_", 1))
    return place / "label.json"


def read_label(place: Path) -> RunLabel:
    """The label; an empty one where there is none or it cannot be read."""
    with suppress(OSError, ValueError, AttributeError):
        found = json.loads(label_path(place).read_text(encoding="utf-8"))
        return RunLabel(str(found.get("name", "")), str(found.get("note", "")))
    return RunLabel()


def write_label(place: Path, label: RunLabel) -> None:
    """Keep a label, whole or not at all.

    Raises:
        InputError: the name or the note is too long; the message says how long it may be.
    """
    label = RunLabel(" ".join(label.name.split()), label.note.strip())
    if len(label.name) > NAME_LENGTH:
        raise InputError("A run's name has at most {most} characters; shorten it.", most=NAME_LENGTH)
    if len(label.note) > NOTE_LENGTH:
        raise InputError("A run's note has at most {most} characters; shorten it.", most=NOTE_LENGTH)
    path = label_path(place)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(json.dumps(asdict(label), ensure_ascii=False), encoding="utf-8")
    os.replace(unfinished, path)
