"""Conversations as JSON: what a browser is given to keep, and what it brings back, which is checked as a stranger's.

A file is named by its path on this server, or as ``example:NAME``; of what a browser brings no path is believed: it
names files by keys, and Gradio has checked where each key's file really is. No HTML goes either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from demos.example_files import EXAMPLES
from demos.page_html import LOST
from demos.seen_media import SeenMedium
from demos.visitor_conversation import (
    AnswerPhase,
    ChatExchange,
    ChatOptions,
    Conversation,
    MediumKind,
    VisitorAnswer,
    VisitorQuestion,
    new_id,
)
from vita.errors import InputError
from vita.media import LEAST_FRAMES, MOST_FRAMES

FORMAT = 1
MOST_CHARACTERS = 32 * 2**20  # of one conversation's JSON; its media come beside it
MOST_EXCHANGES, MOST_FILES = 500, 32
EXAMPLE = "example:"

Identifier = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Text = Annotated[str, Field(max_length=200_000)]
Key = Annotated[str, Field(min_length=1, max_length=1000)]
_STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
_OPTIONS: TypeAdapter[ChatOptions] = TypeAdapter(ChatOptions)


class KeptExchange(BaseModel):
    """A question and what came back."""

    model_config = _STRICT

    id: Identifier
    text: Text
    files: list[Key] = Field(max_length=MOST_FILES)
    kinds: list[MediumKind] = Field(max_length=MOST_FILES)
    frames: int = Field(ge=LEAST_FRAMES, le=MOST_FRAMES)
    answer: VisitorAnswer
    seen: list[SeenMedium] = Field(max_length=MOST_FILES)
    heard: Text = ""


class KeptConversation(BaseModel):
    """A conversation as a browser brings it back."""

    model_config = _STRICT

    format: Literal[1] = 1
    id: Identifier
    settings: dict[str, Any] | None = None
    draft: Text = ""
    keys: list[Key] = Field(default_factory=list, max_length=MOST_EXCHANGES)
    exchanges: list[KeptExchange] = Field(max_length=MOST_EXCHANGES)


class KeptUpdate(BaseModel):
    """What a browser is told to keep: the exchanges before, by their names, and the one that is new or has grown.

    Attributes:
        exchange: the last one; None where nothing is left of the conversation.
        done: whether the last answer is complete.
        refused: one sentence, where what the browser brought cannot be shown.
        dropped: another conversation, of which nothing is left.
        told: makes each different, for a text that stays the same is not carried to the browser.
    """

    format: Literal[1] = 1
    tab: str
    conversation: str | None
    before: list[str] = []
    exchange: KeptExchange | None = None
    done: bool = True
    settings: dict[str, Any] | None = None
    refused: str | None = None
    dropped: str | None = None
    told: str = Field(default_factory=new_id)


def update_of(
    conversation: Conversation, tab: str, options: ChatOptions | None = None, dropped: str | None = None
) -> str:
    """As JSON: that a conversation is as it is now; its last exchange alone is spelled out.

    Args:
        dropped: the conversation that was begun in its place and failed, if it is another one.
    """
    *before, last = conversation
    return KeptUpdate(
        tab=tab,
        conversation=last.conversation_id,
        before=[exchange.exchange_id for exchange in before],
        exchange=_kept_exchange(last),
        done=last.answer.phase is AnswerPhase.DONE,
        settings=None if options is None else asdict(options),
        dropped=None if dropped == last.conversation_id else dropped,
    ).model_dump_json()


def emptied(tab: str, conversation_id: str | None = None) -> str:
    """As JSON: that a tab shows nothing any more.

    Args:
        conversation_id: of a conversation that nothing is left of; None where the tab only begins another one.
    """
    return KeptUpdate(tab=tab, conversation=conversation_id).model_dump_json()


def refused(tab: str, sentence: str) -> str:
    """As JSON: that what the browser brought for a tab cannot be shown, and why."""
    return KeptUpdate(tab=tab, conversation=None, refused=sentence).model_dump_json()


def read_kept(text: str) -> KeptConversation:
    """What a browser brought back.

    Raises:
        InputError: it is not what we gave it to keep.
    """
    if len(text) > MOST_CHARACTERS:
        raise InputError(
            "The conversation is too long to be opened again ({size:.0f} MB and at most {most:.0f}); begin a new one.",
            size=len(text) / 2**20,
            most=MOST_CHARACTERS / 2**20,
        )
    try:
        kept = KeptConversation.model_validate_json(text)
    except ValidationError as error:
        raise InputError(
            "This conversation cannot be read; choose a file that was saved here, or begin a new conversation."
        ) from error
    if any(len(exchange.files) != len(exchange.kinds) for exchange in kept.exchanges):
        raise InputError(
            "This conversation cannot be read; choose a file that was saved here, or begin a new conversation."
        )
    return kept


def restored(kept: KeptConversation, paths: Mapping[str, str]) -> Conversation:
    """The conversation to go on with. Answers that were cut stand as far as they came, as stopped.

    Args:
        paths: where the files are on this server, by their keys.
    """
    return tuple(
        ChatExchange(
            VisitorQuestion(exchange.text, tuple(_place_of(key, paths) for key in exchange.files)),
            tuple(exchange.kinds),
            exchange.frames,
            _ended(exchange.answer),
            tuple(exchange.seen),
            exchange.heard,
            exchange.id,
            kept.id,
        )
        for exchange in kept.exchanges
    )


def options_of(kept: KeptConversation) -> ChatOptions | None:
    """The settings that came with a conversation; None where there are none that can be used."""
    if kept.settings is None:
        return None
    try:
        options = _OPTIONS.validate_python(kept.settings)
        options.check_options()
    except (ValidationError, InputError):
        return None
    return options


def _kept_exchange(exchange: ChatExchange) -> KeptExchange:
    return KeptExchange.model_construct(  # unchecked: what is strange here must not end an answer
        id=exchange.exchange_id,
        text=exchange.question.text,
        files=[_key_of(path) for path in exchange.question.files],
        kinds=list(exchange.kinds),
        frames=exchange.frames,
        answer=exchange.answer,
        seen=list(exchange.seen),
        heard=exchange.heard,
    )


def _key_of(path: str) -> str:
    return EXAMPLE + Path(path).name if Path(path).parent == EXAMPLES else path


def _place_of(key: str, paths: Mapping[str, str]) -> str:
    name = Path(key.removeprefix(EXAMPLE).removeprefix(LOST)).name
    if key.startswith(EXAMPLE) and name in {path.name for path in EXAMPLES.iterdir()}:
        return str(EXAMPLES / name)
    return paths.get(key) or LOST + name


def _ended(answer: VisitorAnswer) -> VisitorAnswer:
    if answer.phase is AnswerPhase.DONE:
        return answer
    return replace(answer, phase=AnswerPhase.DONE, finish="abort")
