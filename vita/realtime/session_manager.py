"""The sessions of a server: how many there are, who waits, and what they share."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vita.duplex.conversation_settings import ConversationSettings
from vita.engine.engine_pool import EnginePool
from vita.engine.engine_protocol import Stage
from vita.engine.process_priority import lower_engine_priority
from vita.errors import CheckpointError, EngineDeadError, EngineError, EngineNotReadyError
from vita.media import Sound
from vita.realtime.admission_queue import AdmissionQueue
from vita.realtime.event_loop_lag import EventLoopLag
from vita.realtime.realtime_session import RealtimeSession
from vita.realtime.shared_settings import SharedSettings
from vita.speech.synthesis import Voice
from vita.speech.voice_activity import FRAME, Frame, SileroVad
from vita.speech.voice_catalog import VOICES, build_voice

log = logging.getLogger(__name__)


@dataclass
class SessionManager:
    """Opens and keeps the sessions of a server.

    Args:
        pool: the engines; each new conversation is assigned two of them, or the one that there is.
        base: settings that a client's own are laid over; its voice is the default one.
        voices: by the name that a client may choose.
        capacity: conversations held at once; more wait, and are told where in the queue they are.
        grace: seconds for which a conversation is kept after its connection is lost.
        transcribe: the transcript of audio; None where the model has no recogniser.
    """

    pool: EnginePool
    base: ConversationSettings = field(default_factory=ConversationSettings)
    voices: Mapping[str, Voice] = field(default_factory=dict)
    model: str = "vita"
    capacity: int = 8
    grace: float = 30.0
    transcribe: Callable[[Sound], Awaitable[str | None]] | None = None
    detector: Callable[[], Callable[[Frame], float]] = SileroVad
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self.queue = AdmissionQueue(self.capacity)
        self.loop_lag = EventLoopLag()
        self.sessions: dict[str, RealtimeSession] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = False

    def start_services(self) -> None:
        """Measure the event loop, and load what the first answer would wait for. Calling it twice is harmless."""
        if not self._started:
            self._started = True
            self.spawn_task(self.loop_lag.run(), "loop lag")
            self.spawn_task(self._warm_up(), "warm up")
            self.spawn_task(self._watch_engines(), "watch engines")

    async def _warm_up(self) -> None:
        """Measured on two busy cores: the first clause of the first answer took 1.5 s more without."""
        await asyncio.to_thread(self.detector(), np.zeros(FRAME, np.float32))
        if self.base.voice:
            try:
                async for _ in self.base.voice.speak("Hello."):
                    pass
            except Exception:  # it will fail again, and be told, when there is something to say
                log.exception("the voice does not speak")

    async def _watch_engines(self) -> None:
        """Tell every conversation when an engine is lost, and when it is back."""
        known: tuple[Stage, ...] = ()
        while True:
            known = await self.pool.wait_for_other(self.pool.read_stages, known)
            for session in self.sessions.values():
                if session.admitted.is_set():
                    session.handler.tell_engines()

    def open_session(self, vita_events: bool) -> RealtimeSession:
        """A new session; its conversation begins when there is a place for it."""
        self.start_services()
        lower_engine_priority()
        shared = SharedSettings(
            self.model, self.base, self.voices, self.spawn_task, self.transcribe, self.detector, self.clock
        )
        session = RealtimeSession(self.pool, shared, vita_events, self._forget_session)
        self.sessions[session.name] = session
        session.run_task = self.spawn_task(session.run_session(self.queue), f"conversation {session.name}")
        return session

    def _forget_session(self, session: RealtimeSession) -> None:
        del self.sessions[session.name]

    @property
    def resume_grace(self) -> float | None:
        """Seconds for which a lost connection's session is kept; None where others wait for its place."""
        return None if self.queue.waiting else self.grace

    async def make_room(self) -> None:
        """Where all places are taken, end the session whose connection has been lost for longest."""
        left = [session for session in self.sessions.values() if session.left is not None]
        if self.queue.is_full and left:
            await min(left, key=lambda session: session.left or 0.0).end_session()

    def spawn_task(self, work: Any, name: str) -> asyncio.Task[None]:
        """A task that is ended by ``close``."""
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def engine_trouble(self) -> EngineError | None:
        """Why nobody can be talked with now; None when somebody can."""
        stage = self.pool.status.stage
        if stage is Stage.READY:
            return None
        if stage in (Stage.WAITING, Stage.LOADING):
            return EngineNotReadyError("The engines are still loading; try again in a minute.")
        notes = " ".join(status.note for status in self.pool.statuses if status.note)
        return EngineDeadError(f"No engine is running. {notes}".strip())

    async def close(self) -> None:
        """End all conversations."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def build_session_manager(
    pool: EnginePool,
    model: str,
    transcribe: Callable[[Sound], Awaitable[str | None]] | None = None,
) -> SessionManager:
    """Conversations with the best voice that is here, and every other voice to choose from."""
    voices: dict[str, Voice] = {}
    for name in VOICES:
        try:
            voices[name] = build_voice(name, model)
        except CheckpointError as error:
            log.info("%s", error)
    return SessionManager(pool, ConversationSettings(voice=voices.get("auto")), voices, model, transcribe=transcribe)
