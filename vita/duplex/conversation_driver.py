"""The driver of one conversation: feeds the machine with what happens and carries out what it asks for.

Owns the tasks (one TaskGroup), the sound and the clock; decides nothing. All of it runs on one event loop, so that
``post`` is never interrupted: an answer is cut, and its sound taken back, before anything else can be sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from uuid import uuid4

from vita.duplex import client_notices as notices
from vita.duplex import conversation_events as e
from vita.duplex import driver_commands as commands
from vita.duplex.audio_input import AudioInput
from vita.duplex.client_notices import ConversationPhase
from vita.duplex.client_outbox import ClientOutbox
from vita.duplex.context_window import PLAIN, AnswerOptions, ContextWindow
from vita.duplex.conversation_events import TurnPolicy
from vita.duplex.conversation_history import HistoryItem, UserItem
from vita.duplex.conversation_log import ConversationLog
from vita.duplex.conversation_machine import step
from vita.duplex.conversation_state import ConversationAction, ConversationState
from vita.duplex.engine_roles import Roles, Stream
from vita.duplex.preemptive_tts import PreemptiveTts
from vita.duplex.speech_playout import PlayoutContext, SpeechPlayout
from vita.duplex.turn_decision import PendingDecision
from vita.engine.engine_protocol import Delta, Engine, Request, Sampling
from vita.errors import VitaError
from vita.media import SAMPLE_RATE, Limits
from vita.speech.pcm import BYTES_PER_SAMPLE
from vita.speech.sample_rates import VOICE_RATE
from vita.speech.synthesis import Voice
from vita.speech.voice_activity import Frame, SileroVad, VadSettings
from vita.speech.voice_events import VoicePaused, VoiceStopped
from vita.tokens import State

OnFirst = Callable[[Delta], None]
STEP = 5 * VOICE_RATE * BYTES_PER_SAMPLE  # bytes taken at once: a message may be a whole file
SETTLED = (  # after these, some of the media may never be part of a request again
    notices.ItemCommitted | notices.UtteranceDismissed | commands.AbortDecision
)


@dataclass(frozen=True)
class ConversationSettings:
    """What a conversation may choose.

    Attributes:
        system: replaces the checkpoint's own system prompt.
        voice: None for answers that are text only.
        speed: 1 is the voice's own, 2 twice as fast.
        ahead: seconds of sound sent before they are played; more stutters less, less leaves less to take back.
        patience: seconds that an engine may be mute.
    """

    policy: TurnPolicy = field(default_factory=TurnPolicy)
    vad: VadSettings = field(default_factory=VadSettings)
    sampling: Sampling = field(default_factory=Sampling)
    limits: Limits = field(default_factory=Limits)
    system: str | None = None
    voice: Voice | None = None
    speed: float = 1.0
    ahead: float = 2.0
    patience: float = 60.0


class ConversationDriver:
    """One conversation over one or two engines. ``outbox`` holds what the client is to be told.

    Args:
        clock: seconds.
        probability: the voice activity model: probability of voice of one frame.
        on_user_item: called with each user item that enters the history.
    """

    def __init__(
        self,
        engines: Sequence[Engine],
        settings: ConversationSettings,
        clock: Callable[[], float] = time.monotonic,
        probability: Callable[[Frame], float] | None = None,
        on_user_item: Callable[[UserItem], None] = lambda _: None,
    ) -> None:
        self.state = ConversationState(replace(settings.policy, engines=min(2, len(engines))), uuid4().hex[:12])
        self.outbox = ClientOutbox()
        self.ready = asyncio.Event()  # set once it is running
        self.journal = ConversationLog(clock)
        self.ear = AudioInput(probability or SileroVad(), settings.vad)
        self.roles = Roles(engines, settings.patience)
        self.prompts = ContextWindow(self.ear.sound_of, settings.limits)
        self._clock, self._on_user_item = clock, on_user_item
        self._wish = PLAIN  # for the answer that is being asked for
        self._decisions: dict[int, PendingDecision] = {}
        self._warm: dict[int, asyncio.Task[None]] = {}
        self._speaker: SpeechPlayout | None = None
        self._speaking: tuple[asyncio.Task[None], ...] = ()
        self._speech_end = clock()
        self._closed = asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._apply_settings(settings)

    async def run(self) -> None:
        """Live until ``close``."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            self.ready.set()
            self._carry_out(commands.PrefillHistory(self.state.monitor, ()))
            await self._closed.wait()
            for task in (*self._warm.values(), *self._speaking):
                task.cancel()
            for deciding in self._decisions.values():
                deciding.cancel_tasks()

    def close(self) -> None:
        """End the running answer and everything else. Calling it twice is harmless."""
        self._estimate_playback()
        self.post_event(e.ConversationClosed())
        self._closed.set()

    def receive_audio(self, pcm: bytes) -> None:
        """Take sound from the client, PCM16 mono at VOICE_RATE, of any length; its end is now."""
        self._estimate_playback()
        for begin in range(0, len(pcm), STEP):
            later = max(0, len(pcm) - begin - STEP) / (VOICE_RATE * BYTES_PER_SAMPLE)
            self._receive_step(pcm[begin : begin + STEP], self._clock() - later)

    def _receive_step(self, pcm: bytes, now: float) -> None:
        """Take at most a STEP, whose end was ``now``."""
        answer, activity = self.state.answer, self.ear.activity
        activity.overlap = answer is not None
        activity.echo = self._speaker.echo_level(answer.played_samples) if answer and self._speaker else 0.0
        for event in self.ear.receive_pcm(pcm):
            if isinstance(event, VoicePaused | VoiceStopped):
                self._speech_end = now - (self.ear.received - event.end) / SAMPLE_RATE
            self.post_event(event)

    def request_answer(self, wish: AnswerOptions = PLAIN) -> None:
        """Ask for an answer to what was added."""
        self._estimate_playback()
        self._wish = wish
        self.post_event(e.AnswerRequested())
        self._wish = PLAIN

    def cancel_answer(self) -> None:
        """End the running answer."""
        self._estimate_playback()
        self.post_event(e.CancelRequested())

    def stop_playback(self) -> None:
        """Nobody is there to hear it: what is playing, told to its end or not, was heard only so far."""
        self._estimate_playback()
        if self.state.answer:
            self.post_event(e.PlaybackTruncated(self.state.answer.item, self.state.answer.played_samples))
        self.outbox.drop_audio()

    def report_played(self, answer: int, samples: int) -> None:
        """The client reports what it has played of an answer, in all, samples at VOICE_RATE."""
        speaker = self._speaker
        if speaker and speaker.answer == answer:
            speaker.reports = True
            if speaker.timing.played is None:
                speaker.stamp_time("played")
                if self.state.answer and self.state.answer.done:  # its timing was told without this
                    self._tell_timing(speaker)
        self.post_event(e.PlaybackReported(answer, samples))

    def change_settings(self, settings: ConversationSettings) -> None:
        """Go on with other settings."""
        self._apply_settings(settings)
        self.post_event(e.PolicyChanged(replace(settings.policy, engines=self.state.policy.engines)))

    def _apply_settings(self, settings: ConversationSettings) -> None:
        self.settings = settings
        self.ear.activity.settings = settings.vad
        self.prompts.sampling, self.prompts.system = settings.sampling, settings.system

    def post_event(self, event: e.ConversationEvent) -> None:
        """Tell the machine what happened and carry out what it asks for."""
        before = self._phase_and_voice()
        self.state, actions = step(self.state, event)
        if not isinstance(event, e.AudioReceived | e.AudioSent | e.PlaybackReported | e.ClauseSynthesized):
            self.journal.write_record(event, at_sample=self.state.now, phase=self.state.phase.value)
        for action in actions:
            self.journal.write_record(action)
            self._carry_out(action)
        if isinstance(event, e.ItemRemoved) or any(isinstance(action, SETTLED) for action in actions):
            self._release_media()
        if self._phase_and_voice() != before:
            self.outbox.put_notice(notices.PhaseChanged(*self._phase_and_voice(), self.state.now))

    def _release_media(self) -> None:
        """Keep no sound and no picture that no request will hold again."""
        decision = self.state.decision
        judged = (UserItem("", decision.parts),) if decision else ()
        faded = self.prompts.keep((*self.state.items, *judged))
        if faded.unseen or faded.unheard:
            self.post_event(faded)

    def _phase_and_voice(self) -> tuple[ConversationPhase, bool]:
        voice = self.state.voice
        return self.state.phase, voice is not None and voice.end is None

    def _carry_out(self, action: ConversationAction) -> None:
        match action:
            case commands.RequestDecision():
                self._start_decision(action)
            case commands.AbortDecision():
                self._abort_decision(action.decision)
            case commands.StartAnswer():
                self._start_answer(action)
            case commands.StopPlayback():
                self._stop_answer(action)
            case commands.EndAnswer():
                self._end_answer(action)
            case commands.PrefillHistory():
                self._start_prefill(action)
            case _:
                self._tell_client(action)

    def _tell_client(self, notice: notices.MachineNotice) -> None:
        """Machine notices need no work of the driver's own; whoever transcribes learns of user items here."""
        self.outbox.put_notice(notice)
        if isinstance(notice, notices.ItemCommitted) and isinstance(notice.item, UserItem):
            self._on_user_item(notice.item)

    def _start_stream(self, stream: Stream, name: str) -> asyncio.Task[None]:
        assert self._group is not None, "the session is not running"
        return self._group.create_task(self._run_stream(stream), name=name)

    async def _run_stream(self, stream: Stream) -> None:
        try:
            await stream.run()
        except Exception as error:
            stream.fail(error)
            self._stream_failed(stream, error)

    def _stream_failed(self, stream: Stream, error: Exception) -> None:
        reason = str(error) if isinstance(error, VitaError) else "The engine failed."
        for decision, deciding in list(self._decisions.items()):
            if deciding.stream is stream:
                self.post_event(e.DecisionFailed(decision, reason))
                self._decisions.pop(decision, None)

    def _start_decision(self, action: commands.RequestDecision) -> None:
        self.outbox.put_notice(notices.DecisionStarted(action.decision, action.engine, action.items[-1].id))
        warming = self._warm.pop(action.engine, None)
        if warming:
            warming.cancel()
        stream = self._make_stream(
            action.engine,
            action.items,
            self.prompts.decision,
            lambda first: self._decision_arrived(action.decision, first),
        )
        task = self._start_stream(stream, f"decide {action.decision}")
        self._decisions[action.decision] = PendingDecision(stream, task, self._clock())

    def _decision_arrived(self, decision: int, first: Delta) -> None:
        deciding = self._decisions.get(decision)
        if deciding is None:
            return
        deciding.decided = self._clock()
        self.outbox.put_notice(
            notices.TurnDecision(decision, first.state, first.engine, deciding.decided - deciding.asked)
        )
        if first.state is State.NOISE:
            deciding.cancel_tasks()
        self.post_event(e.DecisionMade(decision, first.state))
        if self._decisions.get(decision) is deciding and first.state is not State.NOISE and self.settings.voice:
            assert self._group is not None
            deciding.start_preemptive_tts(
                PreemptiveTts(deciding.stream, self.settings.voice, self.settings.speed), self._group
            )

    def _abort_decision(self, decision: int) -> None:
        if decision in self._decisions:
            self._decisions.pop(decision).cancel_tasks()

    def _start_answer(self, begin: commands.StartAnswer) -> None:
        asked = begin.decision is None  # by the client or the idle timeout, not by speech
        deciding = self._request_stream(begin) if begin.decision is None else self._decisions.pop(begin.decision)
        wish = self._wish if asked else PLAIN
        self._speech_end = self._clock() if asked else self._speech_end
        voice = None if wish.text_only else self.settings.voice
        engine, monitor = (self.roles.engine(role).name for role in (begin.engine, self.state.monitor))
        previous = begin.items[-1].id if begin.items else None
        self.outbox.put_notice(
            notices.AnswerStarted(begin.answer, begin.item, previous, voice is not None, engine, monitor, wish.metadata)
        )
        desk = PlayoutContext(
            self.post_event, self.outbox.put_notice, self._clock, voice, self.settings.ahead, self.settings.speed
        )
        self._speaker = SpeechPlayout(begin, deciding.stream, desk, self._speech_end, deciding.take_preemptive_tts())
        self._speaker.timing = replace(self._speaker.timing, decided=deciding.decided)
        for task in self._speaking:  # of an answer that is over; it may be waiting for its last sound to be played
            task.cancel()
        assert self._group is not None
        speaking = self._group.create_task(self._speaker.run(), name=f"speak {begin.answer}")
        self._speaking = (*deciding.tasks, speaking)

    def _request_stream(self, begin: commands.StartAnswer) -> PendingDecision:
        """The request for an answer that nobody had to decide on."""
        make = partial(self.prompts.answer, states=begin.states, wish=self._wish)
        stream = self._make_stream(begin.engine, begin.items, make, lambda _: None)
        return PendingDecision(stream, self._start_stream(stream, f"answer {begin.answer}"), self._clock())

    def _stop_answer(self, cut: commands.StopPlayback) -> None:
        for task in self._speaking:
            task.cancel()
        self.outbox.drop_answer(cut.answer)
        if self._speaker and self._speaker.answer == cut.answer:
            self._speaker.stop_output()
            self._speaker.stamp_time("cut")
        self.outbox.put_notice(notices.PlaybackStopped(cut.answer, cut.item))

    def _end_answer(self, done: commands.EndAnswer) -> None:
        speaker = self._speaker
        assert speaker is not None
        assert speaker.answer == done.answer
        self.outbox.put_notice(
            notices.AnswerEnded(
                done.answer, done.item, done.outcome, done.reason, done.detail, speaker.usage, speaker.text
            )
        )
        self._tell_timing(speaker)

    def _tell_timing(self, speaker: SpeechPlayout) -> None:
        self.outbox.put_notice(speaker.timing)
        self.journal.write_record(speaker.timing)

    def _start_prefill(self, warm: commands.PrefillHistory) -> None:
        """Let an engine read the history before it is needed; a decision on the same engine ends it."""
        assert self._group is not None
        self.outbox.put_notice(notices.PrefillStarted(warm.engine))
        if warm.engine in self._warm:
            self._warm[warm.engine].cancel()
        self._warm[warm.engine] = self._group.create_task(self._prefill_history(warm), name=f"warm {warm.engine}")

    async def _prefill_history(self, warm: commands.PrefillHistory) -> None:
        if self.state.answer and self._speaker:  # its first sound is more urgent
            await self._speaker.sounding.wait()
        try:
            async for _ in self.prompts.fitting(self.roles.answer, warm.engine, warm.items, self.prompts.warm):
                pass
        except VitaError as error:
            self.journal.add_line("WarmFailed", why=str(error))

    def _make_stream(
        self,
        role: int,
        items: tuple[HistoryItem, ...],
        make: Callable[[tuple[HistoryItem, ...]], Request],
        on_first: OnFirst,
    ) -> Stream:
        return Stream(self.prompts.fitting(self.roles.answer, role, items, make), on_first, self._clock)

    def _estimate_playback(self) -> None:
        if self._speaker:
            self._speaker.estimate_playback()
