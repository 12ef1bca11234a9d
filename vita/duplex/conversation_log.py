"""The log of a conversation, one JSON object a line, fit for a replay. Holds no audio and no picture."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from vita.duplex.client_notices import AnswerAudio
from vita.duplex.conversation_history import AnswerItem
from vita.media import Clip, Picture, Sound

KEPT = 20_000  # lines; an hour of lively talk


class ConversationLog:
    """Lines of one conversation: ``t`` seconds by the clock since it began, ``kind``, and what there is to say."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._began = clock, clock()
        self.lines: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def write_record(self, record: object, **more: Any) -> None:
        """Add what a record (an event, an action, a notice) says."""
        self.add_line(type(record).__name__, **to_plain(record), **more)

    def add_line(self, kind: str, **more: Any) -> None:
        """Add a line."""
        self.lines.append({"t": round(self._clock() - self._began, 4), "kind": kind, **more})

    def as_json_lines(self) -> str:
        """All lines as JSON Lines."""
        return to_json_lines(self.lines)


def to_json_lines(lines: Iterable[dict[str, Any]]) -> str:
    """One JSON object a line."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def to_plain(value: Any) -> Any:
    """``value`` as what JSON knows; media only by their size, histories only by their length."""
    if isinstance(value, AnswerItem):
        return {"id": value.id, "heard": value.heard, "text": value.text}
    if isinstance(value, Picture | Clip | Sound):
        return f"<{type(value).__name__.lower()}>"
    if isinstance(value, AnswerAudio):
        return {"answer": value.answer, "item": value.item, "offset": value.offset, "bytes": len(value.pcm)}
    if isinstance(value, Enum):
        return value.name if isinstance(value.value, int) else value.value
    if is_dataclass(value):
        return {
            field.name: len(getattr(value, field.name))
            if field.name == "items"
            else to_plain(getattr(value, field.name))
            for field in fields(value)
        }
    if isinstance(value, tuple | list):
        return [to_plain(part) for part in value]
    return value
