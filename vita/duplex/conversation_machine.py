"""The conversation as a pure state machine: ``step(state, event) -> (state, actions)``.

The only writer of a conversation's state. No clock, no task, no engine, no sound: time is samples received, and what
is to be done comes back as a list of actions that a driver carries out in order.

    listening --voice--> (voice goes on) --end of turn--> deciding --query--> speaking
    speaking --voice--> overlap (ducked) --likely end--> decide --query--> stopped; the monitor's stream is the answer
                                                           `--noise--> restored to full volume
"""

from __future__ import annotations

from dataclasses import replace

from vita.duplex import response_lifecycle, turn_taking, watching
from vita.duplex.camera import CameraFrame, keep_frames, sees_camera
from vita.duplex.client_notices import ItemCommitted
from vita.duplex.conversation_events import (
    AnswerFailed,
    AnswerRequested,
    AnswerSent,
    AudioReceived,
    AudioSent,
    CancelRequested,
    ClauseSynthesized,
    ConversationClosed,
    ConversationEvent,
    DecisionFailed,
    DecisionMade,
    Faded,
    FrameSeen,
    HistoryItemAdded,
    ItemRemoved,
    LookFinished,
    LookRested,
    PlaybackReported,
    PlaybackTruncated,
    PolicyChanged,
    TurnPolicy,
    VoiceDropped,
    WatchRanOut,
    WatchRequested,
    WatchStopped,
)
from vita.duplex.conversation_history import HistoryItem, without, without_pictures
from vita.duplex.conversation_state import ConversationAction, ConversationState, Transition
from vita.media import Picture, Sound
from vita.speech.voice_events import VoicePaused, VoiceResumed, VoiceStarted, VoiceStopped


def step(
    state: ConversationState, event: ConversationEvent
) -> tuple[ConversationState, tuple[ConversationAction, ...]]:
    """The state after ``event`` and what is to be done about it. A closed conversation changes no more."""
    if state.closed:
        return state, ()
    move = Transition(state)
    if isinstance(event, VoiceStarted | VoicePaused | VoiceResumed | VoiceStopped | AudioReceived):
        move.set_fields(now=max(state.now, event.at))
        _on_voice(move, event)
    elif isinstance(event, ClauseSynthesized | AudioSent | PlaybackReported | AnswerSent | AnswerFailed):
        _on_playout(move, event)
    elif isinstance(event, DecisionMade):
        turn_taking.decision_made(move, event)
    elif isinstance(event, DecisionFailed):
        turn_taking.decision_failed(move, event)
    elif isinstance(event, WatchRequested | WatchStopped | WatchRanOut | LookFinished | LookRested):
        _on_watch(move, event)
    else:
        _on_client(move, event)
    if not move.state.closed:
        response_lifecycle.settle_answer(move)
        turn_taking.resolve_turn(move)
        watching.settle_watch(move)
    return move.state, tuple(move.actions)


def _on_voice(
    move: Transition, event: VoiceStarted | VoicePaused | VoiceResumed | VoiceStopped | AudioReceived
) -> None:
    match event:
        case VoiceStarted():
            turn_taking.speech_started(move, event)
        case VoicePaused():
            turn_taking.speech_paused(move, event)
        case VoiceResumed():
            turn_taking.speech_resumed(move)
        case VoiceStopped():
            turn_taking.speech_stopped(move, event)
        case AudioReceived():
            turn_taking.time_passed(move)


def _on_playout(
    move: Transition, event: ClauseSynthesized | AudioSent | PlaybackReported | AnswerSent | AnswerFailed
) -> None:
    match event:
        case ClauseSynthesized():
            response_lifecycle.clause_synthesized(move, event)
        case AudioSent():
            response_lifecycle.audio_sent(move, event)
        case PlaybackReported():
            response_lifecycle.playback_reported(move, event)
        case AnswerSent():
            response_lifecycle.answer_sent(move, event)
        case AnswerFailed():
            response_lifecycle.answer_failed(move, event)


def _on_watch(move: Transition, event: WatchRequested | WatchStopped | WatchRanOut | LookFinished | LookRested) -> None:
    match event:
        case WatchRequested():
            watching.watch_requested(move, event)
        case WatchStopped():
            watching.end_watch(move, "stopped")
        case WatchRanOut(number):
            watching.watch_ran_out(move, number)
        case LookFinished():
            watching.look_finished(move, event)
        case LookRested():
            watching.look_rested(move, event)


def _on_client(
    move: Transition,
    event: HistoryItemAdded
    | AnswerRequested
    | FrameSeen
    | CancelRequested
    | PlaybackTruncated
    | ItemRemoved
    | Faded
    | VoiceDropped
    | PolicyChanged
    | ConversationClosed,
) -> None:
    match event:
        case HistoryItemAdded():
            _add_item(move, event.item, event.after)
        case AnswerRequested():
            response_lifecycle.answer_requested(move)
        case FrameSeen():
            _receive_frame(move, event.picture)
        case CancelRequested():
            response_lifecycle.cancel_requested(move)
        case PlaybackTruncated():
            response_lifecycle.playback_truncated(move, event)
        case ItemRemoved():
            _remove_item(move, event)
        case Faded():
            _release_media(move, event)
        case VoiceDropped():
            turn_taking.dismiss_utterance(move, "dropped")
        case PolicyChanged():
            _change_policy(move, event.policy)
        case ConversationClosed():
            turn_taking.dismiss_utterance(move, "dropped")
            watching.end_watch(move, "stopped")
            response_lifecycle.stop_answer(move, "cancelled", "client_cancelled")
            move.set_fields(closed=True)


def _receive_frame(move: Transition, picture: Picture) -> None:
    """A frame of the camera's. With the first one the monitor prefills the history anew, as that of a video."""
    watching.frame_came(move, picture)
    state, policy = move.state, move.state.policy
    if not policy.frames:
        return
    was_on, is_busy = sees_camera(state.frames, state.now), state.answer or state.voice
    frames = (*state.frames, CameraFrame(picture, state.now))
    move.set_fields(frames=keep_frames(frames, state.now, policy.longest))
    if not was_on and not is_busy:
        move.prefill_history(state.monitor, state.items)


def _add_item(move: Transition, item: HistoryItem, after: str | None) -> None:
    items = move.state.items
    place = len(items) if after is None else next((n + 1 for n, known in enumerate(items) if known.id == after), 0)
    move.set_fields(items=(*items[:place], item, *items[place:]))
    move.add_actions(ItemCommitted(item, items[place - 1].id if place else ""))


def _remove_item(move: Transition, event: ItemRemoved) -> None:
    """Take an item out; the running answer's stays, it is still being written. Its pictures may be anywhere by now."""
    state = move.state
    if state.answer is None or state.answer.item != event.item:
        move.set_fields(items=tuple(known for known in state.items if known.id != event.item))
    if event.pictures:
        decision = state.decision
        move.set_fields(
            items=tuple(without_pictures(known, event.pictures) for known in move.state.items),
            frames=tuple(frame for frame in state.frames if frame.picture not in event.pictures),
        )
        watching.forget_pictures(move, event.pictures)
        if decision and decision.camera:
            move.set_fields(decision=replace(decision, camera=decision.camera.less(event.pictures)))


def _release_media(move: Transition, event: Faded) -> None:
    """Let go of media that only take up room; what they said stays where it was."""
    items = move.state.items
    items = tuple(without(it, lambda part: isinstance(part, Picture)) if it.id in event.unseen else it for it in items)
    items = tuple(without(it, lambda part: isinstance(part, Sound)) if it.id in event.unheard else it for it in items)
    move.set_fields(items=items)


def _change_policy(move: Transition, policy: TurnPolicy) -> None:
    if policy.mode is not move.state.policy.mode:
        turn_taking.dismiss_utterance(move, "dropped")
    move.set_fields(policy=policy)
