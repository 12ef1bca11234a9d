"""The real thing: two vLLM engines with the embedded checkpoint, Piper's voice on both sides, one conversation.

The question is spoken by the same voice that answers, at its natural pace, through a live server.
"""

from __future__ import annotations

import asyncio
import base64
import io
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.test_realtime_server import Raw, raw
from vita.duplex.conversation_settings import ConversationSettings
from vita.engine.engine_protocol import Sampling, Stage
from vita.realtime.session_manager import SessionManager
from vita.realtime.standalone_server import serve_sessions
from vita.speech.synthesis import PiperVoice

pytestmark = [pytest.mark.engine, pytest.mark.asyncio(loop_scope="session")]

FRAME = 480  # samples, 20 ms
EXAMPLES = Path(__file__).parents[1] / "demos" / "examples"


async def say(voice: PiperVoice, text: str) -> bytes:
    return b"".join([chunk async for chunk in voice.speak(text)])


def noise(seconds: float) -> bytes:
    return (np.random.default_rng(0).normal(0, 4000, round(seconds * 24_000))).astype("<i2").tobytes()


class Microphone:
    """Sends 20 ms every 20 ms: what it is given, hush in between."""

    def __init__(self, client: Raw):
        self.client, self.sound = client, b""

    async def run(self) -> None:
        due = time.monotonic()
        while True:
            frame, self.sound = self.sound[: 2 * FRAME], self.sound[2 * FRAME :]
            pcm = base64.b64encode(frame.ljust(2 * FRAME, b"\0")).decode()
            await self.client.send("input_audio_buffer.append", audio=pcm)
            due += 0.02
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def play(self, pcm: bytes) -> None:
        self.sound += pcm
        while self.sound:
            await asyncio.sleep(0.02)


async def until_stage(engine, ready: bool, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while (engine.status.stage is Stage.READY) is not ready:
            await asyncio.sleep(0.1)


def not_ready(client: Raw) -> list[str]:
    """The engines that are not ready, by what the page was told last."""
    told = [event["data"]["engines"] for event in client.events if event["type"] == "vita.engines"]
    return [engine["name"] for engine in told[-1] if engine["stage"] != "ready"]


async def test_when_an_engine_is_killed_in_the_middle_of_its_answer_the_other_one_goes_on_alone(engines):
    voice = PiperVoice()
    talk = SessionManager(engines, ConversationSettings(voice=voice, sampling=Sampling(max_tokens=200)))
    async with serve_sessions(talk) as address, raw(address, "vita_events=1") as client:
        await client.say("Tell me a long story about a dragon.")
        await client.until("response.output_audio.delta", seconds=60)
        generator = (await client.until("vita.roles"))["data"]["generator"]
        victim = next(engine for engine in engines.engines if engine.name == generator)
        for process in reversed(victim.processes):
            os.kill(process, signal.SIGKILL)
        failed = (await client.until("response.done", seconds=60))["response"]
        assert failed["status"] == "failed"
        await client.until("vita.engines", 2, seconds=60)
        assert not_ready(client) == [generator]
        await client.say("What is water?")
        assert (await client.until("response.done", 2, seconds=90))["response"]["status"] != "failed"
        alone = (await client.until("vita.roles", 2))["data"]
        assert alone["generator"] == alone["monitor"] != generator
        await until_stage(victim, True, seconds=240)
        while not_ready(client):
            await client.until("vita.engines", 1 + client.kinds.count("vita.engines"), seconds=60)
    voice.close()


async def test_a_query_is_answered_noise_is_ignored_and_a_second_query_interrupts(engines):
    voice = PiperVoice()
    await voice.warm_up()
    story = await say(voice, "Can you tell me a long story about a dragon?")
    water = await say(voice, "Stop. What is water?")
    talk = SessionManager(engines, ConversationSettings(voice=voice, sampling=Sampling(max_tokens=120)))
    async with serve_sessions(talk) as address, raw(address, "vita_events=1") as client:
        microphone = Microphone(client)
        speaking = asyncio.create_task(microphone.run())
        await client.until("session.created", seconds=60)
        await microphone.play(bytes(24_000))
        await microphone.play(story)
        await client.until("response.output_audio.delta", seconds=60)
        await microphone.play(noise(1.0))
        await microphone.play(water)
        await client.until("response.done", 2, seconds=90)
        speaking.cancel()
    voice.close()
    first, second = [event["response"] for event in client.events if event["type"] == "response.done"]
    assert first["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
    assert second["status"] == "completed"
    assert "water" in second["output"][0]["content"][0]["transcript"].lower()
    cut = client.kinds.index("vita.cut")
    late = [event for event in client.events[cut:] if event["type"] == "response.output_audio.delta"]
    assert {event["response_id"] for event in late} == {second["id"]}
    roles = [event["data"]["generator"] for event in client.events if event["type"] == "vita.roles"]
    assert len(set(roles)) == 2


def camera_frame(name: str) -> dict:
    """A photo as the page's camera sends it: the longer side 448 pixels, JPEG."""
    image, file = Image.open(EXAMPLES / name).convert("RGB"), io.BytesIO()
    image.thumbnail((448, 448))
    image.save(file, "JPEG", quality=80)
    url = "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
    return {"type": "message", "role": "user", "content": [{"type": "input_image", "image_url": url}]}


async def test_what_is_in_front_of_the_camera_is_named_and_is_not_seen_again_with_the_next_turn(engines):
    """One frame, and four of a camera that stands still; then a question that nothing was shown with."""
    talk = SessionManager(engines, ConversationSettings(sampling=Sampling(max_tokens=40)))
    async with serve_sessions(talk) as address, raw(address, "vita_events=1") as client:
        for count, name in ((1, "cat.jpg"), (4, "coffee.jpg"), (0, "")):
            for _ in range(count):
                await client.send("conversation.item.create", item=camera_frame(name))
            await client.say("What is in the picture?" if count else "What is water?")
            await client.until("response.done", 1 + client.kinds.count("response.done"), seconds=120)
    responses = [event["response"] for event in client.events if event["type"] == "response.done"]
    seen = [event["data"]["frames"] for event in client.events if event["type"] == "vita.frames"]
    cat, coffee, water = (response["output"][0]["content"][0]["text"].lower() for response in responses)
    pictures = [response["usage"]["input_token_details"]["image_tokens"] for response in responses]
    assert [len(frames) for frames in seen] == [1, 4]
    assert "cat" in cat
    assert any(word in coffee for word in ("coffee", "espresso")), coffee
    assert "water" in water
    assert pictures[0] > 0
    assert pictures[1] >= pictures[0]
    assert pictures[2] == 0
