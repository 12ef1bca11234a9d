"""What a client is told of its watch."""

from __future__ import annotations

from dataclasses import dataclass

from vita.duplex.conversation_history import UserItem
from vita.duplex.sight_rule import SightVerdict
from vita.duplex.watch_state import WatchEndReason, WatchPlan
from vita.media import Picture


@dataclass(frozen=True)
class WatchStarted:
    """Frames are watched from now on."""

    watch: int
    plan: WatchPlan


@dataclass(frozen=True)
class FrameLooked:
    """A frame was looked at.

    Attributes:
        said: what the model said of it.
        looked, skipped: frames so far.
    """

    watch: int
    picture: Picture
    said: str
    verdict: SightVerdict
    looked: int
    skipped: int


@dataclass(frozen=True)
class WatchedThingSeen:
    """What is watched for was seen in ``picture``.

    Attributes:
        item: that the answer which begins by itself answers: frame and prompt; None where none begins.
        prompt: see ``WatchPlan``.
    """

    watch: int
    item: UserItem | None
    picture: Picture
    prompt: str


@dataclass(frozen=True)
class WatchEnded:
    """The watch is over, with so many frames looked at and skipped."""

    watch: int
    why: WatchEndReason
    looked: int
    skipped: int
