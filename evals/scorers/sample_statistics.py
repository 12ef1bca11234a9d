"""Means and their errors."""

from __future__ import annotations

import math
from collections.abc import Sequence


def mean_of(values: Sequence[float]) -> float:
    """0.0 for no values, so that an empty task shows as nothing right."""
    return sum(values) / len(values) if values else 0.0


def standard_error(values: Sequence[float]) -> float | None:
    """Standard error of the mean with n-1, as lm-eval has it. None for fewer than two values."""
    if len(values) < 2:
        return None
    centre = mean_of(values)
    return math.sqrt(sum((value - centre) ** 2 for value in values) / (len(values) - 1) / len(values))


def normal_interval(value: float, error: float) -> tuple[float, float]:
    """95 % interval of a mean by the normal approximation."""
    return value - 1.96 * error, value + 1.96 * error


def share_interval(share: float, n: int) -> tuple[float, float]:
    """95 % interval of a share of ``n`` items by Wilson's score; stays within 0..1, also for none or all right."""
    if n < 1:
        return 0.0, 1.0
    square = 1.96**2
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = 1.96 / (1 + square / n) * math.sqrt(share * (1 - share) / n + square / (4 * n**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def percentile_of(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0..1) of them lie, with linear interpolation; nan for none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
