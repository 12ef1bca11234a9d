"""What VITA-Nano must see: pictures and clips it never learnt from, questions in words it never learnt, what is right.

Nothing is shared with training but names: other colours, grounds, fonts, words, seeds; drawings of a style of its own
(OpenMoji); photos from installed packages. Answers are judged by the rules below, synonyms are in
``vita/nano/synonyms.txt``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial

import numpy as np
from PIL import Image

from recipes.nano.answer_matching import begins_with, says_first, says_name, says_only, words_of
from recipes.nano.evaluation_pictures import held_out_drawings, labelled_photos
from recipes.nano.train.drawing_material import language_vocabulary
from recipes.nano.train.fonts import evaluation_fonts
from recipes.nano.train.palettes import HELD_OUT_BACKGROUNDS, HELD_OUT_COLOURS
from recipes.nano.train.scene_types import DrawnScene, DrawnThing, SceneMaterial
from recipes.nano.train.scenes import degrade_picture, drawings_scene, shapes_scene, word_scene
from recipes.nano.train.synthetic_clips import MOVES, RenderedClip, make_clip
from recipes.nano.train.word_splits import split_words
from vita.media import Clip, Picture
from vita.nano.captioning_weights import COLOURS, SHAPES
from vita.nano.model.caption_text import NUMBERS, place_name, plural_name, with_article
from vita.nano.sight_names import name_synonyms

SEED = 90_000
SIZES = {"sees": 200, "sees_details": 500, "watches": 200}
Ask = Callable[[Picture | Clip, str], str]
# (package, file, what answers may say); none of them is ImageNet's training data


@dataclass(frozen=True)
class SeeingQuestion:
    """One item: what is shown, what is asked, and the rule that says whether an answer is right.

    Attributes:
        kind: "drawing", "photo", "colour", "count", "place", "word", "yes or no", "mover", "direction" or "order".
        wanted: what a right answer says, for the record.
    """

    kind: str
    shown: Picture | Clip
    question: str
    wanted: str
    right: Callable[[str], bool]


@dataclass(frozen=True)
class SeeingAnswer:
    """One answer and the verdict on it."""

    kind: str
    question: str
    wanted: str
    answer: str
    right: bool


def run_questions(questions: Sequence[SeeingQuestion], ask: Ask) -> tuple[float, list[dict[str, object]]]:
    """The fraction answered rightly, and a record of each answer."""
    records = []
    for item in questions:
        answer = ask(item.shown, item.question)
        records.append(SeeingAnswer(item.kind, item.question, item.wanted, answer, item.right(answer)))
    return sum(record.right for record in records) / max(len(records), 1), [asdict(record) for record in records]


def names_objects(ask: Ask, size: int = SIZES["sees"]) -> tuple[float, list[dict[str, object]]]:
    """Names the main object of photos and of drawings."""
    return run_questions(_some_items(object_items(), size), ask)


def sees_details(ask: Ask, size: int = SIZES["sees_details"]) -> tuple[float, list[dict[str, object]]]:
    """Colour, count, place, printed word, yes or no: a fifth each."""
    return run_questions(_some_items(detail_items(), size), ask)


def watches_clips(ask: Ask, size: int = SIZES["watches"]) -> tuple[float, list[dict[str, object]]]:
    """What moves, where to, and which of two events is first: a third each."""
    return run_questions(_some_items(event_items(), size), ask)


def _some_items(items: Iterator[SeeingQuestion], size: int) -> list[SeeingQuestion]:
    return [item for item, _ in zip(items, range(size), strict=False)]


@cache
def evaluation_material() -> SceneMaterial:
    """What evaluation draws with."""
    words = split_words(language_vocabulary())[1]
    return SceneMaterial(
        HELD_OUT_COLOURS, HELD_OUT_BACKGROUNDS, held_out_drawings(), evaluation_fonts(), words, spread=4.0
    )


def _as_picture(picture: Image.Image) -> Picture:
    return Picture(picture)


def object_items() -> Iterator[SeeingQuestion]:
    """All photos, then drawings class by class, again and again with other grounds and places."""
    asked = ("What is the main object in this picture?", "What is in the picture?", "Which object is this?")
    for number, (photo, names) in enumerate(labelled_photos()):
        yield SeeingQuestion("photo", _as_picture(photo), asked[number % 3], names[0], partial(says_name, names=names))
    drawn = held_out_drawings()
    for number in range(4 * len(drawn)):
        rng = np.random.default_rng((SEED, number))
        name = sorted(drawn)[number % len(drawn)]
        picture = degrade_picture(drawings_scene(evaluation_material(), rng, 1, name).picture, rng)
        names = tuple(name_synonyms().get(name, [name]))
        yield SeeingQuestion("drawing", _as_picture(picture), asked[number % 3], name, partial(says_name, names=names))


def detail_items() -> Iterator[SeeingQuestion]:
    """The five kinds in turn."""
    makers = (_colour_item, _count_item, _place_item, _word_item, _yes_or_no)
    number = 0
    while True:
        rng = np.random.default_rng((SEED + 1, number))
        yield makers[number % len(makers)](rng, number // len(makers))
        number += 1


def _shapes_scene(rng: np.random.Generator, most: int) -> tuple[DrawnScene, list[DrawnThing]]:
    """Shapes and those among them whose name no other has."""
    while True:
        scene = shapes_scene(evaluation_material(), rng, int(rng.integers(1, most + 1)), alike=False)
        names = [thing.shape for thing in scene.things]
        alone = [thing for thing in scene.things if names.count(thing.shape) == 1]
        if alone:
            return scene, alone


def _colour_item(rng: np.random.Generator, number: int) -> SeeingQuestion:
    scene, alone = _shapes_scene(rng, 3)
    wanted = alone[0].colour
    asked = f"What color is the {alone[0].shape}?"
    return SeeingQuestion(
        "colour",
        _as_picture(degrade_picture(scene.picture, rng)),
        asked,
        wanted,
        lambda answer: says_only(answer.lower().replace("grey", "gray"), wanted, COLOURS),
    )


def _count_item(rng: np.random.Generator, number: int) -> SeeingQuestion:
    count = 1 + number % 5
    scene = (
        drawings_scene(evaluation_material(), rng, count)
        if number % 2
        else shapes_scene(evaluation_material(), rng, count, alike=True)
    )
    wanted = NUMBERS[len(scene.things)]
    name = plural_name(scene.things[0].name)
    return SeeingQuestion(
        "count",
        _as_picture(degrade_picture(scene.picture, rng)),
        f"How many {name} are there in the picture?",
        wanted,
        lambda answer: says_only(answer, wanted, NUMBERS),
    )


def _place_item(rng: np.random.Generator, number: int) -> SeeingQuestion:
    across = number % 2 == 0
    pair = ("left", "right") if across else ("top", "bottom")
    while True:
        scene, alone = _shapes_scene(rng, 3)
        for thing in alone:
            words = place_name(thing.x / scene.picture.width, thing.y / scene.picture.height).split()
            wanted = next((word for word in words if word in pair), "")
            if wanted:
                asked = f"Is the {thing.shape} in the picture on the {pair[0]} or on the {pair[1]}?"
                other = pair[1 - pair.index(wanted)]
                return SeeingQuestion(
                    "place",
                    _as_picture(degrade_picture(scene.picture, rng)),
                    asked,
                    wanted,
                    lambda a, w=wanted, o=other: says_only(a, w, (o,)),  # type: ignore[misc]
                )


def _word_item(rng: np.random.Generator, number: int) -> SeeingQuestion:
    scene = word_scene(evaluation_material(), rng, shapes=number % 2)
    asked = ("What word is printed in the picture?", "What is the printed word?")[number % 2]
    picture = _as_picture(degrade_picture(scene.picture, rng))
    return SeeingQuestion("word", picture, asked, scene.word, lambda answer: scene.word in words_of(answer))


def _yes_or_no(rng: np.random.Generator, number: int) -> SeeingQuestion:
    scene, _ = _shapes_scene(rng, 3)
    seen = [(thing.shape, thing.colour) for thing in scene.things]
    shape, colour = seen[int(rng.integers(len(seen)))]
    wanted = ("yes", "no")[number % 2]
    while wanted == "no" and (shape, colour) in seen:
        shape, colour = str(rng.choice(SHAPES[:-1])), str(rng.choice(COLOURS))
    asked = f"Is there {with_article(f'{colour} {shape}')} in the picture?"
    return SeeingQuestion(
        "yes or no", _as_picture(degrade_picture(scene.picture, rng)), asked, wanted, lambda a: begins_with(a, wanted)
    )


def event_items() -> Iterator[SeeingQuestion]:
    """The three kinds in turn, each of a clip that it can be asked of."""
    bare = SceneMaterial(
        HELD_OUT_COLOURS, HELD_OUT_BACKGROUNDS, photos=[photo for photo, _ in labelled_photos()], spread=4.0
    )
    makers = (_mover_item, _direction_item, _order_item)
    number = 0
    while True:
        rng = np.random.default_rng((SEED + 2, number))
        made = None
        while made is None:
            made = makers[number % len(makers)](make_clip(bare, rng, still=0.0))
        yield made
        number += 1


def _clip_of(shot: RenderedClip) -> Clip:
    times = tuple(float(number) for number in range(len(shot.frames)))
    return Clip(tuple(shot.frames), times, float(len(shot.frames)))


def _mover_item(shot: RenderedClip) -> SeeingQuestion | None:
    if len(shot.events) != 1 or shot.events[0].action not in MOVES:
        return None
    wanted = shot.events[0]
    return SeeingQuestion(
        "mover",
        _clip_of(shot),
        "What moves in the video?",
        f"{wanted.colour} {wanted.shape}",
        lambda answer: says_only(answer, wanted.shape, SHAPES) and wanted.colour in words_of(answer),
    )


def _direction_item(shot: RenderedClip) -> SeeingQuestion | None:
    moves = [event for event in shot.events if event.action in MOVES]
    if not moves or len({event.shape for event in shot.events}) < len(shot.events):
        return None
    wanted = moves[0]
    asked = f"Which way does the {wanted.shape} move: left, right, up or down?"
    return SeeingQuestion(
        "direction", _clip_of(shot), asked, wanted.action, lambda a: says_only(a, wanted.action, list(MOVES))
    )


def _order_item(shot: RenderedClip) -> SeeingQuestion | None:
    if len(shot.events) != 2 or shot.events[0].shape == shot.events[1].shape:
        return None
    first, second = shot.events
    return SeeingQuestion(
        "order",
        _clip_of(shot),
        "What happens first in the video?",
        f"{first.shape} {first.action}",
        lambda answer: says_first(answer, first.shape, second.shape),
    )
