"""What the server sends: the GA OpenAI Realtime protocol's events, one class each, and our own ``vita.*``.

Clients differ in what they need; the strictest one that was tried validates every event, so nothing is left out:
``previous_item_id``, ``status_details`` and both details of ``usage`` are always there.
"""

from __future__ import annotations

import uuid
from typing import Any, Literal

from pydantic import BaseModel, Field

from vita.realtime.protocol_objects import ContentPart, ErrorDetail, RealtimeItem, RealtimeResponse


def fresh_id(prefix: str) -> str:
    """A random id of 128 bits."""
    return f"{prefix}_{uuid.uuid4().hex}"


class ServerEvent(BaseModel):
    """Any event of the server."""

    event_id: str = Field(default_factory=lambda: fresh_id("event"))


class SessionCreatedEvent(ServerEvent):
    """The first event of a connection."""

    type: Literal["session.created"] = "session.created"
    session: dict[str, Any]


class SessionUpdatedEvent(ServerEvent):
    """The session after a change."""

    type: Literal["session.updated"] = "session.updated"
    session: dict[str, Any]


class SpeechStartedEvent(ServerEvent):
    """The user's turn began: whatever the client plays ends now."""

    type: Literal["input_audio_buffer.speech_started"] = "input_audio_buffer.speech_started"
    audio_start_ms: int
    item_id: str


class SpeechStoppedEvent(ServerEvent):
    """The user's turn ended."""

    type: Literal["input_audio_buffer.speech_stopped"] = "input_audio_buffer.speech_stopped"
    audio_end_ms: int
    item_id: str


class IdleTimeoutEvent(ServerEvent):
    """The idle timeout: no speech for long after an answer, so another one begins by itself."""

    type: Literal["input_audio_buffer.timeout_triggered"] = "input_audio_buffer.timeout_triggered"
    audio_start_ms: int
    audio_end_ms: int
    item_id: str


class CommittedEvent(ServerEvent):
    """The audio buffer became an item."""

    type: Literal["input_audio_buffer.committed"] = "input_audio_buffer.committed"
    item_id: str
    previous_item_id: str | None = None


class ClearedEvent(ServerEvent):
    """The audio buffer was cleared."""

    type: Literal["input_audio_buffer.cleared"] = "input_audio_buffer.cleared"


class ItemAddedEvent(ServerEvent):
    """An item is in the conversation."""

    type: Literal["conversation.item.added"] = "conversation.item.added"
    item: RealtimeItem
    previous_item_id: str | None = None


class ItemDoneEvent(ServerEvent):
    """An item is complete."""

    type: Literal["conversation.item.done"] = "conversation.item.done"
    item: RealtimeItem
    previous_item_id: str | None = None


class ItemTruncatedEvent(ServerEvent):
    """The history keeps this much of an answer."""

    type: Literal["conversation.item.truncated"] = "conversation.item.truncated"
    item_id: str
    content_index: int
    audio_end_ms: int


class ItemRetrievedEvent(ServerEvent):
    """An item as it is now."""

    type: Literal["conversation.item.retrieved"] = "conversation.item.retrieved"
    item: RealtimeItem


class ItemDeletedEvent(ServerEvent):
    """An item is out of the conversation."""

    type: Literal["conversation.item.deleted"] = "conversation.item.deleted"
    item_id: str


class _TranscriptionEvent(ServerEvent):
    item_id: str
    content_index: int = 0


class TranscriptionDeltaEvent(_TranscriptionEvent):
    """A piece of the transcript of the user's audio."""

    type: Literal["conversation.item.input_audio_transcription.delta"] = (
        "conversation.item.input_audio_transcription.delta"
    )
    delta: str


class TranscriptionFailedEvent(_TranscriptionEvent):
    """The user's audio could not be transcribed."""

    type: Literal["conversation.item.input_audio_transcription.failed"] = (
        "conversation.item.input_audio_transcription.failed"
    )
    error: ErrorDetail


class TranscriptionCompletedEvent(_TranscriptionEvent):
    """The transcript of the user's audio."""

    type: Literal["conversation.item.input_audio_transcription.completed"] = (
        "conversation.item.input_audio_transcription.completed"
    )
    transcript: str
    usage: dict[str, Any]


class ResponseCreatedEvent(ServerEvent):
    """An answer begins."""

    type: Literal["response.created"] = "response.created"
    response: RealtimeResponse


class ResponseDoneEvent(ServerEvent):
    """The one end of an answer."""

    type: Literal["response.done"] = "response.done"
    response: RealtimeResponse


class _OutputItemEvent(ServerEvent):
    response_id: str
    output_index: int = 0


class OutputItemAddedEvent(_OutputItemEvent):
    """An answer's item."""

    type: Literal["response.output_item.added"] = "response.output_item.added"
    item: RealtimeItem


class OutputItemDoneEvent(_OutputItemEvent):
    """An answer's item, complete or as far as it came."""

    type: Literal["response.output_item.done"] = "response.output_item.done"
    item: RealtimeItem


class _ContentPartEvent(_OutputItemEvent):
    item_id: str
    content_index: int = 0


class ContentPartAddedEvent(_ContentPartEvent):
    """The piece of content that the deltas belong to."""

    type: Literal["response.content_part.added"] = "response.content_part.added"
    part: ContentPart


class ContentPartDoneEvent(_ContentPartEvent):
    """That piece, complete or as far as it came."""

    type: Literal["response.content_part.done"] = "response.content_part.done"
    part: ContentPart


class AudioDeltaEvent(_ContentPartEvent):
    """A tenth of a second: clients with websockets' default limit take 1 MiB a message."""

    type: Literal["response.output_audio.delta"] = "response.output_audio.delta"
    delta: str


class AudioDoneEvent(_ContentPartEvent):
    """No more sound."""

    type: Literal["response.output_audio.done"] = "response.output_audio.done"


class TranscriptDeltaEvent(_ContentPartEvent):
    """Text of what is being spoken."""

    type: Literal["response.output_audio_transcript.delta"] = "response.output_audio_transcript.delta"
    delta: str


class TranscriptDoneEvent(_ContentPartEvent):
    """All of it."""

    type: Literal["response.output_audio_transcript.done"] = "response.output_audio_transcript.done"
    transcript: str


class TextDeltaEvent(_ContentPartEvent):
    """Text of an answer without sound."""

    type: Literal["response.output_text.delta"] = "response.output_text.delta"
    delta: str


class TextDoneEvent(_ContentPartEvent):
    """All of it."""

    type: Literal["response.output_text.done"] = "response.output_text.done"
    text: str


class ErrorEvent(ServerEvent):
    """Something could not be done; the conversation goes on."""

    type: Literal["error"] = "error"
    error: ErrorDetail


class VitaEvent(ServerEvent):
    """Ours, sent to who asks for it with ``?vita_events=1``: ``type`` is ``vita.`` and a name."""

    type: str
    data: dict[str, Any]
