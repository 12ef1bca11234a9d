"""Serves the page over fake engines: ``python -m tests.browser.serve PORT [SECONDS [RESULTS [MODEL]]]``."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import uvicorn
from fastapi import FastAPI

from app import mount_page
from demos.services import Services
from tests.fakes import Answer, FakeEngine, pool_of
from vita.engine.engine_protocol import Delta, Request, Stage, Status
from vita.errors import EngineDeadError
from vita.media import Clip, Picture, Sound, digest
from vita.realtime.session_manager import SessionManager
from vita.tokens import State

WORDS = """A **tabby cat** looks straight at the camera: amber eyes, white whiskers, soft light.

```python
def greet(name: str) -> str:
    return f"Hello, {name}!"
```

1. The fur is ginger and grey.
2. The background is out of focus."""


EVERYTHING = r"""A table, a formula, code and a picture:

| animal | legs |
|---|---|
| cat | 4 |

$$E = mc^2$$

```python
print("hello")
```

![a cat](https://elsewhere.example/a.png)"""


def answer(request: Request) -> Answer:
    """What a model might say to the last turn."""
    if request.goes_on:
        return Answer(", three and four.", None)
    turn = request.turns[-1]
    text = turn.text.lower()
    if "short of room" in text:
        return Answer("One, two", State.TEXT_QUERY)
    if "fail" in text:
        raise EngineDeadError("the engine's process ended")
    sounds = [medium for medium in turn.media if isinstance(medium, Sound)]
    if sounds and sounds[0].duration > 2.9 and not text:
        return Answer("", State.NOISE)
    state = State.AUDIO_QUERY if sounds else State.TEXT_QUERY
    if "long" in text:
        return Answer("word " * 400, state)
    if "everything" in text:
        return Answer(EVERYTHING, state)
    if "count" in text:
        return Answer(f"Turns so far: {len(request.turns)}.", state)
    return Answer(WORDS, state)


async def transcribe(sound: Sound) -> str:
    """What a recogniser might read."""
    return f"What is said in {sound.duration:.0f} seconds?"


class SlowEngine(FakeEngine):
    """A fake with the pace and the counts of a small model."""

    seconds = 0.0  # that loading takes
    asked: ClassVar[list[Request]] = []  # of all engines, in order

    async def start(self) -> None:
        for step in range(1, 10):
            self.status = Status(self.name, Stage.LOADING, step / 10, "Reading the weights.")
            await asyncio.sleep(self.seconds / 10)
        await super().start()

    async def generate(self, request: Request) -> AsyncIterator[Delta]:
        SlowEngine.asked.append(request)
        media = [medium for turn in request.turns for medium in turn.media]
        images = sum(49 for medium in media if isinstance(medium, Picture))
        video = sum(49 * len(medium.frames) for medium in media if isinstance(medium, Clip))
        audio = sum(int(medium.duration * 12.5) for medium in media if isinstance(medium, Sound))
        await asyncio.sleep(0.4)
        async with aclosing(super().generate(request)) as deltas:
            async for delta in deltas:
                await asyncio.sleep(0.02)
                if delta.finish and delta.usage:
                    usage = replace(
                        delta.usage,
                        prompt_tokens=38 + images + video + audio,
                        image_tokens=images,
                        video_tokens=video,
                        audio_tokens=audio,
                    )
                    cut = delta.finish == "stop" and request.turns[-1].text == "short of room"
                    delta = replace(delta, usage=usage, finish="length" if cut else delta.finish)
                yield delta


def main(port: int, seconds: float, results: Path, model: str) -> None:
    """Serve until killed; the engines take ``seconds`` to load, and runs are kept in ``results``."""
    engines = [SlowEngine(answer, name=name, stage=Stage.WAITING) for name in ("engine-a", "engine-b")]
    SlowEngine.seconds = seconds

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(engine.start()) for engine in engines]
        yield
        await asyncio.gather(*tasks)

    app = FastAPI(lifespan=lifespan)

    @app.get("/fake/engines")
    def counts() -> dict[str, int]:
        first = engines[0]
        return {"load": first.load, "requests": len(first.requests), "aborts": len(set(first.aborts))}

    @app.get("/fake/prompt")
    def prompt() -> list[list[str]]:
        """The turns of the last request: texts, and media by what they hold."""
        return [[turn.role, turn.text, *map(digest, turn.media)] for turn in SlowEngine.asked[-1].turns]

    services = Services(pool_of(*engines), model=model, results=results, transcribe=transcribe)
    uvicorn.run(mount_page(app, services, SessionManager(services.pool)), port=port, log_level="warning")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(folder)
        model = sys.argv[4] if len(sys.argv) > 4 else "fake"
        main(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0, kept, model)
