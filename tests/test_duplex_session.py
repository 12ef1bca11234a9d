"""The driver on a virtual clock: who says what, and exactly when."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from tests.duplex_world import FRAME, HUSH, LOUD, TimedEngine, TimedVoice, World, run
from tests.fakes import Answer
from vita.duplex import client_notices as notices
from vita.duplex import conversation_events as e
from vita.duplex.client_notices import AnswerAudio, AnswerEnded, AnswerText
from vita.duplex.conversation_history import AnswerItem
from vita.duplex.conversation_settings import ConversationSettings
from vita.engine.engine_protocol import Request
from vita.errors import EngineDeadError, PromptTooLongError
from vita.tokens import State

STORY = "Once upon a time, there was a small fox who lived in a big wood, and every day it ran. " * 4
QUERY, NOISE = Answer("Four.", State.AUDIO_QUERY), Answer("", State.NOISE)


def settings(**policy) -> ConversationSettings:
    return ConversationSettings(policy=e.TurnPolicy(**policy), voice=TimedVoice())


def by_request(voice: Answer = QUERY, text: str = STORY):
    """Replies as a model would: to the prefill, to what is heard, to what is typed."""

    def reply(request: Request) -> Answer | str:
        if request.sampling.max_tokens == 1:
            return Answer("", None)
        return voice if State.NOISE in request.sampling.states else Answer(text)

    return reply


def engines(voice: Answer = QUERY, text: str = STORY) -> list[TimedEngine]:
    return [TimedEngine(by_request(voice, text), name=name) for name in ("a", "b")]


async def asked_by_voice(world: World) -> None:
    async with world:
        await world.sound(1.0)
        await world.speech(1.0)
        await world.sound(4.0)


def test_a_spoken_query_is_answered_right_after_the_turn_is_over():
    world = World(engines(), settings(probe=0))
    run(asked_by_voice(world))
    timing = world.timings[0]
    assert timing.speech_end == pytest.approx(2.0, abs=0.04)
    assert timing.decided == pytest.approx(2.0 + 0.03 + 0.3, abs=0.06)  # one frame of silence, then one token
    assert timing.first_sound == pytest.approx(timing.decided + 0.05 + 0.05 + 0.1, abs=0.01)  # word, end, voice
    assert world.ends == [("completed", "")]


def test_without_speculation_the_decision_comes_on_top_of_the_silence():
    world = World(engines(), settings(speculate=False))
    run(asked_by_voice(world))
    assert world.timings[0].first_sound == pytest.approx(2.0 + 0.5 + 0.3 + 0.2, abs=0.06)


def test_the_same_request_decides_and_answers():
    world = World(engines(), settings())
    run(asked_by_voice(world))
    asked = [request for engine in world.engines for request in engine.requests if request.sampling.max_tokens > 1]
    assert len(asked) == 1
    assert asked[0].sampling.states == (State.AUDIO_QUERY, State.NOISE)


async def interrupted(world: World, length: float = 1.0) -> None:
    async with world:
        world.type("Tell me a story.")
        await world.sound(4.0)
        await world.speech(length)
        await world.sound(4.0)


def test_a_voice_ducks_within_a_tenth_of_a_second_and_a_query_cuts_after_one_token():
    world = World(engines(), settings(probe=0))
    run(interrupted(world))
    assert world.times("DuckPlayback")[0] == pytest.approx(4.0, abs=0.1)
    assert world.times("PlaybackStopped")[0] == pytest.approx(5.0 + 0.07 + 0.3, abs=0.06)
    assert world.ends == [("cancelled", "turn_detected"), ("completed", "")]


def test_no_sound_of_a_cut_answer_comes_after_the_cut():
    world = World(engines(), settings())
    run(interrupted(world, 3.0))
    assert (
        world.sounds_after(world.times("PlaybackStopped")[0], answer=world.of(notices.PlaybackStopped)[0].answer) == []
    )


def test_a_cut_aborts_the_answer_in_its_engine():
    world = World(engines(text=STORY * 5), settings())
    run(interrupted(world))
    generating = world.begins[0].engine
    assert next(engine for engine in world.engines if engine.name == generating).aborts
    assert world.begins[1].engine != generating


def test_an_answer_that_was_cut_tells_what_its_prompt_cost():
    world = World(engines(), settings(probe=0))
    run(interrupted(world))
    cut = world.of(notices.AnswerEnded)[0]
    assert cut.outcome == "cancelled"
    assert cut.usage.prompt_tokens == 10
    assert cut.usage.completion_tokens > 1


def test_noise_restores_the_volume_and_the_answer_goes_on_without_a_gap():
    world = World(engines(NOISE), settings(probe=0))
    run(interrupted(world))
    assert world.times("RestoreVolume")[0] == pytest.approx(5.5, abs=0.06)
    assert not world.of(notices.PlaybackStopped)[:-1]  # the one at the end is the client leaving
    assert world.timings[0].underruns == 0


def test_a_long_interruption_is_cut_before_it_ends():
    world = World(engines(), settings(probe=16_000))
    run(interrupted(world, 4.0))
    assert world.times("PlaybackStopped")[0] == pytest.approx(4.0 + 0.07 + 1.0 + 0.3, abs=0.08)


def test_the_history_holds_what_was_played_by_the_clock_when_the_client_is_silent_about_it():
    world = World(engines(), settings(probe=0))
    run(interrupted(world))
    told = next(action.item for action in world.of(notices.AnswerHeard) if isinstance(action.item, AnswerItem))
    seconds = world.timings[0].cut - world.timings[0].first_sound
    assert told.limit / 24_000 == pytest.approx(seconds, abs=0.05)
    assert STORY.startswith(told.heard)
    assert len(told.heard) == pytest.approx(seconds * 20, abs=12)


def test_the_clients_report_is_believed_over_the_clock():
    async def story(world: World) -> None:
        async with world:
            world.type("Tell me a story.")
            await world.sound(4.0)
            world.driver.report_played(world.begins[0].answer, 24_000)
            await world.speech(1.0)
            await world.sound(2.0)

    world = World(engines(), settings())
    run(story(world))
    assert world.of(notices.AnswerHeard)[0].item.limit == 24_000
    assert world.timings[0].played is not None


def test_sound_is_sent_a_little_ahead_of_its_playing_and_no_more():
    async def story(world: World) -> None:
        async with world:
            world.type("Tell me a story.")
            await world.sound(6.0)

    world = World(engines(), replace(settings(), ahead=1.0))
    run(story(world))
    begun = world.times("AnswerAudio")[0]
    for moment, _, notice in world.heard:
        if isinstance(notice, AnswerAudio):
            assert notice.offset / 24_000 - (moment - begun) <= 1.0 + 0.11


def test_a_slow_engine_is_counted_as_underruns():
    async def story(world: World) -> None:
        async with world:
            world.type("Tell me a story.")
            await world.sound(60.0)

    world = World([TimedEngine(STORY, token=0.5)], settings())
    run(story(world))
    assert world.timings[0].underruns > 0


def test_after_a_turn_the_other_engine_has_read_the_history():
    world = World(engines(), settings())
    run(asked_by_voice(world))
    monitor = world.engines[world.driver.state.monitor]
    warm = [request for request in monitor.requests if request.sampling.max_tokens == 1]
    assert [turn.role for turn in warm[-1].turns] == ["user", "assistant", "user"]
    assert warm[-1].turns[1].text == "Four."
    assert warm[-1].priority > 0


def test_when_an_engine_dies_the_other_plays_both_roles():
    dead = TimedEngine(EngineDeadError("gone"), name="a")
    world = World([dead, TimedEngine(by_request(), name="b")], settings())
    run(interrupted(world))
    assert world.ends == [("cancelled", "turn_detected"), ("completed", "")]


def test_an_engine_that_dies_in_the_middle_ends_the_answer_as_failed_and_the_next_is_answered():
    async def story(world: World) -> None:
        async with world:
            world.type("Tell me a story.")
            await world.sound(4.0)
            world.type("Again.")
            await world.sound(4.0)

    broken = Answer("Once upon a time", error=EngineDeadError("The engine a is gone."))
    world = World([TimedEngine(broken, "Fine."), TimedEngine(broken, "Fine.")], settings())
    world.engines[0].replies = [Answer("", None), "Fine."]
    run(story(world))
    assert world.ends == [("failed", "error"), ("completed", "")]
    assert world.of(AnswerEnded)[0].detail == "The engine a is gone."


def test_a_mute_engine_is_given_up():
    async def story(world: World) -> None:
        async with world:
            world.type("Hello?")
            await world.sound(10.0)

    world = World([TimedEngine("Hi.", decide=100.0)], replace(settings(), patience=5.0))
    run(story(world))
    assert world.ends == [("failed", "error")]


def test_a_voice_that_fails_leaves_the_answer_to_be_read():
    class Hoarse(TimedVoice):
        async def speak(self, text: str, speed: float = 1.0):
            raise RuntimeError("no voice today")
            yield b""

    async def story(world: World) -> None:
        async with world:
            world.type("Hello?")
            await world.sound(3.0)

    world = World(engines(text="Hello there."), replace(settings(), voice=Hoarse()))
    run(story(world))
    assert world.ends == [("completed", "")]
    assert "".join(notice.text for notice in world.of(AnswerText)) == "Hello there."


def test_a_history_that_is_too_long_is_shortened_from_the_front():
    def reply(request: Request):
        if len(request.turns) > 3:
            raise PromptTooLongError(100, 50)
        return "Fine."

    async def story(world: World) -> None:
        async with world:
            for n in range(6):
                world.type(f"Question {n}")
                await world.sound(2.0)

    world = World([TimedEngine(reply)], settings())
    run(story(world))
    assert world.ends == [("completed", "")] * 6
    assert world.engines[0].requests[-1].turns[-1].role == "user"


def test_ten_minutes_of_conversation_pass_quickly_and_keep_their_times():
    async def story(world: World) -> None:
        async with world:
            for _ in range(60):
                await world.speech(1.0)
                await world.sound(9.0)

    began = time.perf_counter()
    world = World(engines(), settings())
    run(story(world))
    assert time.perf_counter() - began < 20
    assert world.ends == [("completed", "")] * 60
    for n, timing in enumerate(world.timings):
        assert timing.speech_end == pytest.approx(10 * n + 1, abs=0.05)
        assert timing.first_sound - timing.speech_end == pytest.approx(0.56, abs=0.07)


def pcm(*runs: tuple[bytes, float]) -> bytes:
    """One message of sounds and how many seconds each lasts."""
    return b"".join(sound * round(seconds / FRAME) for sound, seconds in runs)


def test_a_question_at_the_end_of_a_message_of_minutes_is_answered_and_timed_by_where_it_ends():
    async def story(world: World) -> None:
        async with world:
            world.driver.receive_audio(pcm((HUSH, 150.0), (LOUD, 1.0), (HUSH, 6.0)))
            await world.sound(4.0)

    world = World(engines(), settings())
    run(story(world))
    assert world.ends == [("completed", "")]
    assert world.timings[0].speech_end == pytest.approx(-6.0, abs=0.04)
    (asked,) = [r for engine in world.engines for r in engine.requests if State.NOISE in r.sampling.states]
    assert asked.turns[0].media[0].duration == pytest.approx(1.3, abs=0.1)  # with its padding


def test_a_message_of_minutes_is_heard_from_its_beginning_and_so_is_what_comes_behind_it():
    async def story(world: World) -> None:
        async with world:
            world.driver.receive_audio(pcm((LOUD, 1.0), (HUSH, 120.0)))
            await world.speech(1.0)
            await world.sound(4.0)

    world = World(engines(), settings(mode=e.TurnDetectionMode.SERVER_VAD))
    run(story(world))
    starts = [action.at / 16_000 for action in world.of(notices.TurnStarted)]
    stops = [action.at / 16_000 for action in world.of(notices.TurnEnded)]
    assert starts == pytest.approx([0.0, 120.7], abs=0.1)
    assert stops[-1] == pytest.approx(122.5, abs=0.1)
    assert world.ends == [("completed", "")]


def test_behind_an_answer_that_is_left_to_play_on_the_conversation_ends_at_once():
    async def story(world: World) -> float:
        async with world:
            for question in ("Tell me a story.", "And another?"):
                world.type(question)
                await world.sound(1.2)  # two seconds of sound are sent, and the answer is told to its end
            left = asyncio.get_running_loop().time()
        return asyncio.get_running_loop().time() - left

    world = World(engines(text="Once upon a time, there was a small fox."), settings(cuts=False))
    assert run(story(world)) == 0.0
    assert world.ends == [("completed", ""), ("completed", "")]
    assert not world.of(notices.PlaybackStopped)[:-1]  # the one at the end is the client leaving
