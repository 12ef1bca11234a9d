"""The relay's WebSocket: streams that outlive a connection, and what strangers may not do."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from demos.stream_relay import relayed_tab, stream_relay
from demos.stream_relay.relay_protocol import (
    LONGEST_MESSAGE,
    RelayRefusedError,
    TabHello,
    WantedStreams,
    parse_tab_message,
)
from demos.stream_relay.relayed_stream import stream_scope
from demos.stream_relay.stream_relay import RELAY_PATH, StreamRelay

TAB = "0123456789abcdef" * 2
BEATING = "/gradio_api/heartbeat/session1"
ANSWERS = "/gradio_api/queue/data?session_hash=session1"


class StreamingPage:
    """An application with Gradio's two streams; ``say`` gives a piece of text to those who listen."""

    def __init__(self) -> None:
        self.readers: list[asyncio.Queue[str | None]] = []
        self.requests: list = []
        self.left = 0

    def say(self, text: str | None) -> None:
        for reader in self.readers:
            reader.put_nowait(text)

    async def stream(self, request):
        self.requests.append(request)
        reader: asyncio.Queue[str | None] = asyncio.Queue()
        self.readers.append(reader)

        async def texts():
            try:
                while (text := await reader.get()) is not None:
                    yield text
            except asyncio.CancelledError:
                self.left += 1
                raise
            finally:
                self.readers.remove(reader)

        return StreamingResponse(texts(), media_type="text/event-stream")

    def app(self) -> Starlette:
        paths = ("/gradio_api/heartbeat/{session}", "/gradio_api/queue/data")
        return Starlette(routes=[Route(path, self.stream) for path in paths])


@asynccontextmanager
async def relayed(streaming: StreamingPage, **how):
    """The address of a server with the relay in front of the page."""
    config = uvicorn.Config(StreamRelay(streaming.app(), **how), port=0, log_level="error", ws="websockets-sansio")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}{RELAY_PATH}"
    server.should_exit = True
    await running


class Tab:
    """A browser tab's end."""

    def __init__(self, socket) -> None:
        self.socket = socket

    async def send(self, **message) -> None:
        await self.socket.send(json.dumps(message))

    async def next(self) -> dict:
        """The next message that is no beat."""
        async with asyncio.timeout(10):
            while "beat" in (message := json.loads(await self.socket.recv())):
                pass
        return message

    async def text(self, stream: int) -> str:
        """The stream's next piece."""
        while (message := await self.next()).get("stream") != stream or "text" not in message:
            pass
        return message["text"]

    async def closed(self) -> tuple[int, str]:
        with suppress(ConnectionClosed):
            async with asyncio.timeout(10):
                while True:
                    await self.socket.recv()
        return self.socket.close_code, self.socket.close_reason


@asynccontextmanager
async def tab(address: str, last: int = 0, name: str = TAB, **how):
    async with connect(address, **how) as socket:
        end = Tab(socket)
        await end.send(tab=name, last=last)
        end.welcome = await end.next()
        yield end


async def until(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def test_streams_come_in_numbered_frames_and_end():
    page = StreamingPage()
    async with relayed(page, page="page1") as address, tab(address) as end:
        assert end.welcome["page"] == "page1"
        assert end.welcome["known"] is False
        await end.send(streams={"1": BEATING, "2": ANSWERS})
        statuses = [await end.next(), await end.next()]
        assert sorted((one["stream"], one["status"]) for one in statuses) == [(1, 200), (2, 200)]
        page.say("data: ü\n\n")
        texts = [await end.next(), await end.next()]
        assert {one["text"] for one in texts} == {"data: ü\n\n"}
        page.say(None)
        ends = [await end.next(), await end.next()]
        assert all(one["end"] for one in ends)
        assert [one["frame"] for one in (*statuses, *texts, *ends)] == [1, 2, 3, 4, 5, 6]


async def test_a_tab_that_comes_back_gets_what_it_missed_and_nothing_twice():
    page = StreamingPage()
    async with relayed(page) as address:
        async with tab(address) as end:
            await end.send(streams={"1": ANSWERS})
            await end.next()
            page.say("one")
            assert await end.text(1) == "one"
            end.socket.transport.abort()
        await asyncio.sleep(0.05)
        page.say("two")
        page.say("three")
        async with tab(address, last=2) as end:
            assert end.welcome["known"] is True
            await end.send(streams={"1": ANSWERS})
            assert [await end.text(1), await end.text(1)] == ["two", "three"]
            await end.send(seen=4)
            assert len(page.requests) == 1


async def test_a_tab_that_is_closed_ends_its_streams_at_once_and_one_that_is_away_in_time():
    page = StreamingPage()
    async with relayed(page, away=0.2) as address:
        async with tab(address) as end:
            await end.send(streams={"1": BEATING})
            await until(lambda: page.readers)
            await end.socket.close(4000)
            await until(lambda: page.left == 1)
        async with tab(address) as end:
            assert end.welcome["known"] is False
            await end.send(streams={"1": BEATING})
            await until(lambda: page.readers)
            end.socket.transport.abort()
        await until(lambda: page.left == 2)
        async with tab(address, last=1) as end:
            assert end.welcome["known"] is False


async def test_a_stream_that_is_not_wanted_any_more_is_left():
    page = StreamingPage()
    async with relayed(page) as address, tab(address) as end:
        await end.send(streams={"1": BEATING, "2": ANSWERS})
        await until(lambda: len(page.readers) == 2)
        await end.send(streams={"1": BEATING})
        await until(lambda: page.left == 1)
        assert len(page.readers) == 1


async def test_a_second_connection_takes_the_tab_over():
    page = StreamingPage()
    async with relayed(page) as address, tab(address) as first:
        await first.send(streams={"1": ANSWERS})
        await first.next()
        async with tab(address, last=1) as second:
            assert await first.closed() == (4001, "The tab has another connection.")
            page.say("on")
            assert await second.text(1) == "on"


async def test_the_application_sees_the_tabs_cookies_and_language():
    page = StreamingPage()
    headers = {"Cookie": "a=b", "Accept-Language": "zh-CN"}
    async with relayed(page) as address, tab(address, additional_headers=headers) as end:
        await end.send(streams={"1": ANSWERS})
        await end.next()
    request = page.requests[0]
    assert request.cookies == {"a": "b"}
    assert request.headers["accept-language"] == "zh-CN"
    assert request.query_params["session_hash"] == "session1"
    assert not [name for name in request.headers if name.startswith("sec-websocket") or name == "upgrade"]


async def test_each_heartbeat_that_opens_names_its_session():
    opened: list[str] = []
    page = StreamingPage()
    async with relayed(page, heartbeat_opened=opened.append) as address, tab(address) as end:
        await end.send(streams={"1": ANSWERS, "2": BEATING})
        await end.next()
    assert opened == ["session1"]


async def test_a_stream_waits_while_its_tab_holds_too_much(monkeypatch):
    monkeypatch.setattr(relayed_tab, "HELD", 2000)
    page = StreamingPage()
    async with relayed(page) as address, tab(address) as end:
        await end.send(streams={"1": ANSWERS})
        await end.next()
        for _ in range(10):
            page.say("x" * 1000)
        last = 0
        for _ in range(2):
            last = (await end.next())["frame"]
        await asyncio.sleep(0.1)
        assert page.readers[0].qsize() >= 6
        for _ in range(8):
            await end.send(seen=last)
            last = (await end.next())["frame"]
        assert last == 11


@pytest.mark.parametrize(
    ("first", "then", "reason"),
    [
        ("nonsense", None, "no message"),
        ("x" * (LONGEST_MESSAGE + 1), None, "at most 8192"),
        (b"\x00\x01", None, "at most 8192"),
        ({"seen": 0}, None, "begins by saying which tab"),
        ({"tab": "me", "last": 0}, None, "no message"),
        ({"tab": TAB, "last": 0}, {"streams": {"1": "/gradio_api/queue/status"}}, "no message"),
        ({"tab": TAB, "last": 0}, {"streams": {"1": "/gradio_api/heartbeat/../../etc"}}, "no message"),
        ({"tab": TAB, "last": 0}, {"streams": {str(n): BEATING for n in range(1, 10)}}, "no message"),
        ({"tab": TAB, "last": 0}, {"seen": 9}, "no such frame"),
        ({"tab": TAB, "last": 0}, {"tab": TAB, "last": 0}, "a tab already"),
    ],
)
async def test_garbage_ends_the_connection_with_a_reason(first, then, reason):
    page = StreamingPage()
    async with relayed(page) as address, connect(address) as socket:
        for message in (first, then):
            if message is not None:
                await socket.send(json.dumps(message) if isinstance(message, dict) else message)
        code, told = await Tab(socket).closed()
        assert code == 1008
        assert reason in told
    assert not page.requests


async def test_a_connection_that_says_nothing_ends(monkeypatch):
    monkeypatch.setattr(stream_relay, "GREETING", 0.05)
    async with relayed(StreamingPage()) as address, connect(address) as socket:
        assert (await Tab(socket).closed())[0] == 1008


async def test_pages_of_other_hosts_may_not_connect():
    async with relayed(StreamingPage()) as address:
        async with connect(address, origin="https://elsewhere.example") as socket:
            assert (await Tab(socket).closed())[0] == 1008
        own = address.replace("ws:", "http:").removesuffix(RELAY_PATH)
        async with tab(address, origin=own) as end:
            assert end.welcome


@pytest.mark.parametrize("limit", ["MOST_TABS", "MOST_OF_ONE_ADDRESS"])
async def test_too_many_tabs_are_told_to_try_later_and_known_ones_are_not(monkeypatch, limit):
    monkeypatch.setattr(stream_relay, limit, 1)
    async with relayed(StreamingPage()) as address:
        async with tab(address) as end:
            async with connect(address) as socket:
                await socket.send(json.dumps({"tab": "f" * 32, "last": 0}))
                assert await Tab(socket).closed() == (1013, "There are too many tabs.")
            end.socket.transport.abort()
        async with tab(address) as end:
            assert end.welcome["known"] is True


async def test_a_server_that_ends_ends_its_streams():
    page = StreamingPage()
    async with relayed(page) as address, tab(address) as end:
        await end.send(streams={"1": BEATING})
        await until(lambda: page.readers)
        end.socket.transport.abort()
    assert not page.readers


@given(st.text() | st.dictionaries(st.text(), st.integers() | st.text() | st.booleans()).map(json.dumps))
def test_no_text_breaks_the_parser(text):
    with suppress(RelayRefusedError):
        parse_tab_message(text)


def test_messages_are_read():
    assert parse_tab_message(json.dumps({"tab": TAB, "last": 3})) == TabHello(tab=TAB, last=3)
    wanted = parse_tab_message(json.dumps({"streams": {"2": ANSWERS + "&__sign=a.b-c_d"}}))
    assert wanted == WantedStreams(streams={2: ANSWERS + "&__sign=a.b-c_d"})


def test_a_page_below_a_prefix_is_asked_below_it():
    handshake = {
        "type": "websocket",
        "root_path": "/demo",
        "path": "/demo/relay/streams",
        "scheme": "wss",
        "headers": [],
    }
    scope = stream_scope(handshake, ANSWERS)
    assert (scope["path"], scope["query_string"]) == ("/demo/gradio_api/queue/data", b"session_hash=session1")
    assert scope["scheme"] == "https"


async def test_a_connection_that_is_gone_before_its_welcome_leaves_no_tab_behind():
    relay = StreamRelay(StreamingPage().app(), away=0.05)
    said = iter(
        ({"type": "websocket.connect"}, {"type": "websocket.receive", "text": json.dumps({"tab": TAB, "last": 0})})
    )

    async def receive():
        return next(said)

    async def send(message):
        if message["type"] == "websocket.send":
            raise OSError("the client is gone")

    scope = {"type": "websocket", "path": RELAY_PATH, "headers": [], "client": ("192.0.2.1", 5), "query_string": b""}
    await relay(scope, receive, send)
    assert list(relay._tabs) == [TAB], "it may come back"
    async with asyncio.timeout(10):
        while relay._tabs or relay._addresses or relay._leaving:
            await asyncio.sleep(0.01)
