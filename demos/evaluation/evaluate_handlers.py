"""What happens on each event of the tab Evaluate: which runs there are, how they go, and who may start them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import gradio as gr

from demos.evaluation.evaluation_html import (
    empty_html,
    needs_html,
    note_html,
    progress_html,
    results_only_html,
)
from demos.evaluation.run_archive import RunArchive
from demos.evaluation.run_form import REAL, chosen_tasks, form_of
from demos.evaluation.run_list import MOST, RunRow, run_list_html
from demos.evaluation.run_manager import RunManager
from demos.evaluation.run_plan import RunForm, job_of, own_address, resumed_job
from demos.evaluation.run_titles import run_stamp, run_title
from demos.i18n.translation import Language, say_in, translated_error
from demos.services import Services
from evals.run_labels import RunLabel
from evals.task_data import expected_rows
from vita.errors import InputError, VitaError

FAST, SLOW = 1.0, 4.0  # seconds between two looks at the runs while one goes on, and while none does


@dataclass(frozen=True)
class SeenRuns:
    """What a page has been shown last.

    Attributes:
        ids: of all runs; stands: how each of them stood, and its title, by id.
        rows: the list of runs as HTML.
    """

    ids: tuple[str, ...] = ()
    stands: tuple[tuple[str, str], ...] = ()
    rows: str = ""


NOTHING = SeenRuns()


class EvaluateHandlers:
    """What happens on each event of form, list and progress."""

    def __init__(self, services: Services, runs: RunManager, archive: RunArchive) -> None:
        self._services, self._runs, self._archive = services, runs, archive

    async def greet_visitor(self, unlocked: bool, request: gr.Request) -> list[Any]:
        """Why this visitor may not start runs, if so, the password's field, and Start."""
        why = self._services.gate.reason_closed(request, unlocked)
        text = note_html(f"gate.{why}", self.visitor_language(request)) if why else ""
        return [text, gr.update(visible=why == "password"), gr.update(interactive=not why)]

    async def unlock_visitor(self, password: str, request: gr.Request) -> list[Any]:
        """Let a visitor in who knows the password."""
        if self._services.gate.check_password(password):
            return [True, *await self.greet_visitor(True, request)]
        self._warn_visitor("gate.wrong", request)
        return [False, *[gr.skip()] * 3]

    async def follow_runs(self, named: list[str], unlocked: bool, request: gr.Request) -> list[Any]:
        """A page has opened, or its address has changed: the runs that it names, or else the one that matters most.

        Returns:
            Whether the form is open, and then all that ``refresh_run`` returns but the news.
        """
        ids = await asyncio.to_thread(self._archive.run_ids)
        known = [id for id in (self._known_id(name) for name in named[:MOST]) if id in ids]
        if named and not known:
            self._warn_visitor("runs.gone", request)
        chosen = list(dict.fromkeys(known)) or ([self._runs.live] if self._runs.live else ids[:1])
        *updates, choices, now = await self._look_at_runs(chosen, ids, SeenRuns(rows="?"), unlocked, request)
        runs = gr.update(choices=choices, value=chosen)
        return [gr.update(open=True) if not ids else gr.skip(), *updates, runs, now]

    def _known_id(self, named: str) -> str:
        """A run's id for whatever names it; "" where there is none."""
        try:
            return self._archive.kept_run(named).id
        except InputError:
            return ""

    async def refresh_run(
        self, shown: list[str] | None, seen: SeenRuns, news: int, unlocked: bool, request: gr.Request
    ) -> list[Any]:
        """The runs as they are now; a run that has just begun is shown, whatever was chosen.

        Returns:
            List, progress, Stop, Resume, the timer, the chosen runs, what has been seen, the news, a number that grows
            when a chosen run has ended or is called otherwise, and the runs that are shown though nobody chose them.
        """
        ids = await asyncio.to_thread(self._archive.run_ids)
        live = self._runs.live
        chosen = [id for id in shown or [] if id in ids]
        if live and live in ids and seen.ids and live not in seen.ids:
            chosen = [live]
        chosen = chosen or ids[:1]
        *updates, choices, now = await self._look_at_runs(chosen, ids, seen, unlocked, request)
        before = dict(seen.stands)
        is_news = any(before.get(id, stand) != stand for id, stand in now.stands if id in chosen)
        runs = gr.update(choices=choices) if seen.stands != now.stands else gr.skip()
        is_led = chosen != list(shown or [])
        if is_led:  # else left alone: what this look began with may have been left since, by Back
            runs = gr.update(choices=choices, value=chosen)
        return [*updates, runs, now, news + 1 if is_news else gr.skip(), chosen if is_led else gr.skip()]

    async def show_run(self, shown: list[str] | None, unlocked: bool, request: gr.Request) -> list[Any]:
        """Progress, Stop, Resume and the timer for the run that is shown."""
        return await self._progress_updates(shown[0] if shown else None, unlocked, request)

    async def _look_at_runs(
        self, chosen: list[str], ids: list[str], seen: SeenRuns, unlocked: bool, request: gr.Request
    ) -> list[Any]:
        """List, progress, Stop, Resume, the timer, the choices of runs, and what has been seen."""
        language = self.visitor_language(request)
        rows = await asyncio.to_thread(lambda: [self._row_of(id, language) for id in ids])
        html = run_list_html(rows, chosen, language)
        stands = tuple((row.id, f"{row.phase} {row.title}") for row in rows)
        return [
            gr.skip() if html == seen.rows else html,
            *await self._progress_updates(chosen[0] if chosen else None, unlocked, request),
            [(f"{row.title} · {row.when}", row.id) for row in rows],
            SeenRuns(tuple(ids), stands, html),
        ]

    def _row_of(self, id: str, language: Language) -> RunRow:
        """A run as the list shows it; one that was deleted this moment without its settings."""
        try:
            label, settings = self._archive.label(id), self._archive.planned_settings(id)
        except InputError:
            label, settings = RunLabel(), {"model": id}
        progress = self._runs.live_share if id == self._runs.live else None
        tasks = settings.get("tasks", "").split(", ")
        return RunRow(
            id, run_title(label, settings, language), self._runs.phase(id), run_stamp(id), tasks,
            settings.get("data", ""), label.note, progress,
        )  # fmt: skip

    async def describe_needs(
        self, unlocked: bool, data: str, folder: str, limit: float | None, request: gr.Request, *tasks: Any
    ) -> str:
        """What the chosen tasks will ask and need; a folder is looked into for who may run over it.

        Args:
            tasks: which kind of them is shown, and the names that are chosen in each family.
        """
        if folder and data == REAL and (why := self._services.gate.reason_closed(request, unlocked)):
            return note_html(f"gate.{why}", self.visitor_language(request))
        names = chosen_tasks(tasks[0], tasks[1:])
        form = RunForm(names, bundled=data != REAL, folder=folder or "", limit=limit or 0)
        try:
            asked = form.selected_tasks() if names else ()
            selection = form.row_selection()
            sizes = {task.name: await asyncio.to_thread(expected_rows, task, selection) for task in asked}
        except VitaError as error:
            return f'<p class="ev-trouble">{escape(translated_error(error, self.visitor_language(request)))}</p>'
        return needs_html(asked, sizes, self.visitor_language(request))

    async def start_run(self, unlocked: bool, request: gr.Request, *values: Any) -> list[Any]:
        """Begin what the form says; the form is folded, and the next look at the runs shows the new one.

        Returns:
            The form, progress, Stop, Resume and the timer.
        """
        if self._is_refused(unlocked, request):
            return [gr.skip()] * 5
        try:
            services = self._services
            job = job_of(form_of(values), services.model, services.local, services.remotes)
            id = await self._runs.start(job, own_address(request))
        except VitaError as error:
            return [gr.skip(), *self._refuse_with(error, request)]
        return [gr.update(open=False), *await self._progress_updates(id, unlocked, request)]

    async def stop_run(self, shown: list[str] | None, unlocked: bool, request: gr.Request) -> list[Any]:
        """End the run that goes on; what is done stays done."""
        if self._is_refused(unlocked, request):
            return [gr.skip()] * 4
        await self._runs.stop()
        return await self.show_run(shown, unlocked, request)

    async def resume_run(self, shown: list[str] | None, key: str, unlocked: bool, request: gr.Request) -> list[Any]:
        """Go on with the run that is shown."""
        if not shown or self._is_refused(unlocked, request):
            return [gr.skip()] * 4
        try:
            plan, services = self._runs.plan(shown[0]), self._services
            job = self._runs.job(shown[0]) or resumed_job(plan, services.model, key, services.remotes)
            await self._runs.start(replace(job, resumes=shown[0].split("/")[-1]), own_address(request))
        except VitaError as error:
            return self._refuse_with(error, request)
        return await self.show_run(shown, unlocked, request)

    async def _progress_updates(self, id: str | None, unlocked: bool, request: gr.Request) -> list[Any]:
        """Progress, Stop, Resume and the timer."""
        language = self.visitor_language(request)
        hidden = gr.update(visible=False)
        if id is None:
            return [empty_html(language), hidden, hidden, gr.Timer(SLOW, active=True)]
        try:
            label, settings = self._archive.label(id), self._archive.planned_settings(id)
            title = run_title(label, settings, language)
            if id.endswith(".json"):
                shown = results_only_html(title, label.note, id, language)
                return [shown, hidden, hidden, gr.Timer(SLOW, active=True)]
            view = await self._runs.look(id)
        except VitaError as error:
            return self._refuse_with(error, request)
        resumable = view.phase in ("stopped", "failed")
        allowed = not self._services.gate.reason_closed(request, unlocked)
        return [
            progress_html(view, title, label.note, language),
            gr.update(visible=view.live, interactive=allowed and view.phase != "stopping"),
            gr.update(visible=resumable, interactive=allowed and self._runs.live is None),
            gr.Timer(FAST if self._runs.live else SLOW, active=True),
        ]

    def _is_refused(self, unlocked: bool, request: gr.Request) -> bool:
        """Whether the gate is closed for this visitor, who is told why; the buttons' look alone would keep nobody."""
        why = self._services.gate.reason_closed(request, unlocked)
        if why:
            self._warn_visitor(f"gate.{why}", request)
        return bool(why)

    def _warn_visitor(self, key: str, request: gr.Request) -> None:
        language = self.visitor_language(request)
        gr.Warning(say_in(key, language), title=say_in("error.title", language))

    def _refuse_with(self, error: VitaError, request: gr.Request) -> list[Any]:
        gr.Warning(
            translated_error(error, self.visitor_language(request)),
            title=say_in("error.title", self.visitor_language(request)),
        )
        return [gr.skip()] * 4

    def visitor_language(self, request: gr.Request) -> Language:
        """The language to speak to this visitor."""
        return self._services.language_of(request.headers.get("accept-language"))
