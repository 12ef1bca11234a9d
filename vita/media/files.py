"""What every loader checks before it decodes: the file is there, holds something and is not too large."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vita.errors import LimitError, MediaError

Source = str | Path | bytes  # a path, or the file's content


def content(source: Source, most: int, kind: str) -> bytes:
    """The bytes of ``source``, read only when they are not more than ``most``.

    Args:
        kind: "image", "video" or "sound", for the message.

    Raises:
        MediaError: no such file, or an empty one.
        LimitError: more than ``most`` bytes.
    """
    check_size(source, most, kind)
    return source if isinstance(source, bytes) else Path(source).read_bytes()


def check_size(source: Source, most: int, kind: str) -> None:
    """Refuse an absent, empty or too large file without reading it; see ``content`` for the errors."""
    if isinstance(source, bytes):
        size = len(source)
    else:
        try:
            size = Path(source).stat().st_size if Path(source).is_file() else -1
        except (OSError, ValueError):  # a name that is too long, or has a zero byte in it
            size = -1
    if size < 0:
        raise MediaError("The {kind} is not there any more; choose the file again.", kind=kind)
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
