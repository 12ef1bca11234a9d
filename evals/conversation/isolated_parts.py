"""The parts of an answer's beginning, one after the other, with the machine to themselves."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from evals.conversation.caller_log import percentile_or_none
from evals.conversation.caller_sounds import Samples
from vita.duplex.context_window import ContextWindow
from vita.duplex.conversation_history import UserItem, Utterance
from vita.engine.engine_protocol import Delta, Engine, Request
from vita.media import SAMPLE_RATE, Limits, Sound
from vita.speech.clause_splitter import ClauseSplitter
from vita.speech.synthesis import Voice
from vita.speech.text_normalization import spoken_form

BEFORE, BEHIND = 0.3, 0.13  # s of quiet around an utterance when it is judged: its padding and the likely end


@dataclass(frozen=True)
class IsolatedParts:
    """Seconds to the first token, from there to the end of the first clause, and from there to its first sound."""

    decision: float
    clause: float
    synthesis: float

    @property
    def total_seconds(self) -> float:
        """All three."""
        return self.decision + self.clause + self.synthesis


def median_parts(parts: Sequence[IsolatedParts]) -> dict[str, float | None]:
    """The middle one of each part, and of their sums, in seconds."""
    values = {
        "decision": [one.decision for one in parts],
        "clause": [one.clause for one in parts],
        "synthesis": [one.synthesis for one in parts],
        "total": [one.total_seconds for one in parts],
    }
    return {name: percentile_or_none(seconds, 50) for name, seconds in values.items()}


async def measure_alone(engine: Engine, voice: Voice, samples: Samples) -> IsolatedParts | None:
    """The parts for a question, float32 [n] at 16 kHz, as the first of a conversation; None where it is no query."""
    quiet = [np.zeros(round(seconds * SAMPLE_RATE), np.float32) for seconds in (BEFORE, BEHIND)]
    sound = Sound(np.concatenate([quiet[0], samples, quiet[1]]))
    prompts = ContextWindow(lambda _: sound, Limits())
    async for _ in _first_clause(engine, prompts.warm(())):
        pass
    item = UserItem("question", (Utterance(0, len(sound.samples)),))
    begun = time.monotonic()
    decided, said, clause = None, None, ""
    splitter = ClauseSplitter()
    async with aclosing(cast(Any, _first_clause(engine, prompts.decision((item,))))) as deltas:
        async for delta in deltas:
            decided = decided or time.monotonic()
            ready = splitter.feed_text(delta.text) or (splitter.flush_rest() if delta.finish else [])
            if clause := next((words for text in ready if (words := spoken_form(text))), ""):
                said = time.monotonic()
                break
    if decided is None or said is None:
        return None
    async with aclosing(cast(Any, voice.speak(clause))) as chunks:
        async for _ in chunks:
            break
    return IsolatedParts(decided - begun, said - decided, time.monotonic() - said)


def _first_clause(engine: Engine, request: Request) -> AsyncIterator[Delta]:
    return engine.generate(request)
