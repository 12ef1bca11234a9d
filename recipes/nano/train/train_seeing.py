"""The steps of teaching the eye: draw and encode pictures, train each head, write the weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from recipes.nano.train.batch_norms import fold_norms, half_precision, with_norms
from recipes.nano.train.drawing_material import training_materials
from recipes.nano.train.feature_store import FeatureStore, extract_drawings, extract_features
from recipes.nano.train.train_drawing_classifier import fit_drawing_heads
from recipes.nano.train.train_scene_head import scene_head
from recipes.nano.train.train_word_reader import word_reader
from vita.errors import CheckpointError
from vita.nano.build_checkpoint import TRAINED
from vita.nano.captioning_weights import COLOURS, PREFIX, SHAPES, drawing_names
from vita.nano.model.scene_heads import SceneHead, WordReader

WEIGHTS = TRAINED / "seeing.safetensors"
SEED = 1_000_000
EPOCHS = 12  # of the linear classifiers
PARTS = 2  # in which pictures of one drawing each are drawn, each with a seed of its own
PACKAGES = "npm"  # folder of drawings and fonts inside the runs


def draw_pictures(runs: Path, pictures: int, steps: int) -> None:
    """Draw the pictures and write down what the frozen encoder sees in them; then as many of one drawing each."""
    materials = training_materials(runs / PACKAGES)
    extract_features(FeatureStore(runs / "features", pictures), materials, drawing_names(), SEED)
    for part, store in enumerate(_drawing_store(runs, pictures)):
        extract_drawings(store, materials, drawing_names(), 2 * SEED + part, part / PARTS)


def train_scene_step(runs: Path, pictures: int, steps: int) -> None:
    """Train the scene head."""
    scene_head(FeatureStore(runs / "features", pictures), len(COLOURS), steps, runs)


def train_reader_step(runs: Path, pictures: int, steps: int) -> None:
    """Train the word reader."""
    word_reader(training_materials(runs / PACKAGES)[0], steps, runs)


def export_heads(runs: Path, pictures: int, steps: int, target: Path = WEIGHTS) -> None:
    """Fit the linear classifiers and write all heads as float16.

    Raises:
        CheckpointError: a head has not been trained.
    """
    tensors: dict[str, torch.Tensor] = {}
    for name, model in _new_heads().items():
        path = runs / f"{name}.pt"
        if not path.is_file():
            raise CheckpointError(f"{path} is missing; run: python -m recipes.nano.train seeing")
        learning = with_norms(model)
        learning.load_state_dict(torch.load(path, weights_only=True)["model"])
        tensors |= half_precision(fold_norms(learning.eval()), f"{PREFIX}{name}")
    stores = [FeatureStore(runs / "features", pictures), *_drawing_store(runs, pictures)]
    tensors |= half_precision(fit_drawing_heads(stores, len(drawing_names()), EPOCHS), f"{PREFIX}naming")
    save_file({name: tensors[name] for name in sorted(tensors)}, target)


def _drawing_store(runs: Path, pictures: int) -> list[FeatureStore]:
    return [FeatureStore(runs / f"drawn-{part}", pictures // PARTS) for part in range(PARTS)]


def _new_heads() -> dict[str, nn.Module]:
    shapes, colours = len(SHAPES), len(COLOURS)
    return {
        "scene": SceneHead(shapes, colours),
        "reader": WordReader(),
    }


STEPS: Mapping[str, Callable[[Path, int, int], None]] = {
    "draw": draw_pictures,
    "look": train_scene_step,
    "read": train_reader_step,
    "export": export_heads,
}
