"""An out-of-band response (``conversation: "none"``): its own context, text alone, part of no history."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from vita.duplex.driver_commands import AnswerEndReason, AnswerOutcome
from vita.engine.engine_protocol import Delta, Usage
from vita.errors import VitaError
from vita.realtime import server_events as r
from vita.realtime.response_writer import ResponseWriter

log = logging.getLogger(__name__)


@dataclass
class OutOfBandResponse:
    """Reads ``deltas`` and sends the response as it comes. ``run`` may be cancelled, which is told as its end."""

    deltas: AsyncGenerator[Delta, None]
    send_event: Callable[[r.ServerEvent], None]
    writer: ResponseWriter
    usage: Usage = field(default_factory=lambda: Usage(0, 0, 0, 0, 0, 0))
    finish: str | None = None

    async def run(self) -> None:
        """From the beginning to the one end."""
        self._send_all(self.writer.begin_response())
        end: tuple[AnswerOutcome, AnswerEndReason, str] = ("cancelled", "client_cancelled", "")
        try:
            await self._read_deltas()
            end = ("completed", "", "")
            if self.finish == "length":
                end = ("incomplete", "max_output_tokens", "")
        except VitaError as error:
            end = ("failed", "error", str(error))
        except Exception:
            log.exception("response %s failed", self.writer.response_id)
            end = ("failed", "error", "Something went wrong while answering.")
        finally:
            outcome, reason, detail = end
            self._send_all(self.writer.end_response(outcome, reason, detail, self.usage))

    async def _read_deltas(self) -> None:
        async with aclosing(self.deltas) as deltas:
            async for delta in deltas:
                if delta.text:
                    self.send_event(self.writer.write_text(delta.text))
                self.usage, self.finish = delta.usage or self.usage, delta.finish or self.finish

    def _send_all(self, events: list[r.ServerEvent]) -> None:
        for event in events:
            self.send_event(event)
