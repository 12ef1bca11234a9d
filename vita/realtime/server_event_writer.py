"""Notices of a conversation as the protocol's server events, in its order. Decides nothing, starts nothing."""

from __future__ import annotations

from typing import Literal

from vita.duplex import client_notices as n
from vita.duplex.camera import CameraClip
from vita.duplex.conversation_history import UserItem
from vita.duplex.watch_notices import FrameLooked, WatchedThingSeen
from vita.realtime import protocol_objects as s
from vita.realtime import server_events as r
from vita.realtime.item_conversion import added_events
from vita.realtime.protocol_state import ProtocolState
from vita.realtime.response_writer import ResponseWriter
from vita.realtime.vita_events import vita_event
from vita.speech.sample_rates import INPUT_SAMPLES_PER_MS

SERVER_FAULTS = ("engine_failed", "decision_timeout")  # codes of errors that are not the client's


class ServerEventWriter:
    """Writes for one client; what it must remember is in ``state``."""

    def __init__(self, state: ProtocolState) -> None:
        self.state = state

    def write_notice(self, notice: n.ClientNotice) -> list[r.ServerEvent]:
        """The events that a notice means for this client."""
        events = self._protocol_events(notice)
        ours = vita_event(notice, self._ride_along(notice)) if self.state.vita_events else None
        return [*events, ours] if ours else events

    def _protocol_events(self, notice: n.ClientNotice) -> list[r.ServerEvent]:
        match notice:
            case n.AnswerStarted() | n.AnswerText() | n.AnswerAudio() | n.AnswerEnded():
                return self._response_events(notice)
            case n.TurnStarted(item, at):
                return [r.SpeechStartedEvent(audio_start_ms=at // INPUT_SAMPLES_PER_MS, item_id=item)]
            case n.TurnEnded(item, at):
                return [r.SpeechStoppedEvent(audio_end_ms=at // INPUT_SAMPLES_PER_MS, item_id=item)]
            case n.IdleTimeoutReached(item, begin, end):
                first, last = begin // INPUT_SAMPLES_PER_MS, end // INPUT_SAMPLES_PER_MS
                return [r.IdleTimeoutEvent(audio_start_ms=first, audio_end_ms=last, item_id=item)]
            case n.ItemCommitted():
                return self._committed_events(notice)
            case WatchedThingSeen(_, UserItem(name)):
                asked = s.ContentPart(type="input_text", text=notice.prompt)
                self.state.items[name] = s.RealtimeItem(id=name, role="user", content=[asked])
            case n.TranscriptReady():
                return self._transcription_events(notice)
            case n.AnswerHeard(answer):
                self.state.set_heard_text(answer)
            case n.RequestRefused(code, message):
                kind: Literal["server_error", "invalid_request_error"] = (
                    "server_error" if code in SERVER_FAULTS else "invalid_request_error"
                )
                return [r.ErrorEvent(error=s.ErrorDetail(type=kind, code=code, message=message))]
            case n.ProtocolReply(event):
                assert isinstance(event, r.ServerEvent)
                return [event]
        return []

    def _response_events(
        self, notice: n.AnswerStarted | n.AnswerText | n.AnswerAudio | n.AnswerEnded
    ) -> list[r.ServerEvent]:
        match notice:
            case n.AnswerStarted():
                response = ResponseWriter(notice.item, notice.spoken, self.state.conversation_id, notice.metadata)
                self.state.responses[notice.answer] = response
                self.state.items[notice.item] = response.item
                return response.begin_response(notice.previous_item)
            case n.AnswerText():
                return [self.state.responses[notice.answer].write_text(notice.text)]
            case n.AnswerAudio():
                return [self.state.responses[notice.answer].write_audio(notice.pcm)]
            case n.AnswerEnded():
                response = self.state.responses.pop(notice.answer)
                response.text = notice.text  # pieces that were taken back from the outbox included
                events = response.end_response(notice.outcome, notice.reason, notice.detail, notice.usage)
                self.state.items[notice.item] = response.item
                return events

    def _committed_events(self, notice: n.ItemCommitted) -> list[r.ServerEvent]:
        item, previous = notice.item, notice.after or None
        known = self.state.items.get(item.id)
        events: list[r.ServerEvent] = []
        if notice.by_voice:
            events.append(r.CommittedEvent(item_id=item.id, previous_item_id=previous))
            known = s.RealtimeItem(id=item.id, role="user", content=[s.ContentPart(type="input_audio")])
        if known is not None:  # camera pictures that ride along were told of when they came
            self.state.items[item.id] = known
            events += added_events(known, previous)
        return events

    def _transcription_events(self, notice: n.TranscriptReady) -> list[r.ServerEvent]:
        item, text = notice.item, notice.text
        if text is None:
            error = s.ErrorDetail(type="server_error", code="no_transcript", message="This model writes nothing down.")
            return [r.TranscriptionFailedEvent(item_id=item, error=error)]
        self.state.set_transcript(item, text)
        usage = {"type": "duration", "seconds": notice.seconds}
        completed = r.TranscriptionCompletedEvent(item_id=item, transcript=text, usage=usage)
        return [r.TranscriptionDeltaEvent(item_id=item, delta=text), completed] if text else [completed]

    def _ride_along(self, notice: n.ClientNotice) -> list[str]:
        """The client's items whose camera pictures are frames of a committed user item's clip, or were looked at."""
        if isinstance(notice, FrameLooked | WatchedThingSeen):
            return [item] if (item := self.state.frame_items.get(notice.picture)) else []
        if not isinstance(notice, n.ItemCommitted) or not isinstance(notice.item, UserItem):
            return []
        frames = self.state.frame_items
        clips = [part for part in notice.item.parts if isinstance(part, CameraClip)]
        return [frames[picture] for clip in clips for picture in clip.pictures if picture in frames]
