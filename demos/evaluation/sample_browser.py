"""The browser of samples: its fields and their wiring; handlers in ``sample_handlers``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos.ability.chat_tab import QUIET
from demos.evaluation.sample_handlers import KINDS, SampleHandlers
from demos.page_address import writing_script

SHOW_NAMED = "() => setTimeout(() => document.querySelector('.ev-named')?.scrollIntoView({ block: 'center' }), 200)"


@dataclass(frozen=True)
class SampleFields:
    """The fields that an address names, in the order of ``NAMES``, and what shows the samples.

    Attributes:
        sample: number of the one that the address names.
    """

    task: gr.Dropdown
    show: gr.Radio
    other: gr.Dropdown
    find: gr.Textbox
    sample: gr.State
    shown: list[Any]

    @property
    def filters(self) -> list[Any]:
        """What decides which samples are shown."""
        return [self.task, self.show, self.other, self.find]


NAMES = ("task", "show", "against", "find", "sample")  # of parameters of the address


def build_samples(
    handlers: SampleHandlers, runs: gr.Dropdown, news: gr.Number, opened: gr.Timer, i18n: gr.I18n
) -> SampleFields:
    """Lay the fields out and wire them.

    Args:
        news: changes when the runs that are shown have come to something else.
    """
    with gr.Row(equal_height=False):
        task = gr.Dropdown([], label=i18n("samples.task"), min_width=220, elem_id="evaluate-task")
        other = gr.Dropdown([], label=i18n("samples.other"), min_width=220, elem_id="evaluate-other")
        find = gr.Textbox(
            label=i18n("samples.find"), placeholder=i18n("samples.find.info"), min_width=160, elem_id="evaluate-find"
        )
    kinds = [(i18n(f"samples.{kind}"), kind) for kind in KINDS]
    show = gr.Radio(kinds, value="all", label=i18n("samples.show"), elem_id="evaluate-show")
    html = gr.HTML(padding=False, elem_id="evaluate-samples")
    page, sample = gr.State(0), gr.State(None)
    with gr.Row():
        back = gr.Button(i18n("samples.previous"), size="sm", visible=False)
        on = gr.Button(i18n("samples.next"), size="sm", visible=False, elem_id="evaluate-next")
    fields = SampleFields(task, show, other, find, sample, [html, page, back, on])
    inputs = [runs, *fields.filters, page]
    opened.tick(handlers.empty_samples, None, html, **QUIET)
    gr.on([runs.change, news.change], handlers.tasks_of, [runs, task, other], [task, other], **QUIET).then(
        handlers.named_page, [runs, *fields.filters, sample], fields.shown, **QUIET
    )
    chosen = gr.on(
        [task.input, other.input, find.submit, find.blur], handlers.first_page, inputs, fields.shown, **QUIET
    )
    compared = show.input(handlers.other_for, [runs, task, show, other], other, **QUIET)
    turned = [
        compared.then(handlers.first_page, inputs, fields.shown, **QUIET),
        back.click(handlers.page_handler(-1), inputs, fields.shown, **QUIET),
        on.click(handlers.page_handler(1), inputs, fields.shown, **QUIET),
    ]
    for event in (chosen, *turned):  # the sample that the address named is left
        event.then(lambda: None, None, sample, js=writing_script("sample"), **QUIET)
    for field, name in ((task, "task"), (show, "show"), (other, "against")):
        field.input(None, field, None, js=writing_script(name, usual="all"))
    gr.on([find.submit, find.blur], None, find, None, js=writing_script("find"))
    compared.then(None, other, None, js=writing_script("against"))
    return fields
