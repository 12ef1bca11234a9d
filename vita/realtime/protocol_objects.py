"""What the protocol's events are made of: items, their parts, answers, what these cost, errors."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer


class SparseModel(BaseModel):
    """Fields that are None are left out: a client's schema knows them as absent, not as null."""

    @model_serializer(mode="wrap")
    def _without_none(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if value is not None}


class ContentPart(SparseModel):
    """A piece of an item's content."""

    type: Literal["input_text", "input_audio", "input_image", "output_text", "output_audio", "text", "audio"]
    text: str | None = None
    transcript: str | None = None
    image_url: str | None = None
    detail: str | None = None


class RealtimeItem(SparseModel):
    """A message of the conversation."""

    id: str
    object: Literal["realtime.item"] = "realtime.item"
    type: Literal["message"] = "message"
    status: Literal["completed", "in_progress", "incomplete"] = "completed"
    role: Literal["user", "assistant", "system"]
    content: list[ContentPart]


class CachedDetails(BaseModel):
    """Of what the cached tokens are."""

    text_tokens: int = 0
    audio_tokens: int = 0
    image_tokens: int = 0


class InputDetails(CachedDetails):
    """Tokens of the prompt by modality; a video's count as image."""

    cached_tokens: int = 0
    cached_tokens_details: CachedDetails = Field(default_factory=CachedDetails)


class OutputDetails(BaseModel):
    """The model writes text alone; its speech is synthesised from that."""

    text_tokens: int = 0
    audio_tokens: int = 0


class ResponseUsage(BaseModel):
    """What an answer cost."""

    total_tokens: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    input_token_details: InputDetails = Field(default_factory=InputDetails)
    output_token_details: OutputDetails = Field(default_factory=OutputDetails)


class RealtimeResponse(BaseModel):
    """An answer."""

    id: str
    object: Literal["realtime.response"] = "realtime.response"
    conversation_id: str | None
    status: Literal["in_progress", "completed", "cancelled", "incomplete", "failed"]
    status_details: dict[str, Any] | None = None
    output: list[RealtimeItem] = Field(default_factory=list)
    output_modalities: list[Literal["text", "audio"]]
    usage: ResponseUsage | None = None
    metadata: dict[str, Any] | None = None


class ErrorDetail(BaseModel):
    """What was wrong, in one sentence."""

    type: Literal["invalid_request_error", "server_error"]
    code: str | None = None
    message: str
    param: str | None = None
    event_id: str | None = None
