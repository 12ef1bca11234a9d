"""Pictures with the words that a visitor would watch for them by: of this repository, or of a folder of photos."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from vita.nano.model.caption_text import with_article

ROOT = Path(__file__).parents[2]
DRAWINGS = ROOT / "recipes/nano/pictures/openmoji.zip"  # drawn in a style that VITA-Nano never learnt
EXAMPLES = {"cat.jpg": "a cat", "coffee.jpg": "a cup of coffee"}  # of demos/examples
HELD_OUT = 4  # of a category's photos, the last by name: the others are free for training
WORDS = {  # of categories of Caltech-101 whose names are not what a visitor would say
    "Faces": "a person", "Motorbikes": "a motorcycle", "Leopards": "a leopard", "airplanes": "an airplane",
    "car_side": "a car", "dalmatian": "a dog", "cougar_face": "a cougar", "crocodile_head": "a crocodile",
    "flamingo_head": "a flamingo", "cougar_body": "a cougar", "electric_guitar": "a guitar", "grand_piano": "a piano",
    "sea_horse": "a seahorse", "stop_sign": "a stop sign", "water_lilly": "a water lily", "wild_cat": "a cat",
    "ceiling_fan": "a fan", "windsor_chair": "a chair", "inline_skate": "a roller skate",
}  # fmt: skip
ANYTHING = "BACKGROUND_Google"


@dataclass(frozen=True, eq=False)
class LabelledPicture:
    """A picture, RGB, and what it shows: "a dog"; "" where that is anything."""

    image: Image.Image
    words: str


def own_pictures() -> list[LabelledPicture]:
    """Photos of the examples, and drawings; always the same, in the same order."""
    found = [
        LabelledPicture(Image.open(ROOT / "demos/examples" / name).convert("RGB"), words)
        for name, words in EXAMPLES.items()
    ]
    return found + list(_drawings())


def photos_of(folder: Path) -> list[LabelledPicture]:
    """The last photos of each category of a folder with ``labels.csv`` (file, category).

    Raises:
        OSError: there is no such file.
    """
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted((row["category"], row["file"]) for row in csv.DictReader(file))
    by_category: dict[str, list[str]] = {}
    for category, name in rows:
        by_category.setdefault(category, []).append(name)
    return [
        LabelledPicture(Image.open(folder / name).convert("RGB"), _words_of(category))
        for category, names in by_category.items()
        for name in names[-HELD_OUT:]
    ]


def _drawings() -> Iterator[LabelledPicture]:
    """The first drawing of each class, on white."""
    if not DRAWINGS.is_file():
        return
    with zipfile.ZipFile(DRAWINGS) as files:
        for name in sorted(files.namelist()):
            if name.endswith("/0.png"):
                drawn = Image.open(io.BytesIO(files.read(name))).convert("RGBA")
                ground = Image.new("RGBA", drawn.size, "white")
                words = name.split("/")[0]
                yield LabelledPicture(Image.alpha_composite(ground, drawn).convert("RGB"), with_article(words))


def _words_of(category: str) -> str:
    if category == ANYTHING:
        return ""
    return WORDS.get(category) or with_article(category.replace("_", " "))
