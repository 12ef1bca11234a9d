"""The page's own HTML: badges, facts, what the model got, the engines' progress. Pure; everything is escaped."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from demos.i18n.translation import Language, say_in, translated_note
from demos.picture_facts import WHOLE, ImagePreprocessing
from demos.visitor_conversation import AnswerPhase, VisitorAnswer
from vita.engine.engine_protocol import Stage, Status, Usage
from vita.media import Clip, Medium, Picture, Sound, waveform
from vita.tokens import State

THUMB = 320  # px, longer side of a picture in "what the model got"
FRAME_THUMB = 176  # px, longer side of a frame
BARS = 96  # bars in a waveform
NAMES = {"nano": "VITA-Nano"}  # models that are called otherwise than their checkpoints

_STATE_WORD = {State.AUDIO_QUERY: "voice", State.NOISE: "noise", State.TEXT_QUERY: "text"}


def badge_html(answer: VisitorAnswer, language: Language) -> str:
    """The line above an answer: what is going on, or what the model made of the question."""
    if answer.phase is AnswerPhase.LOADING:
        note = say_in("phase.loading", language, percent=round(100 * answer.loaded))
        return f'<div class="note pending" role="status">{escape(note)}</div>'
    if answer.phase is AnswerPhase.READING:
        note = say_in("phase.reading", language, seconds=round(answer.waited))
        return f'<div class="note pending" role="status">{escape(note)}</div>'
    if answer.finish == "abort" and answer.state is None:
        return ""
    word = _STATE_WORD[answer.state] if answer.state else "none"
    html = f'<span class="badge {word}"><i></i>{escape(say_in(f"state.{word}", language))}</span>'
    if answer.state is State.NOISE:
        html += f'<div class="note">{escape(say_in("noise", language))}</div>'
    return html


def facts_html(answer: VisitorAnswer, language: Language) -> str:
    """The line under an answer: pace, tokens by modality, engine."""
    items = []
    if answer.first_token is not None:
        items.append(say_in("fact.first", language, value=f"{answer.first_token:.2f}"))
    if answer.rate is not None:
        items.append(say_in("fact.rate", language, value=f"{answer.rate:.1f}"))
    if answer.text and answer.tokens:
        items.append(say_in("fact.answer", language, value=answer.tokens))
    if answer.usage:
        items.append(prompt_facts(answer.usage, language))
    items.append(escape(answer.engine))
    marks = {"abort": "phase.stopped", "length": "phase.cut"}
    mark = marks.get(answer.finish or "")
    lead = f'<b class="mark">{escape(say_in(mark, language))}</b>' if mark else ""
    return f'<div class="facts">{lead}' + "".join(f"<span>{item}</span>" for item in items if item) + "</div>"


def prompt_facts(usage: Usage, language: Language) -> str:
    """The prompt's tokens in all and by modality."""
    counts = {
        "text": usage.text_tokens,
        "image": usage.image_tokens,
        "video": usage.video_tokens,
        "audio": usage.audio_tokens,
        "cached": usage.cached_tokens,
    }
    parts = [say_in(f"modality.{name}", language, value=count) for name, count in counts.items() if count]
    listed = say_in("list", language).join(parts)
    return escape(say_in("fact.prompt", language, value=usage.prompt_tokens, parts=listed))


def seen_media_html(
    media: Sequence[Medium], names: Sequence[str], lens: ImagePreprocessing | None, language: Language
) -> str:
    """What the model got: each picture with its tiles, each clip's frames, each sound's waveform.

    Args:
        names: one for each medium.
        lens: how the checkpoint looks at pictures; None where that is unknown.
    """
    blocks = []
    for medium, name in zip(media, names, strict=True):
        if isinstance(medium, Picture):
            blocks.append(_picture_html(medium, name, lens, language))
        elif isinstance(medium, Clip):
            blocks.append(_clip_html(medium, name, lens is not None, language))
        else:
            blocks.append(_sound_html(medium, name, language))
    return "".join(blocks)


def footer_html(answer: VisitorAnswer, shown: str, own: Usage | None, language: Language) -> str:
    """Everything under an answer: its facts, and what the model got to fold out.

    Args:
        shown: from ``seen_media_html``.
        own: tokens of this question's own media.
    """
    html = facts_html(answer, language)
    if not shown:
        return html
    counts = []
    if own:
        named = (("image", own.image_tokens), ("video", own.video_tokens), ("audio", own.audio_tokens))
        counts = [say_in(f"modality.{name}", language, value=count) for name, count in named if count]
    tokens = say_in("saw.tokens", language, value=say_in("list", language).join(counts)) if counts else ""
    title = f"{escape(say_in('saw', language))}<small>{escape(tokens)}</small>"
    return f'{html}<details class="saw"><summary>{title}</summary><div class="saw-body">{shown}</div></details>'


def engine_strip_html(statuses: Sequence[Status], model: str, language: Language) -> str:
    """The engines' progress: a name, a bar and a word for each."""
    cells = "".join(_engine_html(status, language) for status in statuses)
    name = NAMES.get(model, Path(model).name)
    label = f'<span class="model" title="{escape(model, quote=True)}">{escape(name)}</span>' if model else ""
    return f'<div class="strip" role="status" aria-live="polite">{label}{cells}</div>'


def _engine_html(status: Status, language: Language) -> str:
    percent = 100 if status.stage is Stage.READY else round(100 * status.fraction)
    word, note = say_in(f"engine.{status.stage.value}", language), translated_note(status.note, language)
    shown = f'<em title="{escape(status.note, quote=True)}">{escape(note)}</em>' if note else ""
    if status.stage is Stage.LOADING:
        word = f"{percent} %"
    elif status.stage is not Stage.FAILED:
        shown = ""
    name = f'<span class="name"><i></i>{escape(status.name)}</span>{shown}<span class="word">{escape(word)}</span>'
    bar = f'<span class="bar"><b style="width:{percent}%"></b></span>'
    return f'<div class="engine {status.stage.value}">{name}{bar}</div>'


def _picture_html(picture: Picture, name: str, lens: ImagePreprocessing | None, language: Language) -> str:
    columns, rows = lens.tile_layout(picture.image) if lens else (1, 1)
    left, top, width, height = lens.seen_box(picture.image) if lens else WHOLE
    lines = "".join(f'<i style="left:{100 * n / columns:.3f}%" class="v"></i>' for n in range(1, columns))
    lines += "".join(f'<i style="top:{100 * n / rows:.3f}%" class="h"></i>' for n in range(1, rows))
    key = "saw.tiles" if columns * rows > 1 else "saw.whole"
    if width * height < 1:
        key = "saw.centre"
        place = f"left:{100 * left:.2f}%;top:{100 * top:.2f}%;width:{100 * width:.2f}%;height:{100 * height:.2f}%"
        lines += f'<b style="{place}"></b>'
    size = f"{picture.image.width} × {picture.image.height}"
    caption = say_in(key, language, name=name, size=size, tiles=f"{columns} × {rows}")
    source = data_uri(picture.image, THUMB)
    return _figure_html(
        f'<div class="tiles"><img src="{source}" alt="{escape(name, quote=True)}">{lines}</div>', caption
    )


def _clip_html(clip: Clip, name: str, cropped: bool, language: Language) -> str:
    """The frames; every checkpoint that we know sees their centre squares."""
    frames = "".join(
        f'<div class="frame{" square" if cropped else ""}"><img src="{data_uri(frame, FRAME_THUMB)}" '
        f'alt="{time:.1f} s"><span>{time:.1f} s</span></div>'
        for frame, time in zip(clip.frames, clip.times, strict=True)
    )
    caption = say_in("saw.frames", language, name=name, frames=len(clip.frames), seconds=f"{clip.duration:.1f}")
    return _figure_html(f'<div class="frames">{frames}</div>', caption)


def _sound_html(sound: Sound, name: str, language: Language) -> str:
    caption = say_in("saw.sound", language, name=name, seconds=f"{sound.duration:.1f}")
    return _figure_html(waveform_svg(sound), caption)


def _figure_html(body: str, caption: str) -> str:
    return f"<figure>{body}<figcaption>{escape(caption)}</figcaption></figure>"


def waveform_svg(sound: Sound) -> str:
    """The loudness of a sound over its length, as an SVG of bars."""
    peaks = waveform(sound, BARS)
    heights = np.clip(peaks / max(float(peaks.max(initial=0.0)), 1e-6), 0.04, 1.0) * 40
    bars = "".join(
        f'<rect x="{4 * n}" y="{22 - height / 2:.1f}" width="2.6" height="{height:.1f}" rx="1.2"/>'
        for n, height in enumerate(heights)
    )
    return f'<svg class="wave" viewBox="0 0 {4 * BARS} 44" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>'


def data_uri(image: Image.Image, side: int) -> str:
    """A small JPEG of ``image``, inside the page: nothing to serve, nothing to clean up."""
    small = image.convert("RGB")
    small.thumbnail((side, side))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=72)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def file_name(path: str) -> str:
    """A file's name as the visitor knows it."""
    return Path(path).name
