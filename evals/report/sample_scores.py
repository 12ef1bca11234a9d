"""What one item scored: its number, its full marks, and which of two answers is the better one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Sample = Mapping[str, Any]
EDITS = ("substitutions", "deletions", "insertions")
BEST_MARK = 5.0  # the best that a judge gives


@dataclass(frozen=True)
class ItemScore:
    """The number of one item.

    Attributes:
        name: of the metric.
        value: in percent for error rates, else in the metric's own unit.
        best: full marks; None where there are none, as of a duration or a count.
        unit: "%", "s" or "".
        lower_is_better: error rates and waits.
    """

    name: str
    value: float
    best: float | None = 1.0
    unit: str = ""
    lower_is_better: bool = False

    @property
    def is_full(self) -> bool:
        """Whether nothing is left to be had; True for what has no full marks."""
        if self.lower_is_better:
            return self.best is None or self.value <= self.best
        return self.best is None or self.value >= self.best


def is_failed(sample: Sample) -> bool:
    """Whether the item got no answer, or could not be scored."""
    return bool(sample.get("error"))


def item_score(sample: Sample) -> ItemScore | None:
    """The number that an item is judged by; None for one that has none, such as one that nobody could score."""
    metrics = sample["metrics"]
    if "substitutions" in metrics:
        return _error_rate(sample)
    if "mer" in metrics:
        return ItemScore("mer", 100.0 * sample["mer"], 0.0, "%", lower_is_better=True)
    if "overlaps" in metrics:  # two who speak at once are timed, not judged
        wait = sample.get("stop_latency")
        return None if wait is None else ItemScore("stop_latency", wait, None, "s", lower_is_better=True)
    if not metrics or metrics[0] == "bypass":
        return None
    return ItemScore(metrics[0], sample[metrics[0]], BEST_MARK if metrics[0] == "mark" else 1.0)


def _error_rate(sample: Sample) -> ItemScore:
    """Edits over the length of the reference; over what was heard where there is no reference."""
    edits = sum(sample[kind] for kind in EDITS)
    length = sample.get("length") or edits
    return ItemScore("error_rate", 100.0 * edits / length if length else 0.0, 0.0, "%", lower_is_better=True)


def is_wrong(sample: Sample) -> bool:
    """Whether it failed or has less than full marks; for recognition, whether there is any edit."""
    score = item_score(sample)
    return is_failed(sample) or (score is not None and not score.is_full)


def is_better(one: Sample, other: Sample) -> bool:
    """Whether ``one`` scored better than ``other`` under the same scorer; an item that failed is worse than any."""
    if one["filter"] != other["filter"] or is_failed(one):
        return False
    if is_failed(other):
        return True
    mine, theirs = item_score(one), item_score(other)
    if mine is None or theirs is None or mine.name != theirs.name:
        return False
    return mine.value < theirs.value if mine.lower_is_better else mine.value > theirs.value


def answer_text(sample: Sample) -> str:
    """What was answered; "" where nothing was."""
    return str(sample["resps"][0][0])
