"""What a client's events mean for its conversation. Every event is answered; none ends the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from vita.duplex import conversation_events as e
from vita.duplex.client_outbox import ProtocolReply
from vita.duplex.context_window import AnswerOptions
from vita.duplex.conversation_driver import ConversationDriver, ConversationSettings
from vita.duplex.conversation_history import AnswerItem, HistoryItem, UserItem, Utterance
from vita.engine.engine_protocol import Request
from vita.errors import InputError
from vita.media import SAMPLE_RATE, Picture
from vita.realtime import client_events as c
from vita.realtime import protocol_objects as s
from vita.realtime import server_events as r
from vita.realtime.item_conversion import item_of, parts_of, shown_item, text_of
from vita.realtime.out_of_band import OutOfBandResponse
from vita.realtime.server_event_writer import ServerEventWriter
from vita.realtime.session_config import SessionConfig
from vita.speech.sample_rates import VOICE_SAMPLES_PER_MS
from vita.speech.synthesis import Voice
from vita.tokens import State

SHORTEST = SAMPLE_RATE // 10  # samples; a commit of less is a mistake


class ProtocolError(InputError):
    """An event that cannot be done; ``code`` is the protocol's name for why."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class SharedSettings:
    """What all conversations share: the settings that a client may change for itself, and the voices to choose from.

    Attributes:
        spawn: starts a task of that name, which ends with the server at the latest.
    """

    model: str
    base: ConversationSettings
    voices: Mapping[str, Voice]
    spawn_task: Callable[[Any, str], asyncio.Task[None]]


class ClientEventHandler:
    """One client's side of a conversation."""

    def __init__(
        self, session: ConversationDriver, scribe: ServerEventWriter, house: SharedSettings, name: str
    ) -> None:
        self.session, self.scribe, self.name = session, scribe, name
        self.config = SessionConfig()
        self._house = house
        self._asides: dict[str, asyncio.Task[None]] = {}  # by the answer's name
        self._appended = 0  # where what was appended and not yet committed begins, in samples received

    def send_event(self, event: r.ServerEvent) -> None:
        """Say something, behind what the conversation has to say already."""
        self.session.outbox.put_notice(ProtocolReply(event))

    def greet_client(self) -> None:
        """The first event of a connection."""
        self.send_event(r.SessionCreatedEvent(session=self._shown_session()))
        self.tell_engines()

    def tell_engines(self) -> None:
        """Our own page learns the engines' names in the order of their numbers, and who of them is ready."""
        if self.scribe.vita_events:
            statuses = [engine.status for engine in self.session.roles.engines]
            engines = [{"name": status.name, "stage": status.stage.value, "note": status.note} for status in statuses]
            self.send_event(r.VitaEvent(type="vita.engines", data={"engines": engines}))

    async def handle_event(self, event: c.AnyClientEvent) -> None:
        """Do what ``event`` asks for.

        Raises:
            InputError: it cannot be done; the message says what to do.
        """
        match event:
            case c.InputAudioAppendEvent(audio=pcm):
                self.session.receive_audio(pcm)
            case c.SessionUpdateEvent(session=changes):
                self._update_session(changes)
            case c.ItemCreateEvent():
                await self._create_item(event)
            case c.ResponseCreateEvent():
                await self._create_response(event.response or c.ResponseOptions())
            case c.PlayedEvent(item_id=item, samples=samples):
                self._report_played(item, samples)
            case c.InputAudioCommitEvent() | c.InputAudioClearEvent():
                self._close_buffer(event)
            case _:
                self._edit_conversation(event)

    def close(self) -> None:
        """End what answers beside the conversation."""
        for task in self._asides.values():
            task.cancel()

    def utterance_committed(self, item: UserItem) -> None:
        """The conversation took an utterance out of the buffer itself."""
        ends = [part.end for part in item.parts if isinstance(part, Utterance)]
        self._appended = max([self._appended, *ends])

    def _shown_session(self) -> dict[str, Any]:
        return self.config.shown_session(self.name, self._house.model, self.scribe.vita_events)

    def _update_session(self, changes: dict[str, Any]) -> None:
        try:
            self.config = self.config.merge_changes(changes)
        except ValidationError as error:
            raise ProtocolError("invalid_value", describe_error(error)) from error
        self.session.change_settings(self.config.conversation_settings(self._house.base, self._house.voices))
        self.send_event(r.SessionUpdatedEvent(session=self._shown_session()))

    async def _create_response(self, options: c.ResponseOptions) -> None:
        wish = _answer_options(options)
        if options.tools:
            raise ProtocolError("tools_not_supported", "This model calls no tools; leave them out.")
        if options.conversation == "none":
            if not wish.text_only and "audio" in (options.output_modalities or self.config.output_modalities):
                raise ProtocolError(
                    "invalid_value", 'An answer beside the conversation is text; ask for output_modalities ["text"].'
                )
            await self._respond_out_of_band(options)
        elif options.input is not None:
            raise ProtocolError("invalid_value", 'An answer with an input of its own needs conversation "none".')
        else:
            self.session.request_answer(wish)

    async def _respond_out_of_band(self, options: c.ResponseOptions) -> None:
        items = self.session.state.items if options.input is None else await self._input_items(options.input)
        request = self._build_request(items, options)
        aside = OutOfBandResponse(
            self.session.roles.answer(self.session.state.monitor, request), self.send_event, options.metadata
        )
        task = self._house.spawn_task(aside.run(), f"aside {aside.response}")
        self._asides[aside.response] = task
        task.add_done_callback(lambda _: self._asides.pop(aside.response, None))

    def _build_request(self, items: tuple[HistoryItem, ...], options: c.ResponseOptions) -> Request:
        by_voice = bool(items) and isinstance(items[-1], UserItem) and items[-1].by_voice
        states = (State.AUDIO_QUERY if by_voice else State.TEXT_QUERY,)
        prompts = self.session.prompts if options.input is None else self.session.prompts.afresh()
        return prompts.answer(items, states, _answer_options(options))

    async def _input_items(self, given: list[c.MessageItem | c.ItemReference]) -> tuple[HistoryItem, ...]:
        items: list[HistoryItem] = []
        for message in given:
            if isinstance(message, c.ItemReference):
                known = self.session.state.find_item(message.id)
                if known is None:
                    raise ProtocolError("item_reference_invalid", f"There is no item {message.id!r}.")
                items.append(known)
            else:
                parts = await asyncio.to_thread(parts_of, message, self._house.base.limits)
                items.append(item_of(message.id or r.fresh_id("item"), message, parts))
        return tuple(items)

    def _close_buffer(self, event: c.InputAudioCommitEvent | c.InputAudioClearEvent) -> None:
        begin, end = self._appended, self.session.ear.received
        if isinstance(event, c.InputAudioCommitEvent) and end - begin < SHORTEST:
            raise ProtocolError("input_audio_buffer_commit_empty", "Append at least 100 ms of sound before a commit.")
        self._appended = end
        self.session.post_event(e.VoiceDropped())
        if isinstance(event, c.InputAudioClearEvent):
            self.send_event(r.ClearedEvent())
            return
        item = s.RealtimeItem(id=r.fresh_id("item"), role="user", content=[s.ContentPart(type="input_audio")])
        self.scribe.items[item.id] = item
        last = self.session.state.items[-1].id if self.session.state.items else None
        self.send_event(r.CommittedEvent(item_id=item.id, previous_item_id=last))
        self.session.post_event(e.HistoryItemAdded(UserItem(item.id, (Utterance(begin, end),))))

    async def _create_item(self, event: c.ItemCreateEvent) -> None:
        message = event.item
        name = message.id or r.fresh_id("item")
        if self.session.state.find_item(name) or name in self.scribe.items:
            raise ProtocolError("item_create_duplicate_item_id", f"There is an item {name!r} already.")
        after = self._previous_item(event.previous_item_id)
        parts = await asyncio.to_thread(parts_of, message, self._house.base.limits)
        told = shown_item(name, message)
        if message.role == "user" and all(isinstance(part, Picture) for part in parts):
            self._add_frames(told, [part for part in parts if isinstance(part, Picture)])
        elif message.role == "system":
            self.config = self.config.merge_changes(
                {"instructions": f"{self.config.instructions or ''}\n{text_of(parts)}".strip()}
            )
            self.session.change_settings(self.config.conversation_settings(self._house.base, self._house.voices))
            self._tell_item(told)
        else:
            self.scribe.items[name] = told
            self.session.post_event(e.HistoryItemAdded(item_of(name, message, parts), after))

    def _previous_item(self, previous: str | None) -> str | None:
        if previous is None or self.session.state.find_item(previous):
            return previous
        if previous == "root":
            return ""
        if previous in self.scribe.items:  # a camera frame: it is in no place of its own
            return None
        raise ProtocolError(
            "item_create_invalid_previous_item_id", f"There is no item {previous!r} to put this behind."
        )

    def _add_frames(self, shown: s.RealtimeItem, pictures: list[Picture]) -> None:
        """Pictures alone are what the camera sees: the newest few ride along with the next question."""
        for picture in pictures:
            self.scribe.frames[picture] = shown.id
            self.session.post_event(e.FrameSeen(picture))
        self._tell_item(shown)

    def _tell_item(self, shown: s.RealtimeItem) -> None:
        last = self.session.state.items[-1].id if self.session.state.items else None
        for event in self.scribe.item_added(shown, last):
            self.send_event(event)

    def _edit_conversation(
        self,
        event: c.ItemTruncateEvent
        | c.ItemRetrieveEvent
        | c.ItemDeleteEvent
        | c.ResponseCancelEvent
        | c.OutputAudioClearEvent,
    ) -> None:
        match event:
            case c.ItemTruncateEvent(item_id=name, content_index=index, audio_end_ms=end):
                item = self.session.state.find_item(name)
                longest = item.samples // VOICE_SAMPLES_PER_MS if isinstance(item, AnswerItem) else max(end, 0)
                self.session.post_event(e.PlaybackTruncated(name, max(0, end) * VOICE_SAMPLES_PER_MS))
                self.send_event(
                    r.ItemTruncatedEvent(item_id=name, content_index=index, audio_end_ms=min(max(end, 0), longest))
                )
            case c.ItemRetrieveEvent(item_id=name):
                if name not in self.scribe.items:
                    raise ProtocolError("item_retrieve_invalid_item_id", f"There is no item {name!r}.")
                self.send_event(r.ItemRetrievedEvent(item=self.scribe.items[name]))
            case c.ItemDeleteEvent(item_id=name):
                if self.scribe.items.pop(name, None) is None:
                    raise ProtocolError("item_delete_invalid_item_id", f"There is no item {name!r}.")
                pictures = tuple(picture for picture, item in self.scribe.frames.items() if item == name)
                self.session.post_event(e.ItemRemoved(name, pictures))
                self.send_event(r.ItemDeletedEvent(item_id=name))
            case c.ResponseCancelEvent(response_id=str(response)) if response in self._asides:
                self._asides[response].cancel()
            case c.ResponseCancelEvent(response_id=response):
                if response is not None and not self.scribe.running(response):
                    raise ProtocolError("response_cancel_not_active", "There is no such answer to cancel.")
                self.session.cancel_answer()
            case c.OutputAudioClearEvent():
                if self.session.state.answer:
                    self.session.cancel_answer()

    def _report_played(self, item: str, samples: int) -> None:
        answer = self.session.state.answer
        if answer and answer.item == item:
            self.session.report_played(answer.id, samples)


def _answer_options(options: c.ResponseOptions) -> AnswerOptions:
    tokens = options.max_output_tokens if isinstance(options.max_output_tokens, int) else None
    text_only = options.output_modalities is not None and "audio" not in options.output_modalities
    return AnswerOptions(options.instructions or "", tokens, text_only, options.metadata)


def describe_error(error: ValidationError) -> str:
    """The first thing that is wrong, in one sentence."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(name) for name in first["loc"])
    return f"{place}: {first['msg']}." if place else f"{first['msg']}."
