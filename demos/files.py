"""From the paths of a visitor's files to what a model is asked with."""

from __future__ import annotations

import mimetypes
from dataclasses import replace
from pathlib import Path

from demos.conversation import Exchange, Options, Question
from demos.lens import Lens
from demos.show import file_name, saw
from demos.words import Language, say
from vita.errors import MediaError
from vita.media import Limits, Medium, load_clip, load_picture, load_sound

_MORE_KINDS = {".webp": "image", ".heic": "image", ".mkv": "video", ".opus": "audio", ".flac": "audio", ".m4a": "audio"}


def kind(path: str) -> str:
    """What a file says it is by its name: "image", "video", "audio", or anything else."""
    suffix = Path(path).suffix.lower()
    return _MORE_KINDS.get(suffix) or (mimetypes.guess_type(path)[0] or "").split("/")[0]


def read_file(path: str, options: Options, limits: Limits, language: Language) -> Medium:
    """Decode one file.

    Raises:
        MediaError: it is no image, video or sound, or is damaged.
        LimitError: it is larger or longer than allowed.
    """
    match kind(path):
        case "image":
            return load_picture(path, limits)
        case "video":
            return load_clip(path, limits, options.frames)
        case "audio":
            return load_sound(path, limits)
    raise MediaError(say("error.kind", language, name=file_name(path)))


def read(question: Question, options: Options, limits: Limits, language: Language) -> Exchange:
    """Decode a question's files; for a thread, it may take seconds.

    Raises:
        InputError: a file cannot be used; nothing has been asked yet.
    """
    return Exchange(question, tuple(read_file(path, options, limits, language) for path in question.files))


def drawn(exchange: Exchange, lens: Lens | None, max_tiles: int, language: Language) -> Exchange:
    """With the HTML of what the model got; for a thread."""
    names = [file_name(path) for path in exchange.question.files]
    return replace(exchange, shown=saw(exchange.media, names, lens and lens.limited(max_tiles), language))
