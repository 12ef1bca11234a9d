"""What a client may send: the GA OpenAI Realtime protocol's events, one class each, told apart by ``type``.

Unknown fields are let pass, because clients send more than a server needs. ``vita.*`` are our own.
"""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter


def _decode_base64(value: object) -> bytes:
    """Strict base64: pydantic's own type accepts characters outside the alphabet."""
    if not isinstance(value, str):
        raise ValueError("must be base64 text")
    return base64.b64decode(value, validate=True)


Base64 = Annotated[bytes, BeforeValidator(_decode_base64)]


class ClientEvent(BaseModel):
    """Any event of a client; its id is named in an error about it."""

    event_id: str | None = None


class SessionUpdateEvent(ClientEvent):
    """Changes of the session: merged into it; null clears."""

    type: Literal["session.update"]
    session: dict[str, Any]


class InputAudioAppendEvent(ClientEvent):
    """PCM16 mono 24 kHz."""

    type: Literal["input_audio_buffer.append"]
    audio: Base64


class InputAudioCommitEvent(ClientEvent):
    """Commit the audio buffer as a user item."""

    type: Literal["input_audio_buffer.commit"]


class InputAudioClearEvent(ClientEvent):
    """Clear the audio buffer."""

    type: Literal["input_audio_buffer.clear"]


class InputText(BaseModel):
    """Typed text."""

    type: Literal["input_text"]
    text: str


class InputAudio(BaseModel):
    """A recording, PCM16 mono 24 kHz."""

    type: Literal["input_audio"]
    audio: Base64
    transcript: str | None = None


class InputImage(BaseModel):
    """A picture as a data URI."""

    type: Literal["input_image"]
    image_url: str
    detail: str | None = None


class OutputText(BaseModel):
    """What was answered earlier, in text or as the transcript of speech."""

    type: Literal["output_text", "text", "output_audio"]
    text: str | None = None
    transcript: str | None = None


ClientContent = Annotated[InputText | InputAudio | InputImage | OutputText, Field(discriminator="type")]


class MessageItem(BaseModel):
    """A message that the client adds to the conversation."""

    id: str | None = None
    type: Literal["message"]
    role: Literal["user", "assistant", "system"]
    content: list[ClientContent] = Field(min_length=1)


class ItemCreateEvent(ClientEvent):
    """Add a message, at the end or after another one."""

    type: Literal["conversation.item.create"]
    item: MessageItem
    previous_item_id: str | None = None


class ItemTruncateEvent(ClientEvent):
    """An answer was heard only so far."""

    type: Literal["conversation.item.truncate"]
    item_id: str
    content_index: int = 0
    audio_end_ms: int


class ItemRetrieveEvent(ClientEvent):
    """Send an item again."""

    type: Literal["conversation.item.retrieve"]
    item_id: str


class ItemDeleteEvent(ClientEvent):
    """Take an item out of the conversation."""

    type: Literal["conversation.item.delete"]
    item_id: str


class ItemReference(BaseModel):
    """An item that is in the conversation already."""

    type: Literal["item_reference"]
    id: str


class ResponseOptions(BaseModel):
    """How one answer differs from the session's; one of no conversation may have an ``input`` of its own."""

    output_modalities: list[Literal["text", "audio"]] | None = None
    instructions: str | None = None
    conversation: Literal["auto", "none"] | None = None
    input: list[Annotated[MessageItem | ItemReference, Field(discriminator="type")]] | None = None
    metadata: dict[str, Any] | None = None
    max_output_tokens: Annotated[int, Field(ge=1)] | Literal["inf"] | None = None
    tools: list[Any] | None = None


class ResponseCreateEvent(ClientEvent):
    """Answer now."""

    type: Literal["response.create"]
    response: ResponseOptions | None = None


class ResponseCancelEvent(ClientEvent):
    """End the running answer."""

    type: Literal["response.cancel"]
    response_id: str | None = None


class OutputAudioClearEvent(ClientEvent):
    """Stop playing (a client over WebRTC says it; over WebSocket the client itself plays)."""

    type: Literal["output_audio_buffer.clear"]


class PlayedEvent(ClientEvent):
    """Ours: so much of an answer's sound has been played, in all."""

    type: Literal["vita.played"]
    item_id: str
    samples: int = Field(ge=0)  # at 24 kHz


class PingEvent(ClientEvent):
    """Ours: tell by ``vita.received`` what has been handled. Who gets no answer knows that the connection is dead."""

    type: Literal["vita.ping"]


class WatchStartEvent(ClientEvent):
    """Ours: tell by an answer when the camera's frames show something."""

    type: Literal["vita.watch.start"]
    watch_for: str
    repeat: bool = False
    minutes: float = Field(10, gt=0, le=60)


class WatchStopEvent(ClientEvent):
    """Ours: watch no more."""

    type: Literal["vita.watch.stop"]


AnyClientEvent = Annotated[
    SessionUpdateEvent
    | InputAudioAppendEvent
    | InputAudioCommitEvent
    | InputAudioClearEvent
    | ItemCreateEvent
    | ItemTruncateEvent
    | ItemRetrieveEvent
    | ItemDeleteEvent
    | ResponseCreateEvent
    | ResponseCancelEvent
    | OutputAudioClearEvent
    | PlayedEvent
    | PingEvent
    | WatchStartEvent
    | WatchStopEvent,
    Field(discriminator="type"),
]
_adapter: TypeAdapter[AnyClientEvent] = TypeAdapter(AnyClientEvent)


def parse_event(message: str) -> AnyClientEvent:
    """One message as its event.

    Raises:
        pydantic.ValidationError: it is no JSON, of no known type, or lacks what its type needs.
    """
    return _adapter.validate_json(message)
