"""Turns and how they become a prompt, for each checkpoint family. Pure: no tokenizer, no model, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vita.media import Medium
from vita.tokens import State

Role = Literal["user", "assistant"]
Part = str | Medium


@dataclass(frozen=True)
class Turn:
    """One message. A user's parts are text and media in the order given; an assistant's are one text.

    Attributes:
        state: the assistant's state token; None for the user's turns.
    """

    role: Role
    parts: tuple[Part, ...]
    state: State | None = None

    @property
    def text(self) -> str:
        """The text parts, joined."""
        return "".join(part for part in self.parts if isinstance(part, str))

    @property
    def media(self) -> tuple[Medium, ...]:
        """The parts that are not text."""
        return tuple(part for part in self.parts if not isinstance(part, str))
