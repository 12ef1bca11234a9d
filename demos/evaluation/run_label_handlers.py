"""Naming a run, noting something of it, deleting it and having it back; knows no layout."""

from __future__ import annotations

import asyncio
from typing import Any

import gradio as gr

from demos.evaluation.deleted_runs import delete_run, restore_run
from demos.evaluation.evaluation_html import note_html
from demos.evaluation.run_archive import RunArchive
from demos.evaluation.run_titles import run_title
from demos.i18n.translation import Language, say_in, translated_error
from demos.services import Services
from evals.run_labels import RunLabel
from vita.errors import InputError


class RunLabelHandlers:
    """What happens on each event of the panel of the run that is shown, the first of ``chosen``."""

    def __init__(self, services: Services, archive: RunArchive) -> None:
        self._services, self._archive = services, archive

    async def show_label(self, chosen: list[str]) -> list[Any]:
        """The run's own name and note, and the panel, which is there where there is a run."""
        try:
            label = self._archive.label(chosen[0]) if chosen else RunLabel()
        except InputError:
            label = RunLabel()
        return [label.name, label.note, gr.update(visible=bool(chosen))]

    async def save_label(self, chosen: list[str], name: str, note: str, unlocked: bool, request: gr.Request) -> str:
        """Keep name and note; returns what is said of it."""
        language = self._visitor_language(request)
        if not chosen or self._is_refused(unlocked, request):
            return ""
        try:
            await asyncio.to_thread(self._archive.set_label, chosen[0], RunLabel(name, note))
        except InputError as error:
            self._warn_visitor(translated_error(error, language), language)
            return ""
        return note_html("label.saved", language)

    async def delete_run(self, chosen: list[str], unlocked: bool, request: gr.Request) -> list[Any]:
        """Delete the run that is shown.

        Returns:
            What is said of it, the button that undoes it, the id of the deleted run, and what is shown instead.
        """
        language, nothing = self._visitor_language(request), [gr.skip()] * 4
        if not chosen or self._is_refused(unlocked, request):
            return nothing
        try:
            run = self._archive.kept_run(chosen[0])
            title = run_title(self._archive.label(run.id), self._archive.planned_settings(run.id), language)
            await asyncio.to_thread(delete_run, self._archive.root, run)
        except InputError as error:
            self._warn_visitor(translated_error(error, language), language)
            return nothing
        return [note_html("label.deleted", language, run=title), gr.update(visible=True), run.id, chosen[1:]]

    async def undo_delete(self, deleted: str, unlocked: bool, request: gr.Request) -> list[Any]:
        """Have the deleted run back; returns as ``delete_run``."""
        language = self._visitor_language(request)
        if not deleted or self._is_refused(unlocked, request):
            return [gr.skip()] * 4
        try:
            await asyncio.to_thread(restore_run, self._archive.root, deleted)
        except InputError as error:
            self._warn_visitor(translated_error(error, language), language)
            return [gr.skip(), gr.update(visible=False), "", gr.skip()]
        shown = gr.update(choices=[(deleted, deleted)], value=[deleted])  # the next look at the runs knows the others
        return ["", gr.update(visible=False), "", shown]

    def _is_refused(self, unlocked: bool, request: gr.Request) -> bool:
        """Whether the gate is closed for this visitor, who is told why."""
        why = self._services.gate.reason_closed(request, unlocked)
        if why:
            language = self._visitor_language(request)
            self._warn_visitor(say_in(f"gate.{why}", language), language)
        return bool(why)

    def _warn_visitor(self, sentence: str, language: Language) -> None:
        gr.Warning(sentence, title=say_in("error.title", language))

    def _visitor_language(self, request: gr.Request) -> Language:
        return self._services.language_of(request.headers.get("accept-language"))
