"""What every loader checks before it decodes: the file is there, holds something and is not too large."""

from __future__ import annotations

from pathlib import Path

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
        raise MediaError(f"The {kind} is not there any more; choose the file again.")
    if size == 0:
        raise MediaError(f"The {kind} file is empty (0 bytes); choose another file.")
    if size > most:
        raise LimitError(
            f"The {kind} file has {size / 2**20:,.1f} MiB and at most {most / 2**20:,.0f} MiB are allowed; "
            "make it smaller and send it again."
        )


def length(seconds: float) -> str:
    """A duration for people: "3 h 0 min", "20 min 5 s", "42 s", "0.03 s"."""
    if seconds < 10:
        return f"{seconds:.2f}".rstrip("0").rstrip(".") + " s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def check_length(seconds: float, most: float, kind: str) -> None:
    """Refuse what lasts longer than ``most`` seconds; LimitError with both durations in it."""
    if seconds > most:
        raise too_long(f"{length(seconds)} long", most, kind)


def too_long(how: str, most: float, kind: str) -> LimitError:
    """For what lasts longer than ``most`` seconds, ``how`` long as far as is known."""
    return LimitError(
        f"The {kind} is {how} and at most {length(most)} are allowed; cut out the part that matters and send that."
    )
