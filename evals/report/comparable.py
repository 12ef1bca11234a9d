"""What a headline number may be held against: published numbers, and the full marks of its own scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.report.published_numbers import Published, published_rows
from evals.report.sample_scores import BEST_MARK
from evals.result_files import Content
from evals.scoring import BYPASS, TaskResult
from evals.task import Task
from evals.tasks import TASKS

POINTS = ("mme", "ocrbench")  # public tasks that are counted in points, which grow with the items, not in percent
CATEGORY = 200.0  # points that each category of MME gives at most


def is_counted(name: str) -> bool:
    """Whether a task, bundled or not, is counted in points."""
    return name.removesuffix("_bundled") in POINTS


def is_scored(headline: Mapping[str, Any]) -> bool:
    """Whether the answers were scored at all; 999 stands for those that were not."""
    return bool(headline["scorer"] != BYPASS.name)


def is_own(name: str, headline: Mapping[str, Any]) -> bool:
    """Whether it is the number that the task is published by, not one that another scorer left in its place."""
    task = TASKS.get(name)
    return is_scored(headline) and (task is None or headline["metric"] == task.metric)


def published_beside(name: str, contents: Sequence[Content]) -> tuple[Published, ...]:
    """What was published for a task; nothing where a run that has it measured something else, or bundled items.

    Points are a sum over items, so that only all of them sum up to what was published.
    """
    having = [content for content in contents if name in content["headlines"]]
    return published_rows(name) if all(_is_comparable(name, content) for content in having) else ()


def _is_comparable(name: str, content: Content) -> bool:
    is_whole = not is_counted(name) or _is_whole(TASKS[name], content["n-samples"][name])
    return is_own(name, content["headlines"][name]) and not content["bundled"][name] and is_whole


def _is_whole(task: Task, items: Mapping[str, int]) -> bool:
    """Whether all items were asked; a folder may hold less than the benchmark."""
    return items["effective"] == items["original"] and items["effective"] >= task.source.size


def headline_unit(name: str, content: Content) -> str:
    """The unit of a task's headline number: "%", "s", or "points", which are out of ``full_marks``."""
    metric = content["headlines"][name]["metric"]
    return _unit_of(name, metric, content["units"].get(name, {}).get(metric, ""))


def full_marks(name: str, content: Content) -> float:
    """The best that could be had of the items that were asked."""
    metric, scorer = (content["headlines"][name][key] for key in ("metric", "scorer"))
    start, end = f"{metric}/", f",{scorer}"
    keys = (key for key in content["results"][name] if key.startswith(start) and key.endswith(end))
    parts = sum(not key.endswith(f"_stderr{end}") for key in keys)
    return _best_of(name, metric, content["n-samples"][name]["effective"], parts)


def result_scale(result: TaskResult) -> tuple[str, float]:
    """Unit and full marks of a task's headline number, as ``headline_unit`` and ``full_marks`` of its results file."""
    metric = result.headline_metric
    parts = sum(name.startswith(f"{metric}/") for name in result.metrics)
    unit = _unit_of(result.task.name, metric, result.metrics[metric].unit)
    return unit, _best_of(result.task.name, metric, len(result.records), parts)


def _unit_of(name: str, metric: str, unit: str) -> str:
    if unit == "seconds":
        return "s"
    return "points" if is_counted(name) or metric == "mark" else "%"


def _best_of(name: str, metric: str, items: int, parts: int) -> float:
    """Full marks.

    Args:
        parts: sub-scores of the metric, which are MME's categories.
    """
    public = name.removesuffix("_bundled")
    if metric == "mark":
        return BEST_MARK
    if public == "ocrbench":  # a point an item
        return float(items)
    return CATEGORY * max(1, parts) if public == "mme" else 100.0
