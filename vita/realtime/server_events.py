"""What the server sends: the GA OpenAI Realtime protocol's events, one class each, and our own ``vita.*``.

Clients differ in what they need; the strictest one that was tried validates every event, so nothing is left out:
``previous_item_id``, ``status_details`` and both details of ``usage`` are always there.
"""

from __future__ import annotations

import uuid
from typing import Any, Literal

from pydantic import BaseModel, Field

from vita.realtime.protocol_objects import ErrorDetail, Item, Part, Response


def fresh(prefix: str) -> str:
    """An id that nobody can guess."""
    return f"{prefix}_{uuid.uuid4().hex}"


class ServerEvent(BaseModel):
    """Any event of the server."""

    event_id: str = Field(default_factory=lambda: fresh("event"))


class SessionCreated(ServerEvent):
    """The first event of a connection."""

    type: Literal["session.created"] = "session.created"
    session: dict[str, Any]


class SessionUpdated(ServerEvent):
    """The session after a change."""

    type: Literal["session.updated"] = "session.updated"
    session: dict[str, Any]


class SpeechStarted(ServerEvent):
    """The user's turn began: whatever the client plays ends now."""

    type: Literal["input_audio_buffer.speech_started"] = "input_audio_buffer.speech_started"
    audio_start_ms: int
    item_id: str


class SpeechStopped(ServerEvent):
    """The user's turn ended."""

    type: Literal["input_audio_buffer.speech_stopped"] = "input_audio_buffer.speech_stopped"
    audio_end_ms: int
    item_id: str


class IdleTriggered(ServerEvent):
    """Nobody has said anything for long: VITA goes on by itself."""

    type: Literal["input_audio_buffer.timeout_triggered"] = "input_audio_buffer.timeout_triggered"
    audio_start_ms: int
    audio_end_ms: int
    item_id: str


class Committed(ServerEvent):
    """What was heard is an item."""

    type: Literal["input_audio_buffer.committed"] = "input_audio_buffer.committed"
    item_id: str
    previous_item_id: str | None = None


class Cleared(ServerEvent):
    """What was appended counts for nothing."""

    type: Literal["input_audio_buffer.cleared"] = "input_audio_buffer.cleared"


class ItemAdded(ServerEvent):
    """An item is in the conversation."""

    type: Literal["conversation.item.added"] = "conversation.item.added"
    item: Item
    previous_item_id: str | None = None


class ItemDone(ServerEvent):
    """An item is complete."""

    type: Literal["conversation.item.done"] = "conversation.item.done"
    item: Item
    previous_item_id: str | None = None


class ItemTruncated(ServerEvent):
    """The history keeps this much of an answer."""

    type: Literal["conversation.item.truncated"] = "conversation.item.truncated"
    item_id: str
    content_index: int
    audio_end_ms: int


class ItemRetrieved(ServerEvent):
    """An item as it is now."""

    type: Literal["conversation.item.retrieved"] = "conversation.item.retrieved"
    item: Item


class ItemDeleted(ServerEvent):
    """An item is out of the conversation."""

    type: Literal["conversation.item.deleted"] = "conversation.item.deleted"
    item_id: str


class _OfTranscript(ServerEvent):
    item_id: str
    content_index: int = 0


class TranscriptionDelta(_OfTranscript):
    """A piece of what the user said, in letters."""

    type: Literal["conversation.item.input_audio_transcription.delta"] = (
        "conversation.item.input_audio_transcription.delta"
    )
    delta: str


class TranscriptionFailed(_OfTranscript):
    """What the user said could not be written down."""

    type: Literal["conversation.item.input_audio_transcription.failed"] = (
        "conversation.item.input_audio_transcription.failed"
    )
    error: ErrorDetail


class TranscriptionCompleted(_OfTranscript):
    """What the user said, in letters."""

    type: Literal["conversation.item.input_audio_transcription.completed"] = (
        "conversation.item.input_audio_transcription.completed"
    )
    transcript: str
    usage: dict[str, Any]


class ResponseCreated(ServerEvent):
    """An answer begins."""

    type: Literal["response.created"] = "response.created"
    response: Response


class ResponseDone(ServerEvent):
    """The one end of an answer."""

    type: Literal["response.done"] = "response.done"
    response: Response


class _OfItem(ServerEvent):
    response_id: str
    output_index: int = 0


class OutputItemAdded(_OfItem):
    """An answer's item."""

    type: Literal["response.output_item.added"] = "response.output_item.added"
    item: Item


class OutputItemDone(_OfItem):
    """An answer's item, complete or as far as it came."""

    type: Literal["response.output_item.done"] = "response.output_item.done"
    item: Item


class _OfPart(_OfItem):
    item_id: str
    content_index: int = 0


class ContentPartAdded(_OfPart):
    """The piece of content that the deltas belong to."""

    type: Literal["response.content_part.added"] = "response.content_part.added"
    part: Part


class ContentPartDone(_OfPart):
    """That piece, complete or as far as it came."""

    type: Literal["response.content_part.done"] = "response.content_part.done"
    part: Part


class AudioDelta(_OfPart):
    """A tenth of a second: clients with websockets' default limit take 1 MiB a message."""

    type: Literal["response.output_audio.delta"] = "response.output_audio.delta"
    delta: str


class AudioDone(_OfPart):
    """No more sound."""

    type: Literal["response.output_audio.done"] = "response.output_audio.done"


class TranscriptDelta(_OfPart):
    """Text of what is being spoken."""

    type: Literal["response.output_audio_transcript.delta"] = "response.output_audio_transcript.delta"
    delta: str


class TranscriptDone(_OfPart):
    """All of it."""

    type: Literal["response.output_audio_transcript.done"] = "response.output_audio_transcript.done"
    transcript: str


class TextDelta(_OfPart):
    """Text of an answer without sound."""

    type: Literal["response.output_text.delta"] = "response.output_text.delta"
    delta: str


class TextDone(_OfPart):
    """All of it."""

    type: Literal["response.output_text.done"] = "response.output_text.done"
    text: str


class Error(ServerEvent):
    """Something could not be done; the conversation goes on."""

    type: Literal["error"] = "error"
    error: ErrorDetail


class VitaEvent(ServerEvent):
    """Ours, sent to who asks for it with ``?vita_events=1``: ``type`` is ``vita.`` and a name."""

    type: str
    data: dict[str, Any]
