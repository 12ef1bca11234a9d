"""What every loader checks before it decodes: the file is there, holds something and is not too large."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vita.errors import LimitError, MediaError

Source = str | Path | bytes  # a path, or the file's content


@contextmanager
def open_source(source: Source, most: int, kind: str) -> Iterator[int]:
    """A descriptor of the file, which is neither empty nor larger than ``most`` bytes; nothing of it is read.

    Args:
        kind: "image", "video", "sound" or "file", for the message.

    Raises:
        MediaError: no such file, or an empty one.
        LimitError: more than ``most`` bytes.
    """
    if isinstance(source, bytes):
        check_size(len(source), most, kind)
    descriptor = _memory_file(source) if isinstance(source, bytes) else _regular_file(source)
    if descriptor is None:
        raise MediaError("The {kind} is not there any more; choose the file again.", kind=kind)
    try:
        check_size(os.fstat(descriptor).st_size, most, kind)
        yield descriptor
    finally:
        os.close(descriptor)


def _memory_file(data: bytes) -> int:
    descriptor = os.memfd_create("media")
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)
    return descriptor


def _regular_file(path: str | Path) -> int | None:
    """A descriptor of a file; None for what is none: a folder, a device, a name that is too long or holds a zero."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def check_size(size: int, most: int, kind: str) -> None:
    """Refuse an empty or too large file; see ``open_source`` for the errors."""
    kind = "chosen" if kind == "file" else kind  # of a kind that is not known yet
    if size == 0:
        raise MediaError("The {kind} file is empty (0 bytes); choose another file.", kind=kind)
    if size > most:
        raise LimitError(
            "The {kind} file has {size:,.1f} MiB and at most {most:,.0f} MiB are allowed; "
            "make it smaller and send it again.",
            kind=kind,
            size=size / 2**20,
            most=most / 2**20,
        )


@dataclass(frozen=True)
class Length:
    """A duration for people: "3 h 0 min", "20 min 5 s", "42 s", "0.03 s"."""

    seconds: float

    def __str__(self) -> str:
        return " ".join(f"{count} {unit}" for count, unit in self.parts())

    def parts(self) -> list[tuple[str, Literal["h", "min", "s"]]]:
        """One or two counts with their units."""
        if self.seconds < 10:
            return [(f"{self.seconds:.2f}".rstrip("0").rstrip("."), "s")]
        minutes, rest = divmod(round(self.seconds), 60)
        hours, minutes = divmod(minutes, 60)
        if hours:
            return [(f"{hours}", "h"), (f"{minutes}", "min")]
        return [(f"{minutes}", "min"), (f"{rest}", "s")] if minutes else [(f"{rest}", "s")]


def check_length(seconds: float, most: float, kind: str) -> None:
    """Refuse what lasts longer than ``most`` seconds; LimitError with both durations in it."""
    if seconds > most:
        raise LimitError(
            "The {kind} is {length} long and at most {most} are allowed; cut out the part that matters and send that.",
            kind=kind,
            length=Length(seconds),
            most=Length(most),
        )


def too_long(most: float, kind: str) -> LimitError:
    """For what lasts longer than ``most`` seconds, nobody knows how long."""
    return LimitError(
        "The {kind} is too long and at most {most} are allowed; cut out the part that matters and send that.",
        kind=kind,
        most=Length(most),
    )
