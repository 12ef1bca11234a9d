"""What the results' tables, charts, settings and exports show; knows no layout."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import gradio as gr

from demos.evaluation.chart_language import chart_words
from demos.evaluation.evaluation_html import note_html
from demos.evaluation.results_tables import RunSpeed, is_live_run, results_table, speed_table
from demos.evaluation.run_archive import RunArchive
from demos.evaluation.run_downloads import csv_file, html_file, zip_file
from demos.evaluation.run_titles import distinct_titles, run_title
from demos.evaluation.settings_html import named_settings, settings_table
from demos.i18n.translation import Language, say_in, translated_error
from demos.services import Services
from evals.report.sample_tables import push_to_hub, run_seconds
from evals.result_files import Content
from evals.tasks import TASKS
from vita.errors import InputError

logger = logging.getLogger(__name__)

CHARTS = 8  # real and bundled: scores, points, waits, abilities


class ResultsHandlers:
    """What happens on each event of the board. ``chosen`` are ids of runs, the first the main one."""

    def __init__(self, services: Services, archive: RunArchive) -> None:
        self._services, self._archive = services, archive

    async def show_overview(self, chosen: list[str], request: gr.Request) -> list[Any]:
        """All that is shown for all chosen runs."""
        language = self._visitor_language(request)
        found = await asyncio.to_thread(self._chosen_contents, chosen)
        if not found:
            empty = note_html("results.choose" if self._archive.run_ids() else "results.none", language)
            charts = [_hidden_update()] * CHARTS
            return [empty, "", *charts, empty, _hidden_update(), empty, _hidden_update(), empty, empty]
        return await asyncio.to_thread(self._draw_charts, found, language)

    async def empty_overview(self, request: gr.Request) -> list[Any]:
        """What the board says while there are no runs; nothing where they are on their way."""
        overview = await self.show_overview([], request)
        return [gr.skip()] * len(overview) if await asyncio.to_thread(self._archive.run_ids) else overview

    def _draw_charts(self, found: dict[str, Content], language: Language) -> list[Any]:
        from evals.report import figures

        contents, words = list(found.values()), chart_words(language)
        names = self._names(found, language)
        tables = [results_table(names, contents, bundled, language) for bundled in (False, True)]
        if not any(tables):
            tables[0] = note_html("results.unfinished", language)
        titles = {"percent": words.scores, "points": words.points, "seconds": words.waits}
        bars = [
            _plot_update(figures.score_figure(names, contents, bundled, kind, words), titles[kind], names, language)
            for bundled in (False, True) for kind in figures.KINDS
        ]  # fmt: skip
        radars = [
            _plot_update(figures.ability_radar(names, contents, bundled, words), words.abilities_title, names, language)
            for bundled in (False, True)
        ]
        states_title = words.states.format(run=names[0])
        states = _plot_update(figures.confusion_figure(contents[0], words), states_title, [], language)
        settings = settings_table(names, [self._archive.settings(id) for id in found], language)
        return [
            *map(gr.HTML, tables),
            *bars,
            *radars,
            "" if any(radar["visible"] for radar in radars) else note_html("results.few", language),
            states,
            "" if states["visible"] else note_html("results.states.none", language),
            *self._draw_speed(found, names, language),
            settings,
        ]

    def _draw_speed(self, found: dict[str, Content], names: list[str], language: Language) -> list[Any]:
        from evals.report import figures

        words, contents = chart_words(language), list(found.values())
        samples = [self._archive.run_samples(id) for id in found]
        times = [run_seconds(of_run) for of_run in samples]
        firsts = [run_seconds(of_run, "first_token_seconds") for of_run in samples]
        live = any(map(is_live_run, contents))
        latency = _plot_update(figures.latency_figure(names, times, live, words), words.latency, names, language)
        rows = [RunSpeed(*row) for row in zip(names, contents, times, firsts, strict=True)]
        note = "" if latency["visible"] else note_html("results.speed.none", language)
        return [latency, speed_table(rows, language) + note]

    async def parts_of(self, chosen: list[str], part: str | None = None) -> Any:
        """The tasks of the first run that have parts; the one that is chosen stays where it has it."""
        from evals.report import figures

        found = await asyncio.to_thread(self._chosen_contents, chosen[:1])
        names = figures.tasks_with_parts(next(iter(found.values()))) if found else []
        choices = [(TASKS[name].title, name) for name in names]
        return gr.update(choices=choices, value=part if part in names else names[0] if names else None)

    async def show_parts(self, chosen: list[str], task: str | None, request: gr.Request) -> list[Any]:
        """One task's parts."""
        from evals.report import figures

        language = self._visitor_language(request)
        found, words = await asyncio.to_thread(self._chosen_contents, chosen[:1]), chart_words(language)
        figure = figures.part_figure(next(iter(found.values())), task, words) if found and task else None
        title = (
            words.parts.format(task=TASKS[task].title, run=self._names(found, language)[0]) if figure and task else ""
        )
        return [
            _plot_update(figure, title, [], language),
            "" if figure else note_html("results.parts.none", language),
        ]

    async def export_csv(self, chosen: list[str], request: gr.Request) -> str:
        """The table as a file."""
        found = await self._chosen_or_warn(chosen, request)
        names = self._names(found, self._visitor_language(request))
        return await asyncio.to_thread(csv_file, list(found.values()), names, list(found))

    async def export_html(self, chosen: list[str], request: gr.Request) -> str:
        """All charts as one page."""
        found = await self._chosen_or_warn(chosen, request)
        return await asyncio.to_thread(self._page_of_charts, found, self._visitor_language(request))

    def _page_of_charts(self, found: dict[str, Content], language: Language) -> str:
        from evals.report.html_page import charts_page

        names = self._names(found, language)
        seconds = [self._archive.item_seconds(id) for id in found]
        settings = [named_settings(self._archive.settings(id), language) for id in found]
        return html_file(charts_page(names, list(found.values()), seconds, settings, chart_words(language)), names)

    async def export_zip(self, chosen: list[str], request: gr.Request) -> str:
        """The first run's files."""
        await self._chosen_or_warn(chosen, request)
        try:
            return await asyncio.to_thread(zip_file, self._archive.result_path(chosen[0]))
        except InputError as error:
            raise gr.Error(translated_error(error, self._visitor_language(request)), print_exception=False) from error

    async def push_run(self, chosen: list[str], repo: str, token: str, request: gr.Request) -> tuple[str, str]:
        """Upload the first run; the token is forgotten."""
        language = self._visitor_language(request)
        await self._chosen_or_warn(chosen, request)
        if not repo.strip() or not token.strip():
            raise gr.Error(say_in("export.push.missing", language), print_exception=False)
        try:
            results = self._archive.result_path(chosen[0])
            address = await asyncio.to_thread(push_to_hub, results, repo.strip(), token.strip())
        except InputError as error:
            raise gr.Error(translated_error(error, language), print_exception=False) from error
        return note_html("export.pushed", language, address=address), ""

    def _names(self, found: dict[str, Content], language: Language) -> list[str]:
        """What each run is called where all of them are shown together."""
        archive = self._archive
        return distinct_titles(
            [run_title(archive.label(id), archive.settings(id), language) for id in found], list(found)
        )

    async def _chosen_or_warn(self, chosen: list[str], request: gr.Request) -> dict[str, Content]:
        found = await asyncio.to_thread(self._chosen_contents, chosen)
        if not found:
            raise gr.Error(say_in("results.choose", self._visitor_language(request)), print_exception=False)
        return found

    def _chosen_contents(self, chosen: list[str] | None) -> dict[str, Content]:
        """By id; those that were deleted since are left out."""
        found: dict[str, Content] = {}
        for id in chosen or []:
            try:
                found[id] = self._archive.result_content(id)
            except InputError:
                logger.warning("Run %s cannot be shown", id)
        return found

    def _visitor_language(self, request: gr.Request) -> Language:
        return self._services.language_of(request.headers.get("accept-language"))


def _hidden_update() -> Any:
    return gr.update(visible=False)


def _plot_update(figure: Any, title: str, names: list[str], language: Language) -> Any:
    """A chart with its description and the name that it is saved by; hidden where there is none."""
    if figure is None:
        return gr.update(value=None, visible=False)
    from gradio.components.plot import PlotData

    from evals.report.chart_files import chart_filename, chart_json, described_chart

    words = chart_words(language)
    chart = chart_json(described_chart(figure, title, words), chart_filename(title, names), words)
    return gr.update(value=PlotData(type="plotly", plot=chart), visible=True)
