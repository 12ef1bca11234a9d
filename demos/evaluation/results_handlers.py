"""What the results' tables, charts, samples and exports show; knows no layout."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import gradio as gr

from demos.evaluation.evaluation_html import RunSpeed, note_html, results_table, speed_table
from demos.evaluation.finished_runs import FinishedRuns, csv_file, html_file, names_of, run_stamp, zip_file
from demos.evaluation.sample_cards import SampleFilter, cards_html
from demos.i18n.translation import Language, say_in, translated_error
from demos.services import Services
from evals.report.sample_tables import Show, push_to_hub
from evals.result_files import Content
from evals.tasks import TASKS
from vita.errors import InputError

logger = logging.getLogger(__name__)

MOST = 4  # runs side by side
CHARTS = 8  # real and bundled: scores, points, waits, abilities


class ResultsHandlers:
    """What happens on each event of the board. ``chosen`` are ids of results files, the first the main one."""

    def __init__(self, services: Services, results: FinishedRuns) -> None:
        self._services, self._results = services, results

    async def show_overview(self, chosen: list[str], request: gr.Request) -> list[Any]:
        """All that is shown for all chosen runs."""
        language = self._visitor_language(request)
        found = self._chosen_contents(chosen)
        if not found:
            empty = note_html("results.choose" if self._results.result_ids() else "results.none", language)
            charts = [_hidden_update()] * CHARTS
            return [empty, "", *charts, empty, _hidden_update(), empty, _hidden_update(), empty]
        return await asyncio.to_thread(self._draw_charts, found, language)

    def _draw_charts(self, found: dict[str, Content], language: Language) -> list[Any]:
        from evals.report import figures

        contents = list(found.values())
        names = names_of(contents, list(found))
        tables = [gr.HTML(results_table(names, contents, bundled, language)) for bundled in (False, True)]
        bars = [
            figures.score_figure(names, contents, bundled, kind) for bundled in (False, True) for kind in figures.KINDS
        ]
        radars = [figures.ability_radar(names, contents, bundled) for bundled in (False, True)]
        times = [self._results.item_seconds(id) for id in found]
        firsts = [self._results.item_seconds(id, "first_token_seconds") for id in found]
        latency = figures.latency_figure(names, times)
        states = figures.confusion_figure(contents[0])
        rows = [RunSpeed(*row) for row in zip(names, contents, times, firsts, strict=True)]
        slow = speed_table(rows, language) + ("" if latency else note_html("results.speed.none", language))
        return [
            *tables,
            *map(_plot_update, bars + radars),
            "" if any(radars) else note_html("results.few", language),
            _plot_update(states),
            "" if states else note_html("results.states.none", language),
            _plot_update(latency),
            slow,
        ]

    async def parts_of(self, chosen: list[str]) -> Any:
        """The tasks of the first run that have parts."""
        from evals.report import figures

        found = self._chosen_contents(chosen[:1])
        names = figures.tasks_with_parts(next(iter(found.values()))) if found else []
        return gr.update(choices=[(TASKS[name].title, name) for name in names], value=names[0] if names else None)

    async def show_parts(self, chosen: list[str], task: str | None, request: gr.Request) -> list[Any]:
        """One task's parts."""
        from evals.report import figures

        found = self._chosen_contents(chosen[:1])
        figure = figures.part_figure(next(iter(found.values())), task) if found and task else None
        return [
            _plot_update(figure),
            "" if figure else note_html("results.parts.none", self._visitor_language(request)),
        ]

    async def tasks_of(self, chosen: list[str], task: str | None) -> list[Any]:
        """The tasks of the first run, and the other runs that it can be compared with."""
        found = self._chosen_contents(chosen[:1])
        names = list(next(iter(found.values()))["headlines"]) if found else []
        others = [id for id in self._results.result_ids() if id not in found]
        labels = [(f"{id.split('/')[0]} · {run_stamp(id)}", id) for id in others]
        kept = task if task in names else names[0] if names else None
        titles = [(TASKS[name].title if name in TASKS else name, name) for name in names]
        alike = [id for id, content in self._chosen_contents(others).items() if kept in content["headlines"]]
        return [gr.update(choices=titles, value=kept), gr.update(choices=labels, value=alike[0] if alike else None)]

    async def empty_samples(self, request: gr.Request) -> Any:
        """What the samples' place says while there are no results; nothing where they are on their way."""
        return gr.skip() if self._results.result_ids() else note_html("results.none", self._visitor_language(request))

    async def first_page(
        self, chosen: list[str], task: str | None, show: Show, other: str | None, page: int, request: gr.Request
    ) -> list[Any]:
        """Samples from the first on."""
        return await self._samples_page(chosen, task, (show, other, 0), self._visitor_language(request))

    def page_handler(self, by: int) -> Callable[..., Any]:
        """A handler that turns the page."""

        async def turn_page(
            chosen: list[str], task: str | None, show: Show, other: str | None, page: int, request: gr.Request
        ) -> list[Any]:
            return await self._samples_page(chosen, task, (show, other, page + by), self._visitor_language(request))

        return turn_page

    async def _samples_page(
        self, chosen: list[str], task: str | None, what: tuple[Show, str | None, int], language: Language
    ) -> list[Any]:
        show, other, page = what
        if not chosen or not task:
            return [note_html("results.choose", language), 0, _hidden_update(), _hidden_update()]
        try:
            samples = await asyncio.to_thread(self._results.result_samples, chosen[0], task)
            old = self._results.result_samples(other, task) if other and show == "changed" else []
            first = chosen[0]
            choice = SampleFilter(
                task, show, page, self._results.media_folder(first, task), self._results.recordings_folder(first)
            )
            found = await asyncio.to_thread(cards_html, samples, old, choice, language)
        except InputError as error:
            raise gr.Error(translated_error(error, language), print_exception=False) from error
        back = gr.update(visible=found.page > 0)
        return [found.html, found.page, back, gr.update(visible=found.page + 1 < found.pages)]

    async def export_csv(self, chosen: list[str], request: gr.Request) -> str:
        """The table as a file."""
        return await asyncio.to_thread(csv_file, list(self._chosen_or_warn(chosen, request).values()))

    async def export_html(self, chosen: list[str], request: gr.Request) -> str:
        """All charts as one page."""
        found = self._chosen_or_warn(chosen, request)
        return await asyncio.to_thread(self._page_of_charts, found)

    def _page_of_charts(self, found: dict[str, Content]) -> str:
        from evals.report.html_page import charts_page

        contents = list(found.values())
        seconds = [self._results.item_seconds(id) for id in found]
        return html_file(charts_page(names_of(contents, list(found)), contents, seconds))

    async def export_zip(self, chosen: list[str], request: gr.Request) -> str:
        """The first run's files."""
        self._chosen_or_warn(chosen, request)
        return await asyncio.to_thread(zip_file, self._results.result_path(chosen[0]))

    async def push_run(self, chosen: list[str], repo: str, token: str, request: gr.Request) -> tuple[str, str]:
        """Upload the first run; the token is forgotten."""
        language = self._visitor_language(request)
        self._chosen_or_warn(chosen, request)
        if not repo.strip() or not token.strip():
            raise gr.Error(say_in("export.push.missing", language), print_exception=False)
        try:
            address = await asyncio.to_thread(
                push_to_hub, self._results.result_path(chosen[0]), repo.strip(), token.strip()
            )
        except InputError as error:
            raise gr.Error(translated_error(error, language), print_exception=False) from error
        return note_html("export.pushed", language, address=address), ""

    def _chosen_or_warn(self, chosen: list[str], request: gr.Request) -> dict[str, Content]:
        found = self._chosen_contents(chosen)
        if not found:
            raise gr.Error(say_in("results.choose", self._visitor_language(request)), print_exception=False)
        return found

    def _chosen_contents(self, chosen: list[str] | None) -> dict[str, Content]:
        """By id; those that were deleted since are left out."""
        found: dict[str, Content] = {}
        for id in chosen or []:
            try:
                found[id] = self._results.result_content(id)
            except InputError:
                logger.warning("Results %s have gone", id)
        return found

    def _visitor_language(self, request: gr.Request) -> Language:
        return self._services.language_of(request.headers.get("accept-language"))


def _hidden_update() -> Any:
    return gr.update(visible=False)


def _plot_update(figure: Any) -> Any:
    return gr.update(value=figure, visible=figure is not None)
