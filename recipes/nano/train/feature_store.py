"""Drawn pictures and what the frozen encoder sees in them, written to disk once; the heads are trained on that.

Every picture has a seed of its own, so a run that was killed goes on where it stopped and gives the same data.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from recipes.nano.train.palettes import SHAPES, THING
from recipes.nano.train.scene_types import DrawnScene, SceneMaterial
from recipes.nano.train.scenes import degrade_picture, drawings_scene, photo_scene, shapes_scene, word_scene
from vita.model.configuration import VITAConfig
from vita.nano import weight_sources
from vita.nano.efficientnet_names import rename_efficientnet
from vita.nano.model.captioning_tower import CaptionsConfig
from vita.nano.model.efficientnet import EfficientNetImages, EfficientNetLite
from vita.nano.model.scene_heads import patch_colours

MOST = 6  # things of a picture that are kept
BATCH = 16
SHAPE_NAMES = (*SHAPES, THING)
FIELDS: dict[str, tuple[int, ...]] = {
    "fine": (40, 28, 28),
    "middle": (112, 14, 14),
    "pooled": (1280,),
    "tones": (12, 28, 28),
    "things": (MOST, 5),  # shape, colour, x, y, radius; shape -1: none
    "text": (4,),  # left, top, right, bottom of the word; all 0: none
    "drawing": (1,),  # class of the drawing; -1: none; -2: a photo
}


def published_encoder() -> EfficientNetLite:
    """The frozen encoder with its published weights."""
    model = EfficientNetLite(1000)
    path = weight_sources.EFFICIENTNET.locate_file()
    renamed = rename_efficientnet(weight_sources.read_efficientnet(path))
    model.load_state_dict({name.removeprefix("encoder."): tensor for name, tensor in renamed.items()})
    return model.eval()


def draw_picture(material: SceneMaterial, seed: int) -> DrawnScene:
    """One picture of the training mixture."""
    rng = np.random.default_rng(seed)
    kind = rng.choice(6, p=[0.48, 0.10, 0.16, 0.07, 0.13, 0.06])
    if kind == 5:
        return photo_scene(material, rng)
    if kind == 0:
        return drawings_scene(material, rng, 1)
    if kind == 1:
        return drawings_scene(material, rng, int(rng.integers(2, 6)))
    if kind == 4:
        return word_scene(material, rng, int(rng.choice(3, p=[0.5, 0.25, 0.25])))
    return shapes_scene(material, rng, int(rng.integers(1, 6)), alike=kind == 3)


@dataclass
class FeatureStore:
    """Arrays on disk, one for each field, and how many of their rows are written."""

    folder: Path
    rows: int

    def field_array(self, field: str) -> np.memmap[Any, np.dtype[np.float16]]:
        """The field of all pictures, float16 [rows, ...]."""
        path = self.folder / f"{field}.f16"
        shape = (self.rows, *FIELDS[field])
        if path.is_file():
            return np.memmap(path, np.float16, "r+", shape=shape)
        return np.memmap(path, np.float16, "w+", shape=shape)

    @property
    def rows_done(self) -> int:
        """Rows written."""
        path = self.folder / "done.json"
        return int(json.loads(path.read_text())) if path.is_file() else 0

    def mark_done(self, done: int) -> None:
        """Say that so many rows are written."""
        draft = self.folder / "done.draft"
        draft.write_text(json.dumps(done))
        draft.rename(self.folder / "done.json")


def extract_features(store: FeatureStore, materials: list[SceneMaterial], classes: list[str], seed: int) -> None:
    """Draw and encode what the store still lacks; picture i is of the materials in turn."""
    store.folder.mkdir(parents=True, exist_ok=True)
    model, images = published_encoder(), EfficientNetImages(VITAConfig(vision_config=CaptionsConfig()), store.folder)
    arrays = {field: store.field_array(field) for field in FIELDS}
    colours = list(materials[0].colours)
    first = store.rows_done
    for start in tqdm(range(first, store.rows, BATCH), initial=first // BATCH, total=store.rows // BATCH, unit="batch"):
        numbers = range(start, min(start + BATCH, store.rows))
        scenes = [draw_picture(materials[number % len(materials)], seed + number) for number in numbers]
        soiled = [
            degrade_picture(scene.picture, np.random.default_rng(seed - 1 - i))
            for i, scene in zip(numbers, scenes, strict=True)
        ]
        pixels = images.frames(soiled)
        with torch.inference_mode():
            fine, middle, pooled = model.features(pixels)
        rows = slice(start, start + len(scenes))
        for field, values in (("fine", fine), ("middle", middle), ("pooled", pooled), ("tones", patch_colours(pixels))):
            arrays[field][rows] = values.numpy().astype(np.float16)
        for number, scene in zip(numbers, scenes, strict=True):
            _write_labels(arrays, number, scene, classes, colours)
        store.mark_done(rows.stop)


def extract_drawings(
    store: FeatureStore, materials: list[SceneMaterial], classes: list[str], seed: int, skip: float = 0
) -> None:
    """Draw and encode pictures of one drawing each, all classes and styles in turn; only what names them is kept.

    Args:
        skip: share of each style's classes that come last.
    """
    store.folder.mkdir(parents=True, exist_ok=True)
    model, images = published_encoder(), EfficientNetImages(VITAConfig(vision_config=CaptionsConfig()), store.folder)
    arrays = {field: store.field_array(field) for field in ("middle", "pooled", "drawing")}
    first = store.rows_done
    for start in tqdm(range(first, store.rows, BATCH), initial=first // BATCH, total=store.rows // BATCH, unit="batch"):
        numbers = range(start, min(start + BATCH, store.rows))
        shown = []
        for number in numbers:
            rng = np.random.default_rng((seed, number))
            material = materials[number % len(materials)]
            names = [name for name in classes if name in material.sprites]
            name = names[(number // len(materials) + int(skip * len(names))) % len(names)]
            shown.append(degrade_picture(drawings_scene(material, rng, 1, name).picture, rng))
            arrays["drawing"][number] = classes.index(name)
        with torch.inference_mode():
            _, middle, pooled = model.features(images.frames(shown))
        arrays["middle"][start : numbers.stop], arrays["pooled"][start : numbers.stop] = middle.numpy(), pooled.numpy()
        store.mark_done(numbers.stop)


def _write_labels(arrays: dict[str, Any], row: int, scene: DrawnScene, classes: list[str], colours: list[str]) -> None:
    arrays["things"][row] = -1
    for place, thing in enumerate(scene.things[:MOST]):
        colour = colours.index(thing.colour) if thing.colour else -1
        arrays["things"][row, place] = (SHAPE_NAMES.index(thing.shape), colour, thing.x, thing.y, thing.radius)
    arrays["text"][row] = scene.box
    single = [thing.name for thing in scene.things if thing.shape == THING]
    arrays["drawing"][row] = classes.index(single[0]) if single else -1 if scene.things or scene.word else -2
