"""From the paths of a visitor's files to what a model is asked with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from demos.i18n.translation import Language
from demos.page_html import file_name, seen_media_html
from demos.picture_facts import ImagePreprocessing
from demos.visitor_conversation import ChatExchange, ChatOptions, Conversation, VisitorQuestion, prompt
from vita.conversation import check_asked, check_counts, media_counts
from vita.media import (
    Clip,
    Limits,
    Medium,
    Picture,
    Sound,
    inspect_file,
    load_clip,
    load_picture,
    load_sound,
)  # fmt: skip

TabName = Literal["image", "video", "audio"]
_MEDIA: dict[str, type[Medium]] = {"image": Picture, "video": Clip, "sound": Sound}


def read_question(
    question: VisitorQuestion, past: Conversation, options: ChatOptions, limits: Limits, tab: TabName = "image"
) -> ChatExchange:
    """Decode a question's files; for a thread, it may take seconds. What is cheap to check is checked before.

    The kind of a file is told by its content; its name says nothing.

    Args:
        past: the conversation that the question goes on with.
        tab: where it was asked: an animated image is a picture for "image", a video elsewhere.

    Raises:
        InputError: the question cannot be asked, or a file cannot be used; no engine has been asked yet.
    """
    options.check_options()
    kinds = [_kind_of(path, limits, tab) for path in question.files]
    check_asked(question.text, Sound in kinds)
    counts = media_counts(prompt(past, ChatExchange(question)))
    counts.update(kinds)
    check_counts(counts, limits)
    loaders: dict[type[Medium], Callable[[str], Medium]] = {
        Picture: lambda path: load_picture(path, limits),
        Clip: lambda path: load_clip(path, limits, options.frames),
        Sound: lambda path: load_sound(path, limits),
    }
    return ChatExchange(question, tuple(loaders[kind](path) for path, kind in zip(question.files, kinds, strict=True)))


def _kind_of(path: str, limits: Limits, tab: TabName) -> type[Medium]:
    """What a file is taken for. Raises InputError as ``inspect_file``."""
    holds = inspect_file(path, limits)
    if holds == "animation":
        return Picture if tab == "image" else Clip
    return _MEDIA[holds]


def draw_exchange(
    exchange: ChatExchange, lens: ImagePreprocessing | None, max_tiles: int, language: Language
) -> ChatExchange:
    """With the HTML of what the model got; for a thread."""
    names = [file_name(path) for path in exchange.question.files]
    return replace(
        exchange, shown=seen_media_html(exchange.media, names, lens and lens.with_tile_limit(max_tiles), language)
    )
