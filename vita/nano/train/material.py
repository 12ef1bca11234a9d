"""Brings together what training draws with and what evaluation does."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from vita.nano import sources
from vita.nano.train.emoji import STYLES, sprites
from vita.nano.train.fonts import training_fonts
from vita.nano.train.palettes import BACKGROUNDS, COLOURS
from vita.nano.train.scenes import Material
from vita.nano.train.words import split_words


def vocabulary() -> list[str]:
    """The language model's tokens."""
    return sources.read_language_model(sources.LANGUAGE.locate())[1].tokens


def training_materials(folder: Path) -> list[Material]:
    """One material for each style of drawings; ``folder`` holds the packages and the rendered sprites."""
    words = split_words(vocabulary())[0]
    fonts = training_fonts(folder)
    photos = [Image.open(path).convert("RGB") for path in sorted((folder.parent / "photos/training").glob("*.jpg"))]
    return [
        Material(COLOURS, BACKGROUNDS, sprites(style, folder), fonts, words, photos, restyled=True) for style in STYLES
    ]
