"""What a headline number may be held against: published numbers, and the full marks of its own scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.report.published_numbers import Published, published_rows
from evals.result_files import Content
from evals.scoring import BYPASS
from evals.task import Task
from evals.tasks import TASKS

POINTS = ("mme", "ocrbench")  # public tasks that are counted in points, which grow with the items, not in percent
CATEGORY = 200.0  # points that each category of MME gives at most
MARK = 5.0  # the best that a judge gives


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


def full_marks(name: str, content: Content) -> float:
    """The best that could be had of the items that were asked."""
    headline = content["headlines"][name]
    public, metric = name.removesuffix("_bundled"), headline["metric"]
    if metric == "mark":
        return MARK
    if public == "ocrbench":  # a point an item
        return float(content["n-samples"][name]["effective"])
    if public == "mme":
        start, end = f"{metric}/", f",{headline['scorer']}"
        categories = [key for key in content["results"][name] if key.startswith(start) and key.endswith(end)]
        return CATEGORY * max(1, len(categories))
    return 100.0
