"""Real voices: what they give, how soon, and how fast they stop."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest

from vita.errors import CheckpointError
from vita.media.pcm import BYTES_PER_SAMPLE
from vita.speech.pinyin_voice import PinyinVoice
from vita.speech.synthesis import CHUNK, EspeakVoice, PiperVoice, SilentVoice, VoiceByScript, pcm_chunks, to_pcm
from vita.speech.voice_catalog import build_voice

SENTENCE = "The largest animal in the world is the blue whale."


@pytest.fixture(scope="module")
def piper():
    voice = PiperVoice()
    yield voice
    voice.close()


async def collect(voice, text: str) -> list[bytes]:
    return [chunk async for chunk in voice.speak(text)]


def level(pcm: bytes) -> float:
    return float(np.sqrt(np.mean(np.frombuffer(pcm, "<i2").astype(float) ** 2))) / 32768


async def test_piper_says_a_sentence_in_chunks_of_a_tenth_of_a_second(piper):
    heard = await collect(piper, SENTENCE)
    assert all(len(chunk) == CHUNK * BYTES_PER_SAMPLE for chunk in heard[:-1])
    assert 2.0 < len(b"".join(heard)) / BYTES_PER_SAMPLE / 24_000 < 5.0
    assert level(b"".join(heard)) > 0.02


async def test_piper_gives_the_first_sentence_before_it_makes_the_second(piper):
    began = time.monotonic()
    stream = piper.speak("Yes. " + SENTENCE * 3)
    first = await anext(stream)
    soon = time.monotonic() - began
    rest = [chunk async for chunk in stream]
    assert first
    assert len(rest) > 20
    assert soon < (time.monotonic() - began) / 2


async def test_piper_that_is_not_listened_to_any_more_stops_within_the_sentence(piper):
    stream = piper.speak(" ".join([SENTENCE] * 40))
    await anext(stream)
    await stream.aclose()
    began = time.monotonic()
    await collect(piper, "Yes.")  # the one thread is free at once: the forty sentences were not made
    assert time.monotonic() - began < 3.0


async def test_the_event_loop_stays_on_time_while_piper_works(piper):
    late = []

    async def watch() -> None:
        while True:
            due = time.monotonic() + 0.01
            await asyncio.sleep(0.01)
            late.append(time.monotonic() - due)

    watching = asyncio.create_task(watch())
    await collect(piper, SENTENCE)
    watching.cancel()
    assert float(np.median(late)) < 0.02


async def test_a_faster_voice_is_shorter(piper):
    assert await length_at(piper, 2.0) < 0.7 * await length_at(piper, 1.0)
    assert await length_at(EspeakVoice("en-us"), 1.5) < 0.8 * await length_at(EspeakVoice("en-us"), 1.0)


async def length_at(voice, speed: float) -> int:
    return sum([len(chunk) async for chunk in voice.speak(SENTENCE, speed)])


async def test_espeak_speaks_mandarin_and_leaves_no_process_behind():
    assert level(b"".join(await collect(PinyinVoice(), "今天天气很好"))) > 0.02
    stream = PinyinVoice().speak("今天天气很好" * 50)
    await anext(stream)
    await stream.aclose()


class Named:
    def __init__(self, name: str):
        self.name = name

    async def speak(self, text: str, speed: float = 1.0):
        yield self.name.encode()


@pytest.mark.parametrize(("text", "voice"), [("Hello", b"latin"), ("你好", b"han"), ("VITA 你好", b"han")])
async def test_the_script_chooses_the_voice(text, voice):
    assert await collect(VoiceByScript(Named("latin"), Named("han")), text) == [voice]


async def test_no_voice_says_nothing():
    assert await collect(SilentVoice(), "Hello") == []


def test_a_voice_that_is_not_here_is_told_with_what_to_do():
    with pytest.raises(CheckpointError, match="choose auto, vita, piper, kokoro, espeak, none"):
        build_voice("nobody")


@pytest.mark.parametrize(
    ("name", "built"), [("none", SilentVoice), ("piper", VoiceByScript), ("espeak", VoiceByScript)]
)
def test_voices_are_built_by_name(name, built):
    assert isinstance(build_voice(name), built)


def test_sound_is_resampled_to_the_wire_and_never_wraps():
    pcm = to_pcm(np.full(22_050, 1.5, np.float32), 22_050)
    samples = np.frombuffer(pcm, "<i2")
    assert len(samples) == 24_000
    assert samples.min() > 0
    assert b"".join(pcm_chunks(pcm)) == pcm
