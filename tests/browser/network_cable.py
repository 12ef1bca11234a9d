"""A TCP proxy between browser and server that can be cut, left silent, and plugged into another server."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class NetworkCable:
    """``address`` leads to the server at ``port``, as long as the cable is whole."""

    def __init__(self, port: int) -> None:
        self.port = port  # of the server
        self.cut_at: bytes | None = None  # what the server still gets, and then the cable is cut
        self._whole, self._flowing = True, threading.Event()
        self._flowing.set()
        self._ends: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """Every connection ends, and none begins."""
        self._whole = False
        for end in list(self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def restore(self) -> None:
        self._whole = True
        self._flowing.set()

    def silence(self) -> None:
        """Nothing arrives any more, and nobody is told."""
        self._flowing.clear()

    def close(self) -> None:
        self.restore()
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if not self._whole:
                    near.close()
                    continue
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.port))
        except OSError:
            near.close()
            return
        self._ends |= {near, far}
        outward = threading.Thread(target=self._pump, args=(near, far, True), daemon=True)
        outward.start()
        self._pump(far, near, False)
        outward.join()
        self._ends -= {near, far}
        near.close()
        far.close()

    def _pump(self, source: socket.socket, sink: socket.socket, outward: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flowing.wait()
                sink.sendall(data)
                if outward and self.cut_at and self.cut_at in data:
                    self.cut_at = None
                    self.cut()
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
