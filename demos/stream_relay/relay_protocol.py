"""What a browser tab and the relay say to each other: JSON texts over one WebSocket. Pure.

The tab begins with ``{"tab": id, "last": n}`` and gets ``{"server": ..., "page": ..., "known": ...}``. Then it says
which streams it wants, always all of them: ``{"streams": {"1": path}}``; an id that it never had before opens a stream,
one that is left out ends it. What streams carry comes in numbered frames, and the tab says up to which it has
``{"seen": n}`` them. ``{"probe": true}`` and ``{"beat": true}`` are signs of life.
"""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

MOST_STREAMS = 8  # of one tab at a time; Gradio's page has two
LONGEST_MESSAGE = 8192  # characters of a message of a tab
HEARTBEAT = "/gradio_api/heartbeat/"

GOING_AWAY, LEFT = 1001, 4000  # a tab that closes; the second is said by our own script
TAKEN_OVER, TRY_LATER, REFUSED = 4001, 1013, 1008

StreamPath = Annotated[
    str,
    Field(
        pattern=r"^/gradio_api/(heartbeat/[A-Za-z0-9]{1,64}|queue/data\?session_hash=[A-Za-z0-9]{1,64})"
        r"([?&]__sign=[A-Za-z0-9_.%-]+)?$",
        max_length=2048,
    ),
]
StreamId = Annotated[int, Field(ge=1, le=2**31)]


class RelayRefusedError(Exception):
    """A tab did what it may not; its connection is closed with ``code`` and ``reason``."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class _TabMessage(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TabHello(_TabMessage):
    """The first message: which tab this is, and the last frame that it has."""

    tab: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    last: Annotated[int, Field(ge=0, le=2**53)]


class WantedStreams(_TabMessage):
    """All streams that the tab wants, by its own ids, each the path of a GET."""

    streams: Annotated[dict[StreamId, StreamPath], Field(max_length=MOST_STREAMS)]


class FramesSeen(_TabMessage):
    """The tab has all frames up to this one."""

    seen: Annotated[int, Field(ge=0, le=2**53)]


class ConnectionProbe(_TabMessage):
    """The tab wants a sign of life."""

    probe: bool


TabMessage = TabHello | WantedStreams | FramesSeen | ConnectionProbe
_MESSAGES: TypeAdapter[TabMessage] = TypeAdapter(TabMessage)


def parse_tab_message(text: str | None) -> TabMessage:
    """A message of a tab.

    Args:
        text: None where it was binary.

    Raises:
        RelayRefusedError: it is none.
    """
    if text is None or len(text) > LONGEST_MESSAGE:
        raise RelayRefusedError(REFUSED, "Messages are texts of at most 8192 characters.")
    try:
        return _MESSAGES.validate_json(text)
    except ValidationError as error:
        raise RelayRefusedError(REFUSED, "This is no message of the relay's protocol.") from error


def welcome_text(server: str, page: str, known: bool) -> str:
    """The answer to a tab's first message.

    Args:
        server: differs after each start.
        page: differs where the page has other elements.
        known: whether the tab's streams are still there.
    """
    return json.dumps({"server": server, "page": page, "known": known})


def status_text(number: int, stream: int, status: int) -> str:
    """The frame with which a stream begins."""
    return json.dumps({"frame": number, "stream": stream, "status": status})


def part_text(number: int, stream: int, text: str) -> str:
    """A frame with a piece of a stream's text."""
    return json.dumps({"frame": number, "stream": stream, "text": text}, ensure_ascii=False)


def end_text(number: int, stream: int) -> str:
    """A stream's last frame."""
    return json.dumps({"frame": number, "stream": stream, "end": True})


BEAT_TEXT = json.dumps({"beat": True})
