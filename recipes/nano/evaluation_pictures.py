"""Pictures that VITA-Nano never learnt from, and the words that name them."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

DRAWINGS = Path(__file__).with_name("pictures") / "openmoji.zip"

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
