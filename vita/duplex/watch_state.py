"""A watch of a conversation: what is watched for, and what its looks found. Frozen records of the state machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from vita.duplex.sight_rule import SightMemory, SightRule
from vita.duplex.watch_goal import WatchGoal
from vita.media import Picture

WatchEndReason = Literal["seen", "stopped", "replaced", "time", "failed"]


@dataclass(frozen=True)
class WatchPlan:
    """What a client asks for.

    Attributes:
        rule: when what the looks find counts as seen.
        prompt: what the model is asked beside the frame in which it was seen.
        repeat: go on after it was seen, for the next time.
        seconds: the watch ends after so many.
    """

    goal: WatchGoal
    rule: SightRule
    prompt: str
    repeat: bool = False
    seconds: float = 600.0


@dataclass(frozen=True)
class RunningLook:
    """A frame that an engine (its number) is looking at."""

    id: int
    engine: int
    picture: Picture


@dataclass(frozen=True)
class ActiveWatch:
    """The watch of a conversation; there is one at most.

    Attributes:
        waiting: the newest frame, while nobody has looked at it.
        look: the frame that is being looked at.
        resting: the last look began less than a second ago.
        looked, skipped: frames that were looked at, and that came and went unseen.
        failed: looks in a row that gave nothing.
        found: it was seen in this frame, and the answer that tells so waits until nobody speaks.
    """

    id: int
    plan: WatchPlan
    memory: SightMemory = field(default_factory=SightMemory)
    waiting: Picture | None = None
    look: RunningLook | None = None
    resting: bool = False
    looked: int = 0
    skipped: int = 0
    failed: int = 0
    found: Picture | None = None
