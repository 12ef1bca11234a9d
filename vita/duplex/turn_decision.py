"""A decision that is being made: its request, and what is rehearsed of the answer that it may become."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from vita.duplex.answer_stream import Stream
from vita.duplex.preemptive_tts import Rehearsal


@dataclass
class Deciding:
    """``asked`` and ``decided``: seconds by the driver's clock, the latter when its first token came."""

    stream: Stream
    task: asyncio.Task[None]
    asked: float
    decided: float | None = None
    rehearsal: Rehearsal | None = None
    rehearsing: asyncio.Task[None] | None = None

    def cancel(self) -> None:
        """There will be no answer."""
        self.task.cancel()
        if self.rehearsing:
            self.rehearsing.cancel()

    def rehearse(self, rehearsal: Rehearsal, group: asyncio.TaskGroup) -> None:
        """It is a query, but its turn is not over: the first clause may be ready by then."""
        self.rehearsal = rehearsal
        self.rehearsing = group.create_task(rehearsal.run(), name="rehearse")

    def rehearsed(self) -> Rehearsal | None:
        """What has been rehearsed by now; a rehearsal that has no clause yet would only say it twice, and ends."""
        if self.rehearsal and self.rehearsal.clause:
            return self.rehearsal
        if self.rehearsing:
            self.rehearsing.cancel()
        return None

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        """Those that the answer goes on with."""
        return (self.task,) if self.rehearsing is None else (self.task, self.rehearsing)
