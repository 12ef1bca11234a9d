"""How answers begin, sound, and end. Every answer ends here, by exactly one ``Done``."""

from __future__ import annotations

from dataclasses import replace

from vita.duplex.camera import CameraClip, mark_used, typed_clip
from vita.duplex.conversation_actions import (
    Begin,
    Commit,
    Cut,
    Done,
    DropDecision,
    Heard,
    IdleOver,
    Outcome,
    Reason,
    Refuse,
    Restore,
)
from vita.duplex.conversation_events import AnswerFailed, Played, Sent, Spoken, Truncated, Voiced
from vita.duplex.conversation_history import AnswerItem, Clause, UserItem
from vita.duplex.conversation_state import Answer, Decision, Move
from vita.tokens import State


def begin(move: Move, decision: Decision | None) -> None:
    """Start an answer: the engine that decided, or the monitor, becomes the generator."""
    engine = decision.engine if decision else move.state.monitor
    number = move.number()
    history = move.history()
    last = history[-1] if history else None
    by_voice = isinstance(last, UserItem) and last.by_voice
    states = (State.AUDIO_QUERY if by_voice else State.TEXT_QUERY,)
    verdict = decision.verdict if decision else states[0]
    item = AnswerItem(move.answer_id(number), verdict)
    move.forget_camera()
    move.append(item)
    move.set(answer=Answer(number, item.id, engine), generator=engine, quiet=None, prodded=False)
    move.do(Begin(number, item.id, engine, decision.id if decision else None, history, () if decision else states))
    if move.state.policy.engines > 1:
        move.warm(move.state.monitor, history)


def asked(move: Move) -> None:
    """An answer is asked for: typed text is always answered, at the price of the running answer.

    One whose end was told is no longer running: who cannot be told to stop playing it plays all of it.
    """
    answer = move.state.answer
    if answer and not answer.done and not move.waiting():
        move.do(Refuse("conversation_already_has_active_response", "An answer is already on its way."))
        return
    if answer and answer.done and not move.state.policy.cuts:
        _leave(move, answer)
    elif answer:
        cut(move, "cancelled", "client_cancelled")
    _show_frames(move)
    begin(move, None)


def _show_frames(move: Move) -> None:
    """What the camera saw goes in front of what was typed; what was said has its own."""
    state, waiting = move.state, move.waiting()
    has_clip = any(isinstance(part, CameraClip) for item in waiting for part in item.parts)
    camera = None if has_clip else typed_clip(state.frames, state.policy.frames)
    if camera:
        item = UserItem(move.user_id(), (camera,))
        place = len(state.items) - len(waiting)
        items = (*state.items[:place], item, *state.items[place:])
        move.set(frames=mark_used(state.frames, camera), items=items)
        move.do(Commit(item, state.items[place - 1].id if place else ""))


def cut(move: Move, outcome: Outcome, reason: Reason, detail: str = "") -> None:
    """Silence the running answer and keep what was heard of it."""
    answer = move.state.answer
    if answer is None:
        return
    item = move.answer_item(answer.item)
    item = replace(item, limit=min(answer.played, item.samples))
    move.put(item)
    move.set(answer=None)
    move.do(Cut(answer.id, answer.item))
    if not answer.done:
        move.do(Done(answer.id, answer.item, outcome, reason, detail))
    move.do(Heard(item))
    restore(move)


def restore(move: Move) -> None:
    """Back to full volume where it was ducked."""
    if move.state.ducked is not None:
        move.set(ducked=None)
        move.do(Restore())


def settle(move: Move) -> None:
    """Leave an answer behind that is told to its end and played to its end; then what waited for it begins."""
    answer = move.state.answer
    if answer is None or not answer.done or answer.played < answer.sent:
        return
    _leave(move, answer)
    move.warm(move.state.monitor, move.state.items)


def _leave(move: Move, answer: Answer) -> None:
    """It counts as heard to its end."""
    move.set(answer=None, quiet=None if move.state.prodded else move.state.now)
    move.do(Heard(move.answer_item(answer.item)))
    restore(move)


def go_on(move: Move) -> None:
    """Nobody has said anything for long: answer the silence."""
    state = move.state
    assert state.quiet is not None
    item = UserItem(move.user_id(), ())
    move.do(IdleOver(item.id, state.quiet, state.now))
    move.do(Commit(item, move.append(item), by_voice=True))
    begin(move, None)
    move.set(prodded=True)


def voiced(move: Move, event: Voiced) -> None:
    """More is known of what the running answer says; a late word of an old one changes nothing."""
    answer = move.state.answer
    if answer and answer.id == event.answer and not answer.done:
        move.put(move.answer_item(answer.item).with_clause(event.index, Clause(event.text, event.samples)))


def sent(move: Move, event: Sent) -> None:
    """Sound went to the client."""
    answer = move.state.answer
    if answer and answer.id == event.answer and not answer.done:
        move.set(answer=replace(answer, sent=max(event.samples, answer.sent)))


def played(move: Move, event: Played) -> None:
    """So much was heard."""
    answer = move.state.answer
    if answer and answer.id == event.answer:
        move.set(answer=replace(answer, reported=max(event.samples, 0)))


def spoken(move: Move, event: Spoken) -> None:
    """All of it went to the client: the one end of an answer that nobody interrupted."""
    answer = move.state.answer
    if answer is None or answer.id != event.answer or answer.done:
        return
    move.set(answer=replace(answer, done=True))
    if event.finish == "length":
        move.do(Done(answer.id, answer.item, "incomplete", "max_output_tokens"))
    else:
        move.do(Done(answer.id, answer.item, "completed"))


def failed(move: Move, event: AnswerFailed) -> None:
    """The engine gave up: silence is told as a failure, never left as silence."""
    answer = move.state.answer
    if answer and answer.id == event.answer and not answer.done:
        cut(move, "failed", "error", event.reason)


def cancelled(move: Move) -> None:
    """The client wants quiet."""
    if move.state.answer is None or move.state.answer.done:
        move.do(Refuse("response_cancel_not_active", "There is no answer to cancel."))
    else:
        cut(move, "cancelled", "client_cancelled")


def truncated(move: Move, event: Truncated) -> None:
    """The client's word on what was heard. One that truncates a running answer has stopped playing it."""
    answer = move.state.answer
    if answer and answer.item == event.item:
        move.set(answer=replace(answer, reported=event.samples))
        cut(move, "cancelled", "client_cancelled")
        return
    item = move.state.find(event.item)
    if isinstance(item, AnswerItem):
        item = replace(item, limit=max(0, min(event.samples, item.samples)))
        move.put(item)
        move.do(Heard(item))


def drop_decision(move: Move) -> None:
    """Forget the decision that is being made, if any."""
    decision = move.state.decision
    if decision:
        move.set(decision=None)
        move.do(DropDecision(decision.id))
