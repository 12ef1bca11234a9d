"""What to run: the form, and the values that it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos.evaluation.run_plan import CONVERSATION, IN_FLIGHT, RunForm, task_families

FIRST = (  # chosen at first: quick
    "mmlu", "librispeech_test_clean", "mme", "ocrbench", "videomme", "state_tokens",
    "full_duplex_turn_taking", "full_duplex_interruption",
)  # fmt: skip
PAGE, SERVER = "page", "server"
BUNDLED, REAL = "bundled", "real"
QUESTIONS, TALKS = "questions", "talks"


@dataclass(frozen=True)
class RunFormFields:
    """The form's components. ``values`` are in the order that ``form_of`` reads."""

    values: list[Any]
    key: gr.Textbox
    needs_of: list[Any]
    needs: gr.HTML
    start: gr.Button
    gate: gr.HTML
    password: gr.Textbox


def build_form(i18n: gr.I18n) -> RunFormFields:
    """Lay the form out; what it shows and hides by itself is wired here."""
    gate = gr.HTML(padding=False, elem_id="evaluate-gate")
    password = gr.Textbox(
        label=i18n("gate.label"), info=i18n("gate.info"), type="password", visible=False, elem_id="evaluate-password"
    )
    with gr.Row(equal_height=False):
        who = gr.Radio(
            [(i18n("evaluate.who.page"), PAGE), (i18n("evaluate.who.server"), SERVER)],
            value=PAGE, label=i18n("evaluate.who"), min_width=240,
        )  # fmt: skip
        data = gr.Radio(
            [(i18n("evaluate.data.bundled"), BUNDLED), (i18n("evaluate.data.real"), REAL)],
            value=BUNDLED, label=i18n("evaluate.data"), min_width=240,
        )  # fmt: skip
    with gr.Group(visible=False) as server:
        address = gr.Textbox(
            label=i18n("evaluate.address"), info=i18n("evaluate.address.info"), placeholder="http://host:8000/v1"
        )
        with gr.Row():
            model = gr.Textbox(label=i18n("evaluate.model"), info=i18n("evaluate.model.info"), min_width=160)
            key = gr.Textbox(label=i18n("evaluate.key"), info=i18n("evaluate.key.info"), type="password", min_width=160)
    folder = gr.Textbox(label=i18n("evaluate.folder"), info=i18n("evaluate.folder.info"), visible=False)
    kind = gr.Radio(
        [(i18n("evaluate.kind.questions"), QUESTIONS), (i18n("evaluate.kind.talks"), TALKS)],
        value=QUESTIONS, label=i18n("evaluate.kind"), info=i18n("evaluate.kind.info"), elem_id="evaluate-kind",
    )  # fmt: skip
    tasks = [
        gr.CheckboxGroup(
            [(_short_name(task.title, ability), task.name) for task in several],
            value=[task.name for task in several if task.name in FIRST],
            label=i18n(f"ability.{ability}"), show_select_all=len(several) > 1, elem_classes="ev-family",
            visible=ability != CONVERSATION,
        )
        for ability, several in task_families().items()
    ]  # fmt: skip
    needs = gr.HTML(padding=False)
    limit = gr.Number(0, minimum=0, label=i18n("evaluate.limit"), info=i18n("evaluate.limit.info"))
    with gr.Accordion(i18n("evaluate.more"), open=False):
        flight = gr.Slider(1, 64, IN_FLIGHT, step=1, label=i18n("evaluate.flight"), info=i18n("evaluate.flight.info"))
        with gr.Row():
            seed = gr.Number(0, precision=0, label=i18n("evaluate.seed"), info=" ", min_width=140)
            shots = gr.Number(
                -1, precision=0, minimum=-1, label=i18n("evaluate.shots"), info=i18n("evaluate.shots.info"),
                min_width=140,
            )  # fmt: skip
        fresh = gr.Checkbox(False, label=i18n("evaluate.fresh"))
    start = gr.Button(i18n("evaluate.start"), variant="primary", elem_id="evaluate-start")
    who.change(_shown_for(SERVER), who, server, show_progress="hidden", api_visibility="private")
    data.change(_shown_for(REAL), data, folder, show_progress="hidden", api_visibility="private")
    kind.change(_families_of, kind, tasks, show_progress="hidden", api_visibility="private")
    values = [who, address, model, key, data, folder, limit, flight, seed, shots, fresh, kind, *tasks]
    return RunFormFields(values, key, [data, folder, limit, kind, *tasks], needs, start, gate, password)


def _short_name(title: str, ability: str) -> str:
    """Without the name that all of a family share."""
    return title.removeprefix({"voice": "VoiceBench ", CONVERSATION: "FDB "}.get(ability, ""))


def _families_of(kind: str) -> list[Any]:
    """Show the families of questions, or that of conversations."""
    return [gr.update(visible=(ability == CONVERSATION) == (kind == TALKS)) for ability in task_families()]


def chosen_tasks(kind: str, families: Sequence[Sequence[str] | None]) -> tuple[str, ...]:
    """The names that are chosen in what is shown; the last family is that of conversations."""
    shown = families[-1:] if kind == TALKS else families[:-1]
    return tuple(name for several in shown for name in several or ())


def _shown_for(choice: str) -> Any:
    """A handler that shows a component for one choice and hides it for others."""

    def shown_update(value: str) -> Any:
        return gr.update(visible=value == choice)

    return shown_update


def form_of(values: Sequence[Any]) -> RunForm:
    """The form's values; what was emptied is its default."""
    who, address, model, key, data, folder, limit, flight, seed, shots, fresh, kind, *tasks = values
    return RunForm(
        tasks=chosen_tasks(kind, tasks),
        server=who == SERVER,
        address=address or "",
        model=model or "",
        key=key or "",
        bundled=data != REAL,
        folder=folder or "",
        limit=float(limit or 0),
        in_flight=int(flight or IN_FLIGHT),
        seed=int(seed or 0),
        shots=-1 if shots is None else int(shots),
        fresh=bool(fresh),
    )
