"""A client's messages as parts of a history, and as they are told back."""

from __future__ import annotations

import base64
import binascii

from vita.duplex.conversation_history import AnswerItem, Clause, HistoryItem, UserItem, UserPart
from vita.errors import MediaError
from vita.media import Limits, load_picture, load_sound
from vita.media.pcm import pcm16_samples
from vita.realtime import client_events as c
from vita.realtime import protocol_objects as s
from vita.realtime import server_events as r
from vita.speech.sample_rates import VOICE_RATE


def item_of(name: str, message: c.MessageItem, parts: tuple[UserPart, ...]) -> HistoryItem:
    """A message of the user's or of VITA's as an item of the history."""
    if message.role == "assistant":
        return AnswerItem(name, None, (Clause(text_of(parts), 0),))
    return UserItem(name, parts)


def parts_of(message: c.MessageItem, limits: Limits) -> tuple[UserPart, ...]:
    """Its parts with their media read; takes a while.

    Raises:
        MediaError, LimitError: a picture or a sound that cannot be used.
    """
    return tuple(_history_part(part, limits) for part in message.content)


def text_of(parts: tuple[UserPart, ...]) -> str:
    """The text among parts."""
    return "\n".join(part for part in parts if isinstance(part, str))


def shown_item(name: str, message: c.MessageItem) -> s.RealtimeItem:
    """A message as it is told back: without its bytes, which the client has."""
    return s.RealtimeItem(id=name, role=message.role, content=[_shown_part(part) for part in message.content])


def added_events(item: s.RealtimeItem, previous: str | None) -> list[r.ServerEvent]:
    """What a client is told of a complete item that entered the conversation after item ``previous``."""
    return [
        r.ItemAddedEvent(item=item, previous_item_id=previous),
        r.ItemDoneEvent(item=item, previous_item_id=previous),
    ]


def _history_part(part: c.InputText | c.InputAudio | c.InputImage | c.OutputText, limits: Limits) -> UserPart:
    match part:
        case c.InputAudio(audio=pcm):
            return load_sound((VOICE_RATE, pcm16_samples(pcm)), limits)
        case c.InputImage(image_url=url):
            return load_picture(_image_bytes(url), limits)
        case c.InputText(text=text):
            return text
        case c.OutputText(text=text, transcript=transcript):
            return text or transcript or ""


def _image_bytes(url: str) -> bytes:
    head, _, body = url.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise MediaError("Send the picture itself as data:image/jpeg;base64,...; addresses are not fetched.")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise MediaError("The picture's base64 is damaged; send it again.") from error


def _shown_part(part: c.InputText | c.InputAudio | c.InputImage | c.OutputText) -> s.ContentPart:
    match part:
        case c.InputAudio(transcript=transcript):
            return s.ContentPart(type="input_audio", transcript=transcript)
        case c.InputImage(detail=detail):
            return s.ContentPart(type="input_image", detail=detail)
        case c.InputText(text=text):
            return s.ContentPart(type="input_text", text=text)
        case c.OutputText(type=kind, text=text, transcript=transcript):
            return s.ContentPart(type=kind, text=text, transcript=transcript)
