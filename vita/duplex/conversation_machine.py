"""The conversation as a pure machine: ``step(state, event) -> (state, actions)``.

The only writer of a conversation's state. No clock, no task, no engine, no sound: time is samples received, and what
is to be done comes back as a list of actions that a driver carries out in order.

    listening --voice--> (voice goes on) --end of turn--> deciding --query--> speaking
    speaking --voice--> overlap (ducked) --likely end--> decide --query--> cut; the monitor's stream becomes the answer
                                                           `--noise--> restored, as if nothing had been heard
"""

from __future__ import annotations

from dataclasses import replace

from vita.duplex import response_lifecycle, turn_taking
from vita.duplex.conversation_actions import Action, Commit
from vita.duplex.conversation_events import (
    AnswerAsked,
    AnswerFailed,
    CancelAsked,
    Closed,
    Decided,
    DecisionFailed,
    Event,
    Faded,
    FrameSeen,
    ItemAdded,
    Played,
    Policy,
    PolicyChanged,
    Removed,
    Sent,
    Spoken,
    Tick,
    Truncated,
    Voiced,
    VoiceDropped,
)
from vita.duplex.conversation_history import Item, without
from vita.duplex.conversation_state import Conversation, Move, Phase
from vita.media import Picture, Sound
from vita.speech.voice_events import VoicePaused, VoiceResumed, VoiceStarted, VoiceStopped

__all__ = ["Conversation", "Phase", "Policy", "step"]


def step(state: Conversation, event: Event) -> tuple[Conversation, tuple[Action, ...]]:
    """The state after ``event`` and what is to be done about it. A closed conversation changes no more."""
    if state.closed:
        return state, ()
    move = Move(state)
    if isinstance(event, VoiceStarted | VoicePaused | VoiceResumed | VoiceStopped | Tick):
        move.set(now=max(state.now, event.at))
        _heard(move, event)
    elif isinstance(event, Voiced | Sent | Played | Spoken | AnswerFailed):
        _spoke(move, event)
    elif isinstance(event, Decided):
        turn_taking.decided(move, event)
    elif isinstance(event, DecisionFailed):
        turn_taking.decision_failed(move, event)
    else:
        _client(move, event)
    if not move.state.closed:
        response_lifecycle.settle(move)
        turn_taking.resolve(move)
    return move.state, tuple(move.actions)


def _heard(move: Move, event: VoiceStarted | VoicePaused | VoiceResumed | VoiceStopped | Tick) -> None:
    match event:
        case VoiceStarted():
            turn_taking.started(move, event)
        case VoicePaused():
            turn_taking.paused(move, event)
        case VoiceResumed():
            turn_taking.resumed(move)
        case VoiceStopped():
            turn_taking.stopped(move, event)
        case Tick():
            turn_taking.ticked(move)


def _spoke(move: Move, event: Voiced | Sent | Played | Spoken | AnswerFailed) -> None:
    match event:
        case Voiced():
            response_lifecycle.voiced(move, event)
        case Sent():
            response_lifecycle.sent(move, event)
        case Played():
            response_lifecycle.played(move, event)
        case Spoken():
            response_lifecycle.spoken(move, event)
        case AnswerFailed():
            response_lifecycle.failed(move, event)


def _client(
    move: Move,
    event: ItemAdded
    | AnswerAsked
    | FrameSeen
    | CancelAsked
    | Truncated
    | Removed
    | Faded
    | VoiceDropped
    | PolicyChanged
    | Closed,
) -> None:
    match event:
        case ItemAdded():
            _add(move, event.item, event.after)
        case AnswerAsked():
            response_lifecycle.asked(move)
        case FrameSeen():
            keep = move.state.policy.frames
            move.set(frames=(*move.state.frames, event.picture)[-keep:] if keep else ())
        case CancelAsked():
            response_lifecycle.cancelled(move)
        case Truncated():
            response_lifecycle.truncated(move, event)
        case Removed():
            _remove(move, event)
        case Faded():
            _fade(move, event)
        case VoiceDropped():
            turn_taking.dismiss(move, "dropped")
        case PolicyChanged():
            _adopt(move, event.policy)
        case Closed():
            turn_taking.dismiss(move, "dropped")
            response_lifecycle.cut(move, "cancelled", "client_cancelled")
            move.set(closed=True)


def _add(move: Move, item: Item, after: str | None) -> None:
    items = move.state.items
    place = len(items) if after is None else next((n + 1 for n, known in enumerate(items) if known.id == after), 0)
    move.set(items=(*items[:place], item, *items[place:]))
    move.do(Commit(item, items[place - 1].id if place else ""))


def _remove(move: Move, event: Removed) -> None:
    """Take an item out; the running answer's stays, it is still being written. Its pictures may be anywhere by now."""
    state = move.state
    if state.answer is None or state.answer.item != event.item:
        move.set(items=tuple(known for known in state.items if known.id != event.item))
    if event.pictures:
        decision = state.decision
        move.set(
            items=tuple(without(known, lambda part: part in event.pictures) for known in move.state.items),
            frames=_others(state.frames, event.pictures),
            decision=decision and replace(decision, frames=_others(decision.frames, event.pictures)),
        )


def _others(frames: tuple[Picture, ...], pictures: tuple[Picture, ...]) -> tuple[Picture, ...]:
    return tuple(frame for frame in frames if frame not in pictures)


def _fade(move: Move, event: Faded) -> None:
    """Let go of media that only take up room; what they said stays where it was."""
    items = move.state.items
    items = tuple(without(it, lambda part: isinstance(part, Picture)) if it.id in event.unseen else it for it in items)
    items = tuple(without(it, lambda part: isinstance(part, Sound)) if it.id in event.unheard else it for it in items)
    move.set(items=items)


def _adopt(move: Move, policy: Policy) -> None:
    if policy.mode is not move.state.policy.mode:
        turn_taking.dismiss(move, "dropped")
    move.set(policy=policy)
