"""Playout of one answer: deltas to text, to clauses, to audio, sent a little ahead of the client's playback.

Belongs to one answer and is dropped with it, along with what it had queued.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from vita.duplex.answer_stream import AnswerStream
from vita.duplex.client_notices import AnswerAudio, AnswerEnded, AnswerText, ClientNotice, TurnTiming
from vita.duplex.conversation_events import (
    AnswerFailed,
    AnswerSent,
    AudioSent,
    ClauseSynthesized,
    ConversationEvent,
    PlaybackReported,
)
from vita.duplex.driver_commands import EndAnswer, StartAnswer
from vita.duplex.preemptive_tts import PreemptiveTts
from vita.engine.engine_protocol import Finish, Usage
from vita.errors import EngineError, VitaError
from vita.media.pcm import BYTES_PER_SAMPLE, decode_pcm16
from vita.speech.clause_splitter import ClauseSplitter
from vita.speech.sample_rates import VOICE_RATE
from vita.speech.synthesis import Voice
from vita.speech.text_normalization import spoken_form
from vita.speech.voice_activity import root_mean_square

log = logging.getLogger(__name__)

QUEUED = 60  # chunks of a tenth of a second that are synthesised ahead
ECHO_BEFORE, ECHO_AFTER = VOICE_RATE // 2, VOICE_RATE // 5  # samples around the last played that may echo now
CHARACTERS_PER_SECOND = 15  # of speech: estimates a clause's length before all of it is synthesised
REPORT_GRACE = 2.0  # s after the end of the audio; then a client that stopped reporting counts as having played it


@dataclass(frozen=True)
class PlayoutContext:
    """What a playout needs of the driver.

    Attributes:
        voice: None for answers that are text only.
        ahead: seconds of audio that the client may hold before it plays them.
        speed: of the voice, 1 is its own.
    """

    post: Callable[[ConversationEvent], None]
    put: Callable[[ClientNotice], None]
    clock: Callable[[], float]
    voice: Voice | None
    ahead: float
    speed: float = 1.0


class SpeechPlayout:
    """Plays out the answer of ``stream``. ``timing`` and ``usage`` are filled as it goes."""

    def __init__(
        self,
        begin: StartAnswer,
        stream: AnswerStream,
        context: PlayoutContext,
        speech_end: float,
        preemptive: PreemptiveTts | None = None,
    ) -> None:
        self.answer, self.item = begin.answer, begin.item
        self.timing = TurnTiming(begin.answer, begin.item, speech_end)
        self.usage = Usage(0, 0, 0, 0, 0, 0)
        self.text = ""
        self.sounding = asyncio.Event()  # set with its first audio, or at its end
        self.reports = False  # the client reports what it has played
        self._stream, self._context, self._preemptive = stream, context, preemptive
        self._stopped = False
        self._clauses: asyncio.Queue[str | None] = asyncio.Queue()
        self._sounds: asyncio.Queue[bytes | None] = asyncio.Queue(QUEUED)
        self._finish: Finish = "stop"
        self._began: float | None = None  # by the clock: when what was sent began to play, less the gaps
        self._sent = 0
        self._loud: deque[tuple[int, float]] = deque(maxlen=QUEUED)  # where a chunk begins, and its loudest

    async def run(self) -> None:
        """Play out to the end; a failure is told to the machine and ends it."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read_text(), name=f"read {self.answer}")
                group.create_task(self._synthesize_clauses(), name=f"synthesize {self.answer}")
                group.create_task(self._send_audio(), name=f"send {self.answer}")
        except* VitaError as errors:
            self._context.post(AnswerFailed(self.answer, str(errors.exceptions[0])))
        except* Exception:
            log.exception("answer %d failed", self.answer)
            self._context.post(AnswerFailed(self.answer, "Something went wrong while answering."))
        finally:
            self.sounding.set()

    def stop_output(self) -> None:
        """Send nothing more: its tasks may run once more before their cancellation reaches them."""
        self._stopped = True

    def _put_notice(self, notice: AnswerAudio | AnswerText) -> None:
        if not self._stopped:
            self._context.put(notice)

    def answer_ended(self, end: EndAnswer) -> AnswerEnded:
        """What the client is told at the end: the outcome, with what was generated and what it cost."""
        return AnswerEnded(self.answer, self.item, end.outcome, end.reason, end.detail, self.usage, self.text)

    def echo_level(self, played: int) -> float:
        """Loudness (RMS) of what the client may be playing once it has played so many samples: VoiceActivity.echo."""
        return max((loud for at, loud in self._loud if played - ECHO_BEFORE <= at <= played + ECHO_AFTER), default=0.0)

    def estimate_playback(self) -> None:
        """Post what must have been played by now, where the client does not report it."""
        if self._began is not None and not self.reports:
            played = round((self._context.clock() - self._began) * VOICE_RATE)
            self._context.post(PlaybackReported(self.answer, max(0, min(played, self._sent))))

    def stamp_time(self, name: Literal["first_sound", "played", "cut"]) -> None:
        """Note the time of something that happens once."""
        if getattr(self.timing, name) is None:
            times: dict[str, Any] = {name: self._context.clock()}
            self.timing = replace(self.timing, **times)

    async def _read_text(self) -> None:
        splitter = ClauseSplitter()
        async for delta in self._stream:
            if delta.text:
                self.timing = replace(self.timing, first_token=self._stream.spoke)
                self.text += delta.text
                self._put_notice(AnswerText(self.answer, self.item, delta.text))
                self._queue_clauses(splitter.feed_text(delta.text))
            so_far = self.usage.completion_tokens + delta.tokens
            self.usage = delta.usage or replace(delta.prompt or self.usage, completion_tokens=so_far)
            self._finish = delta.finish or self._finish
        if self._finish == "abort":
            raise EngineError("The engine gave the answer up.")
        self._queue_clauses(splitter.flush_rest())
        self._clauses.put_nowait(None)

    def _queue_clauses(self, clauses: list[str]) -> None:
        for clause in clauses:
            self._clauses.put_nowait(clause)

    async def _synthesize_clauses(self) -> None:
        index = 0
        while (clause := await self._clauses.get()) is not None:
            samples = await self._synthesize_clause(index, clause)
            self._context.post(ClauseSynthesized(self.answer, index, clause, samples))
            index += 1
        await self._sounds.put(None)

    async def _synthesize_clause(self, index: int, clause: str) -> int:
        """Samples that it sounds. A voice that fails leaves the clause to be read."""
        words, samples = spoken_form(clause), 0
        if not words or self._context.voice is None:
            return 0
        guess = round(len(words) * VOICE_RATE / CHARACTERS_PER_SECOND / self._context.speed)
        try:
            async for chunk in self._clause_audio(clause, words, self._context.voice):
                samples += len(chunk) // BYTES_PER_SAMPLE
                self._context.post(ClauseSynthesized(self.answer, index, clause, max(samples, guess)))
                await self._sounds.put(chunk)
        except Exception:  # whatever a voice raises, the answer is still there to be read
            log.exception("the voice could not say %r", words)
        return samples

    def _clause_audio(self, clause: str, words: str, voice: Voice) -> AsyncIterator[bytes]:
        preemptive, self._preemptive = self._preemptive, None
        matches = preemptive is not None and preemptive.clause == clause
        return preemptive.clause_audio() if preemptive and matches else voice.speak(words, self._context.speed)

    async def _send_audio(self) -> None:
        while (chunk := await self._sounds.get()) is not None:
            await self._pace_output()
            self._put_notice(AnswerAudio(self.answer, self.item, chunk, self._sent))
            self._loud.append((self._sent, loudest_part(chunk)))
            self._sent += len(chunk) // BYTES_PER_SAMPLE
            self.stamp_time("first_sound")
            self.sounding.set()
            self._context.post(AudioSent(self.answer, self._sent))
        self._context.post(AnswerSent(self.answer, self._finish))
        if self._began is not None:
            await self._await_playout_end(self._began)

    async def _pace_output(self) -> None:
        """Wait until the client has no more than ``ahead`` seconds in hand; note it where it has run dry."""
        now = self._context.clock()
        if self._began is None:
            self._began = now
        ahead = self._sent / VOICE_RATE - (now - self._began)
        if ahead > self._context.ahead:
            await asyncio.sleep(ahead - self._context.ahead)
        elif ahead < 0:
            self.timing = replace(self.timing, underruns=self.timing.underruns + 1)
            self._began -= ahead

    async def _await_playout_end(self, began: float) -> None:
        await asyncio.sleep(max(0.0, began + self._sent / VOICE_RATE - self._context.clock()))
        if self.reports:
            await asyncio.sleep(REPORT_GRACE)
        self._context.post(PlaybackReported(self.answer, self._sent))


def loudest_part(pcm: bytes) -> float:
    """The loudest 20 ms of PCM16 at VOICE_RATE, as a root mean square of 0..1."""
    samples = decode_pcm16(pcm)
    size = VOICE_RATE // 50
    return max((root_mean_square(samples[begin : begin + size]) for begin in range(0, len(samples), size)), default=0.0)
