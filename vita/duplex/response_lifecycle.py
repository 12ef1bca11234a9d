"""How answers begin, are played, and end. Every answer ends here, by exactly one ``EndAnswer``."""

from __future__ import annotations

from dataclasses import replace

from vita.duplex.camera import CameraClip, mark_used, typed_clip
from vita.duplex.client_notices import AnswerHeard, IdleTimeoutReached, ItemCommitted, RequestRefused, RestoreVolume
from vita.duplex.conversation_events import (
    AnswerFailed,
    AnswerSent,
    AudioSent,
    ClauseSynthesized,
    PlaybackReported,
    PlaybackTruncated,
)
from vita.duplex.conversation_history import AnswerItem, Clause, UserItem
from vita.duplex.conversation_state import ActiveAnswer, DecisionRequest, Transition
from vita.duplex.driver_commands import (
    AbortDecision,
    AnswerEndReason,
    AnswerOutcome,
    EndAnswer,
    StartAnswer,
    StopPlayback,
)
from vita.tokens import State


def begin_answer(move: Transition, decision: DecisionRequest | None) -> None:
    """Start an answer: the engine that decided, or the monitor, becomes the generator."""
    engine = decision.engine if decision else move.state.monitor
    number = move.next_number()
    history = move.heard_history()
    last = history[-1] if history else None
    by_voice = isinstance(last, UserItem) and last.by_voice
    states = (State.AUDIO_QUERY if by_voice else State.TEXT_QUERY,)
    verdict = decision.verdict if decision else states[0]
    item = AnswerItem(move.answer_id(number), verdict)
    move.forget_camera()
    move.append_item(item)
    move.set_fields(answer=ActiveAnswer(number, item.id, engine), generator=engine, quiet=None, idle_answer=False)
    move.add_actions(
        StartAnswer(number, item.id, engine, decision.id if decision else None, history, () if decision else states)
    )
    if move.state.policy.engines > 1:
        move.prefill_history(move.state.monitor, history)


def answer_requested(move: Transition) -> None:
    """An answer is asked for: typed text is always answered, at the price of the running answer.

    One whose end was told is no longer running: a client that cannot be told to stop playback plays all of it.
    """
    answer = move.state.answer
    if answer and not answer.done and not move.unanswered_items():
        move.add_actions(RequestRefused("conversation_already_has_active_response", "An answer is already on its way."))
        return
    if answer and answer.done and not move.state.policy.cuts:
        _leave_answer(move, answer)
    elif answer:
        stop_answer(move, "cancelled", "client_cancelled")
    _show_frames(move)
    begin_answer(move, None)


def _show_frames(move: Transition) -> None:
    """What the camera saw goes before what was typed; what was said has its own."""
    state, waiting = move.state, move.unanswered_items()
    has_clip = any(isinstance(part, CameraClip) for item in waiting for part in item.parts)
    camera = None if has_clip else typed_clip(state.frames, state.policy.frames)
    if camera:
        item = UserItem(move.user_id(), (camera,))
        place = len(state.items) - len(waiting)
        items = (*state.items[:place], item, *state.items[place:])
        move.set_fields(frames=mark_used(state.frames, camera), items=items)
        move.add_actions(ItemCommitted(item, state.items[place - 1].id if place else ""))


def stop_answer(move: Transition, outcome: AnswerOutcome, reason: AnswerEndReason, detail: str = "") -> None:
    """Stop the running answer; the history keeps what was heard of it."""
    answer = move.state.answer
    if answer is None:
        return
    item = move.answer_item(answer.item)
    item = replace(item, limit=min(answer.played_samples, item.samples))
    move.replace_item(item)
    move.set_fields(answer=None)
    move.add_actions(StopPlayback(answer.id, answer.item))
    if not answer.done:
        move.add_actions(EndAnswer(answer.id, answer.item, outcome, reason, detail))
    move.add_actions(AnswerHeard(item))
    restore_volume(move)


def restore_volume(move: Transition) -> None:
    """Restore full volume where the answer was ducked."""
    if move.state.ducked is not None:
        move.set_fields(ducked=None)
        move.add_actions(RestoreVolume())


def settle_answer(move: Transition) -> None:
    """Finish an answer that has ended and was played to its end; then what waited for it begins."""
    answer = move.state.answer
    if answer is None or not answer.done or answer.played_samples < answer.sent:
        return
    _leave_answer(move, answer)
    move.prefill_history(move.state.monitor, move.state.items)


def _leave_answer(move: Transition, answer: ActiveAnswer) -> None:
    """The answer counts as heard to its end."""
    move.set_fields(answer=None, quiet=None if move.state.idle_answer else move.state.now)
    move.add_actions(AnswerHeard(move.answer_item(answer.item)))
    restore_volume(move)


def idle_timeout(move: Transition) -> None:
    """The idle timeout: no speech for long after an answer, so another one begins by itself."""
    state = move.state
    assert state.quiet is not None
    item = UserItem(move.user_id(), ())
    move.add_actions(IdleTimeoutReached(item.id, state.quiet, state.now))
    move.add_actions(ItemCommitted(item, move.append_item(item), by_voice=True))
    begin_answer(move, None)
    move.set_fields(idle_answer=True)


def clause_synthesized(move: Transition, event: ClauseSynthesized) -> None:
    """A clause of the running answer was synthesised, or more of it; of an old answer it changes nothing."""
    answer = move.state.answer
    if answer and answer.id == event.answer and not answer.done:
        move.replace_item(move.answer_item(answer.item).with_clause(event.index, Clause(event.text, event.samples)))


def audio_sent(move: Transition, event: AudioSent) -> None:
    """Audio was sent to the client."""
    answer = move.state.answer
    if answer and answer.id == event.answer and not answer.done:
        move.set_fields(answer=replace(answer, sent=max(event.samples, answer.sent)))


def playback_reported(move: Transition, event: PlaybackReported) -> None:
    """The client has played so much, or must have."""
    answer = move.state.answer
    if answer and answer.id == event.answer:
        move.set_fields(answer=replace(answer, reported=max(event.samples, 0)))


def answer_sent(move: Transition, event: AnswerSent) -> None:
    """All of it was sent to the client: the one end of an answer that was not interrupted."""
    answer = move.state.answer
    if answer is None or answer.id != event.answer or answer.done:
        return
    move.set_fields(answer=replace(answer, done=True))
    if event.finish == "length":
        move.add_actions(EndAnswer(answer.id, answer.item, "incomplete", "max_output_tokens"))
    else:
        move.add_actions(EndAnswer(answer.id, answer.item, "completed"))


def answer_failed(move: Transition, event: AnswerFailed) -> None:
    """The engine failed: the answer ends as failed."""
    answer = move.state.answer
    if answer and answer.id == event.answer and not answer.done:
        stop_answer(move, "failed", "error", event.reason)


def cancel_requested(move: Transition) -> None:
    """The client asked to cancel the running answer."""
    if move.state.answer is None or move.state.answer.done:
        move.add_actions(RequestRefused("response_cancel_not_active", "There is no answer to cancel."))
    else:
        stop_answer(move, "cancelled", "client_cancelled")


def playback_truncated(move: Transition, event: PlaybackTruncated) -> None:
    """The client reports what was heard. One that truncates a running answer has stopped playing it."""
    answer = move.state.answer
    if answer and answer.item == event.item:
        move.set_fields(answer=replace(answer, reported=event.samples))
        stop_answer(move, "cancelled", "client_cancelled")
        return
    item = move.state.find_item(event.item)
    if isinstance(item, AnswerItem):
        item = replace(item, limit=max(0, min(event.samples, item.samples)))
        move.replace_item(item)
        move.add_actions(AnswerHeard(item))


def drop_decision(move: Transition) -> None:
    """Abort the decision that is under way, if any."""
    decision = move.state.decision
    if decision:
        move.set_fields(decision=None)
        move.add_actions(AbortDecision(decision.id))
