"""Plain-text tables of tasks, results and differences. Strings in, a string out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from evals.markdown_table import table
from evals.report import task_groups
from evals.report.chart_words import ENGLISH
from evals.report.comparable import published_beside
from evals.task import Task
from vita.errors import InputError

BUNDLED_NOTE = ENGLISH.bundled_note


def of_tasks(tasks: Iterable[Task]) -> str:
    """What there is to run."""
    rows = [
        (task.name, task.ability, _data_source(task), task.source.split, str(task.source.size or "?"),
         task.source.licence, ", ".join(scorer.name + ("*" if scorer.ask else "") for scorer in task.scorers))
        for task in tasks if not task.bundled
    ]  # fmt: skip
    head = ("task", "ability", "data", "split", "items", "licence", "scorers (first is the default, * needs a judge)")
    return table(head, rows) + "\n\nEach is also there as <task>_bundled, a few items of our own that need no download."


def _data_source(task: Task) -> str:
    """Where its rows come from."""
    return task.source.hub or ("a folder, held live" if task.live else "bundled only")


def of_results(results: Mapping[str, Any]) -> str:
    """A run's headline numbers, with intervals, failures and the published numbers beside them."""
    if "headlines" not in results:
        raise InputError("These results were written by another program; tables and charts need our own.")
    rows = []
    for name, headline in results["headlines"].items():
        spread = "{:.2f} … {:.2f}".format(*headline["interval"]) if headline["interval"] else ""
        rows.append(
            (headline["title"], f"{headline['metric']},{headline['scorer']}", f"{headline['value']:.2f}", spread,
             str(results["n-samples"][name]["effective"]), tiles_text(name, results), str(results["failures"][name]),
             _other_metrics(name, results))
        )  # fmt: skip
    for bundled in (False, True):
        if (value := task_groups.voicebench_overall(results, bundled)) is not None:
            title = task_groups.TITLE + (" (bundled)" if bundled else "")
            others = "" if bundled else _other_metrics(task_groups.OVERALL, results)
            rows.append((title, "mean of nine", f"{value:.2f}", "", "", "", "", others))
    head = ("task", "metric,scorer", "value", "95 %", "items", "tiles", "failed", "published")
    optional = ("tiles", "published")  # no task shows pictures, or nothing was published on bundled items
    shown = [n for n, name in enumerate(head) if name not in optional or any(row[n] for row in rows)]
    text = table([head[n] for n in shown], [[row[n] for n in shown] for row in rows])
    return f"{text}\n\n{BUNDLED_NOTE}" if any(results["bundled"].values()) else text


def tiles_text(name: str, results: Mapping[str, Any]) -> str:
    """Tiles that one picture was cut into at most: "12", "12 < 24" where the model's bound is below the task's number.

    "≤ 6" where the model is elsewhere and only the task's number is known, "" for a task without pictures.
    """
    tiles = results.get("tiles", {}).get(name)
    if tiles is None:
        return ""
    asked, used = tiles["asked"], tiles["used"]
    if used is None:
        return f"≤ {asked}"
    return str(used) if used == asked else f"{used} < {asked}"


def _other_metrics(name: str, results: Mapping[str, Any]) -> str:
    return ", ".join(f"{number.model} {number.value:g}" for number in published_beside(name, [results])[:3])


def of_difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Two runs task by task; a difference beyond both runs' 95 % intervals is marked."""
    rows = []
    for name, first in one.get("headlines", {}).items():
        second = other.get("headlines", {}).get(name)
        if second is None:
            continue
        error = ((first["stderr"] or 0.0) ** 2 + (second["stderr"] or 0.0) ** 2) ** 0.5
        change = second["value"] - first["value"]
        mark = "*" if error and abs(change) > 1.96 * error else ""
        same = "" if first["scorer"] == second["scorer"] else f"{first['scorer']} / {second['scorer']}"
        rows.append((first["title"], f"{first['value']:.2f}", f"{second['value']:.2f}", f"{change:+.2f}{mark}", same))
    head = ("task", *_told_apart(one, other), "change (* beyond 95 %)", "scorers differ")
    return table(head, rows) if rows else "The two runs have no task in common."


def _told_apart(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """The names of two runs' models, with the times at which they began where that is one model."""
    names = [str(run["model_name"]) for run in (one, other)]
    if names[0] != names[1]:
        return names
    return [f"{run['model_name']} {datetime.fromtimestamp(run['date']):%m-%d %H:%M:%S}" for run in (one, other)]
