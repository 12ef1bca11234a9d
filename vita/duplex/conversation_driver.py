"""The driver of one conversation: posts events to the state machine and carries out its commands.

Owns the tasks (one TaskGroup), the audio and the clock; decides nothing. All of it runs on one event loop, so that
``post_event`` is never interrupted: an answer is stopped, and its audio taken back, before anything else can be sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import replace
from functools import partial
from uuid import uuid4

from vita.duplex import client_notices as notices
from vita.duplex import conversation_events as e
from vita.duplex import driver_commands as commands
from vita.duplex.answer_stream import AnswerStream
from vita.duplex.audio_input import AudioInput
from vita.duplex.client_outbox import ClientOutbox
from vita.duplex.context_window import PLAIN, AnswerOptions, ContextWindow, MakeRequest
from vita.duplex.conversation_history import HistoryItems, UserItem
from vita.duplex.conversation_log import ConversationLog
from vita.duplex.conversation_machine import step
from vita.duplex.conversation_settings import ConversationSettings
from vita.duplex.conversation_state import ConversationAction, ConversationState
from vita.duplex.frame_watch import FrameWatch
from vita.duplex.history_prefill import HistoryPrefill
from vita.duplex.preemptive_tts import PreemptiveTts
from vita.duplex.speech_playout import PlayoutContext, SpeechPlayout
from vita.duplex.turn_decision import PendingDecision, TurnDecisions
from vita.engine.engine_pool import EnginePool
from vita.engine.engine_protocol import Delta
from vita.media import SAMPLE_RATE
from vita.media.pcm import BYTES_PER_SAMPLE
from vita.speech.sample_rates import VOICE_RATE
from vita.speech.voice_activity import Frame, SileroVad
from vita.speech.voice_events import VoicePaused, VoiceStopped

OnFirst = Callable[[Delta], None]
STEP = 5 * VOICE_RATE * BYTES_PER_SAMPLE  # bytes taken at once: a message may be a whole file
SETTLED = notices.ItemCommitted | notices.UtteranceDismissed | commands.AbortDecision  # media may be needed no more


class ConversationDriver:
    """One conversation over two engines of a pool, or its one. ``outbox`` holds what the client is to be told.

    Args:
        clock: seconds.
        probability: the voice activity model: probability of voice of one frame.
        on_user_item: called with each user item that enters the history.
    """

    def __init__(
        self,
        pool: EnginePool,
        settings: ConversationSettings,
        clock: Callable[[], float] = time.monotonic,
        probability: Callable[[Frame], float] | None = None,
        on_user_item: Callable[[UserItem], None] = lambda _: None,
    ) -> None:
        self.engines = pool.open_conversation(settings.patience)
        self.state = ConversationState(replace(settings.policy, engines=self.engines.slots), uuid4().hex[:12])
        self.outbox = ClientOutbox()
        self.ready = asyncio.Event()  # set once it is running
        self.log = ConversationLog(clock)
        self.audio_input = AudioInput(probability or SileroVad(), settings.vad)
        self.context = ContextWindow(self.audio_input.sound_of, settings.limits)
        self._clock, self._on_user_item = clock, on_user_item
        self.watch = FrameWatch(self.engines, lambda: self.state.monitor, self.post_event, self.outbox.put_notice)
        self._options = PLAIN  # for the answer that is being asked for
        self._decisions = TurnDecisions(self.post_event, self.outbox.put_notice, clock)
        self._playout: SpeechPlayout | None = None
        self._playout_tasks: tuple[asyncio.Task[None], ...] = ()
        self._speech_end, self._closed = clock(), asyncio.Event()
        self._group: asyncio.TaskGroup | None = None
        self._prefill = HistoryPrefill(
            self._prefill_stream, self._first_audio, lambda why: self.log.add_line("PrefillFailed", why=why)
        )
        self._apply_settings(settings)

    async def run(self) -> None:
        """Live until ``close``."""
        with self.engines.assigned():
            async with asyncio.TaskGroup() as self._group:
                self.ready.set()
                self._carry_out(commands.PrefillHistory(self.state.monitor, ()))
                await self._closed.wait()
                self._prefill.cancel_all()
                self.watch.cancel_all()
                for task in self._playout_tasks:
                    task.cancel()
                self._decisions.cancel_all()

    def close(self) -> None:
        """End the running answer and all else. Calling it twice is harmless."""
        self._estimate_playback()
        self.post_event(e.ConversationClosed())
        self._closed.set()

    def receive_audio(self, pcm: bytes) -> None:
        """Take audio from the client, PCM16 mono at VOICE_RATE, of any length; its end is now."""
        self._estimate_playback()
        for begin in range(0, len(pcm), STEP):
            later = max(0, len(pcm) - begin - STEP) / (VOICE_RATE * BYTES_PER_SAMPLE)
            self._receive_step(pcm[begin : begin + STEP], self._clock() - later)

    def _receive_step(self, pcm: bytes, now: float) -> None:
        """Take at most a STEP, whose end was ``now``."""
        answer, activity = self.state.answer, self.audio_input.activity
        activity.overlap = answer is not None
        activity.echo = self._playout.echo_level(answer.played_samples) if answer and self._playout else 0.0
        for event in self.audio_input.receive_pcm(pcm):
            if isinstance(event, VoicePaused | VoiceStopped):
                self._speech_end = now - (self.audio_input.received - event.end) / SAMPLE_RATE
            self.post_event(event)

    def request_answer(self, options: AnswerOptions = PLAIN) -> None:
        """Ask for an answer to what was added."""
        self._estimate_playback()
        self._options = options
        self.post_event(e.AnswerRequested())
        self._options = PLAIN

    def cancel_answer(self) -> None:
        """End the running answer."""
        self._estimate_playback()
        self.post_event(e.CancelRequested())

    def stop_playback(self) -> None:
        """No client is connected: what is playing, told to its end or not, was heard only so far."""
        self._estimate_playback()
        if self.state.answer:
            self.post_event(e.PlaybackTruncated(self.state.answer.item, self.state.answer.played_samples))
        self.outbox.drop_audio()

    def report_played(self, answer: int, samples: int) -> None:
        """The client reports what it has played of an answer, in all, samples at VOICE_RATE."""
        playout = self._playout
        if playout and playout.answer == answer:
            playout.reports = True
            if playout.timing.played is None:
                playout.stamp_time("played")
                if self.state.answer:  # while it runs, or after its timing was told without this
                    self._tell_timing(playout)
        self.post_event(e.PlaybackReported(answer, samples))

    def change_settings(self, settings: ConversationSettings) -> None:
        """Go on with other settings."""
        self._apply_settings(settings)
        self.post_event(e.PolicyChanged(replace(settings.policy, engines=self.state.policy.engines)))

    def _apply_settings(self, settings: ConversationSettings) -> None:
        self.settings = settings
        self.audio_input.activity.settings = settings.vad
        self.context.sampling, self.context.system = settings.sampling, settings.system

    def post_event(self, event: e.ConversationEvent) -> None:
        """Tell the machine what happened, carry out its commands and pass its notices on."""
        before = self._phase_and_voice()
        self.state, actions = step(self.state, event)
        if not isinstance(event, e.FREQUENT_EVENTS):
            self.log.write_record(event, at_sample=self.state.now, phase=self.state.phase.value)
        for action in actions:
            self.log.write_record(action)
            self._carry_out(action)
        if isinstance(event, e.ItemRemoved) or any(isinstance(action, SETTLED) for action in actions):
            self._release_media()
        if self._phase_and_voice() != before:
            self.outbox.put_notice(notices.PhaseChanged(*self._phase_and_voice(), self.state.now))

    def _release_media(self) -> None:
        """Keep no audio and no picture that no request will hold again."""
        decision = self.state.decision
        judged = (UserItem("", decision.given),) if decision else ()
        faded = self.context.keep((*self.state.items, *judged))
        if faded.unseen or faded.unheard:
            self.post_event(faded)

    def _phase_and_voice(self) -> tuple[notices.ConversationPhase, bool]:
        voice = self.state.voice
        return self.state.phase, voice is not None and voice.end is None

    def _carry_out(self, action: ConversationAction) -> None:
        match action:
            case commands.RequestDecision():
                self._start_decision(action)
            case commands.AbortDecision():
                self._decisions.abort_decision(action.decision)
            case commands.StartAnswer():
                self._start_answer(action)
            case commands.StopPlayback():
                self._stop_answer(action)
            case commands.EndAnswer():
                self._end_answer(action)
            case commands.StartWatch() | commands.DisarmWatch() | commands.StartLook() | commands.AbortLook():
                self.watch.carry_out(action, self._start_task)
            case commands.PrefillHistory():
                assert self._group is not None
                self.outbox.put_notice(notices.PrefillStarted(action.engine))
                self._prefill.start_prefill(action, self._group)
            case _:
                self._tell_client(action)

    def _tell_client(self, notice: notices.MachineNotice) -> None:
        """A machine notice needs no work of the driver's; user items are reported to who transcribes them."""
        self.outbox.put_notice(notice)
        if isinstance(notice, notices.ItemCommitted) and isinstance(notice.item, UserItem):
            self._on_user_item(notice.item)

    def _start_task(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        assert self._group is not None, "the session is not running"
        return self._group.create_task(work, name=name)

    async def _run_stream(self, stream: AnswerStream) -> None:
        try:
            await stream.run()
        except Exception as error:
            stream.fail(error)
            self._decisions.stream_failed(stream, error)

    def _start_decision(self, action: commands.RequestDecision) -> None:
        self.outbox.put_notice(notices.DecisionStarted(action.decision, action.engine, action.items[-1].id))
        self._prefill.cancel_prefill(action.engine)
        arrived = partial(self._decision_arrived, action.decision)
        stream = self._make_stream(action.engine, action.items, self.context.decision, arrived)
        task = self._start_task(self._run_stream(stream), f"decide {action.decision}")
        self._decisions.add_pending(action.decision, stream, task)

    def _decision_arrived(self, number: int, first: Delta) -> None:
        pending = self._decisions.decision_arrived(number, first)
        if pending and self.settings.voice:
            assert self._group is not None
            speech = PreemptiveTts(pending.stream, self.settings.voice, self.settings.speed)
            pending.start_preemptive_tts(speech, self._group)

    def _start_answer(self, begin: commands.StartAnswer) -> None:
        options = PLAIN
        if begin.decision is not None:
            pending = self._decisions.take_pending(begin.decision)
        else:  # asked for by the client or the idle timeout
            pending, options, self._speech_end = self._request_stream(begin), self._options, self._clock()
        voice = None if options.text_only else self.settings.voice
        self.engines.set_generator(begin.engine)
        generator, monitor = (self.engines.engine_at(slot).name for slot in (begin.engine, self.state.monitor))
        previous = begin.items[-1].id if begin.items else None
        spoken, metadata = voice is not None, options.metadata
        started = notices.AnswerStarted(begin.answer, begin.item, previous, spoken, generator, monitor, metadata)
        self.outbox.put_notice(started)
        ahead, speed, put_notice = self.settings.ahead, self.settings.speed, self.outbox.put_notice
        context = PlayoutContext(self.post_event, put_notice, self._clock, voice, ahead, speed)
        self._playout = SpeechPlayout(begin, pending.stream, context, self._speech_end, pending.take_preemptive_tts())
        self._playout.timing = replace(self._playout.timing, decided=pending.decided)
        for task in self._playout_tasks:  # of an answer that is over; it may be waiting for its last audio to be played
            task.cancel()
        speaking = self._start_task(self._playout.run(), f"speak {begin.answer}")
        self._playout_tasks = (*pending.tasks, speaking)

    def _request_stream(self, begin: commands.StartAnswer) -> PendingDecision:
        """The request for an answer that needs no decision."""
        deltas = self.context.answer_deltas(self.engines.generate_at, begin, self._options)
        stream = AnswerStream(deltas, lambda _: None, self._clock)
        task = self._start_task(self._run_stream(stream), f"answer {begin.answer}")
        return PendingDecision(stream, task, self._clock())

    def _stop_answer(self, cut: commands.StopPlayback) -> None:
        for task in self._playout_tasks:
            task.cancel()
        self.outbox.drop_answer(cut.answer)
        if self._playout and self._playout.answer == cut.answer:
            self._playout.stop_output()
            self._playout.stamp_time("cut")
        self.outbox.put_notice(notices.PlaybackStopped(cut.answer, cut.item))

    def _end_answer(self, done: commands.EndAnswer) -> None:
        playout = self._playout
        assert playout is not None
        assert playout.answer == done.answer
        self.outbox.put_notice(playout.answer_ended(done))
        self._tell_timing(playout)

    def _tell_timing(self, playout: SpeechPlayout) -> None:
        self.outbox.put_notice(playout.timing)
        self.log.write_record(playout.timing)

    def _prefill_stream(self, command: commands.PrefillHistory) -> AsyncGenerator[Delta, None]:
        make = partial(self.context.warm, sees_camera=command.sees_camera)
        return self.context.fitting(self.engines.generate_at, command.engine, command.items, make)

    async def _first_audio(self) -> None:
        if self.state.answer and self._playout:
            await self._playout.sounding.wait()

    def _make_stream(self, slot: int, items: HistoryItems, make: MakeRequest, on_first: OnFirst) -> AnswerStream:
        return AnswerStream(self.context.fitting(self.engines.generate_at, slot, items, make), on_first, self._clock)

    def _estimate_playback(self) -> None:
        if self._playout:
            self._playout.estimate_playback()
