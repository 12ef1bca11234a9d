"""Who goes first when every core is busy: the event loop before the voice, the voice before the engines.

An unprivileged process cannot become more urgent, so the engines' processes are made less so. On Linux niceness belongs
to a thread: those that exist are changed one by one, those to come inherit it.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

ENGINES_NICE = 5  # measured on two cores, both engines computing: see the loop's lag in /v1/realtime/status


def engines_yield() -> int:
    """Make this process's children less urgent than itself; how many threads are now. Elsewhere than on Linux none."""
    children = [child.pid for child in multiprocessing.active_children() if child.pid]
    return sum(_be_nice(thread) for child in children for thread in _threads(child))


def _threads(process: int) -> Iterable[int]:
    try:
        return [int(task.name) for task in Path(f"/proc/{process}/task").iterdir()]
    except OSError:  # it has just ended, or this is no Linux
        return []


def _be_nice(thread: int) -> bool:
    with suppress(OSError):
        if os.getpriority(os.PRIO_PROCESS, thread) < ENGINES_NICE:
            os.setpriority(os.PRIO_PROCESS, thread, ENGINES_NICE)
        return True
    return False
