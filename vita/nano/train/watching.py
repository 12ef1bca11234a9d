"""Teach the motion head what happens in clips: a pool of drawn clips that grows, mirrored and reversed at random."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from vita.model.motion import EVENTS, MotionHead, mosaic, unfold
from vita.nano.train.clips import ACTIONS, Take, take
from vita.nano.train.features import SHAPE_NAMES
from vita.nano.train.loop import Plan, train
from vita.nano.train.norms import folded, with_norms
from vita.nano.train.scenes import Material

NONE = len(ACTIONS)
BATCH = 48
NEW = 12  # clips that a step draws
LABELS = NDArray[np.int64]
_MEAN = torch.tensor((0.485, 0.456, 0.406)).view(1, 3, 1, 1)
_STD = torch.tensor((0.229, 0.224, 0.225)).view(1, 3, 1, 1)
_ACROSS = [ACTIONS.index(name) for name in ("right", "left", "up", "down", *ACTIONS[4:])] + [NONE]
_UPSIDE = [ACTIONS.index(name) for name in ("left", "right", "down", "up", *ACTIONS[4:])] + [NONE]
_BACKWARDS = [
    ACTIONS.index(name) for name in ("right", "left", "down", "up", "disappear", "appear", "shrink", "grow")
] + [NONE]


def labels(clip: Take, colours: list[str]) -> LABELS:
    """Shape, colour and action of two events, int64 [2, 3]; -1: does not count."""
    rows = np.full((EVENTS, 3), -1, np.int64)
    rows[:, 2] = NONE
    for place, event in enumerate(clip.events):
        rows[place] = (
            SHAPE_NAMES.index(event.shape),
            colours.index(event.colour) if event.colour else -1,
            ACTIONS.index(event.action),
        )
    return rows


def strip(clip: Take) -> NDArray[np.uint8]:
    """The clip's mosaic as bytes [3, 224, 224]."""
    return np.asarray(mosaic(clip.frames)).transpose(2, 0, 1)


def normal(mosaics: Tensor) -> Tensor:
    """Bytes [n, 3, 224, 224] to strips [n, 48, 56, 56] as the head takes them."""
    return unfold((mosaics.float() / 255 - _MEAN) / _STD)


def varied(strips: Tensor, events: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Mirror, turn upside down or reverse in time a whole batch, labels too."""
    actions = events[..., 2]
    if rng.random() < 0.5:
        strips, actions = strips.flip(3), torch.tensor(_ACROSS)[actions]
    if rng.random() < 0.25:
        strips, actions = strips.flip(2), torch.tensor(_UPSIDE)[actions]
    events = torch.cat((events[..., :2], actions[..., None]), -1)
    if rng.random() < 0.4:
        strips = strips.reshape(len(strips), -1, 3, *strips.shape[2:]).flip(1).flatten(1, 2)
        back = torch.cat((events[..., :2], torch.tensor(_BACKWARDS)[actions][..., None]), -1)
        double = (back[:, 1, 2] != NONE)[:, None, None]
        events = torch.where(double, back.flip(1), back)
    return strips, events


def event_loss(logits: tuple[Tensor, Tensor, Tensor], events: Tensor) -> Tensor:
    """Cross-entropy of shapes, colours and actions, what does not count left out."""
    total = torch.zeros(())
    for part, values in enumerate(logits):
        total = total + F.cross_entropy(values.flatten(0, 1), events[..., part].flatten(), ignore_index=-1)
    return total


class Pool:
    """Clips drawn so far, the latest few thousand."""

    def __init__(self, materials: list[Material], seed: int, size: int = 8000) -> None:
        self.materials, self.seed, self.size = materials, seed, size
        self.colours = list(materials[0].colours)
        self.clips: list[NDArray[np.uint8]] = []
        self.events: list[LABELS] = []
        self.drawn = 0

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Strips and events of one step, a few of them new."""
        for _ in range(NEW if self.clips else 4 * BATCH):
            rng = np.random.default_rng((self.seed, step, self.drawn))
            clip = take(self.materials[self.drawn % len(self.materials)], rng, side=112)
            place = self.drawn % self.size
            self.clips[place : place + 1] = [strip(clip)]
            self.events[place : place + 1] = [labels(clip, self.colours)]
            self.drawn += 1
        rng = np.random.default_rng((self.seed, step))
        chosen = rng.integers(0, len(self.clips), BATCH)
        mosaics = torch.from_numpy(np.stack([self.clips[i] for i in chosen]))
        events = torch.from_numpy(np.stack([self.events[i] for i in chosen]))
        return varied(normal(mosaics), events, rng)


def motion_head(materials: list[Material], steps: int, runs: Path, seed: int = 7) -> nn.Module:
    """Train, or go on training, and give the head with its norms folded in."""
    colours = list(materials[0].colours)
    model = with_norms(MotionHead(len(SHAPE_NAMES), len(colours), len(ACTIONS) + 1))
    pool = Pool(materials, seed)

    def loss(step: int) -> Tensor:
        strips, events = pool.batch(step)
        return event_loss(model(strips), events)

    train(model, loss, Plan(steps, 2e-3), runs / "motion.pt")
    return folded(model)
