"""Brings together what training draws with and what evaluation does."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from PIL import Image

from recipes.nano.train.emoji import STYLES, emoji_sprites
from recipes.nano.train.fonts import training_fonts
from recipes.nano.train.palettes import BACKGROUNDS, COLOURS
from recipes.nano.train.scene_types import SceneMaterial
from recipes.nano.train.word_splits import split_words
from vita.errors import CheckpointError
from vita.nano import weight_sources

PACKAGES = {"gradio": "gradio", "skimage": "scikit-image==0.26.0"}
PHOTOS = (
    ("gradio", "media_assets/images/cheetah.jpg"),
    ("gradio", "media_assets/images/cheetah1.jpg"),
    ("gradio", "test_data/cheetah2.jpg"),
    ("gradio", "media_assets/images/lion.jpg"),
    ("gradio", "media_assets/images/tower.jpg"),
    ("skimage", "data/grass.png"),
    ("skimage", "data/gravel.png"),
    ("skimage", "data/hubble_deep_field.jpg"),
)


def language_vocabulary() -> list[str]:
    """The language model's tokens."""
    return weight_sources.read_language_model(weight_sources.LANGUAGE.locate_file())[1].tokens


def training_materials(folder: Path) -> list[SceneMaterial]:
    """One material for each style of drawings; ``folder`` holds the packages and the rendered sprites."""
    words = split_words(language_vocabulary())[0]
    fonts = training_fonts(folder)
    photos = training_photos()
    return [
        SceneMaterial(COLOURS, BACKGROUNDS, emoji_sprites(style, folder), fonts, words, photos, restyled=True)
        for style in STYLES
    ]


def training_photos() -> list[Image.Image]:
    """Photos out of installed packages, none of which is evaluated on.

    Raises:
        CheckpointError: one of the packages is not installed.
    """
    found = []
    for package, path in PHOTOS:
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise CheckpointError(f"Training uses photos of {package}; run: pip install --no-deps {PACKAGES[package]}")
        found.append(Image.open(Path(spec.submodule_search_locations[0]) / path).convert("RGB"))
    return found
