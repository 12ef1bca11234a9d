"""What a client's events mean for its conversation. Every event is answered; none ends the conversation."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from vita.duplex import events as e
from vita.duplex.history import VOICE_RATE, AnswerItem, Clause, Item, UserItem, UserPart, Utterance
from vita.duplex.outbox import Reply
from vita.duplex.session import Session, SessionSettings
from vita.duplex.tts import Voice
from vita.errors import InputError, MediaError
from vita.media import SAMPLE_RATE, Limits, Picture, load_picture, load_sound
from vita.realtime import events as c
from vita.realtime import replies as r
from vita.realtime.config import SessionConfig
from vita.realtime.scribe import Scribe

PER_MS = VOICE_RATE // 1000
SHORTEST = SAMPLE_RATE // 10  # samples; a commit of less is a mistake
REMEMBERED_FRAMES = 64


class ProtocolError(InputError):
    """An event that cannot be done; ``code`` is the protocol's name for why."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class House:
    """What all conversations share: the settings that a client may change for itself, and the voices to choose from."""

    model: str
    base: SessionSettings
    voices: Mapping[str, Voice]


class Front:
    """One client's side of a conversation."""

    def __init__(self, session: Session, scribe: Scribe, house: House, name: str) -> None:
        self.session, self.scribe, self.name = session, scribe, name
        self.config = SessionConfig()
        self._house = house
        self._appended = 0  # where what was appended and not yet committed begins, in samples received

    def reply(self, event: r.ServerEvent) -> None:
        """Say something, behind what the conversation has to say already."""
        self.session.outbox.put(Reply(event))

    def greet(self) -> None:
        """The first event of a connection; our own page learns the engines' names in the order of their numbers."""
        self.reply(r.SessionCreated(session=self._shown()))
        if self.scribe.vita_events:
            statuses = [engine.status for engine in self.session.roles.engines]
            engines = [{"name": status.name, "stage": status.stage.value, "note": status.note} for status in statuses]
            self.reply(r.VitaEvent(type="vita.engines", data={"engines": engines}))

    async def handle(self, event: c.AnyClientEvent) -> None:
        """Do what ``event`` asks for.

        Raises:
            InputError: it cannot be done; the message says what to do.
        """
        match event:
            case c.InputAudioAppend(audio=pcm):
                self.session.hear(pcm)
            case c.SessionUpdate(session=changes):
                self._update(changes)
            case c.ItemCreate():
                await self._create(event)
            case c.ResponseCreate():
                options = event.response or c.ResponseOptions()
                text_only = options.output_modalities is not None and "audio" not in options.output_modalities
                self.session.ask(options.instructions or "", text_only)
            case c.Played(item_id=item, samples=samples):
                self._played(item, samples)
            case c.InputAudioCommit() | c.InputAudioClear():
                self._buffer(event)
            case _:
                self._edit(event)

    def committed(self, item: UserItem) -> None:
        """The conversation took an utterance out of the buffer itself."""
        ends = [part.end for part in item.parts if isinstance(part, Utterance)]
        self._appended = max([self._appended, *ends])

    def _shown(self) -> dict[str, Any]:
        return self.config.shown(self.name, self._house.model, self.scribe.vita_events)

    def _update(self, changes: dict[str, Any]) -> None:
        try:
            self.config = self.config.merged(changes)
        except ValidationError as error:
            raise ProtocolError("invalid_value", describe(error)) from error
        self.session.adopt(self.config.settings(self._house.base, self._house.voices))
        self.reply(r.SessionUpdated(session=self._shown()))

    def _buffer(self, event: c.InputAudioCommit | c.InputAudioClear) -> None:
        begin, end = self._appended, self.session.ear.received
        if isinstance(event, c.InputAudioCommit) and end - begin < SHORTEST:
            raise ProtocolError("input_audio_buffer_commit_empty", "Append at least 100 ms of sound before a commit.")
        self._appended = end
        self.session.post(e.VoiceDropped())
        if isinstance(event, c.InputAudioClear):
            self.reply(r.Cleared())
            return
        item = r.Item(id=r.fresh("item"), role="user", content=[r.Part(type="input_audio")])
        self.scribe.items[item.id] = item
        last = self.session.state.items[-1].id if self.session.state.items else None
        self.reply(r.Committed(item_id=item.id, previous_item_id=last))
        self.session.post(e.ItemAdded(UserItem(item.id, (Utterance(begin, end),))))

    async def _create(self, event: c.ItemCreate) -> None:
        message = event.item
        name = message.id or r.fresh("item")
        if self.session.state.find(name) or name in self.scribe.items:
            raise ProtocolError("item_create_duplicate_item_id", f"There is an item {name!r} already.")
        after = self._after(event.previous_item_id)
        parts = await asyncio.to_thread(_parts, message, self._house.base.limits)
        shown = r.Item(id=name, role=message.role, content=[_shown_part(part) for part in message.content])
        if message.role == "user" and all(isinstance(part, Picture) for part in parts):
            self._see(shown, [part for part in parts if isinstance(part, Picture)])
        elif message.role == "system":
            self.config = self.config.merged(
                {"instructions": f"{self.config.instructions or ''}\n{_text(parts)}".strip()}
            )
            self.session.adopt(self.config.settings(self._house.base, self._house.voices))
            self._tell(shown)
        else:
            self.scribe.items[name] = shown
            item: Item = UserItem(name, parts)
            if message.role == "assistant":
                item = AnswerItem(name, None, (Clause(_text(parts), 0),))
            self.session.post(e.ItemAdded(item, after))

    def _after(self, previous: str | None) -> str | None:
        if previous is None or self.session.state.find(previous):
            return previous
        if previous == "root":
            return ""
        if previous in self.scribe.items:  # a camera frame: it is in no place of its own
            return None
        raise ProtocolError(
            "item_create_invalid_previous_item_id", f"There is no item {previous!r} to put this behind."
        )

    def _see(self, shown: r.Item, pictures: list[Picture]) -> None:
        """Pictures alone are what the camera sees: the newest few ride along with the next question."""
        for picture in pictures:
            self.scribe.frames[picture] = shown.id
            self.session.post(e.FrameSeen(picture))
        for old in list(self.scribe.frames)[:-REMEMBERED_FRAMES]:
            del self.scribe.frames[old]
        self._tell(shown)

    def _tell(self, shown: r.Item) -> None:
        last = self.session.state.items[-1].id if self.session.state.items else None
        for event in self.scribe.added(shown, last):
            self.reply(event)

    def _edit(
        self, event: c.ItemTruncate | c.ItemRetrieve | c.ItemDelete | c.ResponseCancel | c.OutputAudioClear
    ) -> None:
        match event:
            case c.ItemTruncate(item_id=name, content_index=index, audio_end_ms=end):
                item = self.session.state.find(name)
                longest = item.samples // PER_MS if isinstance(item, AnswerItem) else max(end, 0)
                self.session.post(e.Truncated(name, max(0, end) * PER_MS))
                self.reply(r.ItemTruncated(item_id=name, content_index=index, audio_end_ms=min(max(end, 0), longest)))
            case c.ItemRetrieve(item_id=name):
                if name not in self.scribe.items:
                    raise ProtocolError("item_retrieve_invalid_item_id", f"There is no item {name!r}.")
                self.reply(r.ItemRetrieved(item=self.scribe.items[name]))
            case c.ItemDelete(item_id=name):
                if self.scribe.items.pop(name, None) is None:
                    raise ProtocolError("item_delete_invalid_item_id", f"There is no item {name!r}.")
                self.session.post(e.Removed(name))
                self.reply(r.ItemDeleted(item_id=name))
            case c.ResponseCancel(response_id=response):
                if response is not None and not self.scribe.running(response):
                    raise ProtocolError("response_cancel_not_active", "There is no such answer to cancel.")
                self.session.cancel()
            case c.OutputAudioClear():
                if self.session.state.answer:
                    self.session.cancel()

    def _played(self, item: str, samples: int) -> None:
        answer = self.session.state.answer
        if answer and answer.item == item:
            self.session.played(answer.id, samples)


def _parts(message: c.MessageItem, limits: Limits) -> tuple[UserPart, ...]:
    return tuple(_part(part, limits) for part in message.content)


def _part(part: c.InputText | c.InputAudio | c.InputImage | c.OutputText, limits: Limits) -> UserPart:
    match part:
        case c.InputAudio(audio=pcm):
            return load_sound((VOICE_RATE, np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2")), limits)
        case c.InputImage(image_url=url):
            return load_picture(_data(url), limits)
        case c.InputText(text=text):
            return text
        case c.OutputText(text=text, transcript=transcript):
            return text or transcript or ""


def _data(url: str) -> bytes:
    head, _, body = url.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise MediaError("Send the picture itself as data:image/jpeg;base64,...; addresses are not fetched.")
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise MediaError("The picture's base64 is damaged; send it again.") from error


def _text(parts: tuple[UserPart, ...]) -> str:
    return "\n".join(part for part in parts if isinstance(part, str))


def _shown_part(part: c.InputText | c.InputAudio | c.InputImage | c.OutputText) -> r.Part:
    """A part as it is told back: without its bytes, which the client has."""
    match part:
        case c.InputAudio(transcript=transcript):
            return r.Part(type="input_audio", transcript=transcript)
        case c.InputImage(detail=detail):
            return r.Part(type="input_image", detail=detail)
        case c.InputText(text=text):
            return r.Part(type="input_text", text=text)
        case c.OutputText(type=kind, text=text, transcript=transcript):
            return r.Part(type=kind, text=text, transcript=transcript)


def describe(error: ValidationError) -> str:
    """The first thing that is wrong, in one sentence."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(name) for name in first["loc"])
    return f"{place}: {first['msg']}." if place else f"{first['msg']}."
