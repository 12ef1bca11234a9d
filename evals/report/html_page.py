"""All charts of results files as one HTML page that needs no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import plotly.graph_objects as go
import plotly.io

from evals.report import figures, sample_tables
from evals.report.chart_files import chart_config, chart_description, chart_filename
from evals.report.chart_words import ENGLISH, ChartWords
from evals.report.run_settings import run_settings
from evals.result_files import Content, read_results
from evals.tasks import TASKS

STYLE = """<style>
body{font-family:sans-serif;max-width:960px;margin:2rem auto;padding:0 1rem}
.settings{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem}
td{text-align:left;vertical-align:top;padding:.3rem .8rem;border-bottom:1px solid #ddd}
tr:first-child,td:first-child{font-weight:600}figure{margin:0}
</style>"""


def charts_page(
    names: Sequence[str],
    contents: Sequence[Content],
    seconds: Sequence[Sequence[float]],
    settings: Sequence[Mapping[str, str]] = (),
    words: ChartWords = ENGLISH,
) -> str:
    """All charts as one HTML page that needs no network; each can be saved as PNG by its toolbar.

    Args:
        names: what to call each run.
        seconds: of each run, how long its items took; see ``samples.seconds``.
        settings: of each run, by the names that people read; empty takes what the results files say.
    """
    title = escape(f"{words.results}: {', '.join(names)}")
    lines = [f"<!doctype html><meta charset='utf-8'><title>{title}</title>{STYLE}<h1>{escape(words.results)}</h1>"]
    lines.append(_settings_table(names, settings or [run_settings({}, content) for content in contents], words))
    if any(any(content["bundled"].values()) for content in contents):
        lines.append(f"<p>{escape(words.bundled_note)}</p>")
    for number, (title, figure) in enumerate(charts_by_title(names, contents, seconds, words).items()):
        config = chart_config(chart_filename(title, names), words)
        html = plotly.io.to_html(figure, include_plotlyjs=not number, full_html=False, config=config)
        label = escape(f"{title}. {chart_description(figure, words)}", quote=True)
        lines.append(f'<h2>{escape(title)}</h2><figure aria-label="{label}">{html}</figure>')
    return "\n".join(lines)


def _settings_table(names: Sequence[str], settings: Sequence[Mapping[str, str]], words: ChartWords) -> str:
    """What each run was made with, a column a run."""
    known = list(dict.fromkeys(name for each in settings for name in each if any(one.get(name) for one in settings)))
    rows = [("", *names), *((name, *(each.get(name, "") for each in settings)) for name in known)]
    body = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f'<h2>{escape(words.settings)}</h2><div class="settings"><table>{body}</table></div>'


def charts_by_title(
    names: Sequence[str],
    contents: Sequence[Content],
    seconds: Sequence[Sequence[float]],
    words: ChartWords = ENGLISH,
) -> dict[str, go.Figure]:
    """Every chart that there is something to show in, by title."""
    found: dict[str, go.Figure | None] = {}
    kinds: dict[figures.Kind, str] = {"percent": words.scores, "points": words.points, "seconds": words.waits}
    for bundled, mark in ((False, "{title}"), (True, words.bundled_mark)):
        for kind, title in kinds.items():
            found[mark.format(title=title)] = figures.score_figure(names, contents, bundled, kind, words)
        radar = figures.ability_radar(names, contents, bundled, words)
        found[mark.format(title=words.abilities_title)] = radar
    for name, content in zip(names, contents, strict=True):
        for task in figures.tasks_with_parts(content):
            title = words.parts.format(task=TASKS[task].title, run=name)
            found[title] = figures.part_figure(content, task, words)
        found[words.states.format(run=name)] = figures.confusion_figure(content, words)
    live = any(TASKS[task].live for content in contents for task in content["headlines"] if task in TASKS)
    found[words.latency] = figures.latency_figure(names, seconds, live, words)
    return {title: figure for title, figure in found.items() if figure is not None}


def write_html(target: Path, results: Path) -> None:
    """Write the charts of one results file, with latencies where its samples lie beside it."""
    content = read_results(results)
    seconds = sample_tables.item_seconds(results, content["results"])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(charts_page([str(content["model_name"])], [content], [seconds]), encoding="utf-8")
