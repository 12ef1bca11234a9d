"""End an engine's process with the program that started it, however that ended.

vLLM's core ends when it is told to; a program that is killed tells nobody, and its cores would keep their gigabytes.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from functools import cache
from multiprocessing.process import BaseProcess


@cache
def end_with_parent() -> None:
    """Have this process told to end (SIGTERM) once the process that started it is gone; nothing in a program itself."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), name="vita-orphan", daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
