"""Receives from an engine's processes how far its weights are read; ``vita.vllm_plugin.weight_progress`` sends it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path


@contextlib.asynccontextmanager
async def receive_progress(heard: Callable[[float], None]) -> AsyncIterator[str]:
    """Call ``heard`` with every fraction that arrives; yields the address to send to."""
    with tempfile.TemporaryDirectory(prefix="vita-") as folder:  # short: a socket's path has at most 107 bytes
        address = str(Path(folder) / "progress")
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _ProgressReceiver(heard), local_addr=address, family=socket.AF_UNIX
        )
        try:
            yield address
        finally:
            transport.close()


class _ProgressReceiver(asyncio.DatagramProtocol):
    def __init__(self, heard: Callable[[float], None]) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: object) -> None:
        with contextlib.suppress(ValueError):
            self._heard(float(data))
