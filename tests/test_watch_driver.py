"""A watch in a running conversation, by a clock of its own: looks once a second, and never in the way of a turn."""

from __future__ import annotations

import asyncio

import pytest
from PIL import Image

from tests.duplex_world import TimedEngine, TimedVoice, World, run
from tests.fakes import Answer
from vita.duplex import conversation_events as e
from vita.duplex.client_notices import AnswerStarted, AnswerText, RequestRefused, TurnDecision
from vita.duplex.context_window import AnswerOptions
from vita.duplex.conversation_settings import ConversationSettings
from vita.duplex.watch_asking import LOOKS_LATE, YesNoAsking
from vita.duplex.watch_notices import FrameLooked, WatchedThingSeen, WatchEnded, WatchStarted
from vita.engine.engine_protocol import Request
from vita.errors import EngineError
from vita.media import Picture
from vita.tokens import State

DOG, ROOM = Picture(Image.new("RGB", (4, 3), "brown")), Picture(Image.new("RGB", (4, 3), "white"))


def answer(request: Request) -> Answer:
    """Says yes to a dog, no to a room, and takes every sound for a query."""
    if request.priority == LOOKS_LATE:
        shown = request.turns[-1].media[0]
        assert isinstance(shown, Picture)
        sure = 4.0 if shown.image.getpixel((0, 0)) == DOG.image.getpixel((0, 0)) else -4.0
        return Answer("Yes" if sure > 0 else "No", None, choice_logprobs={"Yes": sure / 2, "No": -sure / 2})
    return Answer("There is a dog.", State.AUDIO_QUERY)


def world(*replies, token: float = 0.05) -> World:
    replies = replies or (answer,)
    engines = [TimedEngine(*replies, name=f"engine {number}", decide=0.2, token=token) for number in (1, 2)]
    return World(engines, ConversationSettings(voice=TimedVoice()))


def looks(place: World) -> list[Request]:
    return [request for engine in place.engines for request in engine.requests if request.priority == LOOKS_LATE]


async def camera(place: World, seconds: int, picture: Picture, every: float = 1.0) -> None:
    for _ in range(round(seconds / every)):
        place.driver.post_event(e.FrameSeen(picture))
        await place.sound(every)


def test_an_answer_begins_by_itself_two_looks_after_it_came():
    async def story():
        async with world() as place:
            place.driver.watch.request_watch("a dog")
            await camera(place, 5, ROOM)
            begun = asyncio.get_running_loop().time()
            assert place.of(AnswerStarted) == []
            await camera(place, 4, DOG)
            (seen,), (time,) = place.of(WatchedThingSeen), place.times("AnswerStarted")
            assert seen.picture is DOG
            assert time - begun < 1.5
            assert place.of(WatchEnded)[-1].why == "seen"
            assert place.times("AnswerAudio")

    run(story())


def test_an_empty_room_is_looked_at_once_a_second_and_told_of_never():
    async def story():
        async with world() as place:
            place.driver.watch.request_watch("a dog")
            await camera(place, 20, ROOM, every=0.25)
            assert 18 <= len(looks(place)) <= 21
            assert place.of(AnswerStarted) == []
            looked = place.of(FrameLooked)[-1]
            assert looked.looked + looked.skipped >= 78

    run(story())


def test_without_a_watch_no_frame_is_looked_at():
    async def story():
        async with world() as place:
            await camera(place, 10, DOG)
            assert looks(place) == []

    run(story())


@pytest.mark.parametrize("watching", [False, True])
def test_a_turn_is_decided_as_soon_with_a_watch_as_without(watching):
    async def story():
        async with world() as place:
            if watching:
                place.driver.watch.request_watch("a dog")
            await camera(place, 3, ROOM)
            place.driver.post_event(e.FrameSeen(ROOM))
            await place.speech(1.5)
            await place.sound(1.0)
            return place.times("TurnDecision"), place.of(TurnDecision)[0].seconds, len(looks(place))

    times, seconds, count = run(story())
    assert (times, seconds) == ([pytest.approx(times[0])], pytest.approx(0.2, abs=0.02))
    assert bool(count) is watching


def test_a_look_under_way_is_aborted_in_its_engine_when_somebody_speaks():
    async def story():
        async with world(token=3.0) as place:
            place.driver.watch.request_watch("a dog")
            place.driver.post_event(e.FrameSeen(ROOM))
            await place.sound(0.2)
            (look,) = looks(place)
            await place.speech(0.5)
            assert [look.id] == [abort for engine in place.engines for abort in engine.aborts if abort == look.id]

    run(story())


def test_a_watch_ends_with_its_time():
    async def story():
        async with world() as place:
            place.driver.watch.request_watch("a dog", seconds=5)
            await camera(place, 10, ROOM)
            (ended,) = place.of(WatchEnded)
            assert ended.why == "time"
            assert len(looks(place)) <= 6

    run(story())


def test_an_engine_that_cannot_look_ends_the_watch_and_not_the_conversation():
    def faulty(request: Request) -> Answer | str:
        if request.priority == LOOKS_LATE:
            raise EngineError("no eyes")
        return "Hello."

    async def story():
        async with world(faulty) as place:
            place.driver.watch.request_watch("a dog")
            await camera(place, 10, ROOM)
            assert place.of(WatchEnded)[-1].why == "failed"
            place.type("Hello?")
            await place.sound(2.0)
            assert place.ends == [("completed", "")]

    run(story())


def test_a_picture_that_no_request_can_be_built_of_ends_the_watch_and_not_the_conversation(monkeypatch):
    def unbuilt(asking, goal, picture):
        raise ValueError("no pixels")

    async def story():
        async with world() as place:
            place.driver.watch.request_watch("a dog")
            monkeypatch.setattr(YesNoAsking, "look_request", unbuilt)
            await camera(place, 10, ROOM)
            assert place.of(WatchEnded)[-1].why == "failed"
            place.type("Hello?")
            await place.sound(2.0)
            assert place.ends == [("completed", "")]

    run(story())


def test_words_of_the_conversation_set_and_end_a_watch_and_are_answered():
    async def story():
        async with world() as place:
            follow = place.driver.watch.follow_words
            assert follow("What is the capital of France?", watching=False) == ""
            assert follow("Stop watching.", watching=False) == "", "nothing is watched: the model may answer"
            assert follow("Tell me when you see a dog.", watching=False) == "OK, I will tell you when I see a dog."
            assert follow("Stop watching.", watching=True) == "OK, I have stopped watching."
            assert follow("看到狗的时候告诉我", watching=False) == "好的，看到狗我就告诉你。"
            await place.sound(0.1)
            (started, _), (ended,) = place.of(WatchStarted), place.of(WatchEnded)
            assert (started.plan.goal.subject, ended.why) == ("a dog", "stopped")

    run(story())


def test_words_that_ask_for_too_much_are_refused_and_the_conversation_goes_on():
    async def story():
        async with world() as place:
            said = place.driver.watch.follow_words(f"Tell me when you see {'a ' * 200}dog.", watching=False)
            await place.sound(0.1)
            (refused,) = place.of(RequestRefused)
            assert refused.code == "watch_long"
            assert "at most 200" in refused.message
            assert said == refused.message

    run(story())


def test_a_fixed_sentence_is_said_like_an_answer_and_no_engine_is_asked():
    async def story():
        async with world() as place:
            await place.sound(0.1)
            before = sum(len(engine.requests) for engine in place.engines)
            place.driver.request_answer(AnswerOptions(said="OK, I will tell you."))
            await place.sound(3.0)
            assert place.ends == [("completed", "")]
            assert "".join(piece.text for piece in place.of(AnswerText)) == "OK, I will tell you."
            asked = [one for engine in place.engines for one in engine.requests if one.sampling.max_tokens > 1]
            assert not asked
            assert sum(len(engine.requests) for engine in place.engines) - before <= 2, "only histories are read"

    run(story())
