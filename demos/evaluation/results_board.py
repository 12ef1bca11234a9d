"""What came out: tables, charts, samples and exports of finished runs. Layout and wiring; handlers below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos.ability.chat_tab import QUIET
from demos.evaluation.finished_runs import FinishedRuns
from demos.evaluation.results_handlers import MOST, ResultsHandlers
from demos.services import Services


@dataclass(frozen=True)
class ResultsBoard:
    """The component that chooses what is shown."""

    runs: gr.Dropdown


def build_board(services: Services, results: FinishedRuns, opened: gr.Timer, i18n: gr.I18n) -> ResultsBoard:
    """Lay out and wire all below the run.

    Args:
        opened: ticks when a page has opened and all has to be shown for the first time.
    """
    handlers = ResultsHandlers(services, results)
    gr.Markdown(i18n("results"), elem_classes="ev-title")
    runs = gr.Dropdown(
        [], multiselect=True, max_choices=MOST, label=i18n("results.runs"), info=i18n("results.runs.info"),
        elem_id="evaluate-results",
    )  # fmt: skip
    with gr.Tabs(elem_classes="ev-board"):
        with gr.Tab(i18n("results.tab.scores")):
            public, public_charts = _table_and_charts()
            bundled, bundled_charts = _table_and_charts()
        with gr.Tab(i18n("results.tab.abilities")):
            radars = [gr.Plot(show_label=False, visible=False) for _ in range(2)]
            no_radar = gr.HTML(padding=False)
        with gr.Tab(i18n("results.tab.parts")):
            part = gr.Dropdown([], label=i18n("results.parts.task"), elem_id="evaluate-part")
            parts, no_parts = gr.Plot(show_label=False, visible=False), gr.HTML(padding=False)
        with gr.Tab(i18n("results.tab.states")):
            states, no_states = gr.Plot(show_label=False, visible=False), gr.HTML(padding=False)
        with gr.Tab(i18n("results.tab.speed")):
            speed, no_speed = gr.Plot(show_label=False, visible=False), gr.HTML(padding=False)
        with gr.Tab(i18n("results.tab.samples")):
            build_samples(handlers, runs, opened, i18n)
        with gr.Tab(i18n("results.tab.keep")):
            build_export(handlers, runs, i18n)
    outputs = [public, bundled, *public_charts, *bundled_charts, *radars, no_radar, states, no_states, speed, no_speed]
    news = [runs.change, opened.tick]
    gr.on(news, handlers.show_overview, runs, outputs, **QUIET)
    gr.on(news, handlers.parts_of, runs, part, **QUIET).then(
        handlers.show_parts, [runs, part], [parts, no_parts], **QUIET
    )
    part.input(handlers.show_parts, [runs, part], [parts, no_parts], **QUIET)
    return ResultsBoard(runs)


def _table_and_charts() -> tuple[gr.HTML, list[gr.Plot]]:
    """A table and, above it, its three charts."""
    charts = [gr.Plot(show_label=False, visible=False) for _ in range(3)]
    return gr.HTML(padding=False), charts


def build_samples(handlers: ResultsHandlers, runs: gr.Dropdown, opened: gr.Timer, i18n: gr.I18n) -> None:
    """The browser of samples."""
    with gr.Row(equal_height=False):
        task = gr.Dropdown([], label=i18n("samples.task"), min_width=200, elem_id="evaluate-task")
        kinds = ("all", "wrong", "failed", "changed")
        show = gr.Radio([(i18n(f"samples.{kind}"), kind) for kind in kinds], value="all", label=i18n("samples.show"))
        other = gr.Dropdown(
            [], label=i18n("samples.other"), info=i18n("samples.other.info"), visible=False, min_width=200
        )
    html = gr.HTML(padding=False, elem_id="evaluate-samples")
    page = gr.State(0)
    with gr.Row():
        back = gr.Button(i18n("samples.previous"), size="sm", visible=False)
        on = gr.Button(i18n("samples.next"), size="sm", visible=False, elem_id="evaluate-next")
    inputs, outputs = [runs, task, show, other, page], [html, page, back, on]
    opened.tick(handlers.empty_samples, None, html, **QUIET)
    runs.change(handlers.tasks_of, [runs, task], [task, other], **QUIET).then(
        handlers.first_page, inputs, outputs, **QUIET
    )
    gr.on([task.input, show.input, other.input], handlers.first_page, inputs, outputs, **QUIET)
    show.change(_is_changed, show, other, **QUIET)
    back.click(handlers.page_handler(-1), inputs, outputs, **QUIET)
    on.click(handlers.page_handler(1), inputs, outputs, **QUIET)


def _is_changed(show: str) -> Any:
    return gr.update(visible=show == "changed")


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
