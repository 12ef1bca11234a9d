"""Charts of results as plotly figures. Pure: a table in, a figure out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import get_args

import plotly.graph_objects as go

from evals.report.chart_words import ENGLISH, ChartWords
from evals.report.published_numbers import Published
from evals.scorers.sample_statistics import percentile_of
from evals.task import Ability, plain_title

_LABELS = ("audio_query", "noise", "text_query")
_SAID = (*_LABELS, "no token")


@dataclass(frozen=True)
class Bar:
    """A task's number of one run.

    Attributes:
        ability: "" for what sums up other tasks and is no task of its own.
        scale_top: what full marks are, 100 where the number is a percentage.
        lower_is_better: error rates.
        unit: of the number before it was scaled; "seconds" has no full marks.
        bundled: measured on the items that ship here; nothing published may stand beside it.
    """

    task: str
    title: str
    value: float
    interval: tuple[float, float] | None = None
    ability: str = ""
    scale_top: float = 100.0
    lower_is_better: bool = False
    unit: str = ""
    bundled: bool = False


def grouped_bars(
    runs: Mapping[str, Sequence[Bar]], published: Sequence[Published] = (), words: ChartWords = ENGLISH
) -> go.Figure:
    """Tasks along the axis, a group of bars each: the runs with 95 % intervals, then what others published.

    A published number stands only where a run measured the same public task. Its source is shown on hover.

    Args:
        runs: all on bundled items, or all on real data, for the two never share a chart.
    """
    assert len({bar.bundled for bars in runs.values() for bar in bars}) < 2, "bundled and real bars in one chart"
    figure = go.Figure()
    public = {bar.task: bar.title for bars in runs.values() for bar in bars if not bar.bundled}
    for name, bars in runs.items():
        figure.add_bar(
            name=escape(name),
            x=[_bar_title(bar, words) for bar in bars],
            y=[bar.value for bar in bars],
            error_y=_interval_whiskers(bars),
            hovertemplate="%{x}<br>%{y:.2f} +%{error_y.array:.2f} −%{error_y.arrayminus:.2f}"
            "<extra>%{fullData.name}</extra>",
        )
    beside = [number for number in published if number.task in public]
    for model, source in dict.fromkeys((number.model, number.source) for number in beside):
        of_model = [number for number in beside if (number.model, number.source) == (model, source)]
        figure.add_bar(
            name=escape(model),
            x=[public[number.task] for number in of_model],
            y=[number.value for number in of_model],
            customdata=[[number.source, f"<br>{number.note}" if number.note else ""] for number in of_model],
            hovertemplate="%{x}<br>%{y}<br>%{customdata[0]}%{customdata[1]}<extra>%{fullData.name}</extra>",
            opacity=0.6,
        )
    return figure.update_layout(barmode="group", yaxis_title=words.score_axis, template="plotly_white")


def _interval_whiskers(bars: Sequence[Bar]) -> dict[str, object]:
    """95 % intervals as distances up and down from the value; none where the interval is not known."""
    ends = [bar.interval or (bar.value, bar.value) for bar in bars]
    up = [high - bar.value for bar, (_, high) in zip(bars, ends, strict=True)]
    down = [bar.value - low for bar, (low, _) in zip(bars, ends, strict=True)]
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "visible": True}


def _bar_title(bar: Bar, words: ChartWords) -> str:
    """A bundled task is marked, whatever its title says."""
    title = plain_title(bar.title)
    return words.bundled_mark.format(title=title) if bar.bundled else title


def radar_chart(runs: Mapping[str, Sequence[Bar]], words: ChartWords = ENGLISH) -> go.Figure:
    """One axis an ability, 0 to 100, in an order that never changes; see ``common_shares``.

    A run that lacks an ability has a gap there, and no area.
    """
    figure = go.Figure()
    for name, shares in common_shares(runs).items():
        values = list(shares.values())
        figure.add_scatterpolar(
            name=escape(name),
            theta=[words.ability_name(ability) for ability in [*shares, *list(shares)[:1]]],
            r=[*values, *values[:1]],
            mode="lines+markers",
            fill="none" if None in values else "toself",
            connectgaps=False,
        )
    return figure.update_layout(polar={"radialaxis": {"range": [0, 100]}}, template="plotly_white")


def common_shares(runs: Mapping[str, Sequence[Bar]]) -> dict[str, dict[str, float | None]]:
    """By run, the ``ability_shares`` of what all runs that have the ability were asked; None where that is nothing."""
    order = [each for each in get_args(Ability) if any(bar.ability == each for bars in runs.values() for bar in bars)]
    shares: dict[str, dict[str, float | None]] = {name: dict.fromkeys(order) for name in runs}
    for ability in order:
        of_runs = {name: {bar.task: bar for bar in bars if bar.ability == ability} for name, bars in runs.items()}
        having = {name: found for name, found in of_runs.items() if found}
        common = set.intersection(*(set(found) for found in having.values()))
        for name, found in having.items() if common else ():
            shares[name][ability] = ability_shares([bar for task, bar in found.items() if task in common])[ability]
    return shares


def ability_shares(bars: Sequence[Bar]) -> dict[str, float]:
    """Mean percent of full marks by ability, in the order in which abilities first occur."""
    by_ability: dict[str, list[float]] = {}
    for bar in (bar for bar in bars if bar.ability):
        share = 100.0 * bar.value / bar.scale_top
        by_ability.setdefault(bar.ability, []).append(
            min(100.0, max(0.0, 100.0 - share if bar.lower_is_better else share))
        )
    return {ability: sum(shares) / len(shares) for ability, shares in by_ability.items()}


def sub_scores(title: str, parts: Mapping[str, float]) -> go.Figure:
    """A task's parts as horizontal bars, the greatest on top."""
    ordered = sorted(parts.items(), key=lambda part: part[1])
    figure = go.Figure(go.Bar(x=[value for _, value in ordered], y=[name for name, _ in ordered], orientation="h"))
    height = 160 + 22 * len(ordered)
    return figure.update_layout(title=title, template="plotly_white", height=height, yaxis={"automargin": True})


def confusion_chart(counts: Mapping[str, float], words: ChartWords = ENGLISH) -> go.Figure:
    """State tokens: rows are what the input was, columns what the model said; shade is the share of the row.

    Args:
        counts: by ``confusion/<truth>/<said>``, as state_tokens' metrics have them.
    """
    table = [[int(counts.get(f"confusion/{truth}/{said}", 0)) for said in _SAID] for truth in _LABELS]
    shares = [[count / sum(row) if sum(row) else 0.0 for count in row] for row in table]
    figure = go.Figure(
        go.Heatmap(z=shares, x=[words.state_name(one) for one in _SAID], y=[words.state_name(one) for one in _LABELS],
                   text=table, texttemplate="%{text}", colorscale="Blues", zmin=0, zmax=1,
                   hovertemplate=f"%{{y}} {words.taken_for} %{{x}}: %{{text}}<extra></extra>")
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", title=words.was)
    return figure.update_layout(xaxis_title=words.taken_for, template="plotly_white")


def latency_chart(runs: Mapping[str, Sequence[float]], title: str = "", words: ChartWords = ENGLISH) -> go.Figure:
    """How long items took, as one histogram a run, with a line at the median and at the 95th percentile.

    Args:
        title: of the axis of seconds; "" takes that of the last token.
    """
    figure = go.Figure()
    for name, seconds in runs.items():
        figure.add_histogram(name=escape(name), x=list(seconds), opacity=0.6, nbinsx=40)
        for share, dash, said in ((0.5, "solid", words.median), (0.95, "dot", words.high)):
            if seconds:
                figure.add_vline(x=percentile_of(seconds, share), line_dash=dash, annotation_text=said.format(run=name))
    return figure.update_layout(
        barmode="overlay",
        xaxis_title=title or words.seconds_axis,
        yaxis_title=words.items_axis,
        template="plotly_white",
    )
