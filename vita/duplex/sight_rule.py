"""When something counts as seen: the pure rule over what each look found, with hysteresis against how it began.

A look gives a score, higher where the picture shows more surely what is watched for. Nobody knows what score a model
gives to an empty room; so the first look is the baseline, and what rises clearly above it in two looks in a row is
seen. The baseline sinks with two lower looks in a row: what was there from the beginning counts when it comes again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

LOOKS_NEEDED = 2  # in a row


@dataclass(frozen=True)
class SightRule:
    """Limits of one kind of score.

    Attributes:
        rise: above the baseline, from which a look shows it.
        floor: below which no look shows it, however low the baseline is.
    """

    rise: float
    floor: float


@dataclass(frozen=True)
class SightMemory:
    """What the looks of a watch found so far.

    Attributes:
        baseline: the score of a picture without it; None before the first look.
        before: the score of the look before; None where that showed it, or there was none.
        streak: looks in a row that showed it.
    """

    baseline: float | None = None
    before: float | None = None
    streak: int = 0


@dataclass(frozen=True)
class SightVerdict:
    """What one look means.

    Attributes:
        shows: this look shows it.
        seen: so did the look before, and now it counts.
        already: it is the first look, and shows it: it was there when the watch began.
    """

    shows: bool = False
    seen: bool = False
    already: bool = False


def judge_look(rule: SightRule, memory: SightMemory, score: float) -> tuple[SightMemory, SightVerdict]:
    """The memory after a look of that score, and what the look means."""
    if memory.baseline is None:
        return SightMemory(score, score), SightVerdict(already=score >= rule.floor)
    if score >= max(memory.baseline + rule.rise, rule.floor):
        streak = memory.streak + 1
        if streak < LOOKS_NEEDED:
            return replace(memory, before=None, streak=streak), SightVerdict(shows=True)
        return SightMemory(score, None), SightVerdict(shows=True, seen=True)
    lower = memory.baseline if memory.before is None else min(memory.baseline, max(memory.before, score))
    return SightMemory(lower, score), SightVerdict()
