"""Lessons for the language model: captions as its eye writes them, questions about them, right answers. Seeded text.

The evaluation asks in other words (``recipes.nano.seeing_evaluation``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from vita.nano.captioning_weights import ACTIONS, COLOURS, SHAPES, drawing_names
from vita.nano.model import caption_text
from vita.nano.model.caption_text import CLIP_ACTIONS, CaptionItem, ClipAction, plural_name, with_article

NAMED = SHAPES[:-1]
Exchange = tuple[str, str]


@dataclass(frozen=True)
class Lesson:
    """The captions of one or several tiles, and some exchanges about them."""

    captions: tuple[str, ...]
    exchanges: tuple[Exchange, ...]


def make_lesson(rng: np.random.Generator, words: Sequence[str], objects: Sequence[str], most: int = 4) -> Lesson:
    """One to ``most`` questions about a random scene, drawing, printed word or clip."""
    kind = rng.choice(["scene", "alike", "subject", "word", "clip"], p=[0.34, 0.1, 0.16, 0.12, 0.28])
    told, asks = _LESSONS[str(kind)](rng, words, objects)
    chosen = rng.permutation(len(asks))[: int(rng.integers(1, most + 1))]
    return Lesson((told,) if isinstance(told, str) else told, tuple(dict.fromkeys(asks[i]() for i in chosen)))


Asks = list[Callable[[], Exchange]]


def _pick_one(rng: np.random.Generator, options: Sequence[str]) -> str:
    return str(options[int(rng.integers(len(options)))])


def _random_items(rng: np.random.Generator, count: int) -> list[CaptionItem]:
    shapes = rng.permutation(NAMED)[:count] if rng.random() < 0.5 else rng.choice(NAMED, count)
    items = [
        CaptionItem(str(s), _pick_one(rng, COLOURS), *(float(v) for v in rng.uniform(0.08, 0.92, 2))) for s in shapes
    ]
    return sorted(items, key=lambda item: (int(3 * item.y), item.x))


def _scene_lesson(rng: np.random.Generator, words: Sequence[str], objects: Sequence[str]) -> tuple[str, Asks]:
    items = _random_items(rng, int(rng.integers(1, 6)))
    word = _pick_one(rng, words) if rng.random() < 0.15 else ""
    names = [item.name for item in items]
    who = items[int(rng.integers(len(items)))]
    if names.count(who.name) > 1:  # then nothing about it alone can be asked
        return caption_text.picture_caption(items, "", word), [partial(_how_many, rng, who.name, names.count(who.name))]
    asks: Asks = [partial(_ask_colour, rng, who), partial(_ask_where, rng, who), partial(_ask_side, rng, who)]
    asks += [partial(_ask_exists, rng, items, True), partial(_ask_exists, rng, items, False)] * 2
    asks += [partial(_is_coloured, rng, who), partial(_ask_which, rng, items), partial(_how_many_shapes, rng, items)]
    asks += [
        partial(_no_object, rng, objects),
        partial(_ask_description, rng, caption_text.picture_caption(items, "", "")),
    ]
    asks += [partial(_how_many, rng, who.name, 1), partial(_how_many, rng, _ask_absent(rng, items), 0)]
    asks += [partial(_ask_word, rng, word)] * bool(word)
    return caption_text.picture_caption(items, "", word), asks


def _ask_absent(rng: np.random.Generator, items: Sequence[CaptionItem]) -> str:
    return _pick_one(rng, [name for name in NAMED if name not in {item.name for item in items}])


def _ask_colour(rng: np.random.Generator, who: CaptionItem) -> Exchange:
    asked = _pick_one(
        rng, ("What is the color of the {0}?", "Which color does the {0} have?", "Tell me the {0}'s color.")
    )
    return asked.format(who.name), f"The {who.name} is {who.colour}."


def _ask_where(rng: np.random.Generator, who: CaptionItem) -> Exchange:
    asked = _pick_one(
        rng, ("Where can I find the {0}?", "Where is the {1} {0}?", "In which part of the picture is the {0}?")
    )
    spot = caption_text.place_name(who.x, who.y)
    return asked.format(who.name, who.colour), f"The {who.name} is at the {spot}."


def _ask_side(rng: np.random.Generator, who: CaptionItem) -> Exchange:
    across = rng.random() < 0.5
    part = int(3 * (who.x if across else who.y))
    pair = ("left", "right") if across else ("top", "bottom")
    if part == 1:
        return _ask_where(rng, who)
    asked = _pick_one(rng, ("Is the {0} at the {1} or at the {2}?", "Which side is the {0} on, {2} or {1}?"))
    return asked.format(who.name, *pair), f"The {who.name} is at the {pair[part // 2]}."


def _ask_exists(rng: np.random.Generator, items: list[CaptionItem], there: bool) -> Exchange:
    who = items[int(rng.integers(len(items)))]
    name, colour = who.name, who.colour
    if not there:
        while any((item.name, item.colour) == (name, colour) for item in items):
            name, colour = (_pick_one(rng, NAMED), colour) if rng.random() < 0.5 else (name, _pick_one(rng, COLOURS))
    asked = _pick_one(rng, ("Is there {0}?", "Do you see {0}?", "Can {0} be seen here?"))
    thing = with_article(f"{colour} {name}")
    return asked.format(thing), f"Yes, there is {thing}." if there else f"No, there is no {colour} {name}."


def _is_coloured(rng: np.random.Generator, who: CaptionItem) -> Exchange:
    said = who.colour if rng.random() < 0.5 else _pick_one(rng, COLOURS)
    answer = "Yes" if said == who.colour else "No"
    return f"Is the {who.name} {said}?", f"{answer}, the {who.name} is {who.colour}."


def _ask_which(rng: np.random.Generator, items: list[CaptionItem]) -> Exchange:
    who = items[int(rng.integers(len(items)))]
    same = dict.fromkeys(item.name for item in items if item.colour == who.colour)
    return f"Which shape is {who.colour}?", f"The {' and the '.join(same)}."


def _how_many_shapes(rng: np.random.Generator, items: list[CaptionItem]) -> Exchange:
    asked = _pick_one(rng, ("How many shapes do you see?", "Count the shapes.", "What number of shapes is there?"))
    count = caption_text.number_word(len(items))
    return asked, f"There {'is' if len(items) == 1 else 'are'} {count} shape{'s' * (len(items) > 1)}."


def _no_object(rng: np.random.Generator, objects: Sequence[str]) -> Exchange:
    name = _pick_one(rng, objects)
    return f"Do you see {with_article(name)}?", f"No, there is no {name}."


def _ask_description(rng: np.random.Generator, text: str) -> Exchange:
    return _pick_one(rng, ("Describe what you see.", "What can you see here?", "What is shown?")), text


def _alike_lesson(rng: np.random.Generator, words: Sequence[str], objects: Sequence[str]) -> tuple[str, Asks]:
    count, shape, colour = int(rng.integers(2, 6)), _pick_one(rng, NAMED), _pick_one(rng, COLOURS)
    items = [CaptionItem(shape, colour, 0.5, 0.5)] * count
    many, caption = plural_name(shape), caption_text.picture_caption(items, "", "")
    asks: Asks = [partial(_how_many, rng, shape, count)] * 2
    asks += [lambda: (f"Which color do the {many} have?", f"The {many} are {colour}.")]
    asks += [partial(_ask_exists, rng, items, True), partial(_ask_exists, rng, items, False)]
    return caption, [*asks, partial(_no_object, rng, objects), partial(_ask_description, rng, caption)]


def _how_many(rng: np.random.Generator, name: str, count: int) -> Exchange:
    asked = _pick_one(
        rng, ("How many {0} do you see?", "Count the {0}.", "What is the number of {0}?", "How many {0}?")
    )
    told = f"is one {name}" if count == 1 else f"are {caption_text.number_word(count)} {plural_name(name)}"
    return asked.format(plural_name(name)), f"There {told}."


def _how_many_like(rng: np.random.Generator, name: str, count: int, asked_for: str) -> Exchange:
    """Somebody calls the only thing in the picture by another name: then the eye may be wrong, but it can count."""
    return _how_many(rng, asked_for, count)[0], _how_many(rng, name, count)[1]


def _subject_lesson(rng: np.random.Generator, words: Sequence[str], objects: Sequence[str]) -> tuple[str, Asks]:
    name = _pick_one(rng, objects)
    count = int(rng.integers(2, 6)) if rng.random() < 0.3 else 1
    told = caption_text.subject_phrase(name, count)
    asks: Asks = [partial(_name_it, rng, told)] * 3
    asks += [lambda: (f"Do you see {with_article(name)}?", f"Yes, this is a picture of {told}.")]
    asks += [partial(_no_object, rng, [other for other in objects if other != name])]
    asks += [partial(_how_many, rng, name, count)] * 2
    asks += [partial(_how_many_like, rng, name, count, _pick_one(rng, objects))] * 2
    return caption_text.picture_caption([], told, ""), asks


def _name_it(rng: np.random.Generator, told: str) -> Exchange:
    asked = _pick_one(
        rng, ("What do you see?", "What is this?", "Name the main thing in the photo.", "What does it show?")
    )
    return asked, f"This is a picture of {told}."


def _word_lesson(rng: np.random.Generator, words: Sequence[str], objects: Sequence[str]) -> tuple[str, Asks]:
    word = _pick_one(rng, words)
    items = _random_items(rng, int(rng.integers(0, 3)))
    other = _pick_one(rng, words)
    asks: Asks = [partial(_ask_word, rng, word)] * 3
    asks += [lambda: (f'Does it say "{other}"?', f'{"Yes" if other == word else "No"}, it says "{word}".')]
    asks += [lambda: (f'Does it say "{word}"?', f'Yes, it says "{word}".')]
    return caption_text.picture_caption(items, "", word), asks


def _ask_word(rng: np.random.Generator, word: str) -> Exchange:
    asked = _pick_one(rng, ("What does it say?", "Read the text.", "Which word do you see?", "What is written there?"))
    return asked, f'The word is "{word}".'


def _clip_lesson(
    rng: np.random.Generator, words: Sequence[str], objects: Sequence[str]
) -> tuple[tuple[str, ...], Asks]:
    shapes = [str(shape) for shape in rng.permutation(NAMED)[:2]]
    deeds = [ClipAction(shape, _pick_one(rng, COLOURS), _pick_one(rng, ACTIONS)) for shape in shapes][
        : int(rng.integers(1, 3))
    ]
    still = caption_text.picture_caption(_random_items(rng, int(rng.integers(1, 4))), "", "")
    first, last = deeds[0], deeds[-1]
    who = deeds[int(rng.integers(len(deeds)))]
    asks: Asks = [partial(_what_does, rng, who)] * 2
    if len(deeds) == 1:
        asks += [partial(_what_moves, rng, first)] * 3
    else:
        asks += [partial(_ask_order, rng, first, last)] * 4
    return (still, *caption_text.story_sentences(deeds)), asks


def _what_does(rng: np.random.Generator, who: ClipAction) -> Exchange:
    if who.action in ("left", "right", "up", "down"):
        asked = _pick_one(rng, ("In which direction does the {0} go?", "Where does the {1} {0} move?"))
        return asked.format(who.name, who.colour), f"The {who.name} {CLIP_ACTIONS[who.action]}."
    return f"What happens to the {who.name}?", f"The {who.name} {CLIP_ACTIONS[who.action]}."


def _what_moves(rng: np.random.Generator, deed: ClipAction) -> Exchange:
    told = caption_text.action_clause(deed)
    asked = _pick_one(rng, ("What happens in the clip?", "What is moving or changing?", "Which thing moves?"))
    return asked, f"{told[0].upper()}{told[1:]}."


def _ask_order(rng: np.random.Generator, first: ClipAction, last: ClipAction) -> Exchange:
    pair = [f"the {deed.name}" for deed in (first, last)]
    named = pair if rng.random() < 0.5 else pair[::-1]
    early = rng.random() < 0.5
    asked = _pick_one(
        rng,
        (
            f"What happens {'at the beginning' if early else 'at the end'}?",
            f"Which is {'earlier' if early else 'later'}, {named[0]} or {named[1]}?",
            f"What {'starts' if early else 'ends'} the clip?",
        ),
    )
    return asked, f"{'First' if early else 'Last'}, {caption_text.action_clause(first if early else last)}."


_LESSONS: Mapping[str, Callable[..., tuple[str | tuple[str, ...], Asks]]] = {
    "scene": _scene_lesson,
    "alike": _alike_lesson,
    "subject": _subject_lesson,
    "word": _word_lesson,
    "clip": _clip_lesson,
}


def known_objects(classes: Sequence[str]) -> list[str]:
    """Names that subjects are drawn from: drawings, then photos."""
    return [*drawing_names(), *classes]
