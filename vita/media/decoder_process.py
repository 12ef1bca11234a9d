"""The process in which files are decoded: ``python -I -c BOOT``, its standard input the server's control socket.

It imports the decoders once and then forks for every file: the child decodes it under limits and ends, so nothing of
one visitor's file is left when the next one comes, and starting costs milliseconds. A second fork between the two
waits for the child and tells how it ended. Everything ends with the server: the first process at the end of its control
socket, the others with their parent.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Any

from vita.media.decoder_limits import DECODING_MEMORY

GRACE = 2.0  # wall-clock limit over the CPU limit: other programs want the cores too
SOURCE, CHANNEL = 3, 4  # descriptors of a decoding process; no others are open, and no more can be opened
_DEATH_SIGNAL, _NO_NEW_PRIVILEGES = 1, 38  # of prctl(2)


def serve_decoding(control: socket.socket) -> None:
    """Fork for each job that comes: one byte with three descriptors (file, answer, end), until the server is gone."""
    _import_decoders()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who waits for a decoding process ends unwatched itself
    template = os.getpid()
    os.dup2(1, 2)  # until here a failed import says why; decoders' own chatter is nobody's
    control.sendall(b"+")
    while True:
        try:
            data, descriptors, _, _ = socket.recv_fds(control, 1, 3)
        except OSError:
            return
        if not data:
            return
        if len(descriptors) == 3 and os.fork() == 0:
            control.close()
            _attend_job(template, *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _import_decoders() -> None:
    """Load all that decoding needs: a decoding process can open no file, and so import nothing."""
    import vita.media.decoder_jobs

    vita.media.decoder_jobs.load_decoders()
    gc.freeze()  # what was imported is not looked through, and so not copied, in each process forked from here


def _attend_job(template: int, source: int, channel: int, end: int) -> None:
    """Decode in a child of this process, wait for it, and write its exit status and peak memory to ``end``."""
    status, peak = 1, 0
    with contextlib.suppress(BaseException):
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _end_with_parent(template)
        attendant = os.getpid()
        worker = os.fork()
        if worker == 0:
            os.close(end)
            _run_worker(attendant, source, channel)
        os.close(source)
        os.close(channel)
        _, status, usage = os.wait4(worker, 0)
        peak = usage.ru_maxrss
    with contextlib.suppress(OSError):
        os.write(end, f"{os.waitstatus_to_exitcode(status)} {peak}".encode())
    os._exit(0)


def _run_worker(attendant: int, source: int, channel: int) -> None:
    code = 1
    with contextlib.suppress(BaseException):
        _end_with_parent(attendant)
        _keep_descriptors(source, channel)
        from vita.media.decoder_jobs import run_job

        with socket.socket(fileno=CHANNEL) as answer:
            run_job(SOURCE, answer, confine_process)
        code = 0
    os._exit(code)


def _end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, however that ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _keep_descriptors(source: int, channel: int) -> None:
    """Leave open the file, the answer and the null device, and nothing else."""
    held = [os.dup(source), os.dup(channel)]
    high = [os.dup2(descriptor, 100 + number) for number, descriptor in enumerate(held)]
    for place, descriptor in zip((SOURCE, CHANNEL), high, strict=True):
        os.dup2(descriptor, place)
    os.closerange(CHANNEL + 1, 4096)


def confine_process(limits: Mapping[str, Any]) -> None:
    """Set the limits of one decode; beyond them the kernel refuses memory or ends the process.

    No descriptor is left to open a file or a socket with, no file can be written, and of processes the kernel ends this
    one first where the machine runs out of memory.

    Args:
        limits: of ``vita.media.kinds.Limits``, as a dictionary.
    """
    mapped = 0
    if sys.platform == "linux":
        with open("/proc/self/statm") as file:
            mapped = int(file.read().split()[0]) * resource.getpagesize()
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
        ctypes.CDLL(None, use_errno=True).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    seconds = max(1, round(limits["decode_seconds"]))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds * GRACE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_NOFILE, (CHANNEL + 1, CHANNEL + 1))
    if mapped:
        resource.setrlimit(resource.RLIMIT_AS, (mapped + DECODING_MEMORY, mapped + DECODING_MEMORY))


def start_template() -> None:
    """Serve on standard input, which is the control socket."""
    control = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(null, standard)
    os.close(null)
    serve_decoding(control)
