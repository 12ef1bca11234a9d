"""Teach the head that finds things in scenes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from recipes.nano.train.batch_norms import fold_norms, with_norms
from recipes.nano.train.feature_store import SHAPE_NAMES, FeatureStore
from recipes.nano.train.training_loop import TrainingPlan, train_steps
from vita.nano.model.scene_heads import CELL, SceneHead

BATCH = 32
GRID = 28


@dataclass(frozen=True)
class Targets:
    """What the maps of a batch should be.

    Attributes:
        centres, texts: [n, 28, 28], 1 at a centre and falling off around it.
        shapes, colours: [n, 28, 28], -1 where it does not count.
        boxes: [n, 4, 28, 28] in cells; inside: where they count [n, 28, 28].
    """

    centres: Tensor
    shapes: Tensor
    colours: Tensor
    texts: Tensor
    boxes: Tensor
    inside: Tensor


def target_maps(things: Tensor, text: Tensor) -> Targets:
    """Things [n, most, 5] and boxes of words [n, 4], both in pixels, as maps."""
    count = len(things)
    y, x = torch.meshgrid(torch.arange(GRID) + 0.5, torch.arange(GRID) + 0.5, indexing="ij")
    centres, texts, inside = (torch.zeros(count, GRID, GRID) for _ in range(3))
    shapes, colours = (torch.full((count, GRID, GRID), -1) for _ in range(2))
    boxes = torch.zeros(count, 4, GRID, GRID)
    for number in range(count):
        for shape, colour, left, top, radius in things[number][things[number, :, 0] >= 0].tolist():
            away = ((x - left / CELL) ** 2 + (y - top / CELL) ** 2).sqrt()
            spread = max(0.7, 0.22 * radius / CELL)
            centres[number] = torch.maximum(centres[number], _centre_bell(away, spread))
            near = away < max(1.0, 0.35 * radius / CELL)
            shapes[number][near], colours[number][near] = int(shape), int(colour)
        left, top, right, bottom = (text[number] / CELL).tolist()
        if right > left:
            across = ((x - (left + right) / 2) / max(right - left, 1)).abs()
            along = ((y - (top + bottom) / 2) / max(bottom - top, 1)).abs()
            texts[number] = _centre_bell((across**2 + along**2).sqrt(), 0.18)
            inside[number] = ((across < 0.3) & (along < 0.4)).float()
            boxes[number] = torch.stack((x - left, y - top, right - x, bottom - y))
    return Targets(centres, shapes, colours, texts, boxes, inside)


def _centre_bell(away: Tensor, spread: float) -> Tensor:
    """A bell that is exactly 1 in the cell nearest to the centre."""
    bell = torch.exp(-((away / spread) ** 2) / 2)
    return torch.where(away == away.min(), 1.0, bell.clamp(max=0.98))


def centre_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Focal loss of CenterNet: centres count in full, their surroundings the less the nearer they are."""
    chance = logits.sigmoid().clamp(1e-5, 1 - 1e-5)
    hit = (wanted == 1).float()
    gain = hit * (1 - chance) ** 2 * chance.log()
    loss = (1 - hit) * (1 - wanted) ** 4 * chance**2 * (1 - chance).log()
    return -(gain + loss).sum() / hit.sum().clamp(min=1)


def scene_loss(maps: tuple[Tensor, ...], wanted: Targets) -> Tensor:
    """All that the scene head learns, added up."""
    centres, shapes, colours, texts, boxes = maps
    total = centre_loss(centres[:, 0], wanted.centres) + centre_loss(texts[:, 0], wanted.texts)
    total = total + F.cross_entropy(shapes, wanted.shapes, ignore_index=-1)
    total = total + F.cross_entropy(colours, wanted.colours, ignore_index=-1)
    off = (boxes - wanted.boxes).abs().mean(1) * wanted.inside
    return total + off.sum() / wanted.inside.sum().clamp(min=1)


def scene_head(store: FeatureStore, colours: int, steps: int, runs: Path, seed: int = 3) -> nn.Module:
    """Train, or go on training, on the pictures that are encoded so far; norms folded in."""
    model = with_norms(SceneHead(len(SHAPE_NAMES), colours))
    rows = store.rows_done
    arrays = [store.field_array(field) for field in ("fine", "middle", "tones", "things", "text")]

    def step_loss(step: int) -> Tensor:
        chosen = np.sort(np.random.default_rng((seed, step)).choice(rows, BATCH, replace=False))
        fine, middle, tones, things, text = (torch.from_numpy(array[chosen].astype(np.float32)) for array in arrays)
        return scene_loss(model(fine, middle, tones), target_maps(things, text))

    train_steps(model, step_loss, TrainingPlan(steps, 2e-3), runs / "scene.pt")
    return fold_norms(model)
