"""What was said in a question's sounds, written down once the model has heard them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from types import TracebackType

from demos.visitor_conversation import AnswerPhase, VisitorAnswer
from vita.engine.transcription import Transcribe
from vita.media import Medium, Sound
from vita.tokens import State

logger = logging.getLogger(__name__)


class QuestionTranscript:
    """Begins when the answer does: what the model's own front end has just heard costs nothing more then.

    Args:
        transcribe: gives the words of a sound; None where nobody can.
    """

    def __init__(self, transcribe: Transcribe | None, media: Sequence[Medium]) -> None:
        self._transcribe = transcribe
        self._sounds = [medium for medium in media if isinstance(medium, Sound)]
        self._writing: asyncio.Task[str] | None = None

    async def __aenter__(self) -> QuestionTranscript:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writing:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)

    async def words_so_far(self, answer: VisitorAnswer) -> str:
        """The words, "" where they are not known yet; with the complete answer they are.

        What was not addressed to the model is not written down.
        """
        if answer.state in (None, State.NOISE) or not self._sounds or self._transcribe is None:
            return ""
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_down(self._transcribe))
        if not self._writing.done() and answer.phase is not AnswerPhase.DONE:
            return ""
        return await self._writing

    async def _write_down(self, transcribe: Transcribe) -> str:
        try:
            return " ".join(filter(None, [await transcribe(sound) for sound in self._sounds])).strip()
        except Exception:  # the answer is worth more
            logger.exception("What was said could not be written down")
            return ""
