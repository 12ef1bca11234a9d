"""A live server with fake engines, and the client that openai-python brings."""

from __future__ import annotations

import asyncio
import base64
from contextlib import asynccontextmanager

import numpy as np
from openai import AsyncOpenAI

from tests.fakes import Answer, FakeEngine, pool_of
from vita.duplex import conversation_events as e
from vita.duplex.conversation_settings import ConversationSettings
from vita.engine.engine_protocol import Request
from vita.realtime.session_manager import SessionManager
from vita.speech.sample_rates import VOICE_RATE
from vita.tokens import State

STORY = "Once upon a time, there was a small fox who lived in a big wood, and every day it ran. " * 8
LOUD = np.full(VOICE_RATE // 2, 8000, "<i2").tobytes()
HUSH = bytes(len(LOUD))


class QuickVoice:
    """Says a letter in 1/20 s at no cost: a ramp, so that no two samples are alike."""

    name = "quick"

    async def speak(self, text: str, speed: float = 1.0):
        samples = round(len(text) * VOICE_RATE / 20 / speed)
        for begin in range(0, samples, VOICE_RATE // 10):
            yield np.arange(begin, min(begin + VOICE_RATE // 10, samples)).astype("<i2").tobytes()


def model(voice: Answer = Answer("Four.", State.AUDIO_QUERY), text: str = "Hello there."):  # noqa: B008
    """What both fake engines answer: to the prefill, to what is heard, to everything else."""

    def reply(request: Request) -> Answer | str:
        if request.sampling.max_tokens == 1:
            return Answer("", None)
        return voice if State.NOISE in request.sampling.states else text

    return [FakeEngine(reply, name="a"), FakeEngine(reply, name="b")]


def talk(engines=None, **more) -> SessionManager:
    pool = pool_of(*(engines or model()))
    base = ConversationSettings(policy=e.TurnPolicy(probe=0), voice=QuickVoice())
    return SessionManager(pool, base=base, detector=lambda: lambda frame: float(abs(frame).max() > 0.1), **more)


class Client:
    """openai-python's connection with short names; ``events`` keeps all that came."""

    def __init__(self, connection):
        self.connection, self.events = connection, []

    async def until(self, kind: str, count: int = 1, seconds: float = 10.0):
        """The event of that type, after ``count`` of them have come."""
        async with asyncio.timeout(seconds):
            while self.kinds.count(kind) < count:
                self.events.append(await self.connection.recv())
        return [event for event in self.events if event.type == kind][count - 1]

    @property
    def kinds(self) -> list[str]:
        return [event.type for event in self.events]

    def of(self, kind: str) -> list:
        return [event for event in self.events if event.type == kind]

    async def configure(self, **session):
        await self.connection.session.update(session={"type": "realtime", **session})
        return (await self.until("session.updated", self.kinds.count("session.updated") + 1)).session

    async def hear(self, *halves: bytes) -> None:
        for pcm in halves:
            await self.connection.input_audio_buffer.append(audio=base64.b64encode(pcm).decode())

    async def query(self) -> None:
        await self.hear(HUSH, LOUD, LOUD, HUSH, HUSH, HUSH)

    async def say(self, text: str, item: str | None = None, **response) -> None:
        content = [{"type": "input_text", "text": text}]
        message = {"type": "message", "role": "user", "content": content, **({"id": item} if item else {})}
        await self.connection.conversation.item.create(item=message)
        await self.connection.response.create(response=response)


@asynccontextmanager
async def connected(address: str, **query):
    async with (
        AsyncOpenAI(base_url=f"http://{address}/v1", api_key="none") as openai,
        openai.realtime.connect(model="vita", extra_query=query) as connection,
    ):
        client = Client(connection)
        await client.until("session.created")
        yield client
