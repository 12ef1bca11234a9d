"""The tab Evaluate: what to run, how it goes, and what came out."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from html import escape
from typing import Any

import gradio as gr

from demos.ability.chat_tab import QUIET
from demos.evaluation.evaluation_endpoints import build_evaluation_endpoints
from demos.evaluation.evaluation_html import empty_html, needs_html, note_html, progress_html
from demos.evaluation.finished_runs import FinishedRuns, run_stamp
from demos.evaluation.results_board import build_board
from demos.evaluation.run_form import REAL, build_form, chosen_tasks, form_of
from demos.evaluation.run_manager import RunManager
from demos.evaluation.run_plan import RunForm, job_of, own_address, resumed_job
from demos.i18n.translation import Language, say_in, translated_error
from demos.services import Services
from evals.task_data import expected_rows
from vita.errors import VitaError

logger = logging.getLogger(__name__)

SOON, FAST, SLOW = 0.3, 1.0, 4.0  # seconds to the first look at a run, and to the next while it goes on and after
Seen = tuple[tuple[str, ...], tuple[str, ...]]  # ids of runs and results that a page has in its lists
NOTHING: Seen = ((), ())


def build_evaluation_tab(services: Services, i18n: gr.I18n) -> None:
    """Lay out and wire the tab."""
    runs, results = RunManager(services), FinishedRuns(services.results)
    desk = EvaluateHandlers(services, runs, results)
    with gr.Row(elem_classes="evaluate", equal_height=False):
        with gr.Column(scale=5, min_width=320, elem_classes="ev-form"):
            form = build_form(i18n)
        with gr.Column(scale=4, min_width=320, elem_classes="ev-watch"):
            chosen = gr.Dropdown([], label=i18n("evaluate.run"), visible=False, elem_id="evaluate-run")
            shown = gr.HTML(padding=False, elem_id="evaluate-progress")
            with gr.Row():
                stop = gr.Button(i18n("evaluate.stop"), visible=False, variant="stop", elem_id="evaluate-stop")
                resume = gr.Button(i18n("evaluate.resume"), visible=False, elem_id="evaluate-resume")
    opened = gr.Timer(SOON)  # ticks when the page has opened, after a reload too
    board = build_board(services, results, opened, i18n)
    seen, unlocked = gr.State(NOTHING), gr.State(False)  # kept by the server, so no visitor can set them
    timer = gr.Timer(SOON)
    watch = [shown, stop, resume, timer]
    lists = [chosen, board.runs, seen]
    timer.tick(desk.refresh_run, [chosen, board.runs, seen, unlocked], [*watch, *lists], queue=False, **QUIET)
    chosen.input(desk.show_run, [chosen, unlocked], watch, **QUIET)
    opened.tick(_stop_timer, None, opened, queue=False, **QUIET)
    gr.on(
        [opened.tick, *(field.change for field in form.needs_of)],
        desk.describe_needs, [unlocked, *form.needs_of], form.needs,
        trigger_mode="always_last", **QUIET,
    )  # fmt: skip
    doors = [form.gate, form.password, form.start]
    opened.tick(desk.greet_visitor, unlocked, doors, queue=False, **QUIET)
    form.password.submit(desk.unlock_visitor, form.password, [unlocked, *doors], **QUIET)
    form.start.click(desk.start_run, [unlocked, *form.values], [chosen, *watch], **QUIET)
    stop.click(desk.stop_run, [chosen, unlocked], watch, **QUIET)
    resume.click(desk.resume_run, [chosen, form.key, unlocked], watch, **QUIET)
    build_evaluation_endpoints(services, runs, results)


class EvaluateHandlers:
    """What happens on each event of form and progress."""

    def __init__(self, services: Services, runs: RunManager, results: FinishedRuns) -> None:
        self._services, self._runs, self._results = services, runs, results

    async def greet_visitor(self, unlocked: bool, request: gr.Request) -> list[Any]:
        """Why this visitor may not start runs, if so, the password's field, and Start."""
        why = self._services.gate.reason_closed(request, unlocked)
        text = note_html(f"gate.{why}", self._visitor_language(request)) if why else ""
        return [text, gr.update(visible=why == "password"), gr.update(interactive=not why)]

    async def unlock_visitor(self, password: str, request: gr.Request) -> list[Any]:
        """Let a visitor in who knows the password."""
        if self._services.gate.check_password(password):
            return [True, *await self.greet_visitor(True, request)]
        self._warn_visitor("gate.wrong", request)
        return [False, *[gr.skip()] * 3]

    async def refresh_run(
        self, chosen: str | None, shown: list[str] | None, seen: Seen, unlocked: bool, request: gr.Request
    ) -> list[Any]:
        """The chosen run as it is now, and lists that have grown since; a page that has just opened gets all.

        A run that has just begun is shown, whatever was chosen.
        """
        ids, results = tuple(self._runs), tuple(await asyncio.to_thread(self._results.result_ids))
        known, had = tuple(seen[0]), tuple(seen[1])
        updates: list[Any] = [gr.skip(), gr.skip()]
        live = self._runs.live
        if chosen not in ids or (live and live not in known):  # a look that was under way when a run was started, too
            chosen = live or (ids[0] if ids else None)
        if ids != known:
            updates[0] = gr.update(choices=[(_run_label(id), id) for id in ids], value=chosen, visible=len(ids) > 1)
        if results != had:
            kept = [id for id in shown or [] if id in results]
            newest = [id for id in results[:1] if id not in had]
            updates[1] = gr.update(choices=[(_run_label(id), id) for id in results], value=newest or kept)
        return [*await self._progress_updates(chosen, unlocked, request), *updates, (ids, results)]

    async def show_run(self, chosen: str | None, unlocked: bool, request: gr.Request) -> list[Any]:
        """Another run was chosen."""
        return await self._progress_updates(chosen, unlocked, request)

    async def describe_needs(
        self, unlocked: bool, data: str, folder: str, limit: float | None, request: gr.Request, *tasks: Any
    ) -> str:
        """What the chosen tasks will ask and need; a folder is looked into for who may run over it.

        Args:
            tasks: which kind of them is shown, and the names that are chosen in each family.
        """
        if folder and data == REAL and (why := self._services.gate.reason_closed(request, unlocked)):
            return note_html(f"gate.{why}", self._visitor_language(request))
        names = chosen_tasks(tasks[0], tasks[1:])
        form = RunForm(names, bundled=data != REAL, folder=folder or "", limit=limit or 0)
        try:
            asked = form.selected_tasks() if names else ()
            selection = form.row_selection()
            sizes = {task.name: await asyncio.to_thread(expected_rows, task, selection) for task in asked}
        except VitaError as error:
            return f'<p class="ev-trouble">{escape(translated_error(error, self._visitor_language(request)))}</p>'
        return needs_html(asked, sizes, self._visitor_language(request))

    async def start_run(self, unlocked: bool, request: gr.Request, *values: Any) -> list[Any]:
        """Begin what the form says."""
        if self._is_refused(unlocked, request):
            return [gr.skip()] * 5
        try:
            services = self._services
            job = job_of(form_of(values), services.model, services.local, services.remotes)
            id = await self._runs.start(job, own_address(request))
        except VitaError as error:
            return [gr.skip(), *self._refuse_with(error, request)]
        choices = [(_run_label(each), each) for each in self._runs]
        chosen = gr.update(choices=choices, value=id, visible=len(choices) > 1)
        return [chosen, *await self._progress_updates(id, unlocked, request)]

    async def stop_run(self, chosen: str | None, unlocked: bool, request: gr.Request) -> list[Any]:
        """End the run that goes on; what is done stays done."""
        if self._is_refused(unlocked, request):
            return [gr.skip()] * 4
        await self._runs.stop()
        return await self._progress_updates(chosen, unlocked, request)

    async def resume_run(self, chosen: str | None, key: str, unlocked: bool, request: gr.Request) -> list[Any]:
        """Go on with the chosen run."""
        if chosen is None or self._is_refused(unlocked, request):
            return [gr.skip()] * 4
        try:
            plan, services = self._runs.plan(chosen), self._services
            job = self._runs.job(chosen) or resumed_job(plan, services.model, key, services.remotes)
            await self._runs.start(replace(job, resumes=chosen.split("/")[-1]), own_address(request))
        except VitaError as error:
            return self._refuse_with(error, request)
        return await self._progress_updates(chosen, unlocked, request)

    async def _progress_updates(self, chosen: str | None, unlocked: bool, request: gr.Request) -> list[Any]:
        """Progress, Stop, Resume and the timer."""
        language = self._visitor_language(request)
        if chosen is None:
            return [empty_html(language), gr.update(visible=False), gr.update(visible=False), gr.Timer(SLOW)]
        try:
            view = await self._runs.look(chosen)
        except VitaError as error:
            return self._refuse_with(error, request)
        resumable = view.phase in ("stopped", "failed")
        allowed = not self._services.gate.reason_closed(request, unlocked)
        return [
            progress_html(view, language),
            gr.update(visible=view.live, interactive=allowed and view.phase != "stopping"),
            gr.update(visible=resumable, interactive=allowed and self._runs.live is None),
            gr.Timer(FAST if self._runs.live else SLOW),
        ]

    def _is_refused(self, unlocked: bool, request: gr.Request) -> bool:
        """Whether the gate is closed for this visitor, who is told why; the buttons' look alone would keep nobody."""
        why = self._services.gate.reason_closed(request, unlocked)
        if why:
            self._warn_visitor(f"gate.{why}", request)
        return bool(why)

    def _warn_visitor(self, key: str, request: gr.Request) -> None:
        language = self._visitor_language(request)
        gr.Warning(say_in(key, language), title=say_in("error.title", language))

    def _refuse_with(self, error: VitaError, request: gr.Request) -> list[Any]:
        gr.Warning(
            translated_error(error, self._visitor_language(request)),
            title=say_in("error.title", self._visitor_language(request)),
        )
        return [gr.skip()] * 4

    def _visitor_language(self, request: gr.Request) -> Language:
        return self._services.language_of(request.headers.get("accept-language"))


def _stop_timer() -> Any:
    """End a timer with its first tick."""
    return gr.Timer(active=False)


def _run_label(id: str) -> str:
    return f"{id.split('/')[0]} · {run_stamp(id)}"
