"""From the paths of a visitor's files to what a model is asked with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from demos.media_cache import MediaCache
from demos.page_html import file_name
from demos.picture_facts import ImagePreprocessing
from demos.seen_media import see_media
from demos.visitor_conversation import (
    MEDIUM_PARTS,
    ChatExchange,
    ChatOptions,
    Conversation,
    MediumKind,
    VisitorQuestion,
    for_each_part,
    media_types,
    prompt,
    prompt_media_counts,
)
from vita.conversation import Turn, check_asked, check_counts
from vita.errors import InputError, LimitError
from vita.media import Limits, Medium, Sound, inspect_file, sound_of_clip

TabName = Literal["image", "video", "audio"]
AUDIBLE = 1e-3  # of full scale, -60 dB: a clip whose sound stays below is silent
_KINDS: dict[str, MediumKind] = {"image": "picture", "video": "clip", "sound": "sound"}


def read_question(
    question: VisitorQuestion, past: Conversation, options: ChatOptions, limits: Limits, tab: TabName = "image"
) -> ChatExchange:
    """Check a question and tell what its files are; for a thread. Of videos the sound is decoded, nothing else.

    The kind of a file is told by its content; its name says nothing.

    Args:
        past: the conversation that the question goes on with.
        tab: where it was asked: an animated image is a picture for "image", a video elsewhere.

    Raises:
        InputError: the question cannot be asked, or a file cannot be used; no engine has been asked yet.
    """
    options.check_options()
    kinds = tuple(_kind_of(path, limits, tab, options.clip_sound) for path in question.files)
    check_asked(question.text, Sound in media_types(kinds))
    check_counts(prompt_media_counts(past, kinds), limits)
    exchange = ChatExchange(question, kinds, options.frames)
    return replace(exchange, conversation_id=past[0].conversation_id) if past else exchange


def read_prompt(exchange: ChatExchange, past: Conversation, media: MediaCache) -> tuple[Turn, ...]:
    """The turns to send, their files decoded; for a thread, it may take seconds.

    Raises:
        InputError: a file cannot be used, or is gone.
    """
    for path in (path for earlier in past for path in earlier.question.files):
        if not Path(path).is_file():
            raise InputError(
                "{name} of an earlier question is not there any more; "
                "begin a new conversation and send the file again.",
                name=file_name(path),
            )
    return prompt(past, exchange, media.media_of)


def _kind_of(path: str, limits: Limits, tab: TabName, clip_sound: bool) -> MediumKind:
    """What a file is taken for. Raises InputError as ``inspect_file``."""
    holds = inspect_file(path, limits)
    if holds == "animation":
        return "picture" if tab == "image" else "clip"
    return _clip_kind(path, limits) if holds == "video" and clip_sound else _KINDS[holds]


def _clip_kind(path: str, limits: Limits) -> MediumKind:
    try:
        sound = sound_of_clip(path, limits)
    except LimitError:
        return "unheard_clip"
    return "voiced_clip" if sound is not None and abs(sound.samples).max(initial=0.0) > AUDIBLE else "clip"


def draw_exchange(
    exchange: ChatExchange, media: Sequence[Medium], lens: ImagePreprocessing | None, max_tiles: int
) -> ChatExchange:
    """With what the model got of ``media``, the question's own; for a thread."""
    names = [file_name(path) for path in for_each_part(exchange.question.files, exchange.kinds)]
    unheard = [kind == "unheard_clip" for kind in exchange.kinds for _ in MEDIUM_PARTS[kind]]
    return replace(exchange, seen=see_media(media, names, lens and lens.with_tile_limit(max_tiles), unheard))
