"""What a conversation asks for: the answers of ``duplex.state`` to its events, carried out in order by a driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vita.duplex.conversation_history import AnswerItem, Item, UserItem
from vita.tokens import State

Outcome = Literal["completed", "cancelled", "incomplete", "failed"]
Reason = Literal["", "turn_detected", "client_cancelled", "max_output_tokens", "error"]


@dataclass(frozen=True)
class Duck:
    """Play the answer quietly."""


@dataclass(frozen=True)
class Restore:
    """Play at full volume again."""


@dataclass(frozen=True)
class Decide:
    """Ask ``engine`` whether the last of ``items`` is a query; its stream goes on as the answer."""

    decision: int
    engine: int
    items: tuple[Item, ...]


@dataclass(frozen=True)
class DropDecision:
    """Abort a decision's request."""

    decision: int


@dataclass(frozen=True)
class SpeechStarted:
    """Tell the client that the user's turn began."""

    item: str
    at: int


@dataclass(frozen=True)
class SpeechStopped:
    """Tell the client that the user's turn ended."""

    item: str
    at: int


@dataclass(frozen=True)
class IdleOver:
    """Nobody said anything from ``begin`` to ``end``: VITA goes on as if it had been asked to, by an empty ``item``."""

    item: str
    begin: int
    end: int


@dataclass(frozen=True)
class Commit:
    """A user's item entered the history behind item ``after`` ("" is the front)."""

    item: UserItem | AnswerItem
    after: str
    by_voice: bool = False


@dataclass(frozen=True)
class Begin:
    """An answer begins: ``decision`` goes on as its stream; where it is None, ``items`` are a request of their own."""

    answer: int
    item: str
    engine: int
    decision: int | None
    items: tuple[Item, ...]
    states: tuple[State, ...] = ()


@dataclass(frozen=True)
class Cut:
    """Silence an answer now: abort it, drop its sound here and at the client."""

    answer: int
    item: str


@dataclass(frozen=True)
class Done:
    """The one end of an answer."""

    answer: int
    item: str
    outcome: Outcome
    reason: Reason = ""
    detail: str = ""


@dataclass(frozen=True)
class Heard:
    """The history keeps this much of an answer."""

    item: AnswerItem


@dataclass(frozen=True)
class Warm:
    """Let ``engine`` prefill the history, so that its next decision costs only the new sound and the new frames.

    Attributes:
        sees_camera: what comes next will show something, as the system prompt in front of all says.
    """

    engine: int
    items: tuple[Item, ...]
    sees_camera: bool = False


@dataclass(frozen=True)
class Dismiss:
    """What was heard was no query, or nothing to decide on."""

    item: str
    why: Literal["noise", "short", "failed", "dropped"]


@dataclass(frozen=True)
class Refuse:
    """What the client asked for is not possible now."""

    code: str
    message: str


Action = (
    Duck | Restore | Decide | DropDecision | SpeechStarted | SpeechStopped | IdleOver | Commit | Begin
    | Cut | Done | Heard | Warm | Dismiss | Refuse
)  # fmt: skip
