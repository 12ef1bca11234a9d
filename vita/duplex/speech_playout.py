"""One answer being spoken: deltas to text, to clauses, to sound, to the client a little ahead of its playing.

Belongs to one answer and is thrown away with it; what it had queued has nowhere to go after that.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from vita.duplex.answer_stream import Stream
from vita.duplex.client_outbox import Notice, SoundMade, TextMade, Timing
from vita.duplex.conversation_actions import Begin
from vita.duplex.conversation_events import AnswerFailed, Event, Played, Sent, Spoken, Voiced
from vita.duplex.conversation_history import VOICE_RATE
from vita.duplex.preemptive_tts import Rehearsal
from vita.engine.engine_protocol import Finish, Usage
from vita.errors import EngineError, VitaError
from vita.speech.clause_splitter import ClauseSplitter
from vita.speech.synthesis import BYTES, Voice
from vita.speech.text_normalization import spoken
from vita.speech.voice_activity import loudness

log = logging.getLogger(__name__)

QUEUED = 60  # chunks of a tenth of a second that are synthesised ahead
BEHIND, AHEAD = VOICE_RATE // 2, VOICE_RATE // 5  # samples around what was played last that may be heard now
LETTERS = 15  # letters a second: how long a clause will sound before all of it is synthesised
REPORT_GRACE = 2.0  # s after the end of the sound until a client that stopped reporting is believed to have played it


@dataclass(frozen=True)
class Desk:
    """What a speaker needs of the driver.

    Attributes:
        voice: None for answers that are text only.
        ahead: seconds of sound that the client may have before it plays them.
        speed: of the voice, 1 is its own.
    """

    post: Callable[[Event], None]
    put: Callable[[Notice], None]
    clock: Callable[[], float]
    voice: Voice | None
    ahead: float
    speed: float = 1.0


class Speaker:
    """Speaks the answer of ``stream``. ``timing`` and ``usage`` fill up as it goes."""

    def __init__(
        self, begin: Begin, stream: Stream, desk: Desk, speech_end: float, rehearsal: Rehearsal | None = None
    ) -> None:
        self.answer, self.item = begin.answer, begin.item
        self.timing = Timing(begin.answer, begin.item, speech_end)
        self.usage = Usage(0, 0, 0, 0, 0, 0)
        self.text = ""
        self.sounding = asyncio.Event()  # set with its first sound, or at its end
        self.reports = False  # the client tells what it played
        self._stream, self._desk, self._rehearsal = stream, desk, rehearsal
        self._hushed = False
        self._clauses: asyncio.Queue[str | None] = asyncio.Queue()
        self._sounds: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUED)
        self._finish: Finish = "stop"
        self._began: float | None = None  # by the clock: when what was sent began to play, less the gaps
        self._sent = 0
        self._loud: deque[tuple[int, float]] = deque(maxlen=QUEUED)  # where a chunk begins, and its loudest

    async def run(self) -> None:
        """Speak to the end; a failure is told to the machine and ends it."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(), name=f"read {self.answer}")
                group.create_task(self._say(), name=f"say {self.answer}")
                group.create_task(self._play(), name=f"play {self.answer}")
        except* VitaError as errors:
            self._desk.post(AnswerFailed(self.answer, str(errors.exceptions[0])))
        except* Exception:
            log.exception("answer %d failed", self.answer)
            self._desk.post(AnswerFailed(self.answer, "Something went wrong while answering."))
        finally:
            self.sounding.set()

    def hush(self) -> None:
        """Nothing goes out any more: its tasks may run once more before they learn that they are cancelled."""
        self._hushed = True

    def _put(self, notice: SoundMade | TextMade) -> None:
        if not self._hushed:
            self._desk.put(notice)

    def echo(self, played: int) -> float:
        """How loud what the client may be playing is, where it has played so many samples: see VoiceActivity."""
        return max((loud for at, loud in self._loud if played - BEHIND <= at <= played + AHEAD), default=0.0)

    def reckon(self) -> None:
        """Post what must have been played by now, where the client does not say."""
        if self._began is not None and not self.reports:
            played = round((self._desk.clock() - self._began) * VOICE_RATE)
            self._desk.post(Played(self.answer, max(0, min(played, self._sent))))

    def stamp(self, name: Literal["first_sound", "played", "cut"]) -> None:
        """Note the time of something that happens once."""
        if getattr(self.timing, name) is None:
            times: dict[str, Any] = {name: self._desk.clock()}
            self.timing = replace(self.timing, **times)

    async def _read(self) -> None:
        splitter = ClauseSplitter()
        async for delta in self._stream:
            if delta.text:
                self.timing = replace(self.timing, first_token=self._stream.spoke)
                self.text += delta.text
                self._put(TextMade(self.answer, self.item, delta.text))
                self._queue_clauses(splitter.feed(delta.text))
            self.usage = delta.usage or replace(
                self.usage, completion_tokens=self.usage.completion_tokens + delta.tokens
            )
            self._finish = delta.finish or self._finish
        if self._finish == "abort":
            raise EngineError("The engine gave the answer up.")
        self._queue_clauses(splitter.flush())
        self._clauses.put_nowait(None)

    def _queue_clauses(self, clauses: list[str]) -> None:
        for clause in clauses:
            self._clauses.put_nowait(clause)

    async def _say(self) -> None:
        index = 0
        while (clause := await self._clauses.get()) is not None:
            self._desk.post(Voiced(self.answer, index, clause, await self._say_clause(index, clause)))
            index += 1
        await self._sounds.put(None)

    async def _say_clause(self, index: int, clause: str) -> int:
        """Samples that it sounds. A voice that fails leaves the clause to be read."""
        words, samples = spoken(clause), 0
        if not words or self._desk.voice is None:
            return 0
        guess = round(len(words) * VOICE_RATE / LETTERS / self._desk.speed)
        try:
            async for chunk in self._sound(clause, words, self._desk.voice):
                samples += len(chunk) // BYTES
                self._desk.post(Voiced(self.answer, index, clause, max(samples, guess)))
                await self._sounds.put(chunk)
        except Exception:  # whatever a voice raises, the answer is still there to be read
            log.exception("the voice could not say %r", words)
        return samples

    def _sound(self, clause: str, words: str, voice: Voice) -> AsyncIterator[bytes]:
        rehearsal, self._rehearsal = self._rehearsal, None
        rehearsed = rehearsal is not None and rehearsal.clause == clause
        return rehearsal.speak() if rehearsal and rehearsed else voice.speak(words, self._desk.speed)

    async def _play(self) -> None:
        while (chunk := await self._sounds.get()) is not None:
            await self._pace()
            self._put(SoundMade(self.answer, self.item, chunk, self._sent))
            self._loud.append((self._sent, loudest(chunk)))
            self._sent += len(chunk) // BYTES
            self.stamp("first_sound")
            self.sounding.set()
            self._desk.post(Sent(self.answer, self._sent))
        self._desk.post(Spoken(self.answer, self._finish))
        if self._began is not None:
            await self._played_out(self._began)

    async def _pace(self) -> None:
        """Wait until the client has no more than ``ahead`` seconds in hand; note it where it has run dry."""
        now = self._desk.clock()
        if self._began is None:
            self._began = now
        ahead = self._sent / VOICE_RATE - (now - self._began)
        if ahead > self._desk.ahead:
            await asyncio.sleep(ahead - self._desk.ahead)
        elif ahead < 0:
            self.timing = replace(self.timing, underruns=self.timing.underruns + 1)
            self._began -= ahead

    async def _played_out(self, began: float) -> None:
        await asyncio.sleep(max(0.0, began + self._sent / VOICE_RATE - self._desk.clock()))
        if self.reports:
            await asyncio.sleep(REPORT_GRACE)
        self._desk.post(Played(self.answer, self._sent))


def loudest(pcm: bytes) -> float:
    """The loudest 20 ms of PCM16 at VOICE_RATE, as a root mean square of 0..1."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)
    size = VOICE_RATE // 50
    return max((loudness(samples[begin : begin + size]) for begin in range(0, len(samples), size)), default=0.0)
