"""The streams of one browser tab, and the frames of theirs that the tab does not have yet."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import NamedTuple

from starlette.types import ASGIApp, Scope

from demos.stream_relay.relay_protocol import (
    BEAT_TEXT,
    REFUSED,
    RelayRefusedError,
    end_text,
    part_text,
    status_text,
)
from demos.stream_relay.relayed_stream import RelayedStream, stream_scope

BEAT = 5.0  # seconds of quiet after which the tab gets a sign of life
HELD = 4 << 20  # characters that are kept for a tab; a stream that has more waits


class Frame(NamedTuple):
    """A numbered message for the tab."""

    number: int
    text: str


class RelayedTab:
    """Lives from a tab's first connection until the tab is gone; connections to it come and go."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._streams: dict[int, RelayedStream] = {}
        self._highest = 0  # id of the newest stream
        self._frames: deque[Frame] = deque()
        self._made = self._held = 0  # number of the newest frame; characters in all that are kept
        self._changed = asyncio.Condition()
        self._gone = False

    async def want_streams(self, wanted: Mapping[int, str], handshake: Scope) -> list[str]:
        """Open what is new, and end what is not wanted any more; returns the paths that were opened."""
        for number in set(self._streams) - set(wanted):
            self._streams.pop(number).leave_stream()
        opened = sorted(number for number in wanted if number > self._highest)
        for number in opened:
            self._highest = number
            self._streams[number] = RelayedStream(
                self._app,
                stream_scope(handshake, wanted[number]),
                partial(self._add_frame, number, status_text),
                partial(self._add_frame, number, part_text),
                partial(self._end_stream, number),
            )
        return [wanted[number] for number in opened]

    async def mark_seen(self, last: int) -> None:
        """Forget the frames up to ``last``, which the tab has; RelayRefusedError where it cannot have it."""
        if last > self._made:
            raise RelayRefusedError(REFUSED, "There is no such frame yet.")
        async with self._changed:
            while self._frames and self._frames[0].number <= last:
                self._held -= len(self._frames.popleft().text)
            self._changed.notify_all()

    async def send_frames(self, send: Callable[[str], Awaitable[None]], last: int) -> None:
        """Send all frames after ``last``, and those to come, and a sign of life where there is none; never ends."""
        while True:
            fresh = await self._frames_after(last)
            for frame in fresh:
                await send(frame.text)
                last = frame.number
            if not fresh:
                await send(BEAT_TEXT)

    def leave_tab(self) -> list[asyncio.Task[None]]:
        """End all streams, as a closed tab does; returns what is still ending."""
        self._gone = True
        for stream in self._streams.values():
            stream.leave_stream()
        return [stream.task for stream in self._streams.values()]

    async def _frames_after(self, last: int) -> list[Frame]:
        try:
            async with asyncio.timeout(BEAT), self._changed:
                await self._changed.wait_for(lambda: self._made > last)
        except TimeoutError:
            return []
        return [frame for frame in self._frames if frame.number > last]

    async def _add_frame(self, stream: int, write: Callable[..., str], *values: object) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._held < HELD)
            self._made += 1
            text = write(self._made, stream, *values)
            self._frames.append(Frame(self._made, text))
            self._held += len(text)
            self._changed.notify_all()

    async def _end_stream(self, number: int) -> None:
        self._streams.pop(number, None)
        if not self._gone:
            await self._add_frame(number, end_text)
