"""The watch in the state machine: looks give way to turns, and an answer begins by itself once it was seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.duplex_script import Script, kinds
from vita.duplex import conversation_events as e
from vita.duplex import driver_commands as commands
from vita.duplex import watch_notices as told
from vita.duplex.camera import CameraClip
from vita.duplex.client_notices import ItemCommitted
from vita.duplex.conversation_history import UserItem
from vita.duplex.sight_rule import SightRule
from vita.duplex.watch_goal import WatchGoal
from vita.duplex.watch_state import WatchPlan
from vita.media import Picture
from vita.tokens import State

GOAL = WatchGoal("a dog comes in", "a dog")


def plan(**more) -> WatchPlan:
    return WatchPlan(GOAL, SightRule(0.5, 0.5), "What do you see?", **more)


def frame() -> Picture:
    return Picture(Image.new("RGB", (4, 3)))


class Watch(Script):
    """A conversation that watches; its looks are answered by hand."""

    def __init__(self, repeat: bool = False, **policy):
        super().__init__(**policy)
        self.on(e.WatchRequested(plan(repeat=repeat)))

    def see(self, picture: Picture | None = None):
        return self.on(e.FrameSeen(picture or frame()))

    def found(self, score: float | None):
        assert self.state.watch
        assert self.state.watch.look
        return self.on(e.LookFinished(self.state.watch.look.id, score, "a dog" if score else "a room"))

    def rest(self):
        assert self.state.watch
        return self.on(e.LookRested(self.state.watch.id))

    def look(self, score: float, picture: Picture | None = None):
        """A whole second: a frame comes, is looked at, and the next look may begin."""
        self.see(picture)
        actions = self.found(score)
        if self.state.watch:
            self.rest()
        return actions

    @property
    def looks(self) -> list[commands.StartLook]:
        return self.said(commands.StartLook)


def test_the_monitor_looks_at_a_frame_as_it_comes():
    script, picture = Watch(), frame()
    assert kinds(script.see(picture)) == ["StartLook"] or kinds(script.actions)[-1] == "StartLook"
    (look,) = script.looks
    assert (look.picture, look.goal, look.engine) == (picture, GOAL, script.state.monitor)


def test_a_frame_costs_nothing_without_a_watch():
    script = Script()
    script.on(e.FrameSeen(frame()))
    assert script.said(commands.StartLook) == []
    assert script.state.watch is None


def test_a_second_look_waits_for_its_second_and_takes_the_newest_frame():
    script = Watch()
    script.look(0.0)
    script.see()
    newest = frame()
    script.see()
    script.see(newest)
    script.found(0.0)
    assert len(script.looks) == 2
    script.rest()
    assert script.looks[-1].picture is newest
    assert script.state.watch
    assert script.state.watch.skipped == 1


def test_once_seen_an_answer_begins_to_the_frame_in_which_it_was():
    script, picture = Watch(), frame()
    script.look(0.0)
    script.look(1.0)
    actions = script.look(1.0, picture)
    assert kinds(actions)[:4] == ["FrameLooked", "WatchedThingSeen", "ItemCommitted", "StartAnswer"]
    (committed,) = [action for action in actions if isinstance(action, ItemCommitted)]
    assert isinstance(committed.item, UserItem)
    clip, asked = committed.item.parts
    assert isinstance(clip, CameraClip)
    assert (clip.pictures, asked) == ((picture,), "What do you see?")
    assert script.state.answer
    assert script.state.watch is None
    assert script.said(told.WatchEnded)[-1].why == "seen"


def test_a_watch_that_repeats_tells_again_when_it_comes_again():
    script = Watch(repeat=True)
    for score in (0, 1, 1):
        script.look(score)
    number = script.speak("A dog.")
    for score in (1, 1, 0, 0):
        script.look(score)
    script.on(e.AnswerSent(number, "stop"))
    script.played(1.0)
    for score in (1, 1):
        script.look(score)
    assert len(script.said(told.WatchedThingSeen)) == 2
    assert script.state.watch


def test_what_is_seen_while_an_answer_is_spoken_is_told_after_it():
    script = Watch()
    script.type("Tell me a story.")
    number = script.speak("Once upon a time.")
    for score in (0, 1, 1):
        script.look(score)
    assert script.said(told.WatchedThingSeen) == []
    script.on(e.AnswerSent(number, "stop"))
    script.played(1.0)
    assert len(script.said(told.WatchedThingSeen)) == 1
    assert script.state.answer
    assert script.state.answer.id != number


def test_a_look_is_given_up_as_soon_as_somebody_speaks():
    script = Watch()
    script.see()
    actions = script.voice(1.0)
    assert "AbortLook" in kinds(actions)
    script.see()
    assert len(script.looks) == 1, "no look beside speech"
    script.pause(2.0)
    assert len(script.looks) == 1, "no look beside a decision"
    script.judge(State.NOISE)
    script.stop(2.0)
    script.rest()
    assert len(script.looks) == 2
    assert script.state.watch
    assert script.state.watch.skipped == 1


def test_the_engine_that_answers_is_not_asked_to_look():
    script = Watch()
    script.see()
    assert script.looks[-1].engine == script.state.monitor
    actions = script.type("Hello.")
    assert "AbortLook" in kinds(actions), "the monitor became the generator"
    script.see()
    script.rest()
    assert script.state.answer
    assert script.looks[-1].engine != script.state.answer.engine


def test_a_single_engine_does_not_look_while_it_answers():
    script = Watch(engines=1)
    script.type("Hello.")
    script.see()
    assert script.looks == []


def test_the_answer_of_a_look_that_was_given_up_changes_nothing():
    script = Watch()
    script.see()
    (look,) = script.looks
    script.voice(1.0)
    before = script.state
    script.on(e.LookFinished(look.look, 1.0))
    assert script.state == before


def test_a_new_watch_replaces_the_one_before():
    script = Watch()
    script.see()
    actions = script.on(e.WatchRequested(plan()))
    assert kinds(actions)[:3] == ["AbortLook", "DisarmWatch", "WatchEnded"]
    assert script.said(told.WatchEnded)[-1].why == "replaced"
    assert script.state.watch
    assert script.state.watch.looked == 0


def test_a_watch_ends_when_it_is_stopped_when_its_time_is_over_and_with_the_conversation():
    for event, why in (
        (e.WatchStopped(), "stopped"),
        (e.WatchRanOut(1), "time"),
        (e.ConversationClosed(), "stopped"),
    ):
        script = Watch()
        script.see()
        actions = script.on(event)
        assert {"AbortLook", "DisarmWatch", "WatchEnded"} <= set(kinds(actions))
        assert script.said(told.WatchEnded)[-1].why == why
        assert script.state.watch is None


def test_the_time_of_an_older_watch_ends_no_newer_one():
    script = Watch()
    script.on(e.WatchRequested(plan()))
    script.on(e.WatchRanOut(1))
    assert script.state.watch


def test_an_engine_that_fails_again_and_again_ends_the_watch():
    script = Watch()
    for _ in range(5):
        script.see()
        script.found(None)
        if script.state.watch:
            script.rest()
    assert script.said(told.WatchEnded)[-1].why == "failed"


def test_a_client_that_asks_for_its_answers_itself_is_only_told():
    script = Watch(create=False)
    for score in (0, 1, 1):
        script.look(score)
    (seen,) = script.said(told.WatchedThingSeen)
    assert seen.item is None
    assert script.state.answer is None


def test_who_sends_frames_for_watching_alone_needs_none_with_what_is_said():
    script = Watch(frames=0)
    script.see()
    assert len(script.looks) == 1


steps = st.lists(
    st.sampled_from(
        ["frame", "show", "empty", "fail", "rest", "voice", "pause", "noise", "stop", "type", "sent", "watch"]
    ),
    max_size=60,
)


@given(steps, st.booleans(), st.sampled_from([1, 2]))
def test_whatever_happens_no_look_is_beside_a_turn_and_every_frame_is_counted(path, repeat, engines):
    script, now = Watch(repeat=repeat, engines=engines), 0.0
    for name in path:
        now += 0.5
        watch, decision = script.state.watch, script.state.decision
        looking = watch is not None and watch.look is not None
        if name == "frame":
            script.see()
        elif name in ("show", "empty", "fail") and looking:
            script.found({"show": 1.0, "empty": 0.0, "fail": None}[name])
        elif name == "rest" and watch:
            script.rest()
        elif name == "voice":
            script.voice(now)
        elif name == "pause":
            script.pause(now)
        elif name == "noise" and decision and not decision.decided:
            script.judge(State.NOISE)
        elif name == "stop":
            script.stop(now)
        elif name == "type":
            script.type("Hello.")
        elif name == "sent" and script.state.answer and not script.state.answer.done:
            script.on(e.AnswerSent(script.state.answer.id, "stop"))
        elif name == "watch":
            script.on(e.WatchRequested(plan(repeat=repeat)))
        state = script.state
        if state.watch and state.watch.look:
            assert not state.voice
            assert not state.decision
            assert not (state.answer and state.answer.engine == state.watch.look.engine)
    aborted = [action.look for action in script.said(commands.AbortLook)]
    begun = [action.look for action in script.looks]
    assert len(set(begun)) == len(begun)
    assert set(aborted) <= set(begun)
    ended = script.said(told.WatchEnded)
    running = [script.state.watch] if script.state.watch else []
    counted = sum(one.looked + one.skipped for one in [*ended, *running])
    open_frames = sum((one.look is not None) + (one.waiting is not None) for one in running)
    lost_with_watch = path.count("frame") - counted - open_frames
    assert 0 <= lost_with_watch <= path.count("frame")
    assert counted >= len(begun) - len(running)


def test_a_frame_that_the_client_takes_back_is_neither_looked_at_nor_told_of():
    script, looked, waiting = Watch(), frame(), frame()
    script.see(looked)
    script.see(waiting)
    actions = script.on(e.ItemRemoved("frame", (looked, waiting)))
    assert "AbortLook" in kinds(actions)
    script.rest()
    assert len(script.looks) == 1
    assert script.state.watch
    assert script.state.watch.skipped == 2


def test_what_was_seen_in_a_frame_that_is_taken_back_is_not_told():
    script, picture = Watch(), frame()
    script.type("Tell me a story.")
    script.speak("Once upon a time.")
    for score in (0, 1):
        script.look(score)
    script.look(1, picture)
    assert script.state.watch
    assert script.state.watch.found is picture
    script.on(e.ItemRemoved("frame", (picture,)))
    assert script.state.watch
    assert script.state.watch.found is None


def test_a_frame_that_may_confirm_what_was_seen_waits_for_no_second():
    script = Watch()
    script.look(0.0)
    script.see()
    script.found(1.0)
    script.see()
    assert len(script.looks) == 3, "the second is not over"
    script.found(0.0)
    script.see()
    assert len(script.looks) == 3, "it was nothing, and the next look waits again"
