"""The accordions beside the chat: settings of the next answer, and the camera."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import gradio as gr

from demos.visitor_conversation import ChatOptions, OptionRangeError
from vita.media import LEAST_FRAMES, MOST_FRAMES

DEFAULTS = ChatOptions()
ANY_SEED = -1  # an empty gr.Number shows itself as 0, which is a seed
RANGES: dict[str, tuple[float, float]] = {  # what the page offers, in the accordion's order
    "temperature": (0, 2),
    "top_p": (0.05, 1),
    "max_tokens": (1, 2048),
    "seed": (ANY_SEED, 2**31 - 1),
    "frames": (LEAST_FRAMES, MOST_FRAMES),
    "tiles": (1, 12),
}
IGNORED: dict[str, tuple[str, ...]] = {"nano": ("tiles",)}  # by the model's name; it sees the centre square alone


@dataclass(frozen=True)
class CameraFields:
    """The webcam and the button that puts what it took into the question."""

    source: gr.Image | gr.Video
    add: gr.Button


def unchecked(field: Any) -> Any:
    """A field that takes any number: Gradio would refuse some in English, ``options_from`` in the page's words."""
    field.preprocess = lambda number: number
    return field


def build_settings(tab: str, model: str, i18n: gr.I18n) -> list[Any]:
    """The accordion, in the order that ``options_from`` reads.

    Args:
        model: what answers; what it ignores is not offered.
    """

    def slider(name: str, step: float = 1, info: bool = True, visible: bool = True) -> gr.Slider:
        least, most = RANGES[name]
        return unchecked(gr.Slider(
            least, most, getattr(DEFAULTS, name), step=step, label=i18n(name),
            info=i18n(f"{name}.info") if info else None, visible=visible and name not in IGNORED.get(model, ()),
        ))  # fmt: skip

    with gr.Accordion(i18n("settings"), open=False, elem_classes="settings"):
        temperature = slider("temperature", step=0.05)
        top_p = slider("top_p", step=0.05, info=False)
        max_tokens = slider("max_tokens")
        seed = unchecked(gr.Number(
            ANY_SEED, precision=0, minimum=ANY_SEED, maximum=RANGES["seed"][1], label=i18n("seed"),
            info=i18n("seed.info"),
        ))  # fmt: skip
        frames = slider("frames", visible=tab == "video")
        tiles = slider("tiles", visible=tab == "image")
        clip_sound = gr.Checkbox(
            DEFAULTS.clip_sound, label=i18n("clip_sound"), info=i18n("clip_sound.info"), visible=tab == "video"
        )
        system = gr.Textbox(DEFAULTS.system, lines=3, label=i18n("system"), info=i18n("system.info"))
    return [temperature, top_p, max_tokens, seed, frames, tiles, clip_sound, system]


def options_from(values: Sequence[Any]) -> ChatOptions:
    """The accordion's values as options; what a visitor emptied falls back to its default.

    Raises:
        OptionRangeError: a number is outside of what the accordion offers.
    """
    *numbers, clip_sound, system = values
    given: dict[str, Any] = {name: value for name, value in zip(RANGES, numbers, strict=True) if value is not None}
    for name, value in given.items():
        least, most = RANGES[name]
        if not least <= value <= most:
            raise OptionRangeError(name, least, most, value)
    seed = given.pop("seed", ANY_SEED)
    whole: dict[str, Any] = {name: int(given[name]) for name in ("max_tokens", "frames", "tiles") if name in given}
    options = replace(DEFAULTS, **(given | whole), seed=None if seed < 0 else int(seed))
    return replace(options, system=system or "", clip_sound=clip_sound is not False)


def settings_values(options: ChatOptions | None) -> list[Any]:
    """What the accordion shows for ``options``, in the order of ``options_from``; left as it is for None."""
    if options is None:
        return [gr.skip()] * (len(RANGES) + 2)
    seed = ANY_SEED if options.seed is None else options.seed
    sampling = [options.temperature, options.top_p, options.max_tokens, seed]
    return [*sampling, options.frames, options.tiles, options.clip_sound, options.system]


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
            source = gr.Video(sources=["webcam"], include_audio=True, label=label, webcam_options=webcam)
            source.preprocess = lambda clip: clip.path if clip else None  # Gradio's own needs ffmpeg, to drop no sound
        add = gr.Button(i18n("camera.add"), size="sm", variant="primary", elem_classes="camera-add")
    return CameraFields(source, add)
