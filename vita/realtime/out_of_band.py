"""An answer beside the conversation (``conversation: "none"``): a context of its own, text alone, in no history."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from vita.engine.engine_protocol import Delta, Usage
from vita.errors import VitaError
from vita.realtime import protocol_objects as s
from vita.realtime import server_events as r
from vita.realtime.server_event_writer import usage_of

log = logging.getLogger(__name__)


@dataclass
class Aside:
    """One such answer, written in the protocol's words as it comes. ``run`` may be cancelled, which it tells too."""

    deltas: AsyncGenerator[Delta, None]
    reply: Callable[[r.ServerEvent], None]
    metadata: dict[str, Any] | None = None
    response: str = field(default_factory=lambda: r.fresh("resp"))
    item: str = field(default_factory=lambda: r.fresh("item"))
    text: str = ""
    usage: Usage = field(default_factory=lambda: Usage(0, 0, 0, 0, 0, 0))
    finish: str | None = None

    async def run(self) -> None:
        """From its beginning to its one end."""
        self._begin()
        status, details = "cancelled", {"type": "cancelled", "reason": "client_cancelled"}
        try:
            await self._read()
            status, details = "completed", {}
            if self.finish == "length":
                status, details = "incomplete", {"type": "incomplete", "reason": "max_output_tokens"}
        except VitaError as error:
            status, details = _failed(str(error))
        except Exception:
            log.exception("answer %s failed", self.response)
            status, details = _failed("Something went wrong while answering.")
        finally:
            self._end(status, details)

    async def _read(self) -> None:
        async with aclosing(self.deltas) as deltas:
            async for delta in deltas:
                if delta.text:
                    self.text += delta.text
                    self.reply(r.TextDelta(**self._place(), delta=delta.text))
                self.usage, self.finish = delta.usage or self.usage, delta.finish or self.finish

    def _begin(self) -> None:
        self.reply(r.ResponseCreated(response=self._response("in_progress")))
        self.reply(r.OutputItemAdded(response_id=self.response, item=self._item("in_progress", [])))
        self.reply(r.ContentPartAdded(**self._place(), part=s.Part(type="text", text="")))

    def _end(self, status: str, details: dict[str, Any]) -> None:
        self.reply(r.TextDone(**self._place(), text=self.text))
        self.reply(r.ContentPartDone(**self._place(), part=s.Part(type="text", text=self.text)))
        item = self._item(
            "completed" if status == "completed" else "incomplete", [s.Part(type="output_text", text=self.text)]
        )
        self.reply(r.OutputItemDone(response_id=self.response, item=item))
        response = self._response(status)
        response.output, response.usage, response.status_details = [item], usage_of(self.usage), details or None
        self.reply(r.ResponseDone(response=response))

    def _place(self) -> dict[str, Any]:
        return {"response_id": self.response, "item_id": self.item}

    def _item(self, status: str, content: list[s.Part]) -> s.Item:
        return s.Item.model_validate({"id": self.item, "status": status, "role": "assistant", "content": content})

    def _response(self, status: str) -> s.Response:
        return s.Response.model_validate(
            {"id": self.response, "conversation_id": None, "status": status, "output_modalities": ["text"],
             "metadata": self.metadata}
        )  # fmt: skip


def _failed(message: str) -> tuple[str, dict[str, Any]]:
    return "failed", {"type": "failed", "error": {"type": "server_error", "code": "engine_failed", "message": message}}
