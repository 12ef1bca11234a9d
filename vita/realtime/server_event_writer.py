"""Writes down for the client, in the protocol's words and order, what a conversation does. Decides nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal
from weakref import WeakKeyDictionary

from vita.duplex import conversation_actions as a
from vita.duplex.client_outbox import (
    AnswerAudio,
    AnswerEnded,
    AnswerStarted,
    AnswerText,
    ClientNotice,
    PhaseChanged,
    TurnDecision,
    TurnTiming,
)
from vita.duplex.conversation_history import AnswerItem, UserItem
from vita.engine.engine_protocol import Usage
from vita.media import Picture
from vita.realtime import protocol_objects as s
from vita.realtime import server_events as r
from vita.speech.sample_rates import INPUT_SAMPLES_PER_MS


@dataclass
class ResponseInProgress:
    """An answer that is being written down."""

    response: str
    item: str
    spoken: bool
    metadata: dict[str, Any] | None = None
    text: str = ""


class ServerEventWriter:
    """Turns notices into server events.

    Attributes:
        items: every item that the client was told of, as it was last told.
        frames: which of the client's items a picture came with, for telling which ones rode along; holds no picture.
    """

    def __init__(self, vita_events: bool) -> None:
        self.vita_events = vita_events
        self.conversation = r.fresh_id("conv")
        self.items: dict[str, s.RealtimeItem] = {}
        self.frames: WeakKeyDictionary[Picture, str] = WeakKeyDictionary()
        self._answers: dict[int, ResponseInProgress] = {}

    def write_notice(self, notice: ClientNotice) -> Iterator[r.ServerEvent]:
        """The events that a notice means for this client."""
        match notice:
            case a.TurnStarted(item, at):
                yield r.SpeechStartedEvent(audio_start_ms=at // INPUT_SAMPLES_PER_MS, item_id=item)
            case a.TurnEnded(item, at):
                yield r.SpeechStoppedEvent(audio_end_ms=at // INPUT_SAMPLES_PER_MS, item_id=item)
            case a.IdleTimeoutReached(item, begin, end):
                yield r.IdleTimeoutEvent(
                    audio_start_ms=begin // INPUT_SAMPLES_PER_MS, audio_end_ms=end // INPUT_SAMPLES_PER_MS, item_id=item
                )
            case a.ItemCommitted():
                yield from self._commit(notice)
            case AnswerStarted():
                yield from self._begin(notice)
            case AnswerText(answer, _, text):
                yield from self._text(answer, text)
            case AnswerAudio(answer, _, pcm):
                yield r.AudioDeltaEvent(**self._place(answer), delta=base64.b64encode(pcm).decode())
            case AnswerEnded():
                yield from self._end(notice)
            case a.AnswerHeard(told):
                self._heard(told)
            case a.RequestRefused(code, message):
                kind: Literal["server_error", "invalid_request_error"] = (
                    "server_error" if code in ("engine_failed", "decision_timeout") else "invalid_request_error"
                )
                yield r.ErrorEvent(error=s.ErrorDetail(type=kind, code=code, message=message))
        if self.vita_events:
            yield from _ours(notice, self.frames)

    def item_added(self, item: s.RealtimeItem, after: str | None) -> Iterator[r.ServerEvent]:
        """An item of the client entered the conversation."""
        self.items[item.id] = item
        yield r.ItemAddedEvent(item=item, previous_item_id=after)
        yield r.ItemDoneEvent(item=item, previous_item_id=after)

    def transcribed(self, item: str, text: str | None, seconds: float) -> Iterator[r.ServerEvent]:
        """What the user said in ``item``, in letters; None where nobody could write it down."""
        if text is None:
            error = s.ErrorDetail(type="server_error", code="no_transcript", message="This model writes nothing down.")
            yield r.TranscriptionFailedEvent(item_id=item, error=error)
            return
        known = self.items.get(item)
        if known:
            parts = [
                part.model_copy(update={"transcript": text}) if part.type == "input_audio" else part
                for part in known.content
            ]
            self.items[item] = known.model_copy(update={"content": parts})
        if text:
            yield r.TranscriptionDeltaEvent(item_id=item, delta=text)
        usage = {"type": "duration", "seconds": seconds}
        yield r.TranscriptionCompletedEvent(item_id=item, transcript=text, usage=usage)

    def _commit(self, commit: a.ItemCommitted) -> Iterator[r.ServerEvent]:
        after, item = commit.after or None, commit.item
        known = self.items.get(item.id)
        if commit.by_voice:
            yield r.CommittedEvent(item_id=item.id, previous_item_id=after)
            known = s.RealtimeItem(id=item.id, role="user", content=[s.ContentPart(type="input_audio")])
        if known is not None:  # frames that rode along were told of when they came
            yield from self.item_added(known, after)

    def _begin(self, begun: AnswerStarted) -> Iterator[r.ServerEvent]:
        begin = begun.begin
        answering = ResponseInProgress(r.fresh_id("resp"), begin.item, begun.spoken, begun.metadata)
        self._answers[begin.answer] = answering
        item = self._item(answering, "in_progress", content=False)
        after = begin.items[-1].id if begin.items else None
        yield r.ResponseCreatedEvent(response=self._response(answering, "in_progress"))
        yield r.OutputItemAddedEvent(response_id=answering.response, item=item)
        self.items[item.id] = item
        yield r.ItemAddedEvent(item=item, previous_item_id=after)
        yield r.ContentPartAddedEvent(**self._place(begin.answer), part=_part(answering, short=True))

    def _text(self, answer: int, text: str) -> Iterator[r.ServerEvent]:
        answering = self._answers[answer]
        answering.text += text
        delta = r.TranscriptDeltaEvent if answering.spoken else r.TextDeltaEvent
        yield delta(**self._place(answer), delta=text)

    def _end(self, ended: AnswerEnded) -> Iterator[r.ServerEvent]:
        answering = self._answers[ended.done.answer]
        answering.text = ended.text
        place = self._place(ended.done.answer)
        if answering.spoken:
            yield r.AudioDoneEvent(**place)
            yield r.TranscriptDoneEvent(**place, transcript=ended.text)
        else:
            yield r.TextDoneEvent(**place, text=ended.text)
        yield r.ContentPartDoneEvent(**place, part=_part(answering, short=True))
        item = self._item(answering, "completed" if ended.done.outcome == "completed" else "incomplete")
        self.items[item.id] = item
        yield r.OutputItemDoneEvent(response_id=answering.response, item=item)
        yield r.ItemDoneEvent(item=item)
        response = self._response(answering, ended.done.outcome)
        response.output, response.usage, response.status_details = [item], usage_of(ended.usage), _details(ended.done)
        yield r.ResponseDoneEvent(response=response)
        del self._answers[ended.done.answer]

    def _heard(self, told: AnswerItem) -> None:
        known = self.items.get(told.id)
        if known:
            said = {"transcript": told.heard} if known.content[:1] and known.content[0].transcript is not None else {}
            parts = [part.model_copy(update=said or {"text": told.heard}) for part in known.content]
            self.items[told.id] = known.model_copy(update={"content": parts})

    def running(self, response: str | None) -> bool:
        """Whether that answer, or any where none is named, is still being written."""
        return any(response in (None, answering.response) for answering in self._answers.values())

    def _place(self, answer: int) -> dict[str, Any]:
        answering = self._answers[answer]
        return {"response_id": answering.response, "item_id": answering.item}

    def _response(
        self, answering: ResponseInProgress, status: a.AnswerOutcome | Literal["in_progress"]
    ) -> s.RealtimeResponse:
        return s.RealtimeResponse(
            id=answering.response,
            conversation_id=self.conversation,
            status=status,
            output_modalities=["audio"] if answering.spoken else ["text"],
            metadata=answering.metadata,
        )

    def _item(
        self,
        answering: ResponseInProgress,
        status: Literal["completed", "in_progress", "incomplete"],
        content: bool = True,
    ) -> s.RealtimeItem:
        parts = [_part(answering)] if content else []
        return s.RealtimeItem(id=answering.item, status=status, role="assistant", content=parts)


def _part(answering: ResponseInProgress, short: bool = False) -> s.ContentPart:
    """The answer's content; the protocol calls it "audio" in a part and "output_audio" in an item."""
    if answering.spoken:
        return s.ContentPart(type="audio" if short else "output_audio", transcript=answering.text)
    return s.ContentPart(type="text" if short else "output_text", text=answering.text)


def usage_of(usage: Usage) -> s.ResponseUsage:
    """What an answer cost, in the protocol's words."""
    return s.ResponseUsage(
        total_tokens=usage.prompt_tokens + usage.completion_tokens,
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        input_token_details=s.InputDetails(
            text_tokens=usage.text_tokens,
            audio_tokens=usage.audio_tokens,
            image_tokens=usage.image_tokens + usage.video_tokens,
            cached_tokens=usage.cached_tokens,
        ),
        output_token_details=s.OutputDetails(text_tokens=usage.completion_tokens),
    )


def _details(done: a.EndAnswer) -> dict[str, Any] | None:
    if done.outcome == "completed":
        return None
    if done.outcome == "failed":
        error = {"type": "server_error", "code": "engine_failed", "message": done.detail}
        return {"type": "failed", "error": error}
    return {"type": done.outcome, "reason": done.reason}


def _ours(notice: ClientNotice, frames: Mapping[Picture, str]) -> Iterator[r.ServerEvent]:
    """What only our own page understands."""
    named: tuple[str, dict[str, Any]] | None = None
    match notice:
        case a.DuckPlayback() | a.RestoreVolume():
            named = "duck", {"on": isinstance(notice, a.DuckPlayback)}
        case a.StopPlayback(answer, item):
            named = "cut", {"answer": answer, "item_id": item}
        case TurnDecision(_, state, engine, seconds):
            named = "state", {"state": state.name if state else None, "engine": engine, "seconds": seconds}
        case a.RequestDecision(decision, engine_role, items):
            named = "deciding", {"decision": decision, "engine": engine_role, "item_id": items[-1].id}
        case a.PrefillHistory(engine_role, _):
            named = "warming", {"engine": engine_role}
        case PhaseChanged(phase, voice, at):
            named = "phase", {"phase": phase.value, "voice": voice, "at_ms": at // INPUT_SAMPLES_PER_MS}
        case a.UtteranceDismissed(item, why):
            named = "dismissed", {"item_id": item, "why": why}
        case AnswerStarted(begin, _, engine, monitor):
            named = "roles", {"generator": engine, "monitor": monitor, "answer": begin.answer, "item_id": begin.item}
        case a.AnswerHeard(AnswerItem() as told):
            named = "heard", {"item_id": told.id, "heard": told.heard, "text": told.text, "samples": told.limit}
        case TurnTiming():
            named = "timing", asdict(notice)
        case a.ItemCommitted(UserItem(item, parts)):
            seen = [frames[part] for part in parts if isinstance(part, Picture) and part in frames]
            named = ("frames", {"item_id": item, "frames": seen}) if seen else None
    if named:
        yield r.VitaEvent(type=f"vita.{named[0]}", data=named[1])
