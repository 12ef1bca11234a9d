"""The accordions beside the chat: settings of the next answer, and the camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import gradio as gr

from demos.visitor_conversation import ChatOptions
from vita.media import LEAST_FRAMES, MOST_FRAMES

DEFAULTS = ChatOptions()
ANY_SEED = -1  # an empty gr.Number shows itself as 0, which is a seed


@dataclass(frozen=True)
class CameraFields:
    """The webcam and the button that puts what it took into the question."""

    source: gr.Image | gr.Video
    add: gr.Button


def build_settings(tab: str, i18n: gr.I18n) -> list[Any]:
    """The accordion, in the order that ``options_from`` reads."""
    with gr.Accordion(i18n("settings"), open=False, elem_classes="settings"):
        temperature = gr.Slider(
            0, 2, DEFAULTS.temperature, step=0.05, label=i18n("temperature"), info=i18n("temperature.info")
        )
        top_p = gr.Slider(0.05, 1, DEFAULTS.top_p, step=0.05, label=i18n("top_p"))
        max_tokens = gr.Slider(
            1, 2048, DEFAULTS.max_tokens, step=1, label=i18n("max_tokens"), info=i18n("max_tokens.info")
        )
        seed = gr.Number(ANY_SEED, precision=0, minimum=ANY_SEED, label=i18n("seed"), info=i18n("seed.info"))
        frames = gr.Slider(
            LEAST_FRAMES, MOST_FRAMES, DEFAULTS.frames, step=1, label=i18n("frames"), info=i18n("frames.info"),
            visible=tab == "video",
        )  # fmt: skip
        tiles = gr.Slider(
            1, 12, DEFAULTS.tiles, step=1, label=i18n("tiles"), info=i18n("tiles.info"), visible=tab == "image"
        )
        system = gr.Textbox(DEFAULTS.system, lines=3, label=i18n("system"), info=i18n("system.info"))
    return [temperature, top_p, max_tokens, seed, frames, tiles, system]


def options_from(values: Sequence[Any]) -> ChatOptions:
    """The accordion's values as Options; what a visitor emptied falls back to its default."""
    temperature, top_p, max_tokens, seed, frames, tiles, system = values
    return ChatOptions(
        temperature=float(DEFAULTS.temperature if temperature is None else temperature),
        top_p=float(top_p or DEFAULTS.top_p),
        max_tokens=int(max_tokens or DEFAULTS.max_tokens),
        seed=None if seed is None or seed < 0 else int(seed),
        frames=int(frames or DEFAULTS.frames),
        tiles=int(tiles or DEFAULTS.tiles),
        system=system or "",
    )


def build_camera(kind: Literal["photo", "clip"] | None, i18n: gr.I18n) -> CameraFields | None:
    """The accordion with the webcam; none where the tab has no use for one."""
    if kind is None:
        return None
    with gr.Accordion(i18n("camera"), open=False, elem_classes="camera"):
        label = i18n(f"camera.{kind}")
        webcam = gr.WebcamOptions(mirror=False)
        source: gr.Image | gr.Video
        if kind == "photo":
            source = gr.Image(sources=["webcam"], type="filepath", format="jpeg", label=label, webcam_options=webcam)
        else:
            source = gr.Video(sources=["webcam"], include_audio=False, label=label, webcam_options=webcam)
        add = gr.Button(i18n("camera.add"), size="sm", variant="primary")
    return CameraFields(source, add)
