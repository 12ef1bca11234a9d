"""What every loader checks before it decodes: the file is there, holds something and is not too large."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vita.errors import LimitError, MediaError
from vita.media.media_sentences import decoders_busy

Source = str | Path | bytes  # a path, or the file's content
OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)
_GONE = "The {kind} is not there any more; choose the file again."


@contextmanager
def open_source(source: Source, most: int, kind: str) -> Iterator[int]:
    """A descriptor of the file, which is neither empty nor larger than ``most`` bytes; nothing of it is read.

    Args:
        kind: "image", "video", "sound" or "file", for the message.

    Raises:
        MediaError: no such file, an empty one, or a folder or a device.
        LimitError: more than ``most`` bytes; or the server has as many files open as it may.
    """
    if isinstance(source, bytes):
        check_size(len(source), most, kind)
    try:
        descriptor = _memory_file(source) if isinstance(source, bytes) else _open_path(source)
    except ValueError as e:  # a path with a zero in it
        raise MediaError(_GONE, kind=kind) from e
    except OSError as e:
        raise (decoders_busy() if e.errno in OUT_OF_DESCRIPTORS else MediaError(_GONE, kind=kind)) from e
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise MediaError("A folder or a device is no {kind}; choose the file again.", kind=kind)
        check_size(os.fstat(descriptor).st_size, most, kind)
        yield descriptor
    finally:
        os.close(descriptor)


def _memory_file(data: bytes) -> int:
    descriptor = os.memfd_create("media")
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)
    return descriptor


def _open_path(path: str | Path) -> int:
    """A descriptor; a device that would make the server wait is opened without waiting."""
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)


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
