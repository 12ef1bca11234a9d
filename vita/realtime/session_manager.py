"""Conversations of a server: how many there are, who is on the line, and what becomes of one that nobody is on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from vita.duplex import conversation_actions as a
from vita.duplex.client_outbox import Notice
from vita.duplex.conversation_driver import Session, SessionSettings
from vita.duplex.conversation_history import UserItem, Utterance
from vita.engine.engine_pool import EnginePool
from vita.engine.engine_protocol import Stage
from vita.engine.process_priority import lower_engine_priority
from vita.errors import CheckpointError, EngineDeadError, EngineError, EngineNotReadyError
from vita.media import Sound
from vita.realtime import server_events as r
from vita.realtime.admission_queue import Hall
from vita.realtime.client_event_handler import Front, House
from vita.realtime.event_loop_lag import LoopLag
from vita.realtime.server_event_writer import Scribe
from vita.speech.synthesis import Voice
from vita.speech.voice_activity import FRAME, Frame, Silero
from vita.speech.voice_catalog import VOICES, build_voice

log = logging.getLogger(__name__)


@dataclass
class Talk:
    """Everything that the conversations of a server share.

    Args:
        pool: the engines; each new conversation is assigned two of them, or the one that there is.
        base: settings that a client's own are laid over; its voice is the default one.
        voices: by the name that a client may choose.
        capacity: conversations held at once; more wait, and are told where in the queue they are.
        grace: seconds for which a conversation is kept after its connection is lost.
        transcribe: letters for what was heard; None where the model's front end has none.
    """

    pool: EnginePool
    base: SessionSettings = field(default_factory=SessionSettings)
    voices: Mapping[str, Voice] = field(default_factory=dict)
    model: str = "vita"
    capacity: int = 8
    grace: float = 30.0
    transcribe: Callable[[Sound], Awaitable[str | None]] | None = None
    detector: Callable[[], Callable[[Frame], float]] = Silero
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self.hall = Hall(self.capacity)
        self.lag = LoopLag()
        self.held: dict[str, Held] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = False

    def start(self) -> None:
        """Measure the event loop, and load what the first answer would wait for. Calling it twice is harmless."""
        if not self._started:
            self._started = True
            self.spawn(self.lag.run(), "loop lag")
            self.spawn(self._warm_up(), "warm up")
            self.spawn(self._watch(), "watch engines")

    async def _warm_up(self) -> None:
        """Measured on two busy cores: the first clause of the first answer took 1.5 s more without."""
        await asyncio.to_thread(self.detector(), np.zeros(FRAME, np.float32))
        if self.base.voice:
            try:
                async for _ in self.base.voice.speak("Hello."):
                    pass
            except Exception:  # it will fail again, and be told, when there is something to say
                log.exception("the voice does not speak")

    async def _watch(self) -> None:
        """Tell every conversation when an engine is lost, and when it is back."""
        known: tuple[Stage, ...] = ()
        while True:
            known = await self.pool.wait_for_other(self.pool.read_stages, known)
            for held in self.held.values():
                if held.placed.is_set():
                    held.front.tell_engines()

    def open(self, vita_events: bool) -> Held:
        """A new conversation; it begins when there is a place for it."""
        self.start()
        lower_engine_priority()
        held = Held(self, vita_events)
        self.held[held.name] = held
        held.life = self.spawn(held.live(), f"conversation {held.name}")
        return held

    async def make_room(self) -> None:
        """Where all places are taken, end the conversation that nobody has been on for longest."""
        left = [held for held in self.held.values() if held.left is not None]
        if self.hall.full and left:
            held = min(left, key=lambda held: held.left or 0.0)
            held.session.close()
            if held.life:
                await asyncio.wait([held.life], timeout=1.0)

    def spawn(self, work: Any, name: str) -> asyncio.Task[None]:
        """A task that is ended by ``close``."""
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def trouble(self) -> EngineError | None:
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


class Held:
    """A conversation with or without somebody on the line.

    Attributes:
        left: when its line was lost, by the clock; None while somebody is on it.
    """

    def __init__(self, talk: Talk, vita_events: bool) -> None:
        self.name = r.fresh("sess")
        self.life: asyncio.Task[None] | None = None
        self.placed = asyncio.Event()
        self.left: float | None = None
        self._talk = talk
        self._line: asyncio.Task[Any] | None = None
        self._expiry: asyncio.TimerHandle | None = None
        base = replace(talk.base, policy=replace(talk.base.policy, cuts=vita_events))
        self.session = Session(talk.pool, base, talk.clock, talk.detector())
        self.scribe = Scribe(vita_events)
        self.front = Front(self.session, self.scribe, House(talk.model, base, talk.voices, talk.spawn), self.name)

    async def live(self) -> None:
        """Wait for a place, then be until closed."""
        try:
            async with self._talk.hall.place(self._told):
                running = asyncio.create_task(self.session.run(), name=f"session {self.name}")
                try:
                    await self.session.ready.wait()
                    self.front.greet()
                    self.placed.set()
                    await asyncio.shield(running)
                finally:
                    self.session.close()
                    await asyncio.wait([running], timeout=1.0)
        except Exception:  # a fault of ours ends this conversation and no other
            log.exception("conversation %s failed", self.name)
        finally:
            self.front.close()
            del self._talk.held[self.name]
            if self._line:
                self._line.cancel()

    def attach(self) -> bool:
        """The calling task is on the line now; whoever was before is not. True where there had been somebody."""
        returning = self._line is not None or self._expiry is not None
        if self._line:
            self._line.cancel()
            self.session.hush()  # who comes may have been cut off long before anybody here knew
        if self._expiry:
            self._expiry.cancel()
        self._line, self._expiry, self.left = asyncio.current_task(), None, None
        return returning

    def detach(self) -> None:
        """The line is dead: stop talking, and wait a while for its return, unless others wait for the place."""
        if self._line is not asyncio.current_task() or self.life is None:
            return
        self._line = None
        if not self.placed.is_set():
            self.life.cancel()
            return
        self.session.hush()
        self.left = self._talk.clock()
        if self._talk.hall.waiting:
            self.session.close()
            return
        self._expiry = asyncio.get_running_loop().call_later(self._talk.grace, self.session.close)

    def note(self, notice: Notice) -> None:
        """See what goes out."""
        if isinstance(notice, a.Commit) and isinstance(notice.item, UserItem):
            self.front.committed(notice.item)
            heard = [part for part in notice.item.parts if isinstance(part, Utterance)]
            if heard and self.front.config.audio.input.transcription:
                self._talk.spawn(self._transcribe(notice.item.id, heard), f"transcribe {notice.item.id}")

    async def _transcribe(self, item: str, heard: list[Utterance]) -> None:
        """Write down what was said; the very sound that was judged, so that it need not be recognised again."""
        sounds = [self.session.prompts.sound(utterance) for utterance in heard]
        try:
            texts = [await self._talk.transcribe(sound) for sound in sounds] if self._talk.transcribe else [None]
        except Exception:  # the conversation goes on without letters
            log.exception("what was said in %s could not be written down", item)
            texts = [None]
        said = [text for text in texts if text is not None]
        for event in self.scribe.transcribed(item, " ".join(said) if said else None, sum(s.duration for s in sounds)):
            self.front.reply(event)

    def _told(self, position: int) -> None:
        if self.scribe.vita_events:
            self.front.reply(r.VitaEvent(type="vita.queue", data={"position": position}))


def build_talk(
    pool: EnginePool,
    model: str,
    transcribe: Callable[[Sound], Awaitable[str | None]] | None = None,
) -> Talk:
    """Conversations with the best voice that is here, and every other voice to choose from."""
    voices: dict[str, Voice] = {}
    for name in VOICES:
        try:
            voices[name] = build_voice(name)
        except CheckpointError as error:
            log.info("%s", error)
    return Talk(pool, SessionSettings(voice=voices.get("auto")), voices, model, transcribe=transcribe)
