"""Everything that the protocol remembers of one session; handler and writer of events keep nothing themselves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from vita.duplex.conversation_history import AnswerItem, UserItem, Utterance
from vita.media import Picture
from vita.realtime import protocol_objects as s
from vita.realtime import server_events as r
from vita.realtime.response_writer import ResponseWriter
from vita.realtime.session_config import SessionConfig


@dataclass
class ProtocolState:
    """One session as its client knows it.

    Attributes:
        vita_events: the client asked for our own events.
        items: every item that the client was told of, by id, as it was last told.
        frame_items: the client's item that a camera picture came with; holds no picture.
        buffer_begin: where audio that was appended and not yet committed begins, in samples received.
        responses: those being written, by the conversation's number of the answer.
        out_of_band: running out-of-band responses by response id.
        promise: what is answered to the words that set or ended a watch, once an answer is asked for; "" after another
            item of the user's.
        handled: how many of the client's events have been carried out or refused, over all its connections.
    """

    vita_events: bool
    session_id: str = field(default_factory=lambda: r.fresh_id("sess"))
    conversation_id: str = field(default_factory=lambda: r.fresh_id("conv"))
    config: SessionConfig = field(default_factory=SessionConfig)
    items: dict[str, s.RealtimeItem] = field(default_factory=dict)
    frame_items: WeakKeyDictionary[Picture, str] = field(default_factory=WeakKeyDictionary)
    buffer_begin: int = 0
    responses: dict[int, ResponseWriter] = field(default_factory=dict)
    out_of_band: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    promise: str = ""
    handled: int = 0

    def take_from_buffer(self, item: UserItem) -> None:
        """The conversation itself committed the audio of ``item``."""
        ends = [part.end for part in item.parts if isinstance(part, Utterance)]
        self.buffer_begin = max([self.buffer_begin, *ends])
        if ends:
            self.promise = ""

    def set_transcript(self, item: str, transcript: str) -> None:
        """The transcript of the user's audio in ``item``."""
        known = self.items.get(item)
        if known:
            parts = [
                part.model_copy(update={"transcript": transcript}) if part.type == "input_audio" else part
                for part in known.content
            ]
            self.items[item] = known.model_copy(update={"content": parts})

    def set_heard_text(self, answer: AnswerItem) -> None:
        """Cut an answer's item to what was played of it."""
        known = self.items.get(answer.id)
        if known:
            spoken = bool(known.content) and known.content[0].transcript is not None
            update = {"transcript" if spoken else "text": answer.heard}
            parts = [part.model_copy(update=update) for part in known.content]
            self.items[answer.id] = known.model_copy(update={"content": parts})

    def is_running(self, response_id: str | None) -> bool:
        """Whether that response of the conversation, or any where None is given, is still being written."""
        return any(response_id in (None, response.response_id) for response in self.responses.values())
