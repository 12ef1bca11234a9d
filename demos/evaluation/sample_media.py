"""The picture, clip or sound of a sample as HTML."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from demos.i18n.translation import Language, say_in, translated_error
from demos.seen_media import data_uri, seen_media_html
from evals.report.sample_scores import Sample
from evals.task import Kind
from evals.task_data import LIMITS
from evals.tasks import TASKS
from vita.errors import InputError
from vita.media import load_clip, load_picture, load_sound

PICTURE = 360  # pixels of the longer side
PLAYED = 2 * 2**20  # bytes; longer sounds are shown as their wave and longer clips as the frames that the model saw


def sample_media_html(sample: Sample, task: str, root: Path | None, language: Language) -> str:
    """The media of a sample; "" for a task without any.

    Args:
        root: the folder that they lie below; None where they are not here.
    """
    known = TASKS.get(task)
    if known is None:
        return ""
    shown = [
        medium_html(_find_medium(sample["doc"][name], root), kind, language)
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
