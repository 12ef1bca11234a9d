"""What the browser of samples shows: tasks, filters, another run beside this one, pages; knows no layout."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos.evaluation.evaluation_html import note_html
from demos.evaluation.run_archive import RunArchive
from demos.evaluation.run_titles import run_stamp, run_title
from demos.evaluation.sample_cards import SampleFilter, cards_html
from demos.i18n.translation import Language, translated_error
from demos.services import Services
from evals.report.sample_tables import COMPARED, Show
from evals.tasks import TASKS
from vita.errors import InputError

logger = logging.getLogger(__name__)

FieldContent = tuple[list[tuple[str, str]], str | None]  # choices by their labels, and the one that is chosen
KINDS: tuple[Show, ...] = ("all", "wrong", "failed", "differs", "better", "worse")


@dataclass(frozen=True)
class SampleChoice:
    """What a visitor chose of the samples, in the order of the tab's fields.

    Attributes:
        runs: the first is the one whose samples are shown.
        other: the run whose answers stand beside; None for none.
        find: words that they must have.
    """

    runs: Sequence[str]
    task: str | None
    show: Show
    other: str | None
    find: str


class SampleHandlers:
    """What happens on each event of the samples' fields."""

    def __init__(self, services: Services, archive: RunArchive) -> None:
        self._services, self._archive = services, archive

    async def tasks_of(self, chosen: list[str], task: str | None, other: str | None, request: gr.Request) -> list[Any]:
        """The tasks of the first run, and the other runs that it can be compared with.

        What is chosen and still fits is left alone: it may be another one by the time that this arrives.
        """
        tasks, others = await asyncio.to_thread(self._fields_of, chosen, task, other, self._visitor_language(request))
        return [_field_update(tasks, task), _field_update(others, other)]

    def _fields_of(
        self, chosen: Sequence[str], task: str | None, other: str | None, language: Language
    ) -> tuple[FieldContent, FieldContent]:
        """Choices and value of the fields for the task and for the other run."""
        names = list(self._headlines(chosen[0])) if chosen else []
        kept = task if task in names else names[0] if names else None
        titles = [(TASKS[name].title if name in TASKS else name, name) for name in names]
        others = self._runs_with(kept, chosen)
        beside = next((id for id in [other, *chosen[1:]] if id in others), None)
        labels = [(f"{self._title(id, language)} · {run_stamp(id)}", id) for id in others]
        return (titles, kept), (labels, beside)

    async def other_for(self, chosen: list[str], task: str | None, show: Show, other: str | None) -> Any:
        """The run to compare with where a filter needs one and none is chosen: the newest one that has the task."""
        if show not in COMPARED or other:
            return gr.skip()
        others = await asyncio.to_thread(self._runs_with, task, chosen)
        return gr.update(value=others[0]) if others else gr.skip()

    def _runs_with(self, task: str | None, chosen: Sequence[str]) -> list[str]:
        """All runs that have a task, but the one whose samples are shown."""
        return [id for id in self._archive.run_ids() if id not in chosen[:1] and self._archive.has_task(id, task)]

    def _headlines(self, id: str) -> Any:
        """A run's numbers by task; none where it has gone, or cannot be read any more."""
        try:
            return self._archive.result_content(id)["headlines"]
        except InputError:
            logger.warning("Run %s cannot be shown", id)
            return {}

    def _title(self, id: str, language: Language) -> str:
        return run_title(self._archive.label(id), self._archive.planned_settings(id), language)

    async def followed_filters(
        self, chosen: Sequence[str], named: Sequence[str], language: Language
    ) -> tuple[list[Any], int | None]:
        """Updates of the fields for what an address names, and the number of the sample that it names.

        Args:
            named: task, filter, other run, words, sample; each "" where it is not there.
        """
        task, show, other, find, sample = named
        fields = await asyncio.to_thread(self._fields_of, chosen, task, other, language)
        tasks, others = (gr.update(choices=choices, value=value) for choices, value in fields)
        kind = show if show in KINDS else "all"
        return [tasks, gr.update(value=kind), others, gr.update(value=find)], int(sample) if sample.isdigit() else None

    async def empty_samples(self, request: gr.Request) -> Any:
        """What the samples' place says while there are no runs; nothing where they are on their way."""
        return gr.skip() if self._archive.run_ids() else note_html("results.none", self._visitor_language(request))

    async def first_page(
        self,
        runs: list[str],
        task: str | None,
        show: Show,
        other: str | None,
        find: str,
        page: int,
        request: gr.Request,
    ) -> list[Any]:
        """Samples from the first on."""
        choice = SampleChoice(runs, task, show, other, find)
        return await self._samples_page(choice, 0, None, self._visitor_language(request))

    async def named_page(
        self, runs: list[str], task: str | None, show: Show, other: str | None, find: str, sample: int | None,
        request: gr.Request,
    ) -> list[Any]:  # fmt: skip
        """The page of the sample that the address names; the first where it names none."""
        choice = SampleChoice(runs, task, show, other, find)
        return await self._samples_page(choice, 0, sample, self._visitor_language(request))

    def page_handler(self, by: int) -> Callable[..., Any]:
        """A handler that turns the page."""

        async def turn_page(
            runs: list[str], task: str | None, show: Show, other: str | None, find: str, page: int, request: gr.Request
        ) -> list[Any]:
            choice = SampleChoice(runs, task, show, other, find)
            return await self._samples_page(choice, page + by, None, self._visitor_language(request))

        return turn_page

    async def _samples_page(self, choice: SampleChoice, page: int, sample: int | None, language: Language) -> list[Any]:
        """Cards, the page that is shown, and the buttons to the pages before and behind."""
        if not choice.runs or not choice.task:
            return [note_html("results.choose", language), 0, *[gr.update(visible=False)] * 2]
        try:
            found = await asyncio.to_thread(self._cards, choice, page, sample, language)
        except InputError as error:
            raise gr.Error(translated_error(error, language), print_exception=False) from error
        back = gr.update(visible=found.page > 0)
        return [found.html, found.page, back, gr.update(visible=found.page + 1 < found.pages)]

    def _cards(self, choice: SampleChoice, page: int, sample: int | None, language: Language) -> Any:
        main, task, archive = choice.runs[0], choice.task or "", self._archive
        address = {"show": choice.show, "against": choice.other or "", "find": choice.find}
        filters = SampleFilter(
            task, choice.show, page, archive.media_folder(main, task), archive.recordings_folder(main),
            choice.find, sample, tuple(choice.runs),
            (self._title(main, language), self._title(choice.other, language) if choice.other else ""),
            {name: value for name, value in address.items() if value and value != "all"},
        )  # fmt: skip
        other = archive.result_samples(choice.other, task) if choice.other else []
        return cards_html(archive.result_samples(main, task), other, filters, language)

    def _visitor_language(self, request: gr.Request) -> Language:
        return self._services.language_of(request.headers.get("accept-language"))


def _field_update(content: FieldContent, shown: str | None) -> Any:
    """Other choices, and another value only where the one that is shown is not among them."""
    choices, value = content
    return gr.update(choices=choices) if value == shown else gr.update(choices=choices, value=value)
