"""From voice activity to a verdict: duck at once, decide, then cut and answer, or restore."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from vita.duplex import response_lifecycle
from vita.duplex.conversation_actions import (
    Commit,
    Decide,
    Dismiss,
    DropDecision,
    Duck,
    Refuse,
    SpeechStarted,
    SpeechStopped,
)
from vita.duplex.conversation_events import Decided, DecisionFailed, Mode
from vita.duplex.conversation_history import UserItem, UserPart
from vita.duplex.conversation_state import Decision, Move, Voice, utterance
from vita.speech.voice_events import VoicePaused, VoiceStarted, VoiceStopped


def started(move: Move, event: VoiceStarted) -> None:
    """Somebody speaks: quiet at once. A voice that waits for its decision goes on instead of being two."""
    state = move.state
    if state.policy.mode is Mode.PUSH_TO_TALK:
        return
    if state.voice and _taken(move):  # already heard as a query, waiting for the answer before it to end
        return
    if state.voice:
        _go_on(move, state.voice)
    else:
        begin = max(0, event.begin - state.policy.padding)
        move.set(voice=Voice(move.user_id(), begin, event.at, probed=event.at))
    if state.answer and state.ducked is None:
        move.set(ducked=event.at)
        move.do(Duck())
    if state.policy.mode is Mode.SERVER_VAD and not state.answer:
        _announce(move)


def resumed(move: Move) -> None:
    """The likely end was none: what was decided on half a sentence is thrown away."""
    if move.state.voice and not _taken(move):
        _go_on(move, move.state.voice)


def _go_on(move: Move, voice: Voice) -> None:
    response_lifecycle.drop_decision(move)
    move.set(voice=replace(voice, end=None, stopped=None, announced=voice.announced and not voice.ended, ended=False))


def _taken(move: Move) -> bool:
    voice, decision = move.state.voice, move.state.decision
    return bool(voice and voice.stopped is not None and decision and decision.query)


def paused(move: Move, event: VoicePaused) -> None:
    """A likely end of turn: decide already, so that the verdict is there when the turn is over."""
    voice = move.state.voice
    if voice is None or voice.stopped is not None:
        return
    move.set(voice=replace(voice, end=event.end))
    if move.state.policy.speculate and _needs_decision(move) and _long_enough(move):
        _decide(move, event.at, probe=False)


def stopped(move: Move, event: VoiceStopped) -> None:
    """The turn is over."""
    voice = move.state.voice
    if voice is None or voice.stopped is not None:
        return
    move.set(voice=replace(voice, end=event.end, stopped=event.at))
    if not _long_enough(move):
        dismiss(move, "short")
        return
    if move.state.policy.mode is Mode.SERVER_VAD:
        if not voice.announced:
            _announce(move)
        _announce_end(move)
    if move.state.decision and not move.state.decision.probe:
        resolve(move)
    elif _needs_decision(move):
        _decide(move, event.at, probe=False)
    else:
        _commit(move, (utterance(voice, event.at, move.state.policy.longest),))


def _needs_decision(move: Move) -> bool:
    """Voice activity alone takes turns where no answer is to be made of them."""
    return move.state.policy.create or move.state.policy.mode is Mode.SEMANTIC


def _long_enough(move: Move) -> bool:
    voice = move.state.voice
    assert voice is not None
    assert voice.end is not None
    return voice.end - voice.begin - min(move.state.policy.padding, voice.begin) >= move.state.policy.min_voice


def _decide(move: Move, until: int, probe: bool) -> None:
    voice, frames = move.state.voice, move.state.frames
    assert voice is not None
    response_lifecycle.drop_decision(move)
    parts = (utterance(voice, until, move.state.policy.longest),)
    number, engine = move.number(), move.state.monitor
    move.set(decision=Decision(number, engine, parts, frames, probe))
    move.do(Decide(number, engine, (*move.history(), UserItem(voice.item, (*frames, *parts)))))


def decided(move: Move, event: Decided) -> None:
    """The monitor's first token. A query silences the answer at once, even before the turn is over."""
    decision, voice = move.state.decision, move.state.voice
    if decision is None or voice is None or decision.id != event.decision or decision.judged:
        return
    decision = replace(decision, judged=True, verdict=event.state)
    move.set(decision=decision)
    if decision.query and move.state.policy.interrupt and move.state.answer:
        _announce(move)
        response_lifecycle.cut(move, "cancelled", "turn_detected")
    if decision.probe:
        response_lifecycle.drop_decision(move)
        response_lifecycle.restore(move)
    elif voice.stopped is not None:
        resolve(move)


def resolve(move: Move) -> None:
    """The turn is over; act on the verdict if it is there. A query waits for an answer that must not be interrupted."""
    voice, decision = move.state.voice, move.state.decision
    if voice is None or voice.stopped is None or decision is None or not decision.judged:
        return
    if not decision.query:
        dismiss(move, "noise")
        return
    if move.state.answer:
        response_lifecycle.restore(move)
        return
    _accept(move, voice, decision)


def _accept(move: Move, voice: Voice, decision: Decision) -> None:
    if move.state.policy.mode is Mode.SEMANTIC:
        _announce(move)
        _announce_end(move)
    _commit(move, (*decision.frames, *decision.parts))
    if move.state.policy.create:
        response_lifecycle.begin(move, decision)
        move.set(decision=None)
    else:
        response_lifecycle.drop_decision(move)


def _commit(move: Move, parts: tuple[UserPart, ...]) -> None:
    voice = move.state.voice
    assert voice is not None
    item = UserItem(voice.item, parts)
    move.set(voice=None, frames=tuple(frame for frame in move.state.frames if frame not in parts))
    response_lifecycle.restore(move)
    move.do(Commit(item, move.append(item), by_voice=True))


def _announce(move: Move) -> None:
    voice = move.state.voice
    if voice and not voice.announced:
        move.set(voice=replace(voice, announced=True))
        move.do(SpeechStarted(voice.item, voice.begin))


def _announce_end(move: Move) -> None:
    voice = move.state.voice
    if voice and voice.announced and not voice.ended:
        move.set(voice=replace(voice, ended=True))
        move.do(SpeechStopped(voice.item, move.state.now if voice.stopped is None else voice.stopped))


def dismiss(move: Move, why: Literal["noise", "short", "failed", "dropped"]) -> None:
    """Nothing happened: nothing enters the history, and the answer is loud again."""
    voice, decision = move.state.voice, move.state.decision
    if decision:
        move.set(decision=None)
        move.do(DropDecision(decision.id))
    if voice:
        _announce_end(move)
        move.set(voice=None)
        move.do(Dismiss(voice.item, why))
    response_lifecycle.restore(move)


def decision_failed(move: Move, event: DecisionFailed) -> None:
    """No engine could decide: say so, and go on with what was."""
    decision = move.state.decision
    if decision is None or decision.id != event.decision:
        return
    move.set(decision=None)
    move.do(Refuse("engine_failed", event.reason))
    if move.state.voice and move.state.voice.stopped is not None:
        dismiss(move, "failed")


def ticked(move: Move) -> None:
    """What becomes due with time."""
    _confirm(move)
    _probe(move)
    state = move.state
    if state.policy.idle and state.quiet is not None and not state.voice and not state.answer:
        if state.now - state.quiet >= state.policy.idle:
            response_lifecycle.go_on(move)
        return
    waited = state.now - state.voice.stopped if state.voice and state.voice.stopped is not None else 0
    if waited >= state.policy.patience:
        response_lifecycle.restore(move)
    if waited >= state.policy.watchdog and not _taken(move):
        move.do(Refuse("decision_timeout", "No engine decided in time; please say it again."))
        dismiss(move, "failed")


def _confirm(move: Move) -> None:
    """In SERVER_VAD a voice that lasts ends the answer; a click does not."""
    state, voice = move.state, move.state.voice
    if state.policy.mode is not Mode.SERVER_VAD or voice is None or voice.end is not None or voice.announced:
        return
    if state.answer and state.now - voice.started >= state.policy.confirm:
        _announce(move)
        if state.policy.interrupt:
            response_lifecycle.cut(move, "cancelled", "turn_detected")


def _probe(move: Move) -> None:
    state, voice = move.state, move.state.voice
    if not state.policy.probe or state.answer is None or voice is None or voice.end is not None or state.decision:
        return
    if state.policy.mode is Mode.SEMANTIC and state.now - voice.probed >= state.policy.probe:
        move.set(voice=replace(voice, probed=state.now))
        _decide(move, state.now, probe=True)
