"""VITA's voice in a conversation: said before the turn is over, said once, and not taken for a visitor's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.duplex_world import LOUD, TimedVoice, World, run
from tests.test_duplex_session import engines, settings
from vita.duplex import client_notices as notices
from vita.duplex.client_notices import AnswerAudio


class LoudVoice(TimedVoice):
    """As loud as can be."""

    async def speak(self, text: str, speed: float = 1.0):
        async for chunk in super().speak(text, speed):
            yield np.full(len(chunk) // 2, 32_000, "<i2").tobytes()


def test_vitas_own_echo_does_not_duck_its_answer_and_a_visitor_does():
    faint = np.tile([3600, 0], len(LOUD) // 4).astype("<i2").tobytes()  # a twelfth of what VITA says

    async def story(world: World) -> None:
        async with world:
            world.type("Tell me a story.")
            await world.sound(2.0)
            await world.sound(2.0, faint)
            assert not world.of(notices.DuckPlayback)
            await world.speech(0.5)
            assert world.of(notices.DuckPlayback)

    run(story(World(engines(), replace(settings(probe=0), voice=LoudVoice()))))


def test_what_was_synthesised_ahead_is_said_once_and_not_at_all_when_the_voice_goes_on():
    class Counting(TimedVoice):
        said: list[str] = []  # noqa: RUF012

        async def speak(self, text: str, speed: float = 1.0):
            self.said.append(text)
            async for chunk in super().speak(text, speed):
                yield chunk

    async def story(world: World) -> None:
        async with world:
            await world.speech(1.0)
            await world.sound(0.49)  # decided and synthesised ahead, but the turn is not over
            await world.speech(1.0)
            await world.sound(4.0)

    voice = Counting()
    world = World(engines(), replace(settings(probe=0), voice=voice))
    run(story(world))
    assert voice.said == ["Four.", "Four."]
    assert world.ends == [("completed", "")]
    assert len(world.of(AnswerAudio)) == 3


def test_the_first_word_is_timed_when_it_came_and_not_when_it_was_spoken():
    async def story(world: World) -> None:
        async with world:
            await world.speech(1.0)
            await world.sound(4.0)

    world = World(engines(), settings(probe=0))
    run(story(world))
    (timing,) = world.timings
    (begun,) = world.times("AnswerStarted")
    assert timing.speech_end < timing.decided < timing.first_token < begun <= timing.first_sound


def test_when_a_short_answer_begins_to_be_heard_behind_its_end_its_timing_is_told_again():
    async def story(world: World) -> None:
        async with world:
            await world.speech(1.0)
            await world.sound(0.75)  # all of it was sent, a quarter of a second
            (told,) = world.timings
            assert told.played is None
            for samples in (0, 2400):
                world.driver.report_played(world.begins[0].answer, samples)
                await world.sound(0.1)

    world = World(engines(text="Four."), settings(probe=0))
    run(story(world))
    first, again = world.timings
    assert again == replace(first, played=again.played)
    assert again.played > first.first_sound
