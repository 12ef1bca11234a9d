"""The ASGI application in front of the page: serves the relay's WebSocket and hands everything else on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import Counter
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from demos.stream_relay.relay_protocol import (
    BEAT_TEXT,
    GOING_AWAY,
    HEARTBEAT,
    LEFT,
    REFUSED,
    TAKEN_OVER,
    TRY_LATER,
    FramesSeen,
    RelayRefusedError,
    TabHello,
    WantedStreams,
    parse_tab_message,
    welcome_text,
)
from demos.stream_relay.relayed_tab import RelayedTab

logger = logging.getLogger(__name__)

RELAY_PATH = "/relay/streams"
GREETING = 10.0  # seconds for a tab's first message
AWAY = 60.0  # seconds that a tab's streams go on without it
MOST_TABS, MOST_OF_ONE_ADDRESS = 2000, 256  # beyond them a tab opens Gradio's own streams


class StreamRelay:
    """ASGI middleware.

    Args:
        page: names what the page consists of; a tab of another page than this must load it anew.
        heartbeat_opened: told the session of each heartbeat that opens.
        away: seconds that a tab's streams go on without a connection.
    """

    def __init__(
        self,
        app: ASGIApp,
        page: str = "",
        heartbeat_opened: Callable[[str], None] = lambda session: None,
        away: float = AWAY,
    ) -> None:
        self._app, self._page, self._heartbeat_opened, self._away = app, page, heartbeat_opened, away
        self._server = secrets.token_hex(8)
        self._tabs: dict[str, RelayedTab] = {}
        self._addresses: dict[str, str] = {}  # of each tab
        self._connections: dict[str, asyncio.Task[None]] = {}  # what writes to each tab that is connected
        self._leaving: dict[str, asyncio.TimerHandle] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection of a tab; everything else is the application's."""
        if scope["type"] == "websocket" and scope["path"] == scope.get("root_path", "") + RELAY_PATH:
            await self._serve_tab(WebSocket(scope, receive, send))
        elif scope["type"] == "lifespan":
            await self._app(scope, receive, partial(self._end_with_lifespan, send))
        else:
            await self._app(scope, receive, send)

    async def _serve_tab(self, socket: WebSocket) -> None:
        await socket.accept()
        try:
            check_origin(socket)
            name, last = await self._greet_tab(socket)
            await self._hold_connection(socket, name, last)
        except RelayRefusedError as refused:
            if socket.client_state is WebSocketState.CONNECTED:
                await socket.close(refused.code, refused.reason)
        except WebSocketDisconnect:
            pass  # before it said which tab it is

    async def _greet_tab(self, socket: WebSocket) -> tuple[str, int]:
        """The tab's name and the last frame it has; its streams are there afterwards."""
        try:
            async with asyncio.timeout(GREETING):
                hello = await _next_message(socket)
        except TimeoutError:
            raise RelayRefusedError(REFUSED, "A connection begins by saying which tab it is.") from None
        if not isinstance(hello, TabHello):
            raise RelayRefusedError(REFUSED, "A connection begins by saying which tab it is.")
        known = hello.tab in self._tabs
        last = hello.last if known else 0
        if not known:
            self._make_room(address := socket.client.host if socket.client else "")
            self._tabs[hello.tab], self._addresses[hello.tab] = RelayedTab(self._app), address
        self._await_return(hello.tab)  # also of a connection that is gone before it is welcomed
        await self._tabs[hello.tab].mark_seen(last)
        await socket.send_text(welcome_text(self._server, self._page, known))
        return hello.tab, last

    async def _hold_connection(self, socket: WebSocket, name: str, last: int) -> None:
        """Write and read until the connection ends; then the tab has left, or has ``away`` seconds to come back."""
        tab, code = self._tabs[name], 0
        if before := self._connections.pop(name, None):
            before.cancel()
        if leaving := self._leaving.pop(name, None):
            leaving.cancel()
        writing = self._connections[name] = asyncio.create_task(_write_frames(socket, tab, last), name=f"tab {name}")
        try:
            while True:
                message = await self._message_unless_taken_over(socket, writing)
                if isinstance(message, WantedStreams):
                    for path in await tab.want_streams(message.streams, socket.scope):
                        if path.startswith(HEARTBEAT):
                            self._heartbeat_opened(path.removeprefix(HEARTBEAT).partition("?")[0])
                elif isinstance(message, FramesSeen):
                    await tab.mark_seen(message.seen)
                elif isinstance(message, TabHello):
                    raise RelayRefusedError(REFUSED, "This connection has a tab already.")
                else:
                    await socket.send_text(BEAT_TEXT)
        except WebSocketDisconnect as gone:
            code = gone.code
        finally:
            writing.cancel()
            if self._connections.get(name) is writing:
                del self._connections[name]
                if code in (GOING_AWAY, LEFT):
                    self._forget_tab(name)
                else:
                    self._await_return(name)

    async def _message_unless_taken_over(self, socket: WebSocket, writing: asyncio.Task[None]) -> object:
        """The tab's next message; RelayRefusedError once another connection has taken the tab over."""
        reading = asyncio.ensure_future(_next_message(socket))
        try:
            await asyncio.wait((reading, writing), return_when=asyncio.FIRST_COMPLETED)
            if not reading.done() and writing.cancelled():
                raise RelayRefusedError(TAKEN_OVER, "The tab has another connection.")
            return await reading
        finally:
            reading.cancel()

    def _make_room(self, address: str) -> None:
        of_address = Counter(self._addresses.values())[address]
        if len(self._tabs) >= MOST_TABS or of_address >= MOST_OF_ONE_ADDRESS:
            raise RelayRefusedError(TRY_LATER, "There are too many tabs.")

    def _await_return(self, name: str) -> None:
        """Forget a tab after ``away`` seconds without a connection."""
        if leaving := self._leaving.pop(name, None):
            leaving.cancel()
        self._leaving[name] = asyncio.get_running_loop().call_later(self._away, self._forget_unconnected, name)

    def _forget_unconnected(self, name: str) -> None:
        if name in self._connections:
            self._leaving.pop(name, None)
        else:
            self._forget_tab(name)

    def _forget_tab(self, name: str) -> None:
        self._leaving.pop(name, None)
        self._addresses.pop(name, None)
        if tab := self._tabs.pop(name, None):
            for task in tab.leave_tab():
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)

    async def _end_with_lifespan(self, send: Send, message: Message) -> None:
        if message["type"].startswith("lifespan.shutdown."):
            await self._close_relay()
        await send(message)

    async def _close_relay(self) -> None:
        for leaving in self._leaving.values():
            leaving.cancel()
        for name in list(self._tabs):
            self._forget_tab(name)
        for task in (ending := list(self._ending)):
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)


async def _next_message(socket: WebSocket) -> object:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code") or 1006)
    return parse_tab_message(message.get("text"))


async def _write_frames(socket: WebSocket, tab: RelayedTab, last: int) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):  # the reading side hears of it too
        await tab.send_frames(socket.send_text, last)


def check_origin(socket: WebSocket) -> None:
    """Refuse pages of other hosts, which a browser would let connect with the visitor's cookies; RelayRefusedError."""
    origin = socket.headers.get("origin")
    hosts = {socket.headers.get(name) for name in ("host", "x-forwarded-host")}
    if origin is not None and urlsplit(origin).netloc not in hosts:
        raise RelayRefusedError(REFUSED, "Only this server's own page may connect.")
