"""Emoji as labelled drawings: vector pictures of several styles, read from npm packages, rendered once.

One style is never trained on. Licences: Noto (two styles) Apache-2.0, Fluent (three styles) MIT, FxEmoji Apache-2.0,
Twemoji, EmojiTwo and Streamline's CC BY 4.0; held out: OpenMoji CC BY-SA 4.0.
"""

from __future__ import annotations

import io
import json
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from recipes.nano.train.npm import pack_package
from vita.nano.captioning_weights import DRAWINGS

STYLES = {
    "noto": "@iconify-json/noto@1.2.9",
    "fluent": "@iconify-json/fluent-emoji@1.2.7",
    "fluent-flat": "@iconify-json/fluent-emoji-flat@1.2.6",
    "twemoji": "@iconify-json/twemoji@1.2.5",
    "fxemoji": "@iconify-json/fxemoji@1.2.2",
    "emojitwo": "@iconify-json/emojione@1.2.3",
    "noto-v1": "@iconify-json/noto-v1@1.2.5",
    "streamline": "@iconify-json/streamline-emojis@1.2.4",
    "contrast": "@iconify-json/fluent-emoji-high-contrast@1.2.6",
}
HELD_OUT = {"openmoji": "@iconify-json/openmoji@1.2.29"}
SIDE = 160  # pixels of a rendered sprite


@cache
def drawing_classes() -> dict[str, tuple[str, ...]]:
    """The name of each class of drawings and the emoji that show it."""
    pairs = (line.split(": ") for line in DRAWINGS.read_text(encoding="utf-8").splitlines())
    return {name: tuple(emoji.split(" ")) for name, emoji in pairs}


def emoji_sprites(style: str, cache_folder: Path) -> dict[str, list[Image.Image]]:
    """Pictures RGBA of one style by class; classes that the style lacks are absent. Rendered once, then kept."""
    kept = cache_folder / f"{style}.npz"
    if not kept.is_file():
        _render_sprites(style, cache_folder, kept)
    found: dict[str, list[Image.Image]] = {}
    with np.load(kept) as arrays:
        for key, pixels in zip(arrays["names"], arrays["pixels"], strict=True):
            found.setdefault(str(key).split("/")[0], []).append(Image.fromarray(pixels, "RGBA"))
    return found


def _render_sprites(style: str, folder: Path, kept: Path) -> None:
    icons = _read_icons({**STYLES, **HELD_OUT}[style], folder)
    names, pixels = [], []
    for name, emoji in drawing_classes().items():
        for one in emoji:
            svg = _icon_svg(icons, one)
            if svg is not None:
                names.append(f"{name}/{one}")
                pixels.append(_rasterise_svg(svg))
    np.savez_compressed(kept, names=np.array(names), pixels=np.stack(pixels))


def _read_icons(package: str, folder: Path) -> dict[str, Any]:
    """The package's ``icons.json``."""
    archive = pack_package(package, folder)
    with tarfile.open(archive) as files:
        member = files.extractfile("package/icons.json")
        assert member is not None
        icons: dict[str, Any] = json.load(member)
    return icons


def _icon_svg(icons: dict[str, Any], name: str) -> str | None:
    while name in icons.get("aliases", {}):
        name = icons["aliases"][name]["parent"]
    icon = icons["icons"].get(name)
    if icon is None:
        return None
    width, height = (icon.get(side, icons.get(side, 16)) for side in ("width", "height"))
    box = f"{icon.get('left', 0)} {icon.get('top', 0)} {width} {height}"
    space = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {space} viewBox="{box}" width="{SIDE}" height="{SIDE}">{icon["body"]}</svg>'


def _rasterise_svg(svg: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    import resvg_py

    picture = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg)))).convert("RGBA")
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
