"""One process at a time works on a run. The lock is the kernel's: it ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vita.errors import InputError

_NAME = "lock"
_open: set[int] = set()  # files of locks that this process holds


def _release_in_child() -> None:
    """A forked child, such as an engine's process, must not keep a run locked that its parent has left."""
    for file in _open:
        os.close(file)
    _open.clear()


os.register_at_fork(after_in_child=_release_in_child)


@contextmanager
def hold_run(run: Path) -> Iterator[None]:
    """Hold a run's folder.

    Raises:
        InputError: somebody works on this run already.
    """
    file = os.open(run / _NAME, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take_lock(file, run)
        _open.add(file)
        os.ftruncate(file, 0)
        os.pwrite(file, str(os.getpid()).encode(), 0)
        yield
    finally:
        _open.discard(file)
        os.close(file)


def _take_lock(file: int, run: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        other = os.pread(file, 20, 0).decode() or "unknown"
        raise InputError(
            "Another process (number {other}) works on the run {run}: let it end or stop it, then go on; "
            "or begin anew (--fresh).", other=other, run=run.name,
        ) from error  # fmt: skip


def is_held(run: Path) -> bool:
    """Whether somebody works on a run now."""
    try:
        file = os.open(run / _NAME, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(file)
