"""All charts of results files as one HTML page that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import plotly.graph_objects as go
import plotly.io

from evals.report import figures, sample_tables
from evals.report.text_tables import BUNDLED_NOTE
from evals.result_files import Content, read_results
from evals.tasks import TASKS

STYLE = "<style>body{font-family:sans-serif;max-width:960px;margin:2rem auto;padding:0 1rem}</style>"


def charts_page(names: Sequence[str], contents: Sequence[Content], seconds: Sequence[Sequence[float]]) -> str:
    """All charts as one HTML page that needs no network; each can be saved as PNG by its toolbar.

    Args:
        names: what to call each run.
        seconds: of each run, how long its items took; see ``samples.seconds``.
    """
    lines = [f"<!doctype html><meta charset='utf-8'><title>Results</title>{STYLE}<h1>Results</h1>"]
    if any(any(content["bundled"].values()) for content in contents):
        lines.append(f"<p>{escape(BUNDLED_NOTE)}</p>")
    for number, (title, figure) in enumerate(charts_by_title(names, contents, seconds).items()):
        html = plotly.io.to_html(figure, include_plotlyjs=not number, full_html=False, config={"displaylogo": False})
        lines.append(f"<h2>{escape(title)}</h2>{html}")
    return "\n".join(lines)


def charts_by_title(
    names: Sequence[str], contents: Sequence[Content], seconds: Sequence[Sequence[float]]
) -> dict[str, go.Figure]:
    """Every chart that there is something to show in, by title."""
    found: dict[str, go.Figure | None] = {}
    for bundled, mark in ((False, ""), (True, " (bundled)")):
        found[f"Scores{mark}"] = figures.score_figure(names, contents, bundled)
        found[f"Points{mark}"] = figures.score_figure(names, contents, bundled, "points")
        found[f"Waits{mark}"] = figures.score_figure(names, contents, bundled, "seconds")
        found[f"Abilities{mark}"] = figures.ability_radar(names, contents, bundled)
    for name, content in zip(names, contents, strict=True):
        for task in figures.tasks_with_parts(content):
            found[f"{TASKS[task].title}: parts, {name}"] = figures.part_figure(content, task)
        found[f"State tokens, {name}"] = figures.confusion_figure(content)
    found["Latency"] = figures.latency_figure(names, seconds)
    return {title: figure for title, figure in found.items() if figure is not None}


def write_html(target: Path, results: Path) -> None:
    """Write the charts of one results file, with latencies where its samples lie beside it."""
    content = read_results(results)
    seconds = sample_tables.item_seconds(results, content["results"])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(charts_page([str(content["model_name"])], [content], [seconds]), encoding="utf-8")
