"""What a client's events mean for its conversation. Every event is answered; none ends the conversation."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from vita.duplex import conversation_events as e
from vita.duplex.client_notices import ProtocolReply
from vita.duplex.conversation_driver import ConversationDriver
from vita.duplex.conversation_history import AnswerItem, UserItem, Utterance
from vita.duplex.watch_asking import UnwatchableError
from vita.media import SAMPLE_RATE, Picture, await_decoding
from vita.realtime import client_events as c
from vita.realtime import protocol_objects as s
from vita.realtime import server_events as r
from vita.realtime.item_conversion import added_events, item_of, parts_of, shown_item, text_of
from vita.realtime.protocol_error import ProtocolError, describe_error
from vita.realtime.protocol_state import ProtocolState
from vita.realtime.response_requests import ResponseRequests
from vita.realtime.shared_settings import SharedSettings
from vita.speech.sample_rates import VOICE_SAMPLES_PER_MS

SHORTEST_COMMIT = SAMPLE_RATE // 10  # samples, 100 ms; a commit of less is a mistake


class ClientEventHandler:
    """Carries out one client's events; what the protocol must remember is in ``state``."""

    def __init__(self, driver: ConversationDriver, state: ProtocolState, shared: SharedSettings) -> None:
        self.driver, self.state = driver, state
        self._shared = shared
        self._responses = ResponseRequests(driver, state, shared, self.send_event)

    def send_event(self, event: r.ServerEvent) -> None:
        """Send an event, after the notices that are queued already."""
        self.driver.outbox.put_notice(ProtocolReply(event))

    def greet_client(self) -> None:
        """The first event of a connection."""
        self.send_event(r.SessionCreatedEvent(session=self._shown_session()))
        self.tell_engines()
        self._tell_received()

    def tell_engines(self) -> None:
        """Send ``vita.engines``: names in the order of the engines' numbers, stages and notes."""
        if self.state.vita_events:
            statuses = self.driver.engines.statuses
            engines = [{"name": status.name, "stage": status.stage.value, "note": status.note} for status in statuses]
            self.send_event(r.VitaEvent(type="vita.engines", data={"engines": engines}))

    def _tell_received(self) -> None:
        """Send ``vita.received``: of the client's events so many need not be sent again after an outage."""
        if self.state.vita_events:
            self.send_event(r.VitaEvent(type="vita.received", data={"events": self.state.handled}))

    async def handle_event(self, event: c.AnyClientEvent) -> None:
        """Do what ``event`` asks for.

        Raises:
            InputError: it cannot be done; the message says what to do.
        """
        match event:
            case c.InputAudioAppendEvent(audio=pcm):
                self.driver.receive_audio(pcm)
            case c.SessionUpdateEvent(session=changes):
                self._update_session(changes)
            case c.ItemCreateEvent():
                await self._create_item(event)
            case c.ResponseCreateEvent():
                await self._responses.create_response(event.response or c.ResponseOptions())
            case c.PlayedEvent(item_id=item, samples=samples):
                self._report_played(item, samples)
            case c.PingEvent():
                self._tell_received()
            case c.WatchStartEvent(watch_for=wanted, repeat=repeat, minutes=minutes):
                self._start_watch(wanted, repeat, 60 * minutes)
            case c.WatchStopEvent():
                self.driver.post_event(e.WatchStopped())
            case c.InputAudioCommitEvent() | c.InputAudioClearEvent():
                self._close_buffer(event)
            case _:
                self._edit_conversation(event)

    def close(self) -> None:
        """Cancel the out-of-band responses."""
        for task in self.state.out_of_band.values():
            task.cancel()

    def _shown_session(self) -> dict[str, Any]:
        state = self.state
        return state.config.shown_session(state.session_id, self._shared.model, state.vita_events)

    def _update_session(self, changes: dict[str, Any]) -> None:
        try:
            self.state.config = self.state.config.merge_changes(changes)
        except ValidationError as error:
            raise ProtocolError("invalid_value", describe_error(error)) from error
        self.driver.change_settings(self.state.config.conversation_settings(self._shared.base, self._shared.voices))
        self.send_event(r.SessionUpdatedEvent(session=self._shown_session()))

    def _close_buffer(self, event: c.InputAudioCommitEvent | c.InputAudioClearEvent) -> None:
        begin, end = self.state.buffer_begin, self.driver.audio_input.received
        if isinstance(event, c.InputAudioCommitEvent) and end - begin < SHORTEST_COMMIT:
            raise ProtocolError("input_audio_buffer_commit_empty", "Append at least 100 ms of sound before a commit.")
        self.state.buffer_begin = end
        self.driver.post_event(e.VoiceDropped())
        if isinstance(event, c.InputAudioClearEvent):
            self.send_event(r.ClearedEvent())
            return
        item = s.RealtimeItem(id=r.fresh_id("item"), role="user", content=[s.ContentPart(type="input_audio")])
        self.state.items[item.id] = item
        last = self.driver.state.items[-1].id if self.driver.state.items else None
        self.send_event(r.CommittedEvent(item_id=item.id, previous_item_id=last))
        self.state.promise = ""
        self.driver.post_event(e.HistoryItemAdded(UserItem(item.id, (Utterance(begin, end),))))

    async def _create_item(self, event: c.ItemCreateEvent) -> None:
        message = event.item
        name = message.id or r.fresh_id("item")
        if self.driver.state.find_item(name) or name in self.state.items:
            raise ProtocolError("item_create_duplicate_item_id", f"There is an item {name!r} already.")
        after = self._previous_item(event.previous_item_id)
        parts = await await_decoding(parts_of, message, self._shared.base.limits)
        told = shown_item(name, message)
        if _is_camera(message):
            self._add_frames(told, [part for part in parts if isinstance(part, Picture)])
        elif message.role == "system":
            self.state.config = self.state.config.merge_changes(
                {"instructions": f"{self.state.config.instructions or ''}\n{text_of(parts)}".strip()}
            )
            self.driver.change_settings(self.state.config.conversation_settings(self._shared.base, self._shared.voices))
            self._tell_item(told)
        else:
            self.state.items[name] = told
            self.driver.post_event(e.HistoryItemAdded(item_of(name, message, parts), after))
            if message.role == "user":
                self.state.promise = self._follow_words(text_of(parts)) if self.state.config.vita.watch_by_words else ""

    def _follow_words(self, said: str) -> str:
        return self.driver.watch.follow_words(said, self.driver.state.watch is not None)

    def _previous_item(self, previous: str | None) -> str | None:
        if previous is None or self.driver.state.find_item(previous):
            return previous
        if previous == "root":
            return ""
        if previous in self.state.items:  # a camera frame: it is in no place of its own
            return None
        raise ProtocolError(
            "item_create_invalid_previous_item_id", f"There is no item {previous!r} to put this behind."
        )

    def _add_frames(self, shown: s.RealtimeItem, pictures: list[Picture]) -> None:
        """What the camera sees: it goes with what is said meanwhile or next."""
        for picture in pictures:
            self.state.frame_items[picture] = shown.id
            self.driver.post_event(e.FrameSeen(picture))
        self._tell_item(shown)

    def _tell_item(self, shown: s.RealtimeItem) -> None:
        last = self.driver.state.items[-1].id if self.driver.state.items else None
        self.state.items[shown.id] = shown
        for event in added_events(shown, last):
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
                item = self.driver.state.find_item(name)
                longest = item.samples // VOICE_SAMPLES_PER_MS if isinstance(item, AnswerItem) else max(end, 0)
                self.driver.post_event(e.PlaybackTruncated(name, max(0, end) * VOICE_SAMPLES_PER_MS))
                self.send_event(
                    r.ItemTruncatedEvent(item_id=name, content_index=index, audio_end_ms=min(max(end, 0), longest))
                )
            case c.ItemRetrieveEvent(item_id=name):
                if name not in self.state.items:
                    raise ProtocolError("item_retrieve_invalid_item_id", f"There is no item {name!r}.")
                self.send_event(r.ItemRetrievedEvent(item=self.state.items[name]))
            case c.ItemDeleteEvent(item_id=name):
                if self.state.items.pop(name, None) is None:
                    raise ProtocolError("item_delete_invalid_item_id", f"There is no item {name!r}.")
                pictures = tuple(picture for picture, item in self.state.frame_items.items() if item == name)
                self.driver.post_event(e.ItemRemoved(name, pictures))
                self.send_event(r.ItemDeletedEvent(item_id=name))
            case c.ResponseCancelEvent(response_id=str(response)) if response in self.state.out_of_band:
                self.state.out_of_band[response].cancel()
            case c.ResponseCancelEvent(response_id=response):
                if response is not None and not self.state.is_running(response):
                    raise ProtocolError("response_cancel_not_active", "There is no such answer to cancel.")
                self.driver.cancel_answer()
            case c.OutputAudioClearEvent():
                if self.driver.state.answer:
                    self.driver.cancel_answer()

    def _start_watch(self, wanted: str, repeat: bool, seconds: float) -> None:
        try:
            self.driver.watch.request_watch(wanted, repeat, seconds)
        except UnwatchableError as error:
            raise ProtocolError(error.code, str(error)) from error

    def _report_played(self, item: str, samples: int) -> None:
        answer = self.driver.state.answer
        if answer and answer.item == item:
            self.driver.report_played(answer.id, samples)


def _is_camera(message: c.MessageItem) -> bool:
    """Pictures alone are the camera's, unless one asks for ``detail`` "high": that one is cut into tiles and stays."""
    pictures = [part for part in message.content if isinstance(part, c.InputImage)]
    is_alone = message.role == "user" and len(pictures) == len(message.content)
    return is_alone and all(part.detail != "high" for part in pictures)
