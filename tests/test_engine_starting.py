"""What is around a vLLM of ours: its processes, its end, the memory that it takes. No vLLM runs here."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from vita.engine.machine_resources import GIB, memory_of
from vita.engine.vllm_process import SHUTDOWN, process_ids, stop_llm


class FakeLLM:
    """As much of an AsyncLLM as ends."""

    def __init__(self, closed: bool) -> None:
        self.ended: list[object] = []
        self.output_handler = SimpleNamespace(cancel=lambda: self.ended.append("listening"))
        socket = SimpleNamespace(closed=closed)
        context = SimpleNamespace(term=lambda: self.ended.append("context"))
        resources = SimpleNamespace(input_socket=socket, output_socket=socket, ctx=context)
        self.engine_core = SimpleNamespace(resources=resources)

    def shutdown(self, seconds: float) -> None:
        self.ended.append(seconds)


@pytest.mark.parametrize(
    ("closed", "ended"), [(True, ["listening", SHUTDOWN, "context"]), (False, ["listening", SHUTDOWN])]
)
async def test_nobody_listens_while_the_processes_end_and_the_context_ends_last_unless_it_would_wait_for_an_open_socket(
    closed, ended
):
    llm = FakeLLM(closed)
    await stop_llm(llm)
    assert llm.ended == ended


def test_an_engines_processes_are_its_core_and_what_that_has_started():
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as core:
        assert core.stdout.readline() == b"1\n"  # the grandchild runs
        manager = SimpleNamespace(processes=[SimpleNamespace(pid=core.pid)])
        resources = SimpleNamespace(engine_manager=manager)
        found = process_ids(SimpleNamespace(engine_core=SimpleNamespace(resources=resources)))
        core.communicate(b"\n")
    assert found[0] == core.pid
    assert len(found) == 2


def test_memory_is_what_a_process_has_touched():
    before = memory_of(os.getpid())
    touched = mmap.mmap(-1, GIB // 16)  # of the kernel, where an array may be given what was touched before
    touched.write(b"x" * len(touched))
    assert memory_of(os.getpid()) - before == pytest.approx(len(touched), rel=0.2)
