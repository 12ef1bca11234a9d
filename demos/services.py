"""What the tabs call: the engines, the limits, and one streaming ``ask``. Knows no Gradio."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from demos.answer_heartbeat import deltas_with_heartbeat
from demos.evaluation_gate import EvaluationGate
from demos.i18n.translation import Language, language_of
from demos.media_cache import MediaCache
from demos.picture_facts import ImagePreprocessing, lens_of
from demos.question_transcript import QuestionTranscript
from demos.spoken_languages import languages_of, understands_english_only
from demos.visitor_conversation import AnswerPhase, ChatOptions, VisitorAnswer
from vita.conversation import Turn, check_conversation
from vita.engine.engine_pool import EnginePool
from vita.engine.engine_protocol import Delta, Engine, Request, Status
from vita.engine.transcription import Transcribe
from vita.errors import EngineError, InputError
from vita.media import Limits, Medium
from vita.tokens import State

logger = logging.getLogger(__name__)

HEAD_START = 2.0  # seconds that a first page gets before the engines take the cores
UNBUILT = "The installation is not complete: run python -m vita doctor."
BEAT = 0.5  # seconds; an answer that has nothing new is yielded this often, so that a lost reader is noticed
FRAME = 0.08  # seconds between two updates of a page while text streams


def answer_key(session: str | None, tab: str) -> str:
    """What names the answer that is being written in one tab of one visitor's page."""
    return f"{session}:{tab}"


class BusyError(InputError):
    """The same visitor's answer before this one is still being written."""


@dataclass(eq=False)
class _RunningAnswer:
    """One answer being written."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    complete: bool = False


class Services:
    """Engines and limits of one server.

    Args:
        pool: what answers; it has no engines until ``start`` has built them.
        model: what the page calls the model; servers elsewhere say it themselves.
        language: the page's language for whoever has chosen none; None follows each browser.
        results: folder that evaluation runs are kept in.
        local: whether the engines run a checkpoint that lies on this machine.
        remotes: addresses of the servers that the engines are, where they are servers.
        gate: who may start evaluations.
        transcribe: gives the words of a sound; None where nobody can.
    """

    def __init__(
        self,
        pool: EnginePool | None = None,
        limits: Limits | None = None,
        model: str = "",
        language: Language | None = None,
        clock: Callable[[], float] = time.monotonic,
        results: Path = Path("results"),
        local: bool = False,
        remotes: Sequence[str] = (),
        gate: EvaluationGate | None = None,
        transcribe: Transcribe | None = None,
    ) -> None:
        self.results, self.local, self.remotes, self.gate = results, local, tuple(remotes), gate or EvaluationGate()
        self.seen = asyncio.Event()  # set once a browser shows the page
        self.pool = pool or EnginePool()
        self.limits = limits or Limits()
        self.media = MediaCache(self.limits)
        self._model = model
        self.language = language
        self._clock = clock
        self._transcribe = transcribe
        self._runs: dict[str, _RunningAnswer] = {}

    @property
    def model(self) -> str:
        """What answers by its name: of servers what they say that they serve, "" until one has said it."""
        if not self.remotes:
            return self._model
        return " + ".join(dict.fromkeys(status.model for status in self.statuses() if status.model))

    def statuses(self) -> tuple[Status, ...]:
        """Where each engine is in its life, now."""
        return self.pool.statuses

    def lens(self) -> ImagePreprocessing | None:
        """How the loaded checkpoint looks at pictures; None while that is unknown."""
        return lens_of(self.pool.engines)

    def transcript_of(self, media: Sequence[Medium]) -> QuestionTranscript:
        """What is said in a question with these media, to be written down while it is answered."""
        return QuestionTranscript(self._transcribe, media)

    def english_only(self) -> bool:
        """Whether the loaded checkpoint understands English and nothing else."""
        return understands_english_only(languages_of(self.pool.engines))

    def language_of(self, accepted: str | None) -> Language:
        """The language to speak to a browser with this Accept-Language header, which has a visitor's choice in it."""
        return language_of(accepted)

    async def start(self, fill_pool: Callable[[EnginePool], None]) -> None:
        """Build the engines and load them, once a browser shows the page, or after HEAD_START seconds.

        Building imports torch, which would keep the first page waiting. Failures are kept in the engines' statuses
        and logged, for the page stays up.

        Args:
            fill_pool: adds the engines to the pool; called in a thread.
        """
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.seen.wait(), HEAD_START)
        try:
            await asyncio.to_thread(fill_pool, self.pool)
            await self.pool.start()
        except EngineError:
            logger.exception("The engines did not start")
        except Exception:  # nobody awaits this task, and visitors would wait for ever
            logger.exception("The engines could not be built")
            self.pool.report_unbuildable(UNBUILT)

    async def close(self) -> None:
        """Stop every answer and free the engines."""
        for run in list(self._runs.values()):
            run.stop.set()
        await self.pool.close()

    async def stop(self, key: str) -> None:
        """End the answer that ``key`` names and wait until it has ended; harmless where there is none."""
        run = self._runs.get(key)
        if run is not None:
            run.stop.set()
            await run.done.wait()

    async def drop(self, prefix: str) -> None:
        """End all answers whose key begins with ``prefix``: their reader is gone."""
        await asyncio.gather(*(self.stop(key) for key in list(self._runs) if key.startswith(prefix)))

    def busy(self, key: str) -> bool:
        """Whether an answer under this key is being written."""
        return key in self._runs and not self._runs[key].complete

    def check_free(self, key: str) -> None:
        """Refuse a second answer under one key; BusyError."""
        if self.busy(key):
            raise BusyError("An answer is still being written: stop it first, or wait until it is complete.")

    async def ask(
        self, turns: Sequence[Turn], options: ChatOptions, key: str, so_far: VisitorAnswer | None = None
    ) -> AsyncGenerator[VisitorAnswer, None]:
        """Answer ``turns``, yielding the answer so far several times a second, and when it is complete.

        Closing the iterator, or cancelling its task, aborts the request in the engine.

        Args:
            key: names the answer in ``stop``; one at a time.
            so_far: an answer to ``turns`` that is to be written on.

        Raises:
            InputError: the question cannot be asked as it is; no engine was asked where ``check`` finds it.
            EngineError: the engine failed.
        """
        check_conversation(turns, self.limits)
        options.check_options()
        self.check_free(key)
        run = self._runs[key] = _RunningAnswer()
        begun = self._clock()
        try:
            async for answer in self._loading(run, begun):
                yield answer
            if run.stop.is_set():
                waited = self._clock() - begun
                yield replace(so_far or VisitorAnswer(), phase=AnswerPhase.DONE, finish="abort", waited=waited)
                return
            request = Request(tuple(turns), options.sampling_options, options.system.strip() or None, options.tiles)
            if so_far:
                begin = Turn("assistant", (so_far.text,), so_far.state)
                request = replace(request, turns=(*request.turns, begin), goes_on=True)
            answering = self._answering(self.pool, request, run, _PaceMeter(self._clock, begun, so_far))
            async with contextlib.aclosing(answering) as answers:
                async for answer in answers:
                    run.complete = answer.phase is AnswerPhase.DONE  # who sees it may ask again at once
                    yield answer
        finally:
            if self._runs.get(key) is run:
                del self._runs[key]
            run.done.set()

    async def _loading(self, run: _RunningAnswer, begun: float) -> AsyncGenerator[VisitorAnswer, None]:
        """Until an engine is ready or the visitor stops: the progress."""
        if self.pool.check_ready():
            return
        stopping = asyncio.create_task(run.stop.wait())
        ready = asyncio.create_task(self.pool.wait_until_ready())
        try:
            while not (stopping.done() or ready.done()):
                loaded = max(status.fraction for status in self.statuses())
                yield VisitorAnswer(phase=AnswerPhase.LOADING, loaded=loaded, waited=self._clock() - begun)
                await asyncio.wait((stopping, ready), timeout=BEAT, return_when=asyncio.FIRST_COMPLETED)
            if not stopping.done():
                await ready
        finally:
            stopping.cancel()
            ready.cancel()
            await asyncio.gather(stopping, ready, return_exceptions=True)

    async def _answering(
        self, engine: Engine, request: Request, run: _RunningAnswer, meter: _PaceMeter
    ) -> AsyncGenerator[VisitorAnswer, None]:
        """The engine's deltas, summed up into answers at the pace of a page."""
        shown = -FRAME
        yield meter.answer
        async with contextlib.aclosing(deltas_with_heartbeat(engine, request, run.stop, BEAT)) as deltas:
            async for delta in deltas:
                answer = meter.add(delta)
                if delta is None or delta.finish or delta.state or self._clock() - shown >= FRAME:
                    shown = self._clock()
                    yield answer
                if delta and delta.state is State.NOISE and not delta.finish:
                    await engine.abort(request.id)  # what a model says behind this state is meant for nobody


class _PaceMeter:
    """Sums up deltas and measures their pace."""

    def __init__(self, clock: Callable[[], float], begun: float, so_far: VisitorAnswer | None) -> None:
        self._clock, self._begun, self._asked, self._first = clock, begun, clock(), 0.0
        before = so_far or VisitorAnswer()
        self._before = before.tokens  # that are not of this time
        self.answer = VisitorAnswer(before.text, before.state, AnswerPhase.READING, tokens=before.tokens)

    def add(self, delta: Delta | None) -> VisitorAnswer:
        """The answer with ``delta`` added; None only lets time pass."""
        now, last = self._clock(), self.answer
        if delta is None:
            self.answer = replace(last, waited=now - self._begun)
            return self.answer
        tokens, first, rate = last.tokens + delta.tokens, last.first_token, last.rate
        if first is None and tokens > self._before:
            self._first, first = now, now - self._asked
        elif delta.tokens and now > self._first and tokens - self._before > 1:
            rate = (tokens - self._before - 1) / (now - self._first)
        state = last.state or delta.state
        self.answer = VisitorAnswer(
            text="" if state is State.NOISE else last.text + delta.text,
            state=state,
            phase=AnswerPhase.DONE if delta.finish else AnswerPhase.WRITING,
            finish="stop" if delta.finish and state is State.NOISE else delta.finish,
            usage=delta.usage or last.usage,
            engine=delta.engine or last.engine,
            tokens=tokens,
            first_token=first,
            rate=rate,
            waited=now - self._begun,
        )
        return self.answer
