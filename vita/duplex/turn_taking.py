"""Turn detection: from voice activity to a turn decision. Duck at once, decide, then answer (barge-in), or restore."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from vita.duplex import response_lifecycle
from vita.duplex.camera import CameraClip, mark_used, spoken_clip
from vita.duplex.client_notices import (
    DuckPlayback,
    ItemCommitted,
    RequestRefused,
    TurnEnded,
    TurnStarted,
    UtteranceDismissed,
)
from vita.duplex.conversation_events import DecisionFailed, DecisionMade, TurnDetectionMode
from vita.duplex.conversation_history import UserItem, UserPart, without_camera
from vita.duplex.conversation_state import DecisionRequest, Transition, UserSpeech, speech_utterance
from vita.duplex.driver_commands import AbortDecision, RequestDecision
from vita.speech.voice_events import VoicePaused, VoiceStarted, VoiceStopped


def speech_started(move: Transition, event: VoiceStarted) -> None:
    """Speech began: duck at once. Speech whose decision is awaited goes on instead of becoming a second turn."""
    state = move.state
    if state.policy.mode is TurnDetectionMode.PUSH_TO_TALK:
        return
    if state.voice and _query_taken(move):  # already heard as a query, waiting for the answer before it to end
        return
    if state.voice:
        _continue_speech(move, state.voice)
    else:
        begin = max(0, event.begin - state.policy.padding)
        move.set_fields(voice=UserSpeech(move.user_id(), begin, event.at, probed=event.at))
    if state.answer and state.ducked is None:
        move.set_fields(ducked=event.at)
        move.add_actions(DuckPlayback())
    if state.policy.mode is TurnDetectionMode.SERVER_VAD and not state.answer:
        _announce_start(move)


def speech_resumed(move: Transition) -> None:
    """The pause was no end of turn: the decision on half a sentence is aborted."""
    if move.state.voice and not _query_taken(move):
        _continue_speech(move, move.state.voice)


def _continue_speech(move: Transition, voice: UserSpeech) -> None:
    response_lifecycle.drop_decision(move)
    move.set_fields(
        voice=replace(voice, end=None, stopped=None, announced=voice.announced and not voice.ended, ended=False)
    )


def _query_taken(move: Transition) -> bool:
    voice, decision = move.state.voice, move.state.decision
    return bool(voice and voice.stopped is not None and decision and decision.is_query)


def speech_paused(move: Transition, event: VoicePaused) -> None:
    """A likely end of turn: decide already (preemptive generation), so that the token is there when it is over."""
    voice = move.state.voice
    if voice is None or voice.stopped is not None:
        return
    move.set_fields(voice=replace(voice, end=event.end))
    if move.state.policy.speculate and _needs_decision(move) and _long_enough(move):
        _request_decision(move, event.at, probe=False)


def speech_stopped(move: Transition, event: VoiceStopped) -> None:
    """The turn is over."""
    voice = move.state.voice
    if voice is None or voice.stopped is not None:
        return
    move.set_fields(voice=replace(voice, end=event.end, stopped=event.at))
    if not _long_enough(move):
        dismiss_utterance(move, "short")
        return
    if move.state.policy.mode is TurnDetectionMode.SERVER_VAD:
        if not voice.announced:
            _announce_start(move)
        _announce_end(move)
    if move.state.decision and not move.state.decision.probe:
        resolve_turn(move)
    elif _needs_decision(move):
        _request_decision(move, event.at, probe=False)
    else:
        policy = move.state.policy
        camera = spoken_clip(move.state.frames, voice.begin, policy.frames)
        _commit_utterance(move, (speech_utterance(voice, event.at, policy.longest),), camera)


def _needs_decision(move: Transition) -> bool:
    """Without answers (create off), voice activity alone takes turns, except with semantic turn detection."""
    return move.state.policy.create or move.state.policy.mode is TurnDetectionMode.SEMANTIC


def _long_enough(move: Transition) -> bool:
    voice = move.state.voice
    assert voice is not None
    assert voice.end is not None
    return voice.end - voice.begin - min(move.state.policy.padding, voice.begin) >= move.state.policy.min_voice


def _request_decision(move: Transition, until: int, probe: bool) -> None:
    voice, policy = move.state.voice, move.state.policy
    assert voice is not None
    response_lifecycle.drop_decision(move)
    parts = (speech_utterance(voice, until, policy.longest),)
    camera = spoken_clip(move.state.frames, voice.begin, policy.frames)
    decision = DecisionRequest(move.next_number(), move.state.monitor, parts, camera, probe)
    move.set_fields(decision=decision)
    earlier = without_camera(move.heard_history())
    move.add_actions(RequestDecision(decision.id, decision.engine, (*earlier, UserItem(voice.item, decision.given))))


def decision_made(move: Transition, event: DecisionMade) -> None:
    """The monitor's first token. A query stops the answer at once (barge-in), even before the turn is over."""
    decision, voice = move.state.decision, move.state.voice
    if decision is None or voice is None or decision.id != event.decision or decision.decided:
        return
    decision = replace(decision, decided=True, verdict=event.state)
    move.set_fields(decision=decision)
    if decision.is_query and move.state.policy.interrupt and move.state.answer:
        _announce_start(move)
        response_lifecycle.stop_answer(move, "cancelled", "turn_detected")
    if decision.probe:
        response_lifecycle.drop_decision(move)
        response_lifecycle.restore_volume(move)
    elif voice.stopped is not None:
        resolve_turn(move)


def resolve_turn(move: Transition) -> None:
    """Once the turn is over, act on its decision. A query waits for an answer that must not be interrupted."""
    voice, decision = move.state.voice, move.state.decision
    if voice is None or voice.stopped is None or decision is None or not decision.decided:
        return
    if not decision.is_query:
        dismiss_utterance(move, "noise")
        return
    if move.state.answer:
        response_lifecycle.restore_volume(move)
        return
    _accept_query(move, voice, decision)


def _accept_query(move: Transition, voice: UserSpeech, decision: DecisionRequest) -> None:
    if move.state.policy.mode is TurnDetectionMode.SEMANTIC:
        _announce_start(move)
        _announce_end(move)
    _commit_utterance(move, decision.parts, decision.camera)
    if move.state.policy.create:
        response_lifecycle.begin_answer(move, decision)
        move.set_fields(decision=None)
    else:
        response_lifecycle.drop_decision(move)


def _commit_utterance(move: Transition, parts: tuple[UserPart, ...], camera: CameraClip | None) -> None:
    voice = move.state.voice
    assert voice is not None
    item = UserItem(voice.item, (camera, *parts) if camera else parts)
    move.forget_camera()
    move.set_fields(voice=None, frames=mark_used(move.state.frames, camera))
    response_lifecycle.restore_volume(move)
    move.add_actions(ItemCommitted(item, move.append_item(item), by_voice=True))


def _announce_start(move: Transition) -> None:
    voice = move.state.voice
    if voice and not voice.announced:
        move.set_fields(voice=replace(voice, announced=True))
        move.add_actions(TurnStarted(voice.item, voice.begin))


def _announce_end(move: Transition) -> None:
    voice = move.state.voice
    if voice and voice.announced and not voice.ended:
        move.set_fields(voice=replace(voice, ended=True))
        move.add_actions(TurnEnded(voice.item, move.state.now if voice.stopped is None else voice.stopped))


def dismiss_utterance(move: Transition, why: Literal["noise", "short", "failed", "dropped"]) -> None:
    """Dismiss the utterance: nothing enters the history, and the answer is restored to full volume."""
    voice, decision = move.state.voice, move.state.decision
    if decision:
        move.set_fields(decision=None)
        move.add_actions(AbortDecision(decision.id))
    if voice:
        _announce_end(move)
        move.set_fields(voice=None)
        move.add_actions(UtteranceDismissed(voice.item, why))
    response_lifecycle.restore_volume(move)


def decision_failed(move: Transition, event: DecisionFailed) -> None:
    """No engine could decide: tell the client, and go on with the running answer."""
    decision = move.state.decision
    if decision is None or decision.id != event.decision:
        return
    move.set_fields(decision=None)
    move.add_actions(RequestRefused("engine_failed", event.reason))
    if move.state.voice and move.state.voice.stopped is not None:
        dismiss_utterance(move, "failed")


def time_passed(move: Transition) -> None:
    """Time has passed: what is due now."""
    _confirm_barge_in(move)
    _probe_overlap(move)
    state = move.state
    if state.policy.idle and state.quiet is not None and not state.voice and not state.answer:
        if state.now - state.quiet >= state.policy.idle:
            response_lifecycle.idle_timeout(move)
        return
    waited = state.now - state.voice.stopped if state.voice and state.voice.stopped is not None else 0
    if waited >= state.policy.patience:
        response_lifecycle.restore_volume(move)
    if waited >= state.policy.watchdog and not _query_taken(move):
        move.add_actions(RequestRefused("decision_timeout", "No engine decided in time; please say it again."))
        dismiss_utterance(move, "failed")


def _confirm_barge_in(move: Transition) -> None:
    """In SERVER_VAD speech that lasts ends the answer (barge-in); a click does not."""
    state, voice = move.state, move.state.voice
    if (
        state.policy.mode is not TurnDetectionMode.SERVER_VAD
        or voice is None
        or voice.end is not None
        or voice.announced
    ):
        return
    if state.answer and state.now - voice.started >= state.policy.confirm:
        _announce_start(move)
        if state.policy.interrupt:
            response_lifecycle.stop_answer(move, "cancelled", "turn_detected")


def _probe_overlap(move: Transition) -> None:
    state, voice = move.state, move.state.voice
    if not state.policy.probe or state.answer is None or voice is None or voice.end is not None or state.decision:
        return
    if state.policy.mode is TurnDetectionMode.SEMANTIC and state.now - voice.probed >= state.policy.probe:
        move.set_fields(voice=replace(voice, probed=state.now))
        _request_decision(move, state.now, probe=True)
