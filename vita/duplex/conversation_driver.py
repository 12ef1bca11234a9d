"""The driver of one conversation: feeds the machine with what happens and carries out what it asks for.

Owns the tasks (one TaskGroup), the sound and the clock; decides nothing. All of it runs on one event loop, so that
``post`` is never interrupted: an answer is cut, and its sound taken back, before anything else can be sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from uuid import uuid4

from vita.duplex import conversation_actions as a
from vita.duplex import conversation_events as e
from vita.duplex.answer_stream import Stream
from vita.duplex.audio_input import Ear
from vita.duplex.client_outbox import Begun, Ended, Moment, Outbox, Verdict
from vita.duplex.context_window import PLAIN, Prompts, Wish
from vita.duplex.conversation_history import VOICE_RATE, Item, UserItem
from vita.duplex.conversation_log import Journal
from vita.duplex.conversation_machine import Conversation, Phase, Policy, step
from vita.duplex.preemptive_tts import Rehearsal
from vita.duplex.speech_playout import Desk, Speaker
from vita.duplex.turn_decision import Deciding
from vita.engine.engine_pool import EnginePool
from vita.engine.engine_protocol import Delta, Request, Sampling
from vita.errors import VitaError
from vita.media import SAMPLE_RATE, Limits
from vita.speech.synthesis import BYTES, Voice
from vita.speech.voice_activity import Frame, Silero, VadSettings
from vita.tokens import State

OnFirst = Callable[[Delta], None]
STEP = 5 * VOICE_RATE * BYTES  # bytes heard at once: a message may be a whole file, and the ear keeps only so much
SETTLED = a.Commit | a.Dismiss | a.DropDecision  # behind these, some of what was heard may never be asked for again


@dataclass(frozen=True)
class SessionSettings:
    """What a conversation may choose.

    Attributes:
        system: replaces the checkpoint's own system prompt.
        voice: None for answers that are text only.
        speed: 1 is the voice's own, 2 twice as fast.
        ahead: seconds of sound sent before they are played; more stutters less, less leaves less to take back.
        patience: seconds that an engine may be mute.
    """

    policy: Policy = field(default_factory=Policy)
    vad: VadSettings = field(default_factory=VadSettings)
    sampling: Sampling = field(default_factory=Sampling)
    limits: Limits = field(default_factory=Limits)
    system: str | None = None
    voice: Voice | None = None
    speed: float = 1.0
    ahead: float = 2.0
    patience: float = 60.0


class Session:
    """One conversation over two engines of a pool, or its one. ``outbox`` holds what the client is to be told."""

    def __init__(
        self,
        pool: EnginePool,
        settings: SessionSettings,
        clock: Callable[[], float] = time.monotonic,
        probability: Callable[[Frame], float] | None = None,
    ) -> None:
        self.engines = pool.open_conversation(settings.patience)
        self.state = Conversation(replace(settings.policy, engines=self.engines.slots), uuid4().hex[:12])
        self.outbox = Outbox()
        self.ready = asyncio.Event()  # set once it is running
        self.journal = Journal(clock)
        self.ear = Ear(probability or Silero(), settings.vad)
        self.prompts = Prompts(self.ear.sound, settings.limits)
        self._clock = clock
        self._wish = PLAIN  # for the answer that is being asked for
        self._decisions: dict[int, Deciding] = {}
        self._warm: dict[int, asyncio.Task[None]] = {}
        self._speaker: Speaker | None = None
        self._speaking: tuple[asyncio.Task[None], ...] = ()
        self._speech_end = clock()
        self._closed = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._use(settings)

    async def run(self) -> None:
        """Live until ``close``."""
        with self.engines.assigned():
            await self._live()

    async def _live(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._group = group
            self.ready.set()
            self._carry_out(a.Warm(self.state.monitor, ()))
            await self._closed.wait()
            for task in (*self._warm.values(), *self._speaking):
                task.cancel()
            for deciding in self._decisions.values():
                deciding.cancel()

    def close(self) -> None:
        """End the running answer and everything else. Calling it twice is harmless."""
        self._reckon()
        self.post(e.Closed())
        self._closed.set()

    def hear(self, pcm: bytes) -> None:
        """Take sound from the client, PCM16 mono at VOICE_RATE, of any length; its end is now."""
        self._reckon()
        for begin in range(0, len(pcm), STEP):
            later = max(0, len(pcm) - begin - STEP) / (VOICE_RATE * BYTES)
            self._hear(pcm[begin : begin + STEP], self._clock() - later)

    def _hear(self, pcm: bytes, now: float) -> None:
        """Take at most a STEP, whose end was ``now``."""
        answer, activity = self.state.answer, self.ear.activity
        activity.overlap = answer is not None
        activity.echo = self._speaker.echo(answer.played) if answer and self._speaker else 0.0
        for event in self.ear.hear(pcm):
            if isinstance(event, e.VoicePaused | e.VoiceStopped):
                self._speech_end = now - (self.ear.received - event.end) / SAMPLE_RATE
            self.post(event)

    def ask(self, wish: Wish = PLAIN) -> None:
        """Ask for an answer to what was added."""
        self._reckon()
        self._wish = wish
        self._speech_end = self._clock()
        self.post(e.AnswerAsked())
        self._wish = PLAIN

    def cancel(self) -> None:
        """End the running answer."""
        self._reckon()
        self.post(e.CancelAsked())

    def hush(self) -> None:
        """Nobody is there to hear it: what is playing, told to its end or not, was heard only so far."""
        self._reckon()
        if self.state.answer:
            self.post(e.Truncated(self.state.answer.item, self.state.answer.played))
        self.outbox.forget_sound()

    def played(self, answer: int, samples: int) -> None:
        """The client reports what it has played of an answer, in all, samples at VOICE_RATE."""
        speaker = self._speaker
        if speaker and speaker.answer == answer:
            speaker.reports = True
            if speaker.timing.played is None:
                speaker.stamp("played")
                if self.state.answer and self.state.answer.done:  # its timing was told without this
                    self._tell_timing(speaker)
        self.post(e.Played(answer, samples))

    def adopt(self, settings: SessionSettings) -> None:
        """Go on with other settings."""
        self._use(settings)
        self.post(e.PolicyChanged(replace(settings.policy, engines=self.state.policy.engines)))

    def _use(self, settings: SessionSettings) -> None:
        self.settings = settings
        self.ear.activity.settings = settings.vad
        self.prompts.sampling, self.prompts.system = settings.sampling, settings.system

    def post(self, event: e.Event) -> None:
        """Tell the machine what happened and carry out what it asks for."""
        before = self._moment()
        self.state, actions = step(self.state, event)
        if not isinstance(event, e.Tick | e.Sent | e.Played | e.Voiced):
            self.journal.write(event, at_sample=self.state.now, phase=self.state.phase.value)
        for action in actions:
            self.journal.write(action)
            self._carry_out(action)
        if isinstance(event, e.Removed) or any(isinstance(action, SETTLED) for action in actions):
            self._let_go()
        if self._moment() != before:
            self.outbox.put(Moment(*self._moment(), self.state.now))

    def _let_go(self) -> None:
        """Keep no sound and no picture that no request will hold again."""
        decision = self.state.decision
        judged = (UserItem("", decision.parts),) if decision else ()
        faded = self.prompts.keep((*self.state.items, *judged))
        if faded.unseen or faded.unheard:
            self.post(faded)

    def _moment(self) -> tuple[Phase, bool]:
        voice = self.state.voice
        return self.state.phase, voice is not None and voice.end is None

    def _carry_out(self, action: a.Action) -> None:
        match action:
            case a.Decide():
                self.outbox.put(action)
                self._decide(action)
            case a.DropDecision():
                self._drop(action.decision)
            case a.Begin():
                self._begin(action)
            case a.IdleOver():
                self._speech_end = self._clock()
                self.outbox.put(action)
            case a.Cut():
                self._silence(action)
                self.outbox.put(action)
            case a.Done():
                self._end(action)
            case a.Warm():
                self.outbox.put(action)
                self._prefill(action)
            case _:
                self.outbox.put(action)

    def _task(self, stream: Stream, name: str) -> asyncio.Task[None]:
        assert self._group is not None, "the session is not running"
        return self._group.create_task(self._fetch(stream), name=name)

    async def _fetch(self, stream: Stream) -> None:
        try:
            await stream.run()
        except Exception as error:
            stream.fail(error)
            self._stream_failed(stream, error)

    def _stream_failed(self, stream: Stream, error: Exception) -> None:
        reason = str(error) if isinstance(error, VitaError) else "The engine failed."
        for decision, deciding in list(self._decisions.items()):
            if deciding.stream is stream:
                self.post(e.DecisionFailed(decision, reason))
                self._decisions.pop(decision, None)

    def _decide(self, action: a.Decide) -> None:
        warming = self._warm.pop(action.engine, None)
        if warming:
            warming.cancel()
        stream = self._stream(
            action.engine, action.items, self.prompts.decision, lambda first: self._decided(action.decision, first)
        )
        task = self._task(stream, f"decide {action.decision}")
        self._decisions[action.decision] = Deciding(stream, task, self._clock())

    def _decided(self, decision: int, first: Delta) -> None:
        deciding = self._decisions.get(decision)
        if deciding is None:
            return
        deciding.decided = self._clock()
        self.outbox.put(Verdict(decision, first.state, first.engine, deciding.decided - deciding.asked))
        if first.state is State.NOISE:
            deciding.cancel()
        self.post(e.Decided(decision, first.state))
        if self._decisions.get(decision) is deciding and first.state is not State.NOISE and self.settings.voice:
            assert self._group is not None
            deciding.rehearse(Rehearsal(deciding.stream, self.settings.voice, self.settings.speed), self._group)

    def _drop(self, decision: int) -> None:
        if decision in self._decisions:
            self._decisions.pop(decision).cancel()

    def _begin(self, begin: a.Begin) -> None:
        deciding = self._asked(begin) if begin.decision is None else self._decisions.pop(begin.decision)
        wish = self._wish if begin.decision is None else PLAIN
        voice = None if wish.text_only else self.settings.voice
        self.engines.set_generator(begin.engine)
        engine, monitor = (self.engines.engine_at(slot).name for slot in (begin.engine, self.state.monitor))
        self.outbox.put(Begun(begin, voice is not None, engine, monitor, wish.metadata))
        desk = Desk(self.post, self.outbox.put, self._clock, voice, self.settings.ahead, self.settings.speed)
        self._speaker = Speaker(begin, deciding.stream, desk, self._speech_end, deciding.rehearsed())
        self._speaker.timing = replace(self._speaker.timing, decided=deciding.decided)
        for task in self._speaking:  # of an answer that is over; it may be waiting for its last sound to be played
            task.cancel()
        assert self._group is not None
        speaking = self._group.create_task(self._speaker.run(), name=f"speak {begin.answer}")
        self._speaking = (*deciding.tasks, speaking)

    def _asked(self, begin: a.Begin) -> Deciding:
        """The request for an answer that nobody had to decide on."""
        make = partial(self.prompts.answer, states=begin.states, wish=self._wish)
        stream = self._stream(begin.engine, begin.items, make, lambda _: None)
        return Deciding(stream, self._task(stream, f"answer {begin.answer}"), self._clock())

    def _silence(self, cut: a.Cut) -> None:
        for task in self._speaking:
            task.cancel()
        self.outbox.forget(cut.answer)
        if self._speaker and self._speaker.answer == cut.answer:
            self._speaker.hush()
            self._speaker.stamp("cut")

    def _end(self, done: a.Done) -> None:
        speaker = self._speaker
        assert speaker is not None
        assert speaker.answer == done.answer
        self.outbox.put(Ended(done, speaker.usage, speaker.text))
        self._tell_timing(speaker)

    def _tell_timing(self, speaker: Speaker) -> None:
        self.outbox.put(speaker.timing)
        self.journal.write(speaker.timing)

    def _prefill(self, warm: a.Warm) -> None:
        """Let an engine read the history before it is needed; a decision on the same engine ends it."""
        assert self._group is not None
        if warm.engine in self._warm:
            self._warm[warm.engine].cancel()
        self._warm[warm.engine] = self._group.create_task(self._read_through(warm), name=f"warm {warm.engine}")

    async def _read_through(self, warm: a.Warm) -> None:
        if self.state.answer and self._speaker:  # its first sound is more urgent
            await self._speaker.sounding.wait()
        try:
            async for _ in self.prompts.fitting(self.engines.generate_at, warm.engine, warm.items, self.prompts.warm):
                pass
        except VitaError as error:
            self.journal.note("WarmFailed", why=str(error))

    def _stream(
        self, role: int, items: tuple[Item, ...], make: Callable[[tuple[Item, ...]], Request], on_first: OnFirst
    ) -> Stream:
        return Stream(self.prompts.fitting(self.engines.generate_at, role, items, make), on_first, self._clock)

    def _reckon(self) -> None:
        if self._speaker:
            self._speaker.reckon()
