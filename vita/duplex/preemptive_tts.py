"""The first clause of a likely answer, synthesised while it is not yet certain that the turn is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from vita.duplex.answer_stream import AnswerStream
from vita.errors import VitaError
from vita.speech.clause_splitter import ClauseSplitter
from vita.speech.synthesis import Voice
from vita.speech.text_normalization import spoken_form

log = logging.getLogger(__name__)


class PreemptiveTts:
    """Preemptive TTS: reads ``stream`` beside its later playout. Its task is cancelled where there will be no answer.

    Attributes:
        clause: the text that is being synthesised; "" before it is known.
    """

    def __init__(self, stream: AnswerStream, voice: Voice, speed: float) -> None:
        self.clause = ""
        self._stream, self._voice, self._speed = stream, voice, speed
        self._chunks: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def run(self) -> None:
        """Synthesise the first clause that has words, and no more."""
        try:
            clause, words = await self._first_clause()
            if words:
                self.clause = clause
                async for chunk in self._voice.speak(words, self._speed):
                    self._chunks.put_nowait(chunk)
        except VitaError:
            pass  # the playout reads the same stream and reports it
        except Exception:
            log.exception("the voice could not say %r", self.clause)
        finally:
            self._chunks.put_nowait(None)

    async def clause_audio(self) -> AsyncIterator[bytes]:
        """The audio of ``clause``, once: PCM16 at VOICE_RATE."""
        while (chunk := await self._chunks.get()) is not None:
            yield chunk

    async def _first_clause(self) -> tuple[str, str]:
        splitter = ClauseSplitter()
        async for delta in self._stream:
            for clause in splitter.feed_text(delta.text):
                if words := spoken_form(clause):
                    return clause, words
        rest = "".join(splitter.flush_rest())
        return rest, spoken_form(rest)
