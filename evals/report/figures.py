"""Results files as plotly figures for a page of any width, light or dark. Imports plotly, so it is imported late.

Bundled items and real data never meet in one figure: each is drawn for the one kind that ``bundled`` names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import Any, Literal

import plotly.graph_objects as go

from evals.report import charts, task_groups
from evals.report.chart_words import ENGLISH, ChartWords
from evals.report.comparable import full_marks, is_counted, is_own, is_scored, published_beside
from evals.result_files import Content, bundled_part
from evals.task import plain_title

Kind = Literal["percent", "points", "seconds"]
INK, GRID, MARK = "#7c8798", "rgba(124, 135, 152, 0.22)", "#c2690c"  # read on white and on near-black alike
COLOURS = ("#5b52d6", "#0d9488", "#d97706", "#db2777")  # of runs
OTHERS = ("#64748b", "#0ea5e9", "#84cc16", "#eab308", "#f97316", "#ec4899", "#8b5cf6", "#14b8a6", "#ef4444")
KINDS: tuple[Kind, ...] = ("percent", "points", "seconds")  # of numbers, which have a chart each
SUFFIX: dict[Kind, str] = {"percent": " %", "points": "", "seconds": " s"}
MOST = 130.0  # percent that a chart shows; an error rate of thousands would leave nothing to see of the others
TOOLS = ("zoom", "pan", "select", "lasso", "zoomin", "zoomout", "autoscale", "resetscale")  # a chart keeps its camera
WIDE = 14  # characters of a line of a task's title, which would leave nothing of a narrow page to the bars
BAR = 15  # pixels of height that a bar gets
GROUP = 16  # and a group of them on top


def headline_bars(content: Content) -> list[charts.Bar]:
    """The headline number of every scored task of a results file that this project wrote, and of groups."""
    headlines = content.get("headlines", {})
    found = [_headline_bar(content, name, headline) for name, headline in headlines.items() if is_scored(headline)]
    sums = {bundled: task_groups.voicebench_overall(content, bundled) for bundled in (False, True)}
    return found + [
        charts.Bar(task_groups.OVERALL, task_groups.TITLE, value, bundled=bundled)
        for bundled, value in sums.items() if value is not None
    ]  # fmt: skip


def _headline_bar(content: Content, name: str, headline: Mapping[str, Any]) -> charts.Bar:
    return charts.Bar(
        task=name,
        title=headline["title"],
        value=headline["value"],
        interval=tuple(headline["interval"]) if headline["interval"] else None,
        ability=headline["ability"],
        scale_top=full_marks(name, content),
        lower_is_better=not content["higher_is_better"][name].get(headline["metric"], True),
        unit=content["units"][name].get(headline["metric"], ""),
        bundled=content["bundled"][name],
    )


def sub_scores(content: Content, task: str) -> dict[str, float]:
    """A task's sub-scores under its first scorer, by their own names, as they stand in the file."""
    headline = content["headlines"][task]
    start, end = f"{headline['metric'].removesuffix('_macro')}/", f",{headline['scorer']}"
    return {
        key.removeprefix(start).removesuffix(end): value
        for key, value in content["results"][task].items()
        if key.startswith(start) and key.endswith(end) and not key.endswith(f"_stderr{end}")
    }


def styled_figure(figure: go.Figure, height: int) -> go.Figure:
    """On whatever background the page has, with room for long names."""
    figure.update_layout(
        template="none",
        height=height,
        autosize=True,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": INK, "size": 12, "family": "ui-sans-serif, system-ui, sans-serif"},
        margin={"l": 8, "r": 12, "t": 34, "b": 36},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0, "traceorder": "normal"},
        showlegend=True,  # of one run too: a saved picture says whose numbers it shows
        hoverlabel={"font": {"size": 12}},
        modebar={"remove": list(TOOLS), "bgcolor": "rgba(0,0,0,0)", "color": INK, "activecolor": INK},
    )
    figure.update_xaxes(gridcolor=GRID, zerolinecolor=GRID, automargin=True, fixedrange=True)
    figure.update_yaxes(gridcolor=GRID, zerolinecolor=GRID, automargin=True, fixedrange=True, ticklabelstandoff=6)
    return figure


def score_figure(
    names: Sequence[str],
    contents: Sequence[Content],
    bundled: bool,
    kind: Kind = "percent",
    words: ChartWords = ENGLISH,
) -> go.Figure | None:
    """Bars of all runs; beside those on real data what others published. None where there is nothing to show.

    Args:
        kind: which tasks: those in percent, those counted in points (MME, OCRBench) or those timed.
    """
    runs = {
        name: _directed_bars(bundled_part(content, bundled), kind)
        for name, content in zip(names, contents, strict=True)
    }
    tasks = list(dict.fromkeys(bar.task for bars in runs.values() for bar in bars))
    if not tasks:
        return None
    others = [number for task in tasks for number in published_beside(task, contents)]
    figure = charts.grouped_bars({name: bars for name, bars in runs.items() if bars}, others, words)
    count = sum(len(trace.x) for trace in figure.data)
    figure = styled_figure(_horizontal_bars(figure, words), 110 + BAR * count + GROUP * len(tasks))
    for index, trace in enumerate(figure.data):
        is_run = trace.name in runs and index < len(runs)
        colours = COLOURS if is_run else OTHERS
        trace.marker.color = colours[(index if is_run else index - len(runs)) % len(colours)]
    figure.update_yaxes(autorange="reversed", title=None, showgrid=False)
    titles = list(dict.fromkeys(title for trace in figure.data for title in trace.y))
    figure.update_yaxes(tickmode="array", tickvals=titles, ticktext=["<br>".join(wrap(each, WIDE)) for each in titles])
    full = 100.0 if kind == "percent" else 0.0
    top = max([full or 1.0, *(end for trace in figure.data for end in _bar_ends(trace))])
    if kind == "percent" and top > MOST:
        top = MOST
        figure.for_each_trace(_label_bars)
    if kind == "points":
        _label_points(figure, runs)
    figure.update_xaxes(range=[0, 1.03 * top], ticksuffix=SUFFIX[kind], tickangle=0)
    return mark_bundled(figure, bundled, words).update_layout(bargap=0.28)


def _bar_ends(trace: go.Bar) -> list[float]:
    """How far each bar reaches, its interval included."""
    upper = trace.error_x.array
    return [value + (0.0 if upper is None else upper[place]) for place, value in enumerate(trace.x)]


def _label_bars(trace: go.Bar) -> None:
    """Write the values on bars that are longer than the chart, they or their intervals."""
    trace.text = [
        f"{value:.0f} % →" if value > MOST else f"… {end:.0f} % →" if end > MOST else ""
        for value, end in zip(trace.x, _bar_ends(trace), strict=True)
    ]
    trace.update(textposition="inside", insidetextanchor="start", textangle=0)


def _label_points(figure: go.Figure, runs: Mapping[str, Sequence[charts.Bar]]) -> None:
    """Write on the runs' bars how many points they are, and out of how many."""
    for trace in figure.data:
        bars = runs.get(trace.name, ())
        if len(bars) == len(trace.x):
            trace.text = [f"{bar.value:.0f} / {bar.scale_top:g}" for bar in bars]
            trace.update(textposition="auto", textangle=0)


def mark_bundled(figure: go.Figure, bundled: bool, words: ChartWords = ENGLISH) -> go.Figure:
    """With a title where it shows bundled items, so that a saved picture says so too."""
    if bundled:
        place = {"x": 0, "xref": "container", "y": 1, "yanchor": "top", "pad": {"l": 10, "t": 8}, "automargin": False}
        title = {"text": words.bundled, "font": {"size": 12, "color": MARK}}
        figure.update_layout(title={**title, **place}, margin_t=62 if figure.layout.showlegend else 36)
    return figure


def _directed_bars(content: Content, kind: Kind) -> list[charts.Bar]:
    """With an arrow behind the names of error rates and waits, which are best at 0."""
    found = [bar for bar in headline_bars(content) if _bar_kind(bar) == kind]
    return [replace(bar, title=plain_title(bar.title) + " ↓" * bar.lower_is_better) for bar in found]


def _bar_kind(bar: charts.Bar) -> Kind:
    if bar.unit == "seconds":
        return "seconds"
    return "points" if is_counted(bar.task) else "percent"


def _horizontal_bars(figure: go.Figure, words: ChartWords) -> go.Figure:
    """With bars that lie, so that long names are read on a narrow page."""
    for trace in figure.data:
        trace.x, trace.y, trace.orientation = trace.y, trace.x, "h"
        trace.error_x, trace.error_y = {**trace.error_y.to_plotly_json(), "color": INK, "thickness": 1.5}, None
        mark = words.bundled_mark.format(title="")
        trace.y = [title.replace(mark, "") for title in trace.y]  # the chart's title says it
        trace.hovertemplate = (
            trace.hovertemplate.replace("%{x}", "%{X}").replace("%{y", "%{x").replace("%{X}", "%{y}")
            .replace("error_y", "error_x")
        )  # fmt: skip
    return figure.update_layout(yaxis_title=None)


def ability_radar(
    names: Sequence[str], contents: Sequence[Content], bundled: bool, words: ChartWords = ENGLISH
) -> go.Figure | None:
    """The radar; None where fewer than three abilities were measured, which make no area."""
    runs = {name: _task_shares(bundled_part(content, bundled)) for name, content in zip(names, contents, strict=True)}
    runs = {name: found for name, found in runs.items() if found}
    if len({bar.ability for found in runs.values() for bar in found}) < 3:
        return None
    figure = styled_figure(charts.radar_chart(runs, words), 400)
    for trace, colour in zip(figure.data, COLOURS * len(runs), strict=False):
        trace.line.color = colour
    axis = {"gridcolor": GRID, "linecolor": GRID}
    figure.update_layout(
        polar={"bgcolor": "rgba(0,0,0,0)", "radialaxis": {**axis, "angle": 90, "tickangle": 90}, "angularaxis": axis},
        margin={"l": 64, "r": 64, "t": 48, "b": 36},
    )
    return mark_bundled(figure, bundled, words).update_layout(margin_t=84)


def _task_shares(content: Content) -> list[charts.Bar]:
    """The tasks whose number is their own and has full marks, which waits have not."""
    headlines = content["headlines"]
    found = [bar for bar in headline_bars(content) if bar.task in headlines and is_own(bar.task, headlines[bar.task])]
    return [bar for bar in found if _bar_kind(bar) != "seconds"]


def tasks_with_parts(content: Content) -> list[str]:
    """Names of the tasks that have sub-scores."""
    return [name for name in content["headlines"] if sub_scores(content, name)]


def part_figure(content: Content, task: str, words: ChartWords = ENGLISH) -> go.Figure | None:
    """A task's sub-scores; None where it has none."""
    found = sub_scores(content, task) if task in content["headlines"] else {}
    if not found:
        return None
    figure = styled_figure(charts.sub_scores("", found), 90 + 24 * len(found))
    figure.update_traces(marker_color=COLOURS[0], hovertemplate="%{y}: %{x:.3f}<extra></extra>")
    headline = content["headlines"][task]
    if content["units"][task].get(headline["metric"]) == "fraction":
        figure.update_traces(hovertemplate="%{y}: %{x:.1%}<extra></extra>").update_xaxes(tickformat=".0%")
    figure.update_xaxes(range=[0, 1.03 * max([*found.values(), 1.0])]).update_yaxes(showgrid=False)
    return mark_bundled(figure.update_layout(margin={"t": 12}, showlegend=False), content["bundled"][task], words)


def confusion_figure(content: Content, words: ChartWords = ENGLISH) -> go.Figure | None:
    """State tokens said for each kind of input; None where the run has no such task."""
    headlines = content["headlines"]
    names = [name for name, headline in headlines.items() if name.startswith("state_tokens") and is_scored(headline)]
    if not names:
        return None
    counts = {key.split(",")[0]: value for key, value in content["results"][names[0]].items()}
    figure = charts.confusion_chart(
        {key: count for key, count in counts.items() if key.startswith("confusion/")}, words
    )
    figure.update_traces(showscale=False, colorscale=[[0, "rgba(91,82,214,0.06)"], [1, "#5b52d6"]], xgap=2, ygap=2)
    figure = mark_bundled(
        styled_figure(figure, 330).update_layout(margin={"t": 12, "b": 60}, showlegend=False),
        content["bundled"][names[0]],
        words,
    )
    figure.update_xaxes(showgrid=False, ticks="", title_standoff=10)
    return figure.update_yaxes(showgrid=False, ticks="", title_standoff=18)


def latency_figure(
    names: Sequence[str], seconds: Sequence[Sequence[float]], live: bool = False, words: ChartWords = ENGLISH
) -> go.Figure | None:
    """How long items took, with lines at median and 95th percentile; None where no samples were kept.

    Args:
        live: the runs are conversations, whose answers were waited for.
    """
    runs = {name: times for name, times in zip(names, seconds, strict=True) if times}
    if not runs:
        return None
    chart = charts.latency_chart(runs, words.wait_axis if live else words.seconds_axis, words)
    figure = styled_figure(chart, 340)
    for trace, colour in zip(figure.data, COLOURS * len(runs), strict=False):
        trace.marker.color = colour
    figure.update_shapes(line_color=INK)
    figure.layout.annotations = ()  # names of lines that are near would lie on each other
    return figure.update_layout(margin={"t": 30, "b": 60})
