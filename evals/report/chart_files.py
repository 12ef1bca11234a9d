"""A chart as it leaves the project: with a description in words, a toolbar, and a name for the file it is saved as."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evals.report.chart_words import ENGLISH, ChartWords
from evals.scorers.sample_statistics import percentile_of

if TYPE_CHECKING:
    import plotly.graph_objects as go  # takes long, and names of files need none of it

LONGEST = 100  # characters of a file's name, without its end
SCALE = 2  # pixels of a saved picture for one of the page


def chart_filename(title: str, names: Sequence[str]) -> str:
    """What a saved chart is called: ``scores_nano-0-shot``, without its end."""
    parts = [re.sub(r"[^\w.-]+", "-", part.lower()).strip("-.") for part in (title, *names)]
    return "_".join(filter(None, parts))[:LONGEST].rstrip("-_.")


def chart_config(filename: str, words: ChartWords = ENGLISH) -> dict[str, Any]:
    """Plotly's configuration: how the toolbar saves, and what it says."""
    config = {"displaylogo": False, "toImageButtonOptions": {"filename": filename, "format": "png", "scale": SCALE}}
    if words.tools:
        config |= {"locale": "page", "locales": {"page": {"dictionary": dict(words.tools), "format": {}}}}
    return config


def described_chart(figure: go.Figure, title: str, words: ChartWords = ENGLISH) -> go.Figure:
    """The figure with its title and its numbers in words, in ``layout.meta``, for who cannot see it."""
    return figure.update_layout(meta={"description": f"{title}. {chart_description(figure, words)}"})


def chart_description(figure: go.Figure, words: ChartWords = ENGLISH) -> str:
    """The numbers that a chart shows, a sentence for each run."""
    told = [_described_trace(trace, figure.layout.xaxis.ticksuffix or "", words) for trace in figure.data]
    return " ".join(f"{sentence}." for sentence in told if sentence)


def _described_trace(trace: Any, suffix: str, words: ChartWords) -> str:
    if trace.type == "heatmap":
        rows = zip(trace.y, trace.text, strict=True)
        return "; ".join(
            words.series.format(
                run=f"{truth} {words.taken_for}",
                values=", ".join(f"{said} {count}" for said, count in zip(trace.x, row, strict=True)),
            )
            for truth, row in rows
        )
    if trace.type == "histogram":
        said = ((words.median, 0.5), (words.high, 0.95))
        return ", ".join(f"{text.format(run=trace.name)} {percentile_of(trace.x, share):.2f} s" for text, share in said)
    if trace.type == "scatterpolar":
        pairs = list(zip(trace.theta, trace.r, strict=True))[:-1]  # the first comes again, to close the ring
    else:
        pairs = list(zip(trace.y, trace.x, strict=True))
    values = ", ".join(f"{name} {_value_text(value, suffix, words)}" for name, value in pairs)
    return words.series.format(run=trace.name, values=values) if trace.name else values


def _value_text(value: float | None, suffix: str, words: ChartWords) -> str:
    return words.missing if value is None else f"{value:.1f}{suffix}"


def chart_json(figure: go.Figure, filename: str, words: ChartWords = ENGLISH) -> str:
    """Data, layout and configuration, as plotly.js reads them."""
    return json.dumps(json.loads(figure.to_json()) | {"config": chart_config(filename, words)})
