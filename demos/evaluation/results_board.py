"""What came out: tables, charts, samples and exports of runs. Layout and wiring; handlers elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos.ability.chat_tab import QUIET
from demos.evaluation.results_handlers import ResultsHandlers
from demos.evaluation.run_list import MOST
from demos.evaluation.sample_browser import SampleFields, build_samples
from demos.evaluation.sample_handlers import SampleHandlers


@dataclass(frozen=True)
class ResultsBoard:
    """The components that choose what is shown.

    Attributes:
        runs: ids of the runs that are shown, the main one first.
        news: counts what has changed of the runs that are shown; another number draws them anew.
        tabs: the board's own, in their order.
    """

    runs: gr.Dropdown
    news: gr.Number
    samples: SampleFields
    tabs: list[gr.Tab]


def build_board(results: ResultsHandlers, samples: SampleHandlers, opened: gr.Timer, i18n: gr.I18n) -> ResultsBoard:
    """Lay out and wire all below the run.

    Args:
        opened: ticks when a page has opened and all has to be shown for the first time.
    """
    gr.Markdown(i18n("results"), elem_classes="ev-title")
    runs = gr.Dropdown(
        [], multiselect=True, max_choices=MOST, label=i18n("results.runs"), info=i18n("results.runs.info"),
        elem_id="evaluate-results",
    )  # fmt: skip
    news = gr.Number(0, visible="hidden")
    with gr.Tabs(elem_classes="ev-board"):
        with gr.Tab(i18n("results.tab.scores"), id="board.scores") as scores_tab:
            public, public_charts = _table_and_charts()
            bundled, bundled_charts = _table_and_charts()
        with gr.Tab(i18n("results.tab.abilities"), id="board.abilities") as abilities_tab:
            radars = [_chart() for _ in range(2)]
            no_radar = gr.HTML(padding=False)
        with gr.Tab(i18n("results.tab.parts"), id="board.parts") as parts_tab:
            part = gr.Dropdown([], label=i18n("results.parts.task"), elem_id="evaluate-part")
            parts, no_parts = _chart(), gr.HTML(padding=False)
        with gr.Tab(i18n("results.tab.states"), id="board.states") as states_tab:
            states, no_states = _chart(), gr.HTML(padding=False)
        with gr.Tab(i18n("results.tab.speed"), id="board.speed") as speed_tab:
            speed, no_speed = _chart(), gr.HTML(padding=False)
        with gr.Tab(i18n("results.tab.settings"), id="board.settings") as settings_tab:
            settings = gr.HTML(padding=False, elem_id="evaluate-settings")
        with gr.Tab(i18n("results.tab.samples"), id="board.samples") as samples_tab:
            fields = build_samples(samples, runs, news, opened, i18n)
        with gr.Tab(i18n("results.tab.keep"), id="board.keep") as keep_tab:
            build_export(results, runs, i18n)
    tabs = [scores_tab, abilities_tab, parts_tab, states_tab, speed_tab, settings_tab, samples_tab, keep_tab]
    outputs = [public, bundled, *public_charts, *bundled_charts, *radars, no_radar, states, no_states, speed, no_speed]
    opened.tick(results.empty_overview, None, [*outputs, settings], **QUIET)
    changes = [runs.change, news.change]
    gr.on(changes, results.show_overview, runs, [*outputs, settings], **QUIET)
    gr.on(changes, results.parts_of, [runs, part], part, **QUIET).then(
        results.show_parts, [runs, part], [parts, no_parts], **QUIET
    )
    part.input(results.show_parts, [runs, part], [parts, no_parts], **QUIET)
    return ResultsBoard(runs, news, fields, tabs)


def _chart() -> gr.Plot:
    return gr.Plot(show_label=False, visible=False, elem_classes="ev-chart")


def _table_and_charts() -> tuple[gr.HTML, list[gr.Plot]]:
    """A table and, above it, its three charts."""
    charts = [_chart() for _ in range(3)]
    return gr.HTML(padding=False), charts


def build_export(handlers: ResultsHandlers, runs: gr.Dropdown, i18n: gr.I18n) -> None:
    """What can be taken away, and the Hub."""
    with gr.Row():
        for key, handler in (
            ("table", handlers.export_csv),
            ("charts", handlers.export_html),
            ("run", handlers.export_zip),
        ):
            _download_button(i18n(f"export.{key}"), handler, runs, f"evaluate-{key}")
    gr.Markdown(i18n("export.charts.info"), elem_classes="hint")
    with gr.Accordion(i18n("export.push"), open=False):
        with gr.Row():
            repo = gr.Textbox(
                label=i18n("export.repo"), info=i18n("export.repo.info"), placeholder="name/runs", min_width=180
            )
            token = gr.Textbox(
                label=i18n("export.token"), info=i18n("export.token.info"), type="password", min_width=180
            )
        send = gr.Button(i18n("export.push.do"), size="sm")
        sent = gr.HTML(padding=False)
    send.click(handlers.push_run, [runs, repo, token], [sent, token], show_progress="minimal", api_visibility="private")


def _download_button(label: Any, handler: Callable[..., Any], runs: gr.Dropdown, name: str) -> None:
    """A button that makes its file when it is pressed and then saves it."""
    make = gr.Button(label, size="sm", min_width=140, elem_id=name)
    file = gr.DownloadButton(visible="hidden", elem_id=f"{name}-file")
    press = f"() => document.querySelector('#{name}-file')?.click()"
    made = make.click(handler, runs, file, show_progress="minimal", api_visibility="private")
    made.success(None, js=f"() => setTimeout({press}, 150)")
