"""A server of ``/v1/realtime`` and nothing else, in this process and on a free port: for benchmarks and tests."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from vita.realtime.realtime_router import realtime_router
from vita.realtime.session_manager import SessionManager


class ListeningServer(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's."""
        await super().startup(sockets)
        self.listening.set()


@asynccontextmanager
async def serve_sessions(manager: SessionManager) -> AsyncIterator[str]:
    """The server's address, "host:port", for as long as the block lasts; then all sessions of ``manager`` end."""
    app = FastAPI()
    app.include_router(realtime_router(manager))
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = ListeningServer(uvicorn.Config(app, log_level="error", ws="websockets-sansio"))
        task = asyncio.create_task(server.serve([door]), name="serve")
        await server.listening.wait()
        try:
            yield "{}:{}".format(*door.getsockname())
        finally:
            await manager.close()
            server.should_exit = True
            await task
