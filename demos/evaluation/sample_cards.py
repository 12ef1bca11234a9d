"""Samples of a run as HTML cards: the picture, clip or sound, prompt, answer, what it was taken as, reference."""

from __future__ import annotations

import base64
import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from demos.evaluation.conversation_lanes import lanes_html
from demos.i18n.translation import Language, say_in, translated_error
from demos.seen_media import data_uri, seen_media_html
from evals.report.sample_tables import Sample, Show, is_failed, is_wrong, pick_samples
from evals.run_journal import recording_path
from evals.task import Kind
from evals.task_data import LIMITS
from evals.tasks import TASKS
from vita.errors import InputError
from vita.media import load_clip, load_picture, load_sound

PAGE = 6  # cards at once
PICTURE = 360  # pixels of the longer side
PLAYED = 2 * 2**20  # bytes; longer sounds are shown as their wave and longer clips as the frames that the model saw
_MARK = re.compile(r"<(?:picture|video|sound) [^>]*>\n?")  # what stands for media in a prompt; they are shown instead


@dataclass(frozen=True)
class SampleFilter:
    """Which samples to show.

    Attributes:
        page: from 0; one beyond the last shows the last.
        media: folder that their media lie below; None where they are not here.
        recordings: folder of conversations that were held; None where they are not here.
    """

    task: str
    show: Show = "all"
    page: int = 0
    media: Path | None = None
    recordings: Path | None = None


@dataclass(frozen=True)
class SampleCards:
    """A page of samples.

    Attributes:
        page: the one that is shown.
    """

    html: str
    page: int
    pages: int


def cards_html(
    samples: Sequence[Sample], other: Sequence[Sample], choice: SampleFilter, language: Language
) -> SampleCards:
    """The chosen samples; for a thread, it reads media.

    Args:
        other: the same task's samples in another run, for what changed.
    """
    picked = pick_samples(samples, choice.show, other)
    if not picked:
        missing = choice.show == "changed" and not other
        key = "samples.none.other" if missing else "samples.none"
        return SampleCards(f'<p class="ev-note">{escape(say_in(key, language))}</p>', 0, 0)
    pages = (len(picked) + PAGE - 1) // PAGE
    page = min(max(0, choice.page), pages - 1)
    shown = picked[page * PAGE : (page + 1) * PAGE]
    before = {sample["doc_id"]: sample for sample in other} if choice.show == "changed" else {}
    count = say_in(
        "samples.count", language, first=page * PAGE + 1, last=page * PAGE + len(shown), count=f"{len(picked):,}"
    )
    body = "".join(card_html(sample, choice, before.get(sample["doc_id"]), language) for sample in shown)
    return SampleCards(f'<p class="ev-note">{escape(count)}</p><div class="ev-cards">{body}</div>', page, pages)


def card_html(sample: Sample, choice: SampleFilter, before: Sample | None, language: Language) -> str:
    """One sample."""
    live = choice.task in TASKS and TASKS[choice.task].live
    body = _conversation_html(sample, choice, language) if live else _answer_html(sample, choice, before, language)
    head = f'<div class="ev-head"><b>#{sample["doc_id"]}</b>{_verdict_html(sample, language)}</div>'
    return f'<article class="ev-card">{head}{body}</article>'


def _conversation_html(sample: Sample, choice: SampleFilter, language: Language) -> str:
    """What was said and heard, where the conversation came about."""
    if "recording" not in sample["doc"]:
        return f"{_media_html(sample, choice, language)}<dl>{_field_html('error', sample['error'], language)}</dl>"
    folder = choice.recordings
    path = recording_path(folder, choice.task, sample["doc_id"]) if folder else None
    sound = medium_html(path if path and path.is_file() else None, "sound", language)
    measured = ", ".join(f"{name} {sample[name]:.3g}{' s' * ('latency' in name)}" for name in sample["metrics"])
    parts = [_field_html("spoken", sample["resps"][0][0], language), _field_html("measured", measured, language)]
    if sample["error"]:
        parts.append(_field_html("error", sample["error"], language))
    shown = lanes_html(sample["doc"], language)
    return f'<div class="ev-media">{sound}{shown}</div><dl>{"".join(parts)}</dl>'


def _answer_html(sample: Sample, choice: SampleFilter, before: Sample | None, language: Language) -> str:
    """What was asked and answered."""
    prompt = _MARK.sub("", sample["arguments"]["gen_args_0"]["arg_0"]).strip()
    parts = [_field_html("prompt", prompt, language)]
    if before is not None:
        parts.append(_field_html("before", before["resps"][0][0], language))
    if sample["error"]:
        parts.append(_field_html("error", sample["error"], language))
    else:
        parts.append(_field_html("answer", sample["resps"][0][0], language))
        parts.append(_field_html("extracted", str(sample["filtered_resps"][0]), language))
    parts.append(_field_html("reference", str(sample["target"]), language))
    return f"{_media_html(sample, choice, language)}<dl>{''.join(parts)}</dl>"


def _field_html(name: str, text: str, language: Language) -> str:
    label = escape(say_in(f"samples.{name}", language))
    shown = escape(text) if text.strip() else f"<i>{escape(say_in('samples.empty', language))}</i>"
    return f'<dt>{label}</dt><dd class="{name}">{shown}</dd>'


def _verdict_html(sample: Sample, language: Language) -> str:
    """Right, wrong, failed or unreadable, as a word in its colour."""
    if is_failed(sample):
        kind, text = "failed", say_in("samples.is_failed", language)
    elif sample.get("unread"):
        kind, text = "failed", say_in("samples.unread", language)
    elif not is_wrong(sample):
        kind, text = "done", say_in("samples.right", language)
    elif len(sample["metrics"]) == 1 and sample[sample["metrics"][0]] > 0:
        kind, text = "stopped", say_in("samples.partial", language, value=f"{sample[sample['metrics'][0]]:.2g}")
    else:
        kind, text = "wrong", say_in("samples.is_wrong", language)
    return f'<span class="ev-chip {kind}">{escape(text)}</span>'


def _media_html(sample: Sample, choice: SampleFilter, language: Language) -> str:
    known = TASKS.get(choice.task)
    if known is None:
        return ""
    shown = [
        medium_html(_find_medium(sample["doc"][name], choice.media), kind, language)
        for name, kind in known.source.media.items()
        if sample["doc"].get(name)
    ]
    return f'<div class="ev-media">{"".join(shown)}</div>' if shown else ""


def medium_html(path: Path | None, kind: Kind, language: Language) -> str:
    """A picture, or a clip or a sound to play; a sentence where it is no more."""
    if path is None:
        return f"<p>{escape(say_in('samples.gone', language))}</p>"
    try:
        if kind == "picture":
            picture = load_picture(path, LIMITS)
            return f'<img src="{data_uri(picture.image, PICTURE)}" alt="{escape(path.name, quote=True)}">'
        if path.stat().st_size > PLAYED:
            whole = load_sound(path, LIMITS) if kind == "sound" else load_clip(path, LIMITS)
            return seen_media_html([whole], [path.name], None, language)
    except InputError as error:  # the file that made the item fail
        return f"<p>{escape(translated_error(error, language))}</p>"
    tag = "audio" if kind == "sound" else "video"
    return f'<{tag} controls preload="metadata" src="{_inline_data(path)}"></{tag}>'


def _find_medium(described: Mapping[str, Any], root: Path | None) -> Path | None:
    """The file of a medium below ``root``; None where it is not there, or was never a file."""
    name = described.get("path")
    if not name or root is None:
        return None
    path = root / name
    return path if path.is_file() and path.resolve().is_relative_to(root.resolve()) else None


def _inline_data(path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
