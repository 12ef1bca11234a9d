"""What a client's events mean for its conversation. Every event is answered; none ends the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from vita.duplex import conversation_events as e
from vita.duplex.client_outbox import Reply
from vita.duplex.context_window import Wish
from vita.duplex.conversation_driver import Session, SessionSettings
from vita.duplex.conversation_history import VOICE_RATE, AnswerItem, Item, UserItem, Utterance
from vita.engine.engine_protocol import Request
from vita.errors import InputError
from vita.media import SAMPLE_RATE, Picture
from vita.realtime import client_events as c
from vita.realtime import protocol_objects as s
from vita.realtime import server_events as r
from vita.realtime.item_conversion import item_of, parts_of, shown, text_of
from vita.realtime.out_of_band import Aside
from vita.realtime.server_event_writer import Scribe
from vita.realtime.session_config import SessionConfig
from vita.speech.synthesis import Voice
from vita.tokens import State

PER_MS = VOICE_RATE // 1000
SHORTEST = SAMPLE_RATE // 10  # samples; a commit of less is a mistake


class ProtocolError(InputError):
    """An event that cannot be done; ``code`` is the protocol's name for why."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class House:
    """What all conversations share: the settings that a client may change for itself, and the voices to choose from.

    Attributes:
        spawn: starts a task of that name, which ends with the server at the latest.
    """

    model: str
    base: SessionSettings
    voices: Mapping[str, Voice]
    spawn: Callable[[Any, str], asyncio.Task[None]]


class Front:
    """One client's side of a conversation."""

    def __init__(self, session: Session, scribe: Scribe, house: House, name: str) -> None:
        self.session, self.scribe, self.name = session, scribe, name
        self.config = SessionConfig()
        self._house = house
        self._asides: dict[str, asyncio.Task[None]] = {}  # by the answer's name
        self._appended = 0  # where what was appended and not yet committed begins, in samples received

    def reply(self, event: r.ServerEvent) -> None:
        """Say something, behind what the conversation has to say already."""
        self.session.outbox.put(Reply(event))

    def greet(self) -> None:
        """The first event of a connection."""
        self.reply(r.SessionCreated(session=self._shown()))
        self.tell_engines()

    def tell_engines(self) -> None:
        """Our own page learns the engines' names in the order of their numbers, and who of them is ready."""
        if self.scribe.vita_events:
            statuses = self.session.engines.statuses
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
                await self._respond(event.response or c.ResponseOptions())
            case c.Played(item_id=item, samples=samples):
                self._played(item, samples)
            case c.InputAudioCommit() | c.InputAudioClear():
                self._buffer(event)
            case _:
                self._edit(event)

    def close(self) -> None:
        """End what answers beside the conversation."""
        for task in self._asides.values():
            task.cancel()

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

    async def _respond(self, options: c.ResponseOptions) -> None:
        wish = _wish(options)
        if options.tools:
            raise ProtocolError("tools_not_supported", "This model calls no tools; leave them out.")
        if options.conversation == "none":
            if not wish.text_only and "audio" in (options.output_modalities or self.config.output_modalities):
                raise ProtocolError(
                    "invalid_value", 'An answer beside the conversation is text; ask for output_modalities ["text"].'
                )
            await self._answer_aside(options)
        elif options.input is not None:
            raise ProtocolError("invalid_value", 'An answer with an input of its own needs conversation "none".')
        else:
            self.session.ask(wish)

    async def _answer_aside(self, options: c.ResponseOptions) -> None:
        items = self.session.state.items if options.input is None else await self._items(options.input)
        request = self._request(items, options)
        deltas = self.session.engines.generate_at(self.session.state.monitor, request)
        aside = Aside(deltas, self.reply, options.metadata)
        task = self._house.spawn(aside.run(), f"aside {aside.response}")
        self._asides[aside.response] = task
        task.add_done_callback(lambda _: self._asides.pop(aside.response, None))

    def _request(self, items: tuple[Item, ...], options: c.ResponseOptions) -> Request:
        by_voice = bool(items) and isinstance(items[-1], UserItem) and items[-1].by_voice
        states = (State.AUDIO_QUERY if by_voice else State.TEXT_QUERY,)
        prompts = self.session.prompts if options.input is None else self.session.prompts.afresh()
        return prompts.answer(items, states, _wish(options))

    async def _items(self, given: list[c.MessageItem | c.ItemReference]) -> tuple[Item, ...]:
        items: list[Item] = []
        for message in given:
            if isinstance(message, c.ItemReference):
                known = self.session.state.find(message.id)
                if known is None:
                    raise ProtocolError("item_reference_invalid", f"There is no item {message.id!r}.")
                items.append(known)
            else:
                parts = await asyncio.to_thread(parts_of, message, self._house.base.limits)
                items.append(item_of(message.id or r.fresh("item"), message, parts))
        return tuple(items)

    def _buffer(self, event: c.InputAudioCommit | c.InputAudioClear) -> None:
        begin, end = self._appended, self.session.ear.received
        if isinstance(event, c.InputAudioCommit) and end - begin < SHORTEST:
            raise ProtocolError("input_audio_buffer_commit_empty", "Append at least 100 ms of sound before a commit.")
        self._appended = end
        self.session.post(e.VoiceDropped())
        if isinstance(event, c.InputAudioClear):
            self.reply(r.Cleared())
            return
        item = s.Item(id=r.fresh("item"), role="user", content=[s.Part(type="input_audio")])
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
        parts = await asyncio.to_thread(parts_of, message, self._house.base.limits)
        told = shown(name, message)
        if message.role == "user" and all(isinstance(part, Picture) for part in parts):
            self._see(told, [part for part in parts if isinstance(part, Picture)])
        elif message.role == "system":
            self.config = self.config.merged(
                {"instructions": f"{self.config.instructions or ''}\n{text_of(parts)}".strip()}
            )
            self.session.adopt(self.config.settings(self._house.base, self._house.voices))
            self._tell(told)
        else:
            self.scribe.items[name] = told
            self.session.post(e.ItemAdded(item_of(name, message, parts), after))

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

    def _see(self, shown: s.Item, pictures: list[Picture]) -> None:
        """Pictures alone are what the camera sees: the newest few ride along with the next question."""
        for picture in pictures:
            self.scribe.frames[picture] = shown.id
            self.session.post(e.FrameSeen(picture))
        self._tell(shown)

    def _tell(self, shown: s.Item) -> None:
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
                pictures = tuple(picture for picture, item in self.scribe.frames.items() if item == name)
                self.session.post(e.Removed(name, pictures))
                self.reply(r.ItemDeleted(item_id=name))
            case c.ResponseCancel(response_id=str(response)) if response in self._asides:
                self._asides[response].cancel()
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


def _wish(options: c.ResponseOptions) -> Wish:
    tokens = options.max_output_tokens if isinstance(options.max_output_tokens, int) else None
    text_only = options.output_modalities is not None and "audio" not in options.output_modalities
    return Wish(options.instructions or "", tokens, text_only, options.metadata)


def describe(error: ValidationError) -> str:
    """The first thing that is wrong, in one sentence."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(name) for name in first["loc"])
    return f"{place}: {first['msg']}." if place else f"{first['msg']}."
