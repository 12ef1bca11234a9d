"""From results files to charts, and charts to one HTML file that needs no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import plotly.io

from evals import charts, samples
from evals.references import published
from evals.results import read
from evals.tables import BUNDLED_NOTE
from evals.tasks import TASKS

_TOPS = {"mme": 2800.0, "ocrbench": 1000.0}  # full marks of what is no percentage


def bars(content: Mapping[str, Any]) -> list[charts.Bar]:
    """The headline number of every task of a results file that this project wrote."""
    return [_bar(content, name, headline) for name, headline in content.get("headlines", {}).items()]


def _bar(content: Mapping[str, Any], name: str, headline: Mapping[str, Any]) -> charts.Bar:
    public = name.removesuffix("_bundled")
    bundled = content["bundled"][name]
    items = content["n-samples"][name]["effective"]
    top = 5.0 if headline["metric"] == "mark" else _TOPS.get(public, 100.0)
    if bundled and public == "ocrbench":
        top = float(items)  # a point an item
    return charts.Bar(
        task=name,
        title=headline["title"],
        value=headline["value"],
        interval=tuple(headline["interval"]) if headline["interval"] else None,
        ability=headline["ability"],
        scale_top=top,
        lower_is_better=not content["higher_is_better"][name].get(headline["metric"], True),
        bundled=bundled,
    )


def sub_scores(content: Mapping[str, Any], task: str) -> dict[str, float]:
    """A task's sub-scores under its first scorer, by their own names, as they stand in the file."""
    headline = content["headlines"][task]
    start, end = f"{headline['metric'].removesuffix('_macro')}/", f",{headline['scorer']}"
    return {
        key.removeprefix(start).removesuffix(end): value
        for key, value in content["results"][task].items()
        if key.startswith(start) and key.endswith(end) and not key.endswith(f"_stderr{end}")
    }


def figures(contents: Sequence[Mapping[str, Any]], seconds: Sequence[Sequence[float]] = ()) -> dict[str, go.Figure]:
    """All charts of one run or of several, by title.

    Args:
        seconds: of each run, how long its items took; see ``samples.seconds``.
    """
    runs = {_run_name(content, index): bars(content) for index, content in enumerate(contents)}
    several = [each for found in runs.values() for each in found]
    names = dict.fromkeys(bar.task for bar in several)
    beside = [number for name in names for number in published(name)]
    small = {name: [bar for bar in found if bar.scale_top <= 100] for name, found in runs.items()}
    large = {name: [bar for bar in found if bar.scale_top > 100] for name, found in runs.items()}
    found = {"Scores": charts.grouped_bars(small, beside), "Abilities": charts.radar(runs)}
    if any(large.values()):
        found["Points"] = charts.grouped_bars(large, beside)
    for content in contents[:1]:
        for name in content.get("headlines", {}):
            if parts := sub_scores(content, name):
                found[f"{TASKS[name].title}: parts"] = charts.sub_scores("", parts)
            if name.startswith("state_tokens"):
                counts = {key.split(",")[0]: value for key, value in content["results"][name].items()}
                found["State tokens"] = charts.confusion(
                    {k: v for k, v in counts.items() if k.startswith("confusion/")}
                )
    if any(seconds):
        found["Latency"] = charts.latencies(dict(zip(runs, seconds, strict=True)))
    return found


def _run_name(content: Mapping[str, Any], index: int) -> str:
    name = str(content.get("model_name", "run"))
    return f"{name} #{index + 1}" if index else name


def html(contents: Sequence[Mapping[str, Any]], seconds: Sequence[Sequence[float]] = ()) -> str:
    """One page with all charts; plotly's script is inside."""
    parts = ["<!doctype html><meta charset='utf-8'><title>Results</title><body style='font-family:sans-serif'>"]
    if any(any(content.get("bundled", {}).values()) for content in contents):
        parts.append(f"<p>{escape(BUNDLED_NOTE)}</p>")
    for index, (title, figure) in enumerate(figures(contents, seconds).items()):
        script = index == 0
        parts.append(f"<h2>{escape(title)}</h2>{plotly.io.to_html(figure, include_plotlyjs=script, full_html=False)}")
    return "\n".join(parts)


def write_html(target: Path, results: Path) -> None:
    """Write the charts of one results file, with latencies where its samples lie beside it."""
    content = read(results)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(html([content], [samples.seconds(results, content["results"])]), encoding="utf-8")
