"""One event stream: a GET that the server asks of its own application, as if the tab had."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import logging
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Scope

logger = logging.getLogger(__name__)

_OF_THE_HANDSHAKE = (b"upgrade", b"connection", b"accept")


class RelayedStream:
    """A GET in progress.

    Args:
        app: what is asked.
        scope: the request, from ``stream_scope``.
        started, given, ended: take the status, each piece of text, and the end; the first two may make the stream wait.
    """

    def __init__(
        self,
        app: ASGIApp,
        scope: Scope,
        started: Callable[[int], Awaitable[None]],
        given: Callable[[str], Awaitable[None]],
        ended: Callable[[], Awaitable[None]],
    ) -> None:
        self._started, self._given, self._ended = started, given, ended
        self._left, self._asked = asyncio.Event(), False
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.task = asyncio.create_task(self._run_call(app, scope), name=f"relay {scope['path']}")

    def leave_stream(self) -> None:
        """The reader is gone: the application hears of it as of a closed connection."""
        self._left.set()

    async def _run_call(self, app: ASGIApp, scope: Scope) -> None:
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await app(scope, self._receive, self._send)
        except Exception:
            if not self._left.is_set():
                logger.exception("The stream %s ended", scope["path"])
        finally:
            if not self._left.is_set():
                await self._ended()

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if self._left.is_set():
            return
        if message["type"] == "http.response.start":
            await self._started(message["status"])
        elif text := self._decoder.decode(message.get("body", b"")):
            await self._given(text)


def stream_scope(handshake: Scope, path: str) -> Scope:
    """A GET of ``path`` with the cookies, address and language of the tab that shook hands."""
    bare, _, query = path.partition("?")
    whole = handshake.get("root_path", "") + bare
    headers = [
        (name, value)
        for name, value in handshake["headers"]
        if name not in _OF_THE_HANDSHAKE and not name.startswith(b"sec-websocket-")
    ]
    scope = {
        **handshake,
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},  # a lost reader comes as a message, not as an OSError
        "method": "GET",
        "scheme": "https" if handshake.get("scheme") == "wss" else "http",
        "path": whole,
        "raw_path": whole.encode(),
        "query_string": query.encode(),
        "headers": [*headers, (b"accept", b"text/event-stream")],
        "extensions": {},
    }
    scope.pop("subprotocols", None)
    return scope
