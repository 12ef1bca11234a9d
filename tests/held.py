"""A conversation that nobody held: the model answers a second after everything was said, whatever it was."""

from __future__ import annotations

import numpy as np

from evals.conversation.live_recorder import RecordedConversation
from evals.conversation.voice_segments import voice_spans
from evals.scorers.full_duplex_metrics import Span, Word


async def late_answer(address: str, samples: np.ndarray) -> RecordedConversation:
    length = len(samples) * 3 // 2
    spoken = voice_spans(samples)
    end = spoken[-1].end
    words = tuple(Word(end + start, end + start + 0.4, "word") for start in (1.0, 1.5, 2.0))
    sound = np.zeros(length, np.float32)
    return RecordedConversation(sound, sound, spoken, (Span(end + 1.0, end + 2.4),), words)
