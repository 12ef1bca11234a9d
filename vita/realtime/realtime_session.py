"""One session: a conversation with or without a connection, from its place in the queue to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from vita.duplex.client_notices import TranscriptReady
from vita.duplex.context_window import AnswerOptions
from vita.duplex.conversation_driver import ConversationDriver
from vita.duplex.conversation_history import UserItem, Utterance
from vita.engine.engine_pool import EnginePool
from vita.realtime import server_events as r
from vita.realtime.admission_queue import AdmissionQueue
from vita.realtime.client_event_handler import ClientEventHandler
from vita.realtime.protocol_state import ProtocolState
from vita.realtime.server_event_writer import ServerEventWriter
from vita.realtime.shared_settings import SharedSettings

log = logging.getLogger(__name__)

CLOSE_PATIENCE = 1.0  # s that a conversation may take to end


class RealtimeSession:
    """A conversation, the protocol's state of it, and the task that reads and writes its connection.

    Args:
        on_end: called once with the session when it is over.
        vita_events: the client understands our own events.

    Attributes:
        left: when its connection was lost, by the clock; None while there is one.
        admitted: set once it has left the queue.
    """

    def __init__(
        self,
        pool: EnginePool,
        shared: SharedSettings,
        vita_events: bool,
        on_end: Callable[[RealtimeSession], None],
    ) -> None:
        self.run_task: asyncio.Task[None] | None = None
        self.admitted = asyncio.Event()
        self.left: float | None = None
        self._on_end = on_end
        self._connection: asyncio.Task[Any] | None = None
        self._expiry: asyncio.TimerHandle | None = None
        base = replace(shared.base, policy=replace(shared.base.policy, cuts=vita_events))
        self._shared = replace(shared, base=base)
        self.state = ProtocolState(vita_events)
        self.driver = ConversationDriver(pool, base, shared.clock, shared.detector(), self._item_committed)
        self.writer = ServerEventWriter(self.state)
        self.handler = ClientEventHandler(self.driver, self.state, self._shared)

    @property
    def name(self) -> str:
        """Its id, which a client may resume it by."""
        return self.state.session_id

    async def run_session(self, queue: AdmissionQueue) -> None:
        """Wait for a place, then hold the conversation until it is closed."""
        try:
            async with queue.hold_place(self._tell_position):
                running = asyncio.create_task(self.driver.run(), name=f"session {self.name}")
                ready = asyncio.create_task(self.driver.ready.wait(), name=f"ready {self.name}")
                try:
                    await asyncio.wait((ready, running), return_when=asyncio.FIRST_COMPLETED)
                    if ready.done():
                        self.handler.greet_client()
                        self.admitted.set()
                    await asyncio.shield(running)  # raises what kept it from being ready
                finally:
                    ready.cancel()
                    self.driver.close()
                    await asyncio.wait([running], timeout=CLOSE_PATIENCE)
        except Exception:  # a fault of ours ends this conversation and no other
            log.exception("conversation %s failed", self.name)
        finally:
            self.handler.close()
            self._on_end(self)
            if self._connection:
                self._connection.cancel()

    async def end_session(self) -> None:
        """Close it and wait until its place is free."""
        self.driver.close()
        if self.run_task:
            await asyncio.wait([self.run_task], timeout=CLOSE_PATIENCE)

    def attach_connection(self) -> bool:
        """The calling task is the connection now; the one before it is cancelled. True where there had been one."""
        returning = self._connection is not None or self._expiry is not None
        if self._connection:
            self._connection.cancel()
            self.driver.stop_playback()  # the client may have been cut off long before the server knew
        if self._expiry:
            self._expiry.cancel()
        self._connection, self._expiry, self.left = asyncio.current_task(), None, None
        return returning

    def detach_connection(self, grace: float | None) -> None:
        """The connection is lost: stop playback, and end after ``grace`` seconds unless resumed; None ends at once."""
        if self._connection is not asyncio.current_task() or self.run_task is None:
            return
        self._connection = None
        if not self.admitted.is_set():
            self.run_task.cancel()
            return
        self.driver.stop_playback()
        self.left = self._shared.clock()
        if grace is None:
            self.driver.close()
            return
        self._expiry = asyncio.get_running_loop().call_later(grace, self.driver.close)

    def _item_committed(self, item: UserItem) -> None:
        """Audio entered the history: where the client asked for transcripts, transcribe it."""
        self.state.take_from_buffer(item)
        heard = [part for part in item.parts if isinstance(part, Utterance)]
        if heard and self.state.config.audio.input.transcription:
            self._shared.spawn_task(self._transcribe_item(item.id, heard), f"transcribe {item.id}")

    async def _transcribe_item(self, item: str, heard: list[Utterance]) -> None:
        """Transcribe the very sound that was decided on, whose recognition is cached."""
        transcribe = self._shared.transcribe
        sounds = [self.driver.context.sound(utterance) for utterance in heard]
        try:
            texts = [await transcribe(sound) for sound in sounds] if transcribe else [None]
        except Exception:  # the conversation goes on without a transcript
            log.exception("the audio of %s could not be transcribed", item)
            texts = [None]
        said = [text for text in texts if text is not None]
        seconds = sum(sound.duration for sound in sounds)
        self.driver.outbox.put_notice(TranscriptReady(item, " ".join(said) if said else None, seconds))
        if self.state.config.vita.watch_by_words:
            self._follow_words(" ".join(said))

    def _follow_words(self, said: str) -> None:
        """A watch that was asked for by voice is promised in place of what the model had begun to answer."""
        state = self.driver.state
        promise = self.driver.watch.follow_words(said, state.watch is not None)
        if promise and state.policy.create and not state.closed:
            if state.answer and not state.answer.done:
                self.driver.cancel_answer()
            self.driver.request_answer(AnswerOptions(said=promise))

    def _tell_position(self, position: int) -> None:
        if self.state.vita_events:
            self.handler.send_event(r.VitaEvent(type="vita.queue", data={"position": position}))
