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

# Added to our own niceness: beside two threads of an engine on two cores the voice's one gets nearly a core to itself.
# ``/v1/realtime/status`` tells live how late the loop is.
ENGINES_NICER = 10
NICEST = 19


def lower_engine_priority() -> int:
    """Make the engines' processes less urgent than this one; how many threads are now. Elsewhere than on Linux none."""
    children = [child.pid for child in multiprocessing.active_children() if child.pid]
    return sum(
        _raise_niceness(thread)
        for child in children
        for process in _process_tree(child)
        for thread in _thread_ids(process)
    )


def _process_tree(process: int) -> list[int]:
    """It and all that it has started: what computes, where an engine is split."""
    import psutil  # type: ignore[import-untyped]

    with suppress(psutil.NoSuchProcess):
        return [process, *(child.pid for child in psutil.Process(process).children(recursive=True))]
    return []


def _thread_ids(process: int) -> Iterable[int]:
    try:
        return [int(task.name) for task in Path(f"/proc/{process}/task").iterdir()]
    except OSError:  # it has just ended, or this is no Linux
        return []


def _raise_niceness(thread: int) -> bool:
    with suppress(OSError):
        wanted = min(os.getpriority(os.PRIO_PROCESS, 0) + ENGINES_NICER, NICEST)
        if os.getpriority(os.PRIO_PROCESS, thread) < wanted:
            os.setpriority(os.PRIO_PROCESS, thread, wanted)
        return True
    return False
