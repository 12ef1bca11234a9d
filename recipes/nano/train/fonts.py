"""Fonts and words for printed text: open fonts from npm for training; other fonts and words for evaluation."""

from __future__ import annotations

import io
import tarfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from string import ascii_letters

from PIL import ImageFont

from recipes.nano.train.npm import pack_package

# SIL Open Font License 1.1, ubuntu: Ubuntu Font Licence 1.0
TRAINING = ("anton", "bitter", "comic-neue", "courier-prime", "lora", "merriweather", "nunito", "oswald", "raleway")
TRAINING_MORE = ("roboto", "ubuntu")
VERSION = "5.3.0"
_KIN = {"lora", "ubuntu", "robotomono"}  # families that training knows, or their sisters
LACKING = "\ufffe"  # no character, so that no font has it
Font = ImageFont.FreeTypeFont


@cache
def training_fonts(folder: Path) -> tuple[bytes, ...]:
    """Font files of npm packages, which are kept in ``folder``."""
    found = []
    for name in TRAINING + TRAINING_MORE:
        archive = pack_package(f"@fontsource/{name}@{VERSION}", folder)
        with tarfile.open(archive) as files:
            for weight in (400, 700):
                member = f"package/files/{name}-latin-{weight}-normal.woff2"
                if member in files.getnames():
                    file = files.extractfile(member)
                    assert file is not None
                    found.append(file.read())
    return tuple(found)


@cache
def evaluation_fonts() -> tuple[bytes | None, ...]:
    """Fonts that the program brings along and training never uses; None is Pillow's own (Aileron, CC0).

    Some files are parts of fonts for other scripts, which print boxes for all letters; they are left out.
    """
    spec = find_spec("gradio")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        return (None,)
    root = Path(folders[0]) / "templates/frontend/static/fonts"
    names = (path for weight in ("Regular", "Bold") for path in sorted(root.glob(f"**/*-{weight}.woff2")))
    fonts = (path.read_bytes() for path in names if path.stem.split("-")[0].lower() not in _KIN)
    return (None, *(font for font in fonts if has_letters(font)))


def has_letters(font: bytes | None) -> bool:
    """Whether no English letter looks like the box that stands for what a font lacks."""
    opened = font_of_size(font, 32)
    box = bytes(opened.getmask(LACKING))
    return all(bytes(opened.getmask(letter)) != box for letter in ascii_letters)


@cache
def font_of_size(font: bytes | None, size: int) -> Font:
    """The font at a size in pixels."""
    if font is None:
        made = ImageFont.load_default(size)
        assert isinstance(made, Font)
        return made
    return ImageFont.truetype(io.BytesIO(font), size)
