"""Turn decisions under way: their requests, and the preemptive TTS of the answers that they may become."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from vita.duplex.answer_stream import AnswerStream
from vita.duplex.client_notices import ClientNotice, TurnDecision
from vita.duplex.conversation_events import ConversationEvent, DecisionFailed, DecisionMade
from vita.duplex.preemptive_tts import PreemptiveTts
from vita.engine.engine_protocol import Delta
from vita.errors import VitaError
from vita.tokens import State


@dataclass
class PendingDecision:
    """``asked`` and ``decided``: seconds by the driver's clock, the latter when its first token came."""

    stream: AnswerStream
    task: asyncio.Task[None]
    asked: float
    decided: float | None = None
    preemptive: PreemptiveTts | None = None
    preemptive_task: asyncio.Task[None] | None = None

    def cancel_tasks(self) -> None:
        """There will be no answer."""
        self.task.cancel()
        if self.preemptive_task:
            self.preemptive_task.cancel()

    def start_preemptive_tts(self, preemptive: PreemptiveTts, group: asyncio.TaskGroup) -> None:
        """It is a query, but its turn is not over: the first clause may be synthesised by then."""
        self.preemptive = preemptive
        self.preemptive_task = group.create_task(preemptive.run(), name="preemptive tts")

    def take_preemptive_tts(self) -> PreemptiveTts | None:
        """What has been synthesised by now; one that has no clause yet would only say it twice, and is cancelled."""
        if self.preemptive and self.preemptive.clause:
            return self.preemptive
        if self.preemptive_task:
            self.preemptive_task.cancel()
        return None

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """Those that the answer goes on with."""
        return (self.task,) if self.preemptive_task is None else (self.task, self.preemptive_task)


class TurnDecisions:
    """The decisions of one conversation that are under way, by the state machine's number of them."""

    def __init__(
        self,
        post_event: Callable[[ConversationEvent], None],
        put_notice: Callable[[ClientNotice], None],
        clock: Callable[[], float],
    ) -> None:
        self._post_event, self._put_notice, self._clock = post_event, put_notice, clock
        self._pending: dict[int, PendingDecision] = {}

    def add_pending(self, number: int, stream: AnswerStream, task: asyncio.Task[None]) -> None:
        """A decision was asked for."""
        self._pending[number] = PendingDecision(stream, task, self._clock())

    def take_pending(self, number: int) -> PendingDecision:
        """The decision that becomes an answer; it is pending no more."""
        return self._pending.pop(number)

    def abort_decision(self, number: int) -> None:
        """End its request, unless it has become an answer."""
        if number in self._pending:
            self._pending.pop(number).cancel_tasks()

    def cancel_all(self) -> None:
        """End every request."""
        for pending in self._pending.values():
            pending.cancel_tasks()

    def stream_failed(self, stream: AnswerStream, error: Exception) -> None:
        """Tell the machine, where ``stream`` was a decision's."""
        reason = str(error) if isinstance(error, VitaError) else "The engine failed."
        for number, pending in list(self._pending.items()):
            if pending.stream is stream:
                self._post_event(DecisionFailed(number, reason))
                self._pending.pop(number, None)

    def decision_arrived(self, number: int, first: Delta) -> PendingDecision | None:
        """Tell machine and client its first token; returns it where it is a query whose turn may still go on."""
        pending = self._pending.get(number)
        if pending is None:
            return None
        pending.decided = self._clock()
        self._put_notice(TurnDecision(number, first.state, first.engine, pending.decided - pending.asked))
        if first.state is State.NOISE:
            pending.cancel_tasks()
        self._post_event(DecisionMade(number, first.state))
        return pending if self._pending.get(number) is pending and first.state is not State.NOISE else None
