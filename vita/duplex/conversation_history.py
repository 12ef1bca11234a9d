"""What was said and what of it was heard. Pure: no clock, no engine; sound is named by its place in the stream."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from vita.conversation import Part, Turn
from vita.duplex.camera import CameraClip
from vita.media import SAMPLE_RATE, Picture, Sound
from vita.tokens import State


@dataclass(frozen=True)
class Utterance:
    """A stretch of what was received: samples ``begin`` to ``end`` (exclusive) at SAMPLE_RATE."""

    begin: int
    end: int

    @property
    def seconds(self) -> float:
        """Its length."""
        return (self.end - self.begin) / SAMPLE_RATE


UserPart = Part | Utterance | CameraClip


@dataclass(frozen=True)
class UserItem:
    """What the user gave: text, media, stretches of what was heard, and what the camera saw meanwhile."""

    id: str
    parts: tuple[UserPart, ...]

    @property
    def by_voice(self) -> bool:
        """Whether it holds sound and no typed text."""
        spoken = any(isinstance(part, Utterance | Sound) for part in self.parts)
        return spoken and not any(isinstance(part, str) for part in self.parts)


@dataclass(frozen=True)
class Clause:
    """A piece of an answer and how long it sounds: samples at VOICE_RATE, 0 for what is shown but not spoken."""

    text: str
    samples: int


@dataclass(frozen=True)
class AnswerItem:
    """What VITA said.

    Attributes:
        limit: samples at VOICE_RATE that were heard; None where nothing was cut off.
    """

    id: str
    state: State | None = None
    clauses: tuple[Clause, ...] = ()
    limit: int | None = None

    @property
    def text(self) -> str:
        """All of it, heard or not."""
        return "".join(clause.text for clause in self.clauses)

    @property
    def samples(self) -> int:
        """How long all of it sounds, at VOICE_RATE."""
        return sum(clause.samples for clause in self.clauses)

    @property
    def heard(self) -> str:
        """The beginning of ``text`` that was heard."""
        return self.text if self.limit is None else heard_text(self.clauses, self.limit)

    def with_clause(self, index: int, clause: Clause) -> AnswerItem:
        """Append clause ``index``, or replace it where more of its sound is known by now."""
        return replace(self, clauses=(*self.clauses[:index], clause, *self.clauses[index + 1 :]))


HistoryItem = UserItem | AnswerItem
HistoryItems = tuple[HistoryItem, ...]


def parts_of_user(item: HistoryItem) -> tuple[UserPart, ...]:
    """What the user gave in it; nothing in an answer."""
    return item.parts if isinstance(item, UserItem) else ()


def without(item: HistoryItem, left_out: Callable[[UserPart], bool]) -> HistoryItem:
    """The item less some of what the user gave in it."""
    if isinstance(item, AnswerItem):
        return item
    return replace(item, parts=tuple(part for part in item.parts if not left_out(part)))


def without_camera(items: tuple[HistoryItem, ...]) -> tuple[HistoryItem, ...]:
    """The items less what the camera saw: of earlier turns the words stay, as in upstream's interactive demo."""
    return tuple(without(item, lambda part: isinstance(part, CameraClip)) for item in items)


def without_pictures(item: HistoryItem, pictures: tuple[Picture, ...]) -> HistoryItem:
    """The item less these pictures, wherever in it they are."""
    if isinstance(item, AnswerItem):
        return item
    less = (part.less(pictures) if isinstance(part, CameraClip) else part for part in item.parts)
    return replace(item, parts=tuple(part for part in less if part is not None and part not in pictures))


def heard_text(clauses: tuple[Clause, ...], samples: int) -> str:
    """The text of which ``samples`` samples were heard: whole clauses, then whole words in proportion."""
    heard, left = "", samples
    for clause in clauses:
        if clause.samples > left:
            return heard + _words(clause.text, left / clause.samples)
        heard += clause.text
        left -= clause.samples
    return heard


def _words(text: str, fraction: float) -> str:
    """The first ``fraction`` of ``text`` in whole words; scripts without spaces are cut anywhere."""
    size = int(len(text) * fraction)
    while 0 < size < len(text) and _of_word(text[size - 1]) and _of_word(text[size]):
        size -= 1
    return text[:size].rstrip()


def _of_word(letter: str) -> bool:
    return letter.isascii() and not letter.isspace()


def to_turns(items: tuple[HistoryItem, ...], sound: Callable[[Utterance], Sound]) -> tuple[Turn, ...]:
    """The history as an engine wants it: neighbours of one role joined, unheard answers left out."""
    turns: list[Turn] = []
    for item in items:
        turn = _turn(item, sound)
        if not turn.parts:
            continue
        if turns and turns[-1].role == turn.role:
            turns[-1] = replace(turns[-1], parts=turns[-1].parts + turn.parts)
        else:
            turns.append(turn)
    return tuple(turns)


def _turn(item: HistoryItem, sound: Callable[[Utterance], Sound]) -> Turn:
    if isinstance(item, AnswerItem):
        return Turn("assistant", (item.heard,) if item.heard else (), item.state)
    return Turn("user", tuple(_medium(part, sound) for part in item.parts))


def _medium(part: UserPart, sound: Callable[[Utterance], Sound]) -> Part:
    if isinstance(part, Utterance):
        return sound(part)
    return part.clip if isinstance(part, CameraClip) else part
