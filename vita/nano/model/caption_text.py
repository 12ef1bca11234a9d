"""Writes down what was found in a picture or a clip, in the plain words that the language model reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NUMBERS = ("no", "one", "two", "three", "four", "five")
ROWS = ("top", "", "bottom")
COLUMNS = ("left", "", "right")
ITEMS, SUBJECT, PRINTED = "The picture shows ", "This is a picture of ", " is printed in the picture"
CLIP_ACTIONS = {
    "left": "moves left",
    "right": "moves right",
    "up": "moves up",
    "down": "moves down",
    "appear": "appears",
    "disappear": "disappears",
    "grow": "grows",
    "shrink": "shrinks",
}


@dataclass(frozen=True)
class CaptionItem:
    """Something in a picture: its name, its colour or "", its centre in parts of the sides."""

    name: str
    colour: str
    x: float
    y: float


@dataclass(frozen=True)
class ClipAction:
    """An event of a clip: who, of which colour or "", does what (a key of ``CLIP_ACTIONS``)."""

    name: str
    colour: str
    action: str


def with_article(words: str) -> str:
    """The words with "a" or "an"; what cannot be counted reads well enough with it."""
    return f"{'an' if words[0].lower() in 'aeiou' else 'a'} {words}"


def plural_name(name: str) -> str:
    """The name of several; names that end in one "s" stay."""
    if name.endswith("s") and not name.endswith("ss"):
        return name
    if name.endswith(("ch", "sh", "ss", "x")):
        return f"{name}es"
    return f"{name[:-1]}ies" if name.endswith("y") and name[-2] not in "aeiou" else f"{name}s"


def place_name(x: float, y: float) -> str:
    """One of nine places in a picture: "top left", "left", ..., "center"."""
    row, column = (min(int(3 * part), 2) for part in (y, x))
    return f"{ROWS[row]} {COLUMNS[column]}".strip() or "center"


def number_word(count: int) -> str:
    """The count in words up to five, then "many"."""
    return NUMBERS[count] if count < len(NUMBERS) else "many"


def picture_caption(items: Sequence[CaptionItem], subject: str, word: str) -> str:
    """A caption.

    Args:
        items: shapes with colours and places, in reading order.
        subject: the main object of a picture without shapes; "" where only a word was found.
        word: printed in the picture, or "".
    """
    said = []
    if items:
        said.append(f"{ITEMS}{_items_clause(items)}.")
    elif subject:
        said.append(f"{SUBJECT}{subject}.")
    if word:
        said.append(f'The word "{word}"{PRINTED}.')
    return " ".join(said)


def _items_clause(items: Sequence[CaptionItem]) -> str:
    kinds = {(item.colour, item.name) for item in items}
    if len(items) > 1 and len(kinds) == 1:
        return f"{number_word(len(items))} {items[0].colour} {plural_name(items[0].name)}"
    listed = [f"{with_article(f'{item.colour} {item.name}')} at the {place_name(item.x, item.y)}" for item in items]
    if len(items) == 1:
        return listed[0]
    return f"{number_word(len(items))} shapes: {', '.join(listed)}"


def subject_phrase(name: str, count: int) -> str:
    """One or several of the same drawing: "a dog", "three dogs"."""
    return with_article(name) if count <= 1 else f"{number_word(count)} {plural_name(name)}"


def action_clause(one: ClipAction) -> str:
    """What happens, as a clause."""
    return f"the {f'{one.colour} {one.name}'.strip()} {CLIP_ACTIONS[one.action]}"


def event_sentence(one: ClipAction, order: int = 0) -> str:
    """A sentence about one event of a clip.

    Args:
        order: 0 where it is the only one, 1 or 2 for the first or the second of two.
    """
    return f"{('In the video', 'First', 'Then')[order]}, {action_clause(one)}."


def scenes_caption(pictures: Sequence[str]) -> str:
    """What a clip shows one after the other, from the captions of its frames; what stays is said once."""
    kept = [one for one, before in zip(pictures, ("", *pictures), strict=False) if one and one != before]
    if len(kept) < 2:
        return "".join(kept)
    firsts, others = zip(*(one.removesuffix(".").partition(". ")[::2] for one in kept), strict=True)
    shown = [first.removeprefix(SUBJECT).removeprefix(ITEMS).removesuffix(PRINTED) for first in firsts]
    shown = [name.replace("The word", "the word") for name in shown]
    return " ".join([f"The video shows {', then '.join(shown)}.", *(f"{other}." for other in others if other)])


def story_sentences(deeds: Sequence[ClipAction]) -> list[str]:
    """What happens in a clip, a sentence for each event, in order."""
    if not deeds:
        return ["Nothing moves in the video."]
    return [event_sentence(one, 0 if len(deeds) == 1 else number) for number, one in enumerate(deeds, 1)]
