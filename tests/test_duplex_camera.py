"""The camera in a conversation: an utterance has one clip of its frames, and earlier turns have none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.duplex_script import Script
from vita.conversation import SYSTEM_PROMPTS, render_prompt
from vita.duplex import camera
from vita.duplex import client_notices as notices
from vita.duplex import conversation_events as e
from vita.duplex import driver_commands as commands
from vita.duplex.camera import CameraClip, CameraFrame
from vita.duplex.context_window import ContextWindow
from vita.duplex.conversation_history import HistoryItem, UserItem, Utterance, to_turns
from vita.engine.engine_protocol import Request
from vita.media import SAMPLE_RATE, Clip, Limits, Picture, Sound
from vita.tokens import Family, State


def picture(size: tuple[int, int] = (4, 3)) -> Picture:
    return Picture(Image.new("RGB", size))


def see(script: Script, *seconds: float) -> list[Picture]:
    """Frames that come at these seconds."""
    shown = [picture() for _ in seconds]
    for time, frame in zip(seconds, shown, strict=True):
        script.tick(time)
        script.on(e.FrameSeen(frame))
    return shown


def clips(items: tuple[HistoryItem, ...]) -> list[CameraClip]:
    return [part for item in items if isinstance(item, UserItem) for part in item.parts if isinstance(part, CameraClip)]


def ask(script: Script, begin: float, end: float) -> commands.RequestDecision:
    """A query by voice; the request that decided on it."""
    script.query(begin, end)
    return script.said(commands.RequestDecision)[-1]


def finish(script: Script) -> None:
    """The running answer is spoken and heard to its end."""
    number = script.speak("It is red.")
    script.on(e.AnswerSent(number, "stop"))
    script.played(1.0)


def request(decide: commands.RequestDecision) -> Request:
    prompts = ContextWindow(lambda part: Sound(np.zeros(part.end - part.begin, np.float32)), Limits())
    return prompts.decision(decide.items)


def test_the_frames_of_an_utterance_are_one_clip_in_front_of_its_sound():
    script = Script()
    shown = see(script, 4.0, 5.0, 6.0)
    (turn,) = request(ask(script, 4.5, 6.5)).turns
    clip, sound = turn.parts
    assert isinstance(clip, Clip)
    assert isinstance(sound, Sound)
    assert clip.frames == tuple(frame.image for frame in shown)
    assert (clip.times, clip.duration) == ((0.0, 1.0, 2.0), 3.0)


@pytest.mark.parametrize("family", [Family.VITA_1_0, Family.VITA_1_5])
def test_the_model_is_told_that_it_sees_a_video(family):
    script = Script()
    see(script, 1.0)
    pieces = render_prompt(request(ask(script, 1.0, 2.0)).turns, family)
    assert SYSTEM_PROMPTS[family]["video"] in pieces[0]
    assert [type(piece) for piece in pieces if not isinstance(piece, str)] == [Clip, Sound], "one frame is a clip, too"


def test_frames_are_spread_over_the_whole_utterance():
    script = Script(frames=4)
    shown = see(script, *range(1, 14))
    (clip,) = clips(ask(script, 3.0, 13.5).items)
    assert clip.pictures == (shown[0], shown[4], shown[8], shown[12])


def test_frames_of_earlier_turns_leave_the_prompt_and_their_words_stay():
    script = Script()
    see(script, 1.0, 2.0)
    ask(script, 1.0, 2.5)
    finish(script)
    new = see(script, 10.0)
    decide = ask(script, 10.0, 11.0)
    turns = request(decide).turns
    assert [[type(part) for part in turn.parts] for turn in turns] == [[Sound], [str], [Clip, Sound]]
    assert turns[1].text == "It is red."
    assert clips(decide.items)[0].pictures == tuple(new)


def test_with_the_camera_off_nothing_of_an_earlier_turn_is_seen():
    script = Script()
    see(script, 1.0)
    ask(script, 1.0, 2.0)
    finish(script)
    assert not clips(ask(script, 20.0, 21.0).items)
    assert not clips(script.state.items)


def test_a_question_right_behind_another_still_has_the_last_frame():
    script = Script()
    shown = see(script, 1.0, 2.0)
    ask(script, 1.0, 2.1)
    (clip,) = clips(ask(script, 2.6, 3.5).items)
    assert clip.pictures == (shown[1],)


def test_a_frame_that_nothing_was_said_about_waits_for_a_question():
    script = Script()
    (shown,) = see(script, 1.0)
    (clip,) = clips(ask(script, 60.0, 61.0).items)
    assert clip.pictures == (shown,)


def test_frames_stay_when_what_was_heard_was_noise():
    script = Script()
    see(script, 1.0)
    script.voice(1.0)
    script.pause(2.0)
    script.judge(State.NOISE)
    script.stop(2.0)
    assert clips(ask(script, 30.0, 31.0).items)


def test_what_the_camera_saw_goes_in_front_of_what_was_typed_and_leaves_with_the_answer():
    script = Script()
    (shown,) = see(script, 1.0)
    script.type("What is this?")
    items = script.said(commands.StartAnswer)[0].items
    (turn,) = to_turns(items, lambda part: Sound(np.zeros(1, np.float32)))
    assert [type(part) for part in turn.parts] == [Clip, str]
    assert clips(items)[0].pictures == (shown,)
    assert not clips(script.state.items)
    script.type("And now?")
    assert not clips(script.said(commands.StartAnswer)[1].items), "no new frame came"


def test_what_was_said_and_waits_for_an_answer_keeps_its_own_frames():
    script = Script(create=False, mode=e.TurnDetectionMode.SERVER_VAD)
    (shown,) = see(script, 1.0)
    script.voice(1.0)
    script.stop(2.0)
    see(script, 5.0)
    script.on(e.AnswerRequested())
    (clip,) = clips(script.said(commands.StartAnswer)[0].items)
    assert clip.pictures == (shown,)


def test_what_the_monitor_reads_ahead_is_how_the_next_request_begins():
    """The words of earlier turns without their frames, behind the system prompt of what comes next."""
    script = Script()
    see(script, 1.0)
    ask(script, 1.0, 2.0)
    finish(script)
    warm = script.said(commands.PrefillHistory)[-1]
    see(script, 10.0)
    decide = ask(script, 10.0, 11.0)
    prompts = ContextWindow(lambda part: Sound(np.zeros(part.end - part.begin, np.float32)), Limits())
    ahead, asked = prompts.warm(warm.items, warm.sees_camera), prompts.decision(decide.items)
    for family in (Family.VITA_1_0, Family.VITA_1_5, Family.NANO):
        begin, whole = (
            [
                piece if isinstance(piece, str) else id(piece)
                for piece in render_prompt(one.turns, family, shown=one.sight)
            ]
            for one in (ahead, asked)
        )
        assert whole[:2] == begin[:2], "system prompt and the first utterance"
        assert whole[2].startswith(begin[2].split("user")[0]), "the answer to it"


def test_the_monitor_reads_anew_when_the_camera_comes_on_and_not_with_every_frame():
    script = Script()
    see(script, 1.0, 2.0, 3.0)
    assert [warm.sees_camera for warm in script.said(commands.PrefillHistory)] == [True]
    see(script, 30.0)
    assert len(script.said(commands.PrefillHistory)) == 2


def test_a_conversation_without_a_camera_is_read_ahead_as_one():
    script = Script()
    ask(script, 1.0, 2.0)
    finish(script)
    assert not any(warm.sees_camera for warm in script.said(commands.PrefillHistory))


def test_a_frame_that_is_taken_out_goes_with_nothing_not_even_with_what_is_being_judged():
    script = Script()
    secret, other = see(script, 1.0, 1.5)
    script.voice(1.0)
    script.pause(2.0)
    script.on(e.ItemRemoved("frame", (secret,)))
    assert [frame.picture for frame in script.state.frames] == [other]
    script.judge(State.AUDIO_QUERY)
    script.stop(2.0)
    (clip,) = clips(script.said(notices.ItemCommitted)[-1].item and (script.said(notices.ItemCommitted)[-1].item,))
    assert clip.pictures == (other,)


def test_the_last_frame_that_is_taken_out_leaves_no_clip():
    script = Script()
    (secret,) = see(script, 1.0)
    script.voice(1.0)
    script.pause(2.0)
    script.on(e.ItemRemoved("frame", (secret,)))
    script.judge(State.AUDIO_QUERY)
    script.stop(2.0)
    assert [type(part) for part in script.said(notices.ItemCommitted)[-1].item.parts] == [Utterance]


def test_frames_that_were_switched_off_go_with_nothing():
    script = Script(frames=0)
    see(script, 1.0)
    assert not clips(ask(script, 1.0, 2.0).items)
    assert script.state.frames == ()


def test_frames_of_another_camera_are_left_out_of_a_clip():
    wide, tall = CameraFrame(picture((4, 3)), 0), CameraFrame(picture((3, 4)), 9)
    clip = camera.make_clip([wide, tall])
    assert clip is not None
    assert clip.frames == (tall,)
    assert camera.make_clip([]) is None


def test_a_clip_is_made_once():
    clip = CameraClip((CameraFrame(picture(), 0),))
    assert clip.clip is clip.clip, "its name in an engine's cache is computed for each object"


@given(st.lists(st.integers(0, 60 * SAMPLE_RATE), max_size=40), st.integers(0, 60 * SAMPLE_RATE), st.integers(0, 8))
def test_a_clip_has_no_more_frames_than_allowed_in_order_and_the_newest(times, begin, most):
    frames: tuple[CameraFrame, ...] = ()
    for time in sorted(times):
        frames = camera.keep_frames((*frames, CameraFrame(picture(), time)), time, 30 * SAMPLE_RATE)
    assert len(frames) <= camera.MOST_KEPT
    for clip in (camera.spoken_clip(frames, begin, most), camera.typed_clip(frames, most)):
        assert (clip is None) == (not frames or most == 0)
        if clip:
            places = [frames.index(frame) for frame in clip.frames]
            assert places == sorted(set(places))
            assert len(places) <= most
            assert places[-1] == len(frames) - 1
            left = camera.mark_used(frames, clip)
            assert [frame.used for frame in left] == [True]
            assert camera.typed_clip(left, most) is None, "typed text is not shown the same again"
