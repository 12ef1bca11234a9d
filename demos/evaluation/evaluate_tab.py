"""The tab Evaluate: the runs there are, how one goes, what came out, and a form for a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos.ability.chat_tab import QUIET
from demos.evaluation.evaluate_handlers import FAST, NOTHING, EvaluateHandlers
from demos.evaluation.evaluation_endpoints import build_evaluation_endpoints
from demos.evaluation.results_board import ResultsBoard, build_board
from demos.evaluation.results_handlers import ResultsHandlers
from demos.evaluation.run_archive import RunArchive
from demos.evaluation.run_form import RunFormFields, build_form
from demos.evaluation.run_label_handlers import RunLabelHandlers
from demos.evaluation.run_manager import RunManager
from demos.evaluation.sample_browser import NAMES, SHOW_NAMED
from demos.evaluation.sample_handlers import SampleHandlers
from demos.page_address import moved_button, reading_script, wire_tabs, writing_script
from demos.services import Services

SOON = 0.3  # seconds until a page that has opened is filled


@dataclass(frozen=True)
class RunPanel:
    """The run that is shown: its progress, what can be done with it, its name and note."""

    shown: gr.HTML
    stop: gr.Button
    resume: gr.Button
    label: gr.Accordion
    name: gr.Textbox
    note: gr.Textbox
    save: gr.Button
    delete: gr.Button
    said: gr.HTML
    undo: gr.Button


def build_evaluation_tab(services: Services, i18n: gr.I18n) -> None:
    """Lay out and wire the tab."""
    runs, archive = RunManager(services), RunArchive(services.results)
    desk, samples = EvaluateHandlers(services, runs, archive), SampleHandlers(services, archive)
    opened, timer = gr.Timer(SOON), gr.Timer(FAST, active=False)  # the first ticks once, when the page has opened
    unlocked = gr.State(False)  # kept by the server, so no visitor can set it
    with gr.Column(elem_classes="evaluate"):
        with gr.Accordion(i18n("evaluate.new"), open=False, elem_classes="ev-form", elem_id="evaluate-new") as new:
            form = build_form(i18n)
        with gr.Row(elem_classes="ev-desk", equal_height=False):
            with gr.Column(scale=5, min_width=300, elem_classes="ev-side"):
                gr.Markdown(i18n("runs.title"), elem_classes="ev-title")
                listed = gr.HTML(padding=False, elem_id="evaluate-list")
            with gr.Column(scale=6, min_width=300, elem_classes="ev-watch"):
                panel = build_panel(i18n)
        board = build_board(ResultsHandlers(services, archive), samples, opened, i18n)
    seen, moved = gr.State(NOTHING), moved_button()
    progress = [panel.shown, panel.stop, panel.resume, timer]
    looked = [listed, *progress, board.runs, seen]
    opened.tick(_stop_timer, None, opened, queue=False, **QUIET)
    led = gr.JSON(visible="hidden")  # runs that are shown though nobody chose them
    known, told = [board.runs, seen, board.news, unlocked], [*looked, board.news, led]
    for event in (timer.tick, board.runs.change):
        event(desk.refresh_run, known, told, queue=False, **QUIET)
    led.change(None, led, None, js=writing_script("runs", how="step"))
    wire_form(desk, form, new, opened, unlocked, progress)
    wire_panel(desk, RunLabelHandlers(services, archive), panel, board, form, unlocked, progress)
    wire_address(desk, samples, board, new, looked, unlocked, [opened.tick, moved.click])
    build_evaluation_endpoints(services, runs, archive)


def build_panel(i18n: gr.I18n) -> RunPanel:
    """Lay out what is shown of one run."""
    shown = gr.HTML(padding=False, elem_id="evaluate-progress")
    with gr.Row():
        stop = gr.Button(i18n("evaluate.stop"), visible=False, variant="stop", elem_id="evaluate-stop")
        resume = gr.Button(i18n("evaluate.resume"), visible=False, elem_id="evaluate-resume")
    with gr.Accordion(i18n("label.title"), open=False, visible=False, elem_id="evaluate-label") as label:
        name = gr.Textbox(label=i18n("label.name"), info=i18n("label.name.info"), elem_id="evaluate-name")
        note = gr.Textbox(label=i18n("label.note"), lines=2, elem_id="evaluate-note")
        with gr.Row():
            save = gr.Button(i18n("label.save"), size="sm", elem_id="evaluate-save")
            delete = gr.Button(i18n("label.delete"), size="sm", variant="stop", elem_id="evaluate-delete")
    with gr.Row(elem_classes="ev-undo"):
        said = gr.HTML(padding=False)
        undo = gr.Button(i18n("label.undo"), size="sm", visible=False, min_width=80, elem_id="evaluate-undo")
    return RunPanel(shown, stop, resume, label, name, note, save, delete, said, undo)


def wire_form(
    desk: EvaluateHandlers, form: RunFormFields, new: gr.Accordion, opened: gr.Timer, unlocked: gr.State,
    progress: list[Any],
) -> None:  # fmt: skip
    """What the form shows by itself, and Start."""
    gr.on(
        [opened.tick, *(field.change for field in form.needs_of)],
        desk.describe_needs, [unlocked, *form.needs_of], form.needs,
        trigger_mode="always_last", **QUIET,
    )  # fmt: skip
    doors = [form.gate, form.password, form.start]
    opened.tick(desk.greet_visitor, unlocked, doors, queue=False, **QUIET)
    form.password.submit(desk.unlock_visitor, form.password, [unlocked, *doors], **QUIET)
    form.start.click(desk.start_run, [unlocked, *form.values], [new, *progress], **QUIET)


def wire_panel(
    desk: EvaluateHandlers, labels: RunLabelHandlers, panel: RunPanel, board: ResultsBoard, form: RunFormFields,
    unlocked: gr.State, progress: list[Any],
) -> None:  # fmt: skip
    """What is done with the run that is shown."""
    runs, deleted = board.runs, gr.State("")
    runs.change(labels.show_label, runs, [panel.name, panel.note, panel.label], **QUIET)
    panel.stop.click(desk.stop_run, [runs, unlocked], progress, **QUIET)
    panel.resume.click(desk.resume_run, [runs, form.key, unlocked], progress, **QUIET)
    save = [panel.save.click, panel.name.submit]
    gr.on(save, labels.save_label, [runs, panel.name, panel.note, unlocked], panel.said, **QUIET)
    changed = [panel.said, panel.undo, deleted, runs]
    gone = panel.delete.click(labels.delete_run, [runs, unlocked], changed, **QUIET)
    back = panel.undo.click(labels.undo_delete, [deleted, unlocked], changed, **QUIET)
    for name_runs in (runs.input, gone.then, back.then):
        name_runs(None, runs, None, js=writing_script("runs", how="step"))


def wire_address(
    desk: EvaluateHandlers, samples: SampleHandlers, board: ResultsBoard, new: gr.Accordion, looked: list[Any],
    unlocked: gr.State, read: list[Any],
) -> None:  # fmt: skip
    """Show what the address names, and name in it what is shown.

    Args:
        looked: what a look at the runs changes, see ``EvaluateHandlers.refresh_run``.
        read: events at which the address is read: the page has opened, Back or Forward has come.
    """
    fields, named = board.samples, gr.JSON(visible=False)  # no field that a visitor sees takes what an address names
    shown = [new, *looked, *fields.filters, fields.sample]
    gr.on(
        read, followed_address(desk, samples), [named, unlocked], shown,
        js=reading_script(NAMES, ["runs"]), trigger_mode="always_last", **QUIET,
    ).then(
        samples.named_page, [board.runs, *fields.filters, fields.sample], fields.shown, **QUIET
    ).then(
        None, board.runs, None, js=writing_script("runs", how="fill")
    ).then(None, None, None, js=SHOW_NAMED)  # fmt: skip
    opened, moved = read
    wire_tabs(opened, moved, board.tabs)


def followed_address(desk: EvaluateHandlers, samples: SampleHandlers) -> Any:
    """A handler for an address that has been read: runs, and what of their samples is shown."""

    async def follow_address(named: dict[str, Any], unlocked: bool, request: gr.Request) -> list[Any]:
        runs = [str(id) for id in named.get("runs") or []]
        updates = await desk.follow_runs(runs, unlocked, request)
        values = [str(named.get(name) or "") for name in NAMES]
        filters, number = await samples.followed_filters(updates[-2]["value"], values, desk.visitor_language(request))
        return [*updates, *filters, number]

    return follow_address


def _stop_timer() -> Any:
    """End a timer with its first tick."""
    return gr.Timer(active=False)
