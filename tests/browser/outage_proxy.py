"""A door in front of a server that can be shut like a network that is gone: nothing passes, and nothing is closed."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class OutageProxy:
    """Passes TCP connections on to ``target``, "http://host:port"; each change of it holds for new connections."""

    def __init__(self, target: str) -> None:
        self.target = target
        self._passing = threading.Event()
        self._passing.set()
        self._ends: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def cut(self) -> None:
        """From now on nothing arrives, on neither side."""
        self._passing.clear()

    def restore(self, lost: bool = False) -> None:
        """Let everything pass again; ``lost``: the connections of before do not live any more."""
        if lost:
            self.drop()
        self._passing.set()

    def drop(self) -> None:
        """End every connection."""
        ends, self._ends = self._ends, []
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End everything, and wait for it."""
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)  # which ends the accepting
        self._accepting.join()
        self.restore(lost=True)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with self._door, suppress(OSError):
            while True:
                near, _ = self._door.accept()
                self._start(self._connect, near)

    def _start(self, work: Callable[..., None], *sockets: socket.socket) -> threading.Thread:
        thread = threading.Thread(target=work, args=sockets, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _connect(self, near: socket.socket) -> None:
        """Pass one connection on until both ends have ended."""
        with near:
            self._passing.wait()
            to = urlsplit(self.target)
            with suppress(OSError), socket.create_connection((str(to.hostname), int(to.port or 80))) as far:
                self._ends += [near, far]
                back = self._start(self._pump, far, near)
                self._pump(near, far)
                back.join()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._passing.wait()
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def outage_proxy(target: str) -> Iterator[OutageProxy]:
    """A proxy for as long as the block lasts."""
    proxy = OutageProxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
