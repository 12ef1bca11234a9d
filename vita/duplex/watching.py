"""Watching: frames are looked at while nobody needs the monitor, and an answer begins by itself once it was seen.

Turns go first. A look ends unfinished as soon as somebody speaks or its engine has something to answer; the frame then
counts as skipped, and the next one is looked at when it is quiet again.
"""

from __future__ import annotations

from dataclasses import replace

from vita.duplex import response_lifecycle
from vita.duplex.camera import CameraClip, CameraFrame
from vita.duplex.client_notices import ItemCommitted
from vita.duplex.conversation_events import LookFinished, LookRested, WatchRequested
from vita.duplex.conversation_history import UserItem
from vita.duplex.conversation_state import Transition
from vita.duplex.driver_commands import AbortLook, DisarmWatch, StartLook, StartWatch
from vita.duplex.sight_rule import judge_look
from vita.duplex.watch_notices import FrameLooked, WatchedThingSeen, WatchEnded, WatchStarted
from vita.duplex.watch_state import ActiveWatch, RunningLook, WatchEndReason
from vita.media import Picture

MOST_FAILURES = 5  # looks in a row, after which a watch is given up


def watch_requested(move: Transition, event: WatchRequested) -> None:
    """A watch begins, in place of the one there was."""
    end_watch(move, "replaced")
    watch = ActiveWatch(move.next_number(), event.plan)
    move.set_fields(watch=watch)
    move.add_actions(StartWatch(watch.id, event.plan.seconds), WatchStarted(watch.id, event.plan))


def end_watch(move: Transition, why: WatchEndReason) -> None:
    """The watch is over, if there is one."""
    watch = move.state.watch
    if watch is None:
        return
    _abort_look(move, watch)
    watch = move.state.watch or watch
    move.set_fields(watch=None)
    move.add_actions(DisarmWatch(watch.id), WatchEnded(watch.id, why, watch.looked, watch.skipped))


def watch_ran_out(move: Transition, number: int) -> None:
    """Its time is over; what was seen by then is still told first."""
    watch = move.state.watch
    if watch and watch.id == number:
        end_watch(move, "time")


def frame_came(move: Transition, picture: Picture) -> None:
    """The newest frame is the one to look at; one that still waited is skipped."""
    watch = move.state.watch
    if watch:
        move.set_fields(watch=replace(watch, waiting=picture, skipped=watch.skipped + (watch.waiting is not None)))


def forget_pictures(move: Transition, pictures: tuple[Picture, ...]) -> None:
    """The client takes frames back: nobody looks at them any more, and nothing is told of them."""
    watch = move.state.watch
    if watch is None:
        return
    if watch.look and watch.look.picture in pictures:
        _abort_look(move, watch)
        watch = move.state.watch or watch
    waiting, found = (None if picture in pictures else picture for picture in (watch.waiting, watch.found))
    skipped = watch.skipped + (waiting is not watch.waiting)
    move.set_fields(watch=replace(watch, waiting=waiting, skipped=skipped, found=found))


def look_rested(move: Transition, event: LookRested) -> None:
    """A second has passed since a look began."""
    watch = move.state.watch
    if watch and watch.id == event.watch:
        move.set_fields(watch=replace(watch, resting=False))


def look_finished(move: Transition, event: LookFinished) -> None:
    """An engine has looked, or could not."""
    watch = move.state.watch
    if watch is None or watch.look is None or watch.look.id != event.look:
        return
    picture = watch.look.picture
    if event.score is None:
        move.set_fields(watch=replace(watch, look=None, failed=watch.failed + 1, skipped=watch.skipped + 1))
        if watch.failed + 1 >= MOST_FAILURES:
            end_watch(move, "failed")
        return
    memory, verdict = judge_look(watch.plan.rule, watch.memory, event.score)
    watch = replace(watch, look=None, memory=memory, looked=watch.looked + 1, failed=0)
    if verdict.seen and watch.found is None:
        watch = replace(watch, found=picture)
    move.set_fields(watch=watch)
    move.add_actions(FrameLooked(watch.id, picture, event.said, verdict, watch.looked, watch.skipped))


def settle_watch(move: Transition) -> None:
    """What a watch can do now: tell what was seen, stop a look that is in the way, or look at the newest frame."""
    watch = move.state.watch
    if watch is None:
        return
    if watch.found and _nobody_speaks(move):
        _tell_sight(move, watch, watch.found)
    elif watch.look and not _may_look(move, watch.look.engine):
        _abort_look(move, watch)
    elif _wants_look(watch) and _may_look(move, None):
        assert watch.waiting is not None
        look = RunningLook(move.next_number(), move.state.monitor, watch.waiting)
        move.set_fields(watch=replace(watch, look=look, waiting=None, resting=True))
        move.add_actions(StartLook(watch.id, look.id, look.engine, watch.plan.goal, look.picture))


def _wants_look(watch: ActiveWatch) -> bool:
    """Whether the newest frame is to be looked at now; one that may confirm the look before it waits for no second."""
    rested = not watch.resting or watch.memory.streak > 0
    return watch.waiting is not None and watch.look is None and watch.found is None and rested


def _nobody_speaks(move: Transition) -> bool:
    state = move.state
    return not (state.answer or state.voice or state.decision)


def _may_look(move: Transition, engine: int | None) -> bool:
    """Whether an engine, or the monitor where None is given, has nothing else to do."""
    state = move.state
    looking = state.monitor if engine is None else engine
    answering = state.answer is not None and state.answer.engine == looking
    return not (state.voice or state.decision or answering)


def _abort_look(move: Transition, watch: ActiveWatch) -> None:
    if watch.look:
        move.set_fields(watch=replace(watch, look=None, skipped=watch.skipped + 1))
        move.add_actions(AbortLook(watch.look.id))


def _tell_sight(move: Transition, watch: ActiveWatch, picture: Picture) -> None:
    """Begin the answer that tells of it; where the client asks for its answers itself, only the client is told."""
    state, plan = move.state, watch.plan
    move.set_fields(watch=replace(watch, found=None))
    if not state.policy.create:
        move.add_actions(WatchedThingSeen(watch.id, None, picture, plan.prompt))
    else:
        clip = CameraClip((CameraFrame(picture, state.now, used=True),))
        item = UserItem(move.user_id(), (clip, plan.prompt))
        move.add_actions(WatchedThingSeen(watch.id, item, picture, plan.prompt))
        move.add_actions(ItemCommitted(item, move.append_item(item)))
        response_lifecycle.begin_answer(move, None)
    if not plan.repeat:
        end_watch(move, "seen")
