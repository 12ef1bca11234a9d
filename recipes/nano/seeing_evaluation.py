"""What VITA-Nano must see: pictures and clips it never learnt from, questions in words it never learnt, what is right.

Nothing is shared with training but names: other colours, grounds, fonts, words, seeds; drawings of a style of its own
(OpenMoji); photos from installed packages. Answers are judged by the rules below, synonyms are in ``synonyms.txt``.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from recipes.nano.train.drawing_material import language_vocabulary
from recipes.nano.train.fonts import evaluation_fonts
from recipes.nano.train.palettes import HELD_OUT_BACKGROUNDS, HELD_OUT_COLOURS
from recipes.nano.train.scenes import (
    DrawnScene,
    DrawnThing,
    SceneMaterial,
    degrade_picture,
    drawings_scene,
    shapes_scene,
    word_scene,
)
from recipes.nano.train.synthetic_clips import MOVES, RenderedClip, make_clip
from recipes.nano.train.word_splits import split_words
from vita.media import Clip, Picture
from vita.nano.captioning_weights import COLOURS, SHAPES
from vita.nano.model.caption_text import NUMBERS, place_name, plural_name, with_article

SEED = 90_000
SIZES = {"sees": 200, "sees_details": 500, "watches": 200}
DRAWINGS = Path(__file__).with_name("pictures") / "openmoji.zip"
SYNONYMS = Path(__file__).with_name("synonyms.txt")
Ask = Callable[[Picture | Clip, str], str]
# (package, file, what answers may say); none of them is ImageNet's training data
PHOTOS = (
    ("skimage", "data/astronaut.png", "astronaut, space suit, spacesuit, woman, person"),
    ("skimage", "data/chelsea.png", "cat, kitten"),
    ("skimage", "data/coffee.png", "coffee, espresso, cup"),
    ("skimage", "data/rocket.jpg", "rocket, missile, launch"),
    ("skimage", "data/motorcycle_left.png", "motorcycle, motorbike, scooter, bike"),
    ("skimage", "data/camera.png", "cameraman, camera, tripod, man, photographer"),
    ("skimage", "data/clock_motion.png", "clock"),
    ("skimage", "data/coins.png", "coin, coins"),
)


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


def words_of(answer: str) -> list[str]:
    """The answer's words in small letters, digits as number words."""
    words = re.findall(r"[a-z]+|\d+", answer.lower())
    return [NUMBERS[int(word)] if word.isdigit() and int(word) < len(NUMBERS) else word for word in words]


def says_name(answer: str, names: Sequence[str]) -> bool:
    """Whether the answer has one of the names in it as whole words, in singular or plural."""
    text = f" {' '.join(words_of(answer))} "
    forms = [form for name in names for form in (name, plural_name(name))]
    return any(f" {' '.join(words_of(form))} " in text for form in forms)


def says_only(answer: str, name: str, others: Sequence[str]) -> bool:
    """Whether the answer has that word in it and none of the others."""
    words = set(words_of(answer))
    return name in words and not words & (set(others) - {name})


def says_first(answer: str, name: str, other: str) -> bool:
    """Whether the answer names the one, and not the other before it."""
    words = words_of(answer)
    return name in words and (other not in words or words.index(name) < words.index(other))


def begins_with(answer: str, word: str) -> bool:
    """Whether the answer's first word is that one."""
    return words_of(answer)[:1] == [word]


@cache
def name_synonyms() -> dict[str, list[str]]:
    """Every name with the other words that count for it."""
    lines = SYNONYMS.read_text(encoding="utf-8").splitlines()
    pairs = (line.split(": ") for line in lines if ": " in line and not line.startswith("#"))
    return {name: [name, *others.split(", ")] for name, others in pairs}


@cache
def held_out_drawings() -> dict[str, list[Image.Image]]:
    """OpenMoji's pictures of 88 classes that were chosen at random, RGBA."""
    found: dict[str, list[Image.Image]] = {}
    with zipfile.ZipFile(DRAWINGS) as files:
        for name in files.namelist():
            if name.endswith(".png"):
                picture = Image.open(io.BytesIO(files.read(name))).convert("RGBA")
                found.setdefault(name.split("/")[0], []).append(picture)
    return found


@cache
def labelled_photos() -> tuple[tuple[Image.Image, tuple[str, ...]], ...]:
    """Photos of installed packages and the words that name them; those of packages that are absent are left out."""
    found = []
    for package, path, names in PHOTOS:
        spec = find_spec(package)
        folders = (spec.submodule_search_locations or ()) if spec else ()
        found += [(Image.open(Path(folder) / path).convert("RGB"), tuple(names.split(", "))) for folder in folders]
    return tuple(found)


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
