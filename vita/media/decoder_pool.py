"""Decoding in processes of its own, two files at once: the server's side.

Whoever asks waits in a thread of theirs (``await_decoding`` for coroutines). The server opens the file and hands over
its descriptor; it gets arrays of bounded size, or one sentence. A decoder that crashes, eats memory or does not come to
an end takes nothing along.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from vita.errors import VitaError
from vita.media.decoder_messages import (
    BrokenAnswerError,
    DecodedArrays,
    error_of,
    receive_arrays,
    receive_message,
    send_message,
)
from vita.media.decoder_process import GRACE
from vita.media.fair_slots import FairSlots
from vita.media.files import OUT_OF_DESCRIPTORS
from vita.media.kinds import Limits
from vita.media.media_sentences import FileKind, damaged_file, decoders_busy, too_much_memory, too_much_time

logger = logging.getLogger(__name__)

AT_ONCE = 2  # files; decoding one takes up to two cores and 700 MiB
PATIENCE = 300.0  # seconds that a file waits behind others
WAITING = 64  # threads that may wait; what comes then queues before them
START = 60.0  # seconds that the decoders' imports may take
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from vita.media.decoder_process import start_template; start_template()"
)
_ROOT = str(Path(__file__).parents[2])
_TIMED_OUT = (-signal.SIGXCPU, -signal.SIGALRM)
# libraries that would start threads before the fork, or reserve address space for them
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2", "LC_ALL": "C.UTF-8"}

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class DecodeJob:
    """One file to decode.

    Attributes:
        task: name in ``vita.media.decoder_jobs``.
        kind: what the file is called in sentences.
        options: of the task.
        most_bytes: of the arrays that may come back.
    """

    task: str
    kind: FileKind
    limits: Limits
    most_bytes: int
    options: Mapping[str, Any] = field(default_factory=dict)


class DecoderPool:
    """The decoding processes of this program; started at the first file, or before by ``start_decoders``."""

    def __init__(self) -> None:
        self._slots = FairSlots(AT_ONCE)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.peaks: list[int] | None = None  # where it is a list, the peak memory of every decode (KiB) is added

    def decode_file(self, descriptor: int, job: DecodeJob, build: Callable[[DecodedArrays], T]) -> T:
        """Decode an open file; ``build`` makes the result of what comes back.

        Args:
            descriptor: of the file, which stays the caller's.

        Raises:
            MediaError, LimitError: the file cannot be used.
        """
        try:
            with self._slots.hold_slot(PATIENCE):
                return self._decode_twice(descriptor, job, build)
        except TimeoutError as e:
            raise decoders_busy() from e
        except OSError as e:
            if e.errno not in OUT_OF_DESCRIPTORS:
                raise
            raise decoders_busy() from e

    def start_decoders(self) -> None:
        """Start the process that decoding ones are forked from, and wait until it is ready."""
        with self._lock:
            self._ready_control()

    def close_decoders(self) -> None:
        """End all decoding processes; a later file starts them again."""
        with self._lock:
            self._drop_process()

    def forget_decoders(self) -> None:
        """In a process forked from this one: leave its decoders to it."""
        if self._control is not None:
            self._control.close()
        self.__init__()  # type: ignore[misc]

    def _decode_twice(self, descriptor: int, job: DecodeJob, build: Callable[[DecodedArrays], T]) -> T:
        """Decode, a second time where the first was ended from outside together with all decoders."""
        try:
            return self._decode_once(descriptor, job, build)
        except _VanishedError:
            self.close_decoders()
        try:
            return self._decode_once(descriptor, job, build)
        except _VanishedError as e:
            raise too_much_memory(job.kind) from e

    def _decode_once(self, descriptor: int, job: DecodeJob, build: Callable[[DecodedArrays], T]) -> T:
        channel, end = self._hand_over(descriptor)
        patience = job.limits.decode_seconds * GRACE + 10.0
        with channel, open(end, "rb") as ended:
            channel.settimeout(patience)
            try:
                request = {"task": job.task, "kind": job.kind, "limits": asdict(job.limits), **job.options}
                send_message(channel, request)
                return _build_result(channel, job, build)
            except (BrokenAnswerError, OSError) as e:
                channel.close()
                raise _failure_of(job, ended.read(), e) from e
            finally:
                if self.peaks is not None:
                    channel.close()
                    self.peaks += [int(peak) for peak in ended.read().split()[1:]]

    def _hand_over(self, descriptor: int) -> tuple[socket.socket, int]:
        """Give a file to a new decoding process: its answers' socket, and where its end is written."""
        for is_last in (False, True):
            ours, theirs = socket.socketpair()
            end, ended = os.pipe()
            try:
                with self._lock:
                    socket.send_fds(self._ready_control(), [b"j"], [descriptor, theirs.fileno(), ended])
                return ours, end
            except (OSError, VitaError) as e:
                ours.close()
                os.close(end)
                if is_last or isinstance(e, VitaError):
                    raise
                self.close_decoders()  # its process was killed
            finally:
                theirs.close()
                os.close(ended)
        raise AssertionError

    def _ready_control(self) -> socket.socket:
        if self._control is None or self._process is None or self._process.poll() is not None:
            self._drop_process()
            self._control, self._process = _started_process()
        return self._control

    def _drop_process(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._process.kill()
            self._process.wait()
        self._control = self._process = None


class _VanishedError(Exception):
    """Nobody was left to tell how a decoder ended: all of them were."""


def _failure_of(job: DecodeJob, end: bytes, error: Exception) -> Exception:
    """What to say of a decoder that ended without an answer.

    Args:
        end: its exit status and peak memory (KiB), as the process that waited for it writes them.
    """
    if not end:
        return _VanishedError()
    status, peak = (int(part) for part in end.split())
    logger.warning("The decoder of a file (%s) ended with %d at %d MiB: %s", job.kind, status, peak // 1024, error)
    if status == -signal.SIGKILL:  # by the kernel, where the machine runs out of memory
        return too_much_memory(job.kind)
    return too_much_time(job.kind) if status in _TIMED_OUT else damaged_file(job.kind)


def _started_process() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    ours, theirs = socket.socketpair()
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LD_LIBRARY_PATH")}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _BOOT, _ROOT],
            stdin=theirs.fileno(), stdout=subprocess.DEVNULL, env=kept | _ENVIRONMENT, start_new_session=True,
        )  # fmt: skip
    ours.settimeout(START)
    try:
        is_ready = ours.recv(1) == b"+"
    except OSError:
        is_ready = False
    if not is_ready:
        ours.close()
        process.kill()
        process.wait()
        raise VitaError("The decoders could not be started; run python -m vita doctor.")
    ours.settimeout(None)
    return ours, process


def _build_result(channel: socket.socket, job: DecodeJob, build: Callable[[DecodedArrays], T]) -> T:
    message = receive_message(channel)
    if trace := message.get("trace"):
        logger.warning("A decoder failed on a file (%s):\n%s", job.kind, str(trace)[-2000:])
    if "error" in message:
        raise error_of(message)
    try:
        return build(DecodedArrays(message, receive_arrays(channel, message.get("arrays"), job.most_bytes)))
    except (KeyError, IndexError, TypeError, ValueError, StopIteration) as e:
        raise BrokenAnswerError("an answer of another form") from e


POOL = DecoderPool()
atexit.register(POOL.close_decoders)
os.register_at_fork(after_in_child=POOL.forget_decoders)
_WAITING = ThreadPoolExecutor(WAITING, "vita-decode")


async def await_decoding(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that decodes in a thread that nothing else waits for (asyncio.to_thread has few)."""
    return await asyncio.get_running_loop().run_in_executor(_WAITING, lambda: function(*args, **kwargs))


def warm_decoders() -> None:
    """Start the decoders in the background, so that the first file does not wait for their imports."""
    threading.Thread(target=_start_quietly, name="vita-decoders", daemon=True).start()


def _start_quietly() -> None:
    with contextlib.suppress(VitaError, OSError):  # told to whoever sends a file
        POOL.start_decoders()
