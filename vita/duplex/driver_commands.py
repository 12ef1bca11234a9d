"""What the state machine orders its driver to do. Commands cause work; what the client is told is a ``client_notices``.

"Answer" is one response of the assistant; its number counts up within a conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vita.duplex.conversation_history import HistoryItem
from vita.duplex.watch_goal import WatchGoal
from vita.media import Picture
from vita.tokens import State

AnswerOutcome = Literal["completed", "cancelled", "incomplete", "failed"]
AnswerEndReason = Literal["", "turn_detected", "client_cancelled", "max_output_tokens", "error"]


@dataclass(frozen=True)
class RequestDecision:
    """Ask ``engine`` whether the last of ``items`` is device-directed speech; its stream may go on as the answer."""

    decision: int
    engine: int
    items: tuple[HistoryItem, ...]


@dataclass(frozen=True)
class AbortDecision:
    """Abort the request of a decision."""

    decision: int


@dataclass(frozen=True)
class StartAnswer:
    """Start an answer: the stream of ``decision`` goes on as it; where that is None, ``items`` are a new request.

    Attributes:
        states: state tokens allowed in a new request.
    """

    answer: int
    item: str
    engine: int
    decision: int | None
    items: tuple[HistoryItem, ...]
    states: tuple[State, ...] = ()


@dataclass(frozen=True)
class StopPlayback:
    """Stop an answer now (barge-in or cancel): abort its request, drop its audio here and at the client."""

    answer: int
    item: str


@dataclass(frozen=True)
class EndAnswer:
    """Tell the one end of an answer, with what it cost."""

    answer: int
    item: str
    outcome: AnswerOutcome
    reason: AnswerEndReason = ""
    detail: str = ""


@dataclass(frozen=True)
class PrefillHistory:
    """Let ``engine`` prefill ``items`` (prefix caching), so that its next decision costs only new audio and frames.

    Attributes:
        sees_camera: what comes next will show something, as the system prompt at the beginning says.
    """

    engine: int
    items: tuple[HistoryItem, ...]
    sees_camera: bool = False


@dataclass(frozen=True)
class StartWatch:
    """A watch began; tell when ``seconds`` are over."""

    watch: int
    seconds: float


@dataclass(frozen=True)
class DisarmWatch:
    """A watch is over: nothing needs to be told of its time."""

    watch: int


@dataclass(frozen=True)
class StartLook:
    """Ask ``engine`` whether a frame shows what is watched for, and tell when the next look may begin."""

    watch: int
    look: int
    engine: int
    goal: WatchGoal
    picture: Picture


@dataclass(frozen=True)
class AbortLook:
    """Abort the request of a look."""

    look: int


WatchCommand = StartWatch | DisarmWatch | StartLook | AbortLook
DriverCommand = RequestDecision | AbortDecision | StartAnswer | StopPlayback | EndAnswer | PrefillHistory | WatchCommand
