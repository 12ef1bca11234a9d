"""A world with a clock of its own: engines, a voice, a microphone and a player whose times are exact.

run(story(World(...)))      # ten minutes pass in the time that the code takes
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field

import numpy as np

from tests.fakes import FakeEngine, pool_of
from vita.duplex import conversation_events as e
from vita.duplex.client_notices import AnswerAudio, AnswerEnded, AnswerStarted, ClientNotice, TurnTiming
from vita.duplex.conversation_driver import ConversationDriver
from vita.duplex.conversation_settings import ConversationSettings
from vita.engine.engine_protocol import Delta, Request
from vita.speech.sample_rates import VOICE_RATE

FRAME = 0.02  # s in one message of the microphone
LOUD = np.full(round(FRAME * VOICE_RATE), 8000, "<i2").tobytes()
HUSH = bytes(len(LOUD))


class _Jump(selectors.SelectSelector):
    """Waits for nothing: the time that it should have waited has passed."""

    loop: VirtualLoop

    def select(self, timeout=None):
        assert timeout is not None, "everything waits for something that never comes"
        self.loop.now += max(timeout, 0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        selector = _Jump()
        selector.loop, self.now = self, 0.0
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def run(story: Coroutine):
    """Run ``story`` on a virtual clock."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(story)


class TimedEngine(FakeEngine):
    """A FakeEngine that takes ``decide`` seconds for the state token and ``token`` seconds for each word."""

    def __init__(self, *replies, decide: float = 0.3, token: float = 0.05, **more):
        super().__init__(*replies, **more)
        self.decide, self.token = decide, token

    async def generate(self, request: Request) -> AsyncIterator[Delta]:
        inner = super().generate(request)
        try:
            async for delta in inner:
                await asyncio.sleep(self.decide if delta.state else self.token)
                yield delta
        finally:
            await inner.aclose()


class TimedVoice:
    """Says a letter in 1/20 s, in chunks of 0.1 s, and takes ``cost`` seconds for a clause."""

    name = "timed"

    def __init__(self, cost: float = 0.1):
        self.cost = cost

    async def speak(self, text: str, speed: float = 1.0) -> AsyncIterator[bytes]:
        await asyncio.sleep(self.cost)
        samples = len(text) * VOICE_RATE // 20
        for begin in range(0, samples, VOICE_RATE // 10):
            yield bytes(2 * min(VOICE_RATE // 10, samples - begin))


@dataclass
class World:
    """One conversation with a client. ``heard`` has (time, kind, notice) of everything that came out."""

    engines: list[FakeEngine]
    settings: ConversationSettings
    heard: list[tuple[float, str, ClientNotice]] = field(default_factory=list)
    driver: ConversationDriver = field(init=False)

    async def __aenter__(self) -> World:
        loop = asyncio.get_running_loop()
        self.driver = ConversationDriver(
            pool_of(*self.engines),
            self.settings,
            clock=loop.time,
            probability=lambda frame: float(abs(frame).max() > 0.1),
        )
        self.tasks = [asyncio.create_task(self.driver.run()), asyncio.create_task(self._listen(loop))]
        await self.driver.ready.wait()
        return self

    async def __aexit__(self, *_) -> None:
        self.driver.close()
        await self.tasks[0]
        await asyncio.sleep(0)
        self.tasks[1].cancel()

    async def _listen(self, loop) -> None:
        while True:
            notice = await self.driver.outbox.next_notice()
            self.heard.append((loop.time(), type(notice).__name__, notice))

    async def sound(self, seconds: float, pcm: bytes = HUSH) -> None:
        for _ in range(round(seconds / FRAME)):
            await asyncio.sleep(FRAME)
            self.driver.receive_audio(pcm)

    async def speech(self, seconds: float) -> None:
        await self.sound(seconds, LOUD)

    def type(self, text: str) -> None:
        from vita.duplex.conversation_history import UserItem

        self.driver.post_event(e.HistoryItemAdded(UserItem(f"typed {len(self.heard)}", (text,))))
        self.driver.request_answer()

    def times(self, kind: str) -> list[float]:
        return [round(time, 3) for time, name, _ in self.heard if name == kind]

    def of(self, kind: type) -> list:
        return [notice for _, _, notice in self.heard if isinstance(notice, kind)]

    @property
    def begins(self) -> list[AnswerStarted]:
        return self.of(AnswerStarted)

    @property
    def ends(self) -> list[tuple[str, str]]:
        return [(ended.outcome, ended.reason) for ended in self.of(AnswerEnded)]

    @property
    def timings(self) -> list[TurnTiming]:
        return self.of(TurnTiming)

    def sounds_after(self, time: float, answer: int) -> list[AnswerAudio]:
        return [n for t, _, n in self.heard if isinstance(n, AnswerAudio) and n.answer == answer and t > time]
