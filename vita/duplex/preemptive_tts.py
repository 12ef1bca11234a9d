"""The first clause of a likely answer, synthesised while it is not yet certain that the turn is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from vita.duplex.answer_stream import Stream
from vita.errors import VitaError
from vita.speech.clause_splitter import ClauseSplitter
from vita.speech.synthesis import Voice
from vita.speech.text_normalization import spoken

log = logging.getLogger(__name__)


class Rehearsal:
    """Reads ``stream`` beside whoever speaks it later. Its task is cancelled where there will be no answer.

    Attributes:
        clause: what is being said; "" before it is known.
    """

    def __init__(self, stream: Stream, voice: Voice, speed: float) -> None:
        self.clause = ""
        self._stream, self._voice, self._speed = stream, voice, speed
        self._chunks: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def run(self) -> None:
        """Say the first clause that has words, and no more."""
        try:
            clause, words = await self._first()
            if words:
                self.clause = clause
                async for chunk in self._voice.speak(words, self._speed):
                    self._chunks.put_nowait(chunk)
        except VitaError:
            pass  # whoever speaks the answer reads the same stream, and tells
        except Exception:
            log.exception("the voice could not say %r", self.clause)
        finally:
            self._chunks.put_nowait(None)

    async def speak(self) -> AsyncIterator[bytes]:
        """The sound of ``clause``, once."""
        while (chunk := await self._chunks.get()) is not None:
            yield chunk

    async def _first(self) -> tuple[str, str]:
        splitter = ClauseSplitter()
        async for delta in self._stream:
            for clause in splitter.feed(delta.text):
                if words := spoken(clause):
                    return clause, words
        rest = "".join(splitter.flush())
        return rest, spoken(rest)
