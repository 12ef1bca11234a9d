"""What the visitor said, in letters, for clients that ask for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.realtime_server import HUSH, LOUD, talk
from tests.test_realtime_server import raw
from vita.engine.transcription import build_transcriber
from vita.media import Sound
from vita.realtime.standalone_server import serve_sessions
from vita.settings import Settings

NAME = "conversation.item.input_audio_transcription"
ASKED = {"audio": {"input": {"transcription": {"model": "any"}}}}


async def length(sound: Sound) -> str:
    return f"{sound.duration:.1f} seconds"


async def test_what_was_said_is_written_down_where_the_front_end_can():
    async with serve_sessions(talk(transcribe=length)) as address, raw(address) as client:
        await client.send("session.update", session=ASKED)
        await client.hear(HUSH, LOUD, LOUD, HUSH, HUSH)
        told = await client.until(f"{NAME}.completed")
        seconds = told["usage"]["seconds"]  # the voice's one second, and some quiet around it
        assert 1.0 < seconds < 2.0
        assert told["usage"]["type"] == "duration"
        assert told["transcript"] == f"{seconds:.1f} seconds"
        assert client.kinds.index(f"{NAME}.delta") < client.kinds.index(f"{NAME}.completed")
        await client.send("conversation.item.retrieve", item_id=told["item_id"])
        item = (await client.until("conversation.item.retrieved"))["item"]
        assert item["content"] == [{"type": "input_audio", "transcript": told["transcript"]}]


async def test_what_a_client_commits_itself_is_written_down_too():
    async with serve_sessions(talk(transcribe=length)) as address, raw(address) as client:
        audio = {"input": {**ASKED["audio"]["input"], "turn_detection": None}}
        await client.send("session.update", session={"audio": audio})
        await client.hear(LOUD, LOUD)
        await client.send("input_audio_buffer.commit")
        assert (await client.until(f"{NAME}.completed"))["transcript"] == "1.0 seconds"


async def test_nothing_is_written_down_for_who_does_not_ask():
    async with serve_sessions(talk(transcribe=length)) as address, raw(address) as client:
        await client.hear(HUSH, LOUD, LOUD, HUSH, HUSH)
        await client.until("response.done")
        await client.say("Hi.")
        await client.until("response.done", 2)
    assert not [kind for kind in client.kinds if kind.startswith(NAME)]


async def fails(sound: Sound) -> str:
    raise RuntimeError("broken")


@pytest.mark.parametrize("transcribe", [None, fails, build_transcriber(Settings(remotes=("http://elsewhere/v1",)))])
async def test_what_cannot_be_written_down_is_told_as_failed_and_the_answer_comes(transcribe):
    async with serve_sessions(talk(transcribe=transcribe)) as address, raw(address) as client:
        await client.send("session.update", session=ASKED)
        await client.hear(HUSH, LOUD, LOUD, HUSH, HUSH)
        failed = await client.until(f"{NAME}.failed")
        assert failed["error"]["code"] == "no_transcript"
        assert (await client.until("response.done"))["response"]["status"] == "completed"


async def test_a_voice_that_is_broken_at_the_start_costs_no_conversation():
    class Broken:
        name = "broken"

        async def speak(self, text: str, speed: float = 1.0):
            raise RuntimeError("no sound card")
            yield b""

    service = talk()
    service.base = replace(service.base, voice=Broken())
    service.start_services()
    async with serve_sessions(service) as address, raw(address) as client:
        await client.say("Hi.")
        assert (await client.until("response.done"))["response"]["status"] == "completed"
