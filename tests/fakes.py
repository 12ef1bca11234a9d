"""A scripted engine: answers from a list, at a pace that the test sets, and keeps what was asked and aborted.

    engine = FakeEngine("Hello there.", Answer("", State.NOISE))   # asked in order, the last one for ever
    engine = FakeEngine(lambda request: Answer(request.turns[-1].text.upper()))
    engine = FakeEngine("a long answer", paced=True)               # each delta waits for `await engine.release(n)`
    FakeEngine(EngineDeadError("gone"))                            # raises where the answer would begin

The first delta carries the state alone, then one delta for each word, then the last one with finish and usage.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, replace

from vita.engine.engine_pool import EnginePool
from vita.engine.engine_protocol import Delta, Finish, Request, Stage, Status, Usage
from vita.media import Clip
from vita.tokens import State


@dataclass(frozen=True)
class Answer:
    """What a fake says; ``error`` is raised behind the text."""

    text: str = ""
    state: State | None = State.TEXT_QUERY
    error: Exception | None = None
    choice_logprobs: Mapping[str, float] | None = None


Reply = Answer | str | Exception | Callable[[Request], Answer | str]


def prompt_cost(request: Request) -> Usage:
    """Ten tokens, and 256 for each frame of a clip."""
    clips = [medium for turn in request.turns for medium in turn.media if isinstance(medium, Clip)]
    video = 256 * sum(len(clip.frames) for clip in clips)
    return Usage(10 + video, 0, video, 0, 0, 0)


class FakeEngine:
    """An Engine by the Protocol, without a model. ``requests``, ``aborts`` and ``starts`` are for assertions."""

    config, is_elsewhere = None, False
    processes: tuple[int, ...] = ()

    def __init__(self, *replies: Reply, name: str = "fake", paced: bool = False, stage: Stage = Stage.READY) -> None:
        self.name, self.replies, self.paced = name, list(replies or ["Hello."]), paced
        self._status, self._changed = Status(name, stage), lambda: None
        self.requests: list[Request] = []
        self.aborts: list[str] = []
        self.load = self.starts = self._budget = 0
        self._change = asyncio.Condition()

    @property
    def status(self) -> Status:
        return self._status

    @status.setter
    def status(self, status: Status) -> None:
        self._status = status
        self._changed()

    def watch_status(self, changed: Callable[[], None]) -> None:
        self._changed = changed

    async def start(self) -> None:
        self.starts += 1
        self.status = Status(self.name, Stage.READY, 1.0)

    async def generate(self, request: Request) -> AsyncGenerator[Delta, None]:
        self.requests.append(request)
        self.load += 1
        finish: Finish | None = None
        try:
            answer = self._answer(request)
            for delta in self._deltas(answer, prompt_cost(request)):
                if await self._aborted(request.id):
                    finish = "abort"
                    break
                yield delta
            if answer.error and finish is None:
                raise answer.error
            words = len(re.findall(r"\S+\s*", answer.text))
            finish = finish or "stop"
            yield Delta(
                finish=finish, usage=replace(prompt_cost(request), completion_tokens=words + 1), engine=self.name
            )
        except (GeneratorExit, asyncio.CancelledError):
            self.aborts.append(request.id)
            raise
        finally:
            self.load -= 1

    async def abort(self, request_id: str) -> None:
        self.aborts.append(request_id)
        async with self._change:
            self._change.notify_all()

    async def close(self) -> None:
        self.status = Status(self.name, Stage.CLOSED)

    def die(self, note: str = "The engine stopped.") -> None:
        """What a crash looks like from outside."""
        self.status = Status(self.name, Stage.FAILED, 0.0, note)

    async def release(self, deltas: int = 1) -> None:
        """Let a paced engine give ``deltas`` more, over all its requests."""
        async with self._change:
            self._budget += deltas
            self._change.notify_all()

    def _answer(self, request: Request) -> Answer:
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        said = reply(request) if callable(reply) else reply
        if isinstance(said, Exception):
            raise said
        return Answer(said) if isinstance(said, str) else said

    def _deltas(self, answer: Answer, prompt: Usage) -> list[Delta]:
        words = re.findall(r"\S+\s*", answer.text)
        texts = [Delta(text=word, tokens=1, engine=self.name) for word in words]
        weights = answer.choice_logprobs
        first = Delta(state=answer.state, tokens=1, engine=self.name, prompt=prompt, choice_logprobs=weights)
        return [first, *texts]

    async def _aborted(self, request_id: str) -> bool:
        """Wait for leave to go on; True where an abort came instead."""
        async with self._change:
            await self._change.wait_for(lambda: request_id in self.aborts or not self.paced or self._budget > 0)
            self._budget -= self.paced
        return request_id in self.aborts


def pool_of(*engines: FakeEngine) -> EnginePool:
    """A pool that leaves dead engines dead."""
    return EnginePool(engines, retry_delays=())
