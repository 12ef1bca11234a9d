"""The only writer of ``response.*``: the events of one response, in the protocol's order, in a conversation or not."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, Literal

from vita.duplex.driver_commands import AnswerEndReason, AnswerOutcome
from vita.engine.engine_protocol import Usage
from vita.realtime import protocol_objects as s
from vita.realtime import server_events as r

ItemStatus = Literal["completed", "in_progress", "incomplete"]


@dataclass
class ResponseWriter:
    """One response while it is being written.

    Attributes:
        item_id: of its one output item.
        spoken: with audio and its transcript; else text alone.
        conversation_id: None for an out-of-band response, which adds no item to a conversation.
        metadata: of the client that asked for it.
        item: its output item as the client was last told of it.
    """

    item_id: str
    spoken: bool
    conversation_id: str | None
    metadata: dict[str, Any] | None = None
    response_id: str = field(default_factory=lambda: r.fresh_id("resp"))
    text: str = ""
    item: s.RealtimeItem = field(init=False)

    def __post_init__(self) -> None:
        self.item = self._output_item("in_progress", [])

    def begin_response(self, previous_item: str | None = None) -> list[r.ServerEvent]:
        """The events before the first delta."""
        added: list[r.ServerEvent] = [r.ItemAddedEvent(item=self.item, previous_item_id=previous_item)]
        return [
            r.ResponseCreatedEvent(response=self._response("in_progress")),
            r.OutputItemAddedEvent(response_id=self.response_id, item=self.item),
            *(added if self.conversation_id else []),
            r.ContentPartAddedEvent(**self._place(), part=self._content_part()),
        ]

    def write_text(self, text: str) -> r.ServerEvent:
        """A piece of text, or of the transcript of what is spoken."""
        self.text += text
        delta = r.TranscriptDeltaEvent if self.spoken else r.TextDeltaEvent
        return delta(**self._place(), delta=text)

    def write_audio(self, pcm: bytes) -> r.ServerEvent:
        """A piece of audio, PCM16 at VOICE_RATE."""
        return r.AudioDeltaEvent(**self._place(), delta=base64.b64encode(pcm).decode())

    def end_response(
        self, outcome: AnswerOutcome, reason: AnswerEndReason, detail: str, usage: Usage
    ) -> list[r.ServerEvent]:
        """The events after the last delta, up to ``response.done``; ``text`` is all that was generated."""
        place = self._place()
        self.item = self._output_item("completed" if outcome == "completed" else "incomplete", [self._item_content()])
        response = self._response(outcome)
        response.output, response.usage = [self.item], response_usage(usage)
        response.status_details = _status_details(outcome, reason, detail)
        content: list[r.ServerEvent] = (
            [r.AudioDoneEvent(**place), r.TranscriptDoneEvent(**place, transcript=self.text)]
            if self.spoken
            else [r.TextDoneEvent(**place, text=self.text)]
        )
        return [
            *content,
            r.ContentPartDoneEvent(**place, part=self._content_part()),
            r.OutputItemDoneEvent(response_id=self.response_id, item=self.item),
            *([r.ItemDoneEvent(item=self.item)] if self.conversation_id else []),
            r.ResponseDoneEvent(response=response),
        ]

    def _place(self) -> dict[str, Any]:
        return {"response_id": self.response_id, "item_id": self.item_id}

    def _content_part(self) -> s.ContentPart:
        """The content so far; the protocol says "audio" in a part and "output_audio" in an item."""
        if self.spoken:
            return s.ContentPart(type="audio", transcript=self.text)
        return s.ContentPart(type="text", text=self.text)

    def _item_content(self) -> s.ContentPart:
        if self.spoken:
            return s.ContentPart(type="output_audio", transcript=self.text)
        return s.ContentPart(type="output_text", text=self.text)

    def _output_item(self, status: ItemStatus, content: list[s.ContentPart]) -> s.RealtimeItem:
        return s.RealtimeItem(id=self.item_id, status=status, role="assistant", content=content)

    def _response(self, status: AnswerOutcome | Literal["in_progress"]) -> s.RealtimeResponse:
        return s.RealtimeResponse(
            id=self.response_id,
            conversation_id=self.conversation_id,
            status=status,
            output_modalities=["audio"] if self.spoken else ["text"],
            metadata=self.metadata,
        )


def _status_details(outcome: AnswerOutcome, reason: AnswerEndReason, detail: str) -> dict[str, Any] | None:
    if outcome == "completed":
        return None
    if outcome == "failed":
        error = {"type": "server_error", "code": "engine_failed", "message": detail}
        return {"type": "failed", "error": error}
    return {"type": outcome, "reason": reason}


def response_usage(usage: Usage) -> s.ResponseUsage:
    """The cost of a response in tokens, as the protocol counts them; a video's tokens count as image."""
    return s.ResponseUsage(
        total_tokens=usage.prompt_tokens + usage.completion_tokens,
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        input_token_details=s.InputDetails(
            text_tokens=usage.text_tokens,
            audio_tokens=usage.audio_tokens,
            image_tokens=usage.image_tokens + usage.video_tokens,
            cached_tokens=usage.cached_tokens,
        ),
        output_token_details=s.OutputDetails(text_tokens=usage.completion_tokens),
    )
