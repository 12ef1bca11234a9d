"""What a conversation asks for: the answers of ``duplex.state`` to its events, carried out in order by a driver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vita.duplex.conversation_history import AnswerItem, HistoryItem, UserItem
from vita.tokens import State

AnswerOutcome = Literal["completed", "cancelled", "incomplete", "failed"]
AnswerEndReason = Literal["", "turn_detected", "client_cancelled", "max_output_tokens", "error"]


@dataclass(frozen=True)
class DuckPlayback:
    """Play the answer quietly."""


@dataclass(frozen=True)
class RestoreVolume:
    """Play at full volume again."""


@dataclass(frozen=True)
class RequestDecision:
    """Ask ``engine`` whether the last of ``items`` is a query; its stream goes on as the answer."""

    decision: int
    engine: int
    items: tuple[HistoryItem, ...]


@dataclass(frozen=True)
class AbortDecision:
    """Abort a decision's request."""

    decision: int


@dataclass(frozen=True)
class TurnStarted:
    """Tell the client that the user's turn began."""

    item: str
    at: int


@dataclass(frozen=True)
class TurnEnded:
    """Tell the client that the user's turn ended."""

    item: str
    at: int


@dataclass(frozen=True)
class IdleTimeoutReached:
    """Nobody said anything from ``begin`` to ``end``: VITA goes on as if it had been asked to, by an empty ``item``."""

    item: str
    begin: int
    end: int


@dataclass(frozen=True)
class ItemCommitted:
    """A user's item entered the history behind item ``after`` ("" is the front)."""

    item: UserItem | AnswerItem
    after: str
    by_voice: bool = False


@dataclass(frozen=True)
class StartAnswer:
    """An answer begins: ``decision`` goes on as its stream; where it is None, ``items`` are a request of their own."""

    answer: int
    item: str
    engine: int
    decision: int | None
    items: tuple[HistoryItem, ...]
    states: tuple[State, ...] = ()


@dataclass(frozen=True)
class StopPlayback:
    """Silence an answer now: abort it, drop its sound here and at the client."""

    answer: int
    item: str


@dataclass(frozen=True)
class EndAnswer:
    """The one end of an answer."""

    answer: int
    item: str
    outcome: AnswerOutcome
    reason: AnswerEndReason = ""
    detail: str = ""


@dataclass(frozen=True)
class AnswerHeard:
    """The history keeps this much of an answer."""

    item: AnswerItem


@dataclass(frozen=True)
class PrefillHistory:
    """Let ``engine`` prefill the history, so that its next decision costs only the new sound."""

    engine: int
    items: tuple[HistoryItem, ...]


@dataclass(frozen=True)
class UtteranceDismissed:
    """What was heard was no query, or nothing to decide on."""

    item: str
    why: Literal["noise", "short", "failed", "dropped"]


@dataclass(frozen=True)
class RequestRefused:
    """What the client asked for is not possible now."""

    code: str
    message: str


ConversationAction = (
    DuckPlayback | RestoreVolume | RequestDecision | AbortDecision | TurnStarted | TurnEnded | IdleTimeoutReached
    | ItemCommitted | StartAnswer | StopPlayback | EndAnswer | AnswerHeard | PrefillHistory | UtteranceDismissed
    | RequestRefused
)  # fmt: skip
