"""Serves the page with its tab Talk over fake engines: ``python -m tests.browser.talk_serve PORT [CAPACITY]``.

The first thing that is heard is answered at length, the second in a word, what is longer than LONG is noise.
What is watched for comes with the fourth look.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import uvicorn
from fastapi import FastAPI

from app import mount_page
from demos.services import Services
from tests.duplex_world import TimedEngine
from tests.fakes import Answer, pool_of
from vita.duplex import conversation_events as e
from vita.duplex.conversation_settings import ConversationSettings
from vita.duplex.watch_asking import LOOKS_LATE
from vita.engine.engine_protocol import Request
from vita.media import Sound
from vita.realtime.session_manager import SessionManager
from vita.speech.sample_rates import VOICE_RATE
from vita.tokens import State

STORY = "Once upon a time there was a small fox who lived in a big wood, and every day it ran to the river. " * 4
LONG = 6.0  # s
EMPTY = 3  # looks of a watch that show nothing yet
LOOKS: Counter[str] = Counter()  # by the question


class Hum:
    """Says a letter in 1/16 s as a tone that goes up and down."""

    name = "hum"

    async def speak(self, text: str, speed: float = 1.0) -> AsyncIterator[bytes]:
        time = np.arange(len(text) * VOICE_RATE // 16) / VOICE_RATE
        wave = 6000 * np.sin(2 * np.pi * (220 * time + 8 * np.sin(7 * time))) * (0.6 + 0.4 * np.sin(19 * time))
        pcm = wave.astype("<i2")
        for begin in range(0, len(pcm), VOICE_RATE // 10):
            yield pcm[begin : begin + VOICE_RATE // 10].tobytes()


def look(request: Request) -> Answer:
    """What is watched for comes with the look after the ones in EMPTY, and never goes again."""
    question = request.turns[-1].text
    LOOKS[question] += 1
    odds = 3.0 if LOOKS[question] > EMPTY else -3.0
    return Answer("Yes" if odds > 0 else "No", None, choice_logprobs={"Yes": odds, "No": 0.0})


def answer(request: Request) -> Answer:
    """What a model might say to what it heard or read."""
    if request.sampling.max_tokens == 1:
        return Answer("", None)
    if request.priority == LOOKS_LATE:
        return look(request)
    if "watch for this" in request.turns[-1].text:
        return Answer("There it is, what you asked me to watch for.", State.TEXT_QUERY)
    turns = [turn for turn in request.turns if turn.role == "user"]
    sounds = [medium for turn in turns for medium in turn.media if isinstance(medium, Sound)]
    if request.sampling.states == (State.AUDIO_QUERY,):
        return Answer("You held the button, and I heard it.", State.AUDIO_QUERY)
    if State.NOISE not in request.sampling.states:
        return Answer("You typed that, and I read it.", State.TEXT_QUERY)
    if sounds and sounds[-1].duration > LONG:
        return Answer("", State.NOISE)
    return Answer(STORY if len(turns) == 1 else "The sky is blue because of how air scatters light.", State.AUDIO_QUERY)


def main(port: int, capacity: int) -> None:
    """Serve until killed."""
    engines = [TimedEngine(answer, name=name, decide=0.25, token=0.04) for name in ("engine-a", "engine-b")]
    services = Services(pool_of(*engines), model="fake")
    voice = Hum()
    base = ConversationSettings(policy=e.TurnPolicy(), voice=voice)
    talk = SessionManager(services.pool, base=base, voices={"auto": voice}, capacity=capacity)
    app = FastAPI()

    @app.get("/fake/requests")
    def requests() -> list[dict[str, Any]]:
        """What the engines were asked, but for what only warms them: system prompt, turns, temperature."""
        asked = [one for engine in engines for one in engine.requests if one.sampling.max_tokens > 1]
        return [
            {
                "system": one.system,
                "turns": [turn.text for turn in one.turns],
                "temperature": one.sampling.temperature,
                "tokens": one.sampling.max_tokens,
            }
            for one in asked
        ]

    mount_page(app, services, talk)
    uvicorn.run(app, port=port, log_level="warning", ws="websockets-sansio")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 8)
