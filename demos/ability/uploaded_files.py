"""From the paths of a visitor's files to what a model is asked with."""

from __future__ import annotations

import math
import mimetypes
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from PIL import Image

from demos.i18n.words import Language
from demos.page_html import file_name, saw
from demos.picture_facts import Lens
from demos.visitor_conversation import Conversation, Exchange, Options, Question, prompt
from vita.conversation import check_asked, check_counts, media_counts
from vita.errors import MediaError
from vita.media import (
    Clip,
    Limits,
    Medium,
    Picture,
    Sound,
    check_clip,
    check_picture,
    check_sound,
    load_clip,
    load_picture,
    load_sound,
)  # fmt: skip

Kind = Literal["image", "video", "audio"]
PICTURE_PIXELS = 4_200_000  # more than any checkpoint's tiles show of a picture: 13 of 448 x 448 with VITA-1.5
FRAME_PIXELS = 810_000  # a frame is one tile of 448 x 448

_CHECKS: dict[Kind, tuple[type[Medium], Callable[[str, Limits], None]]] = {
    "image": (Picture, check_picture),
    "video": (Clip, check_clip),
    "audio": (Sound, check_sound),
}
_MORE_KINDS = {".webp": "image", ".heic": "image", ".mkv": "video", ".opus": "audio", ".flac": "audio", ".m4a": "audio"}


def kind(path: str) -> Kind:
    """What a file says it is by its name.

    Raises:
        MediaError: no image, video or sound.
    """
    suffix = Path(path).suffix.lower()
    said = _MORE_KINDS.get(suffix) or (mimetypes.guess_type(path)[0] or "").split("/")[0]
    for known in _CHECKS:
        if said == known:
            return known
    raise MediaError(
        "{name} is neither an image, a video nor a sound: choose a file such as .jpg, .mp4 or .wav.",
        name=file_name(path),
    )


def read(question: Question, past: Conversation, options: Options, limits: Limits) -> Exchange:
    """Decode a question's files; for a thread, it may take seconds. What is cheap to check is checked before.

    Args:
        past: the conversation that the question goes on with.

    Raises:
        InputError: the question cannot be asked, or a file cannot be used; no engine has been asked yet.
    """
    options.check()
    kinds = [kind(path) for path in question.files]
    check_asked(question.text, "audio" in kinds)
    counts = media_counts(prompt(past, Exchange(question)))
    counts.update(_CHECKS[each][0] for each in kinds)
    check_counts(counts, limits)
    files = list(zip(question.files, kinds, strict=True))
    for path, each in files:
        _CHECKS[each][1](path, limits)
    return Exchange(question, tuple(_decoded(path, each, options, limits) for path, each in files))


def _decoded(path: str, said: Kind, options: Options, limits: Limits) -> Medium:
    match said:
        case "image":
            return Picture(_within(load_picture(path, limits).image, PICTURE_PIXELS))
        case "video":
            clip = load_clip(path, limits, options.frames)
            return replace(clip, frames=tuple(_within(frame, FRAME_PIXELS) for frame in clip.frames))
        case "audio":
            return load_sound(path, limits)


def _within(image: Image.Image, pixels: int) -> Image.Image:
    """The image, made smaller where it has more: conversations are kept for hours, and photos have up to 50 million."""
    shrink = math.sqrt(pixels / (image.width * image.height))
    if shrink >= 1:
        return image
    size = (max(round(image.width * shrink), 1), max(round(image.height * shrink), 1))
    return image.resize(size, Image.Resampling.LANCZOS)


def drawn(exchange: Exchange, lens: Lens | None, max_tiles: int, language: Language) -> Exchange:
    """With the HTML of what the model got; for a thread."""
    names = [file_name(path) for path in exchange.question.files]
    return replace(exchange, shown=saw(exchange.media, names, lens and lens.limited(max_tiles), language))
