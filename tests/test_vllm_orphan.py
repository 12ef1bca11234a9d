"""Processes of vLLM whose program is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import psutil
import pytest

from vita.vllm_plugin import register
from vita.vllm_plugin.parent_watch import end_with_parent

pytestmark = pytest.mark.engine

PROGRAM = "from tests.test_vllm_orphan import program; program()"


def core() -> None:
    """A process as vLLM starts them: loads the plugin, then works until it is told to end."""
    register()
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    threading.Event().wait()


def program() -> None:
    """Starts a core and waits."""
    process = multiprocessing.get_context("spawn").Process(target=core)
    process.start()
    process.join()


@pytest.fixture
def running() -> Iterator[tuple[subprocess.Popen[str], psutil.Process]]:
    """A program at work, and its core."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        yield parent, child
        parent.kill()
        if child.is_running():
            child.kill()


def test_a_core_ends_with_the_program_that_is_killed(running):
    parent, child = running
    assert child.is_running()
    os.kill(parent.pid, signal.SIGKILL)
    child.wait(timeout=60)
    assert not child.is_running()


def test_a_program_itself_waits_for_nobody():
    end_with_parent()
    assert "vita-orphan" not in {thread.name for thread in threading.enumerate()}
