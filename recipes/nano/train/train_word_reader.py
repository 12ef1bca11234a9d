"""Teach the word reader: drawn pictures with a printed word, cut out as roughly as the scene head will."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from recipes.nano.train.batch_norms import fold_norms, with_norms
from recipes.nano.train.scene_types import SceneMaterial
from recipes.nano.train.scenes import degrade_picture, word_scene
from recipes.nano.train.training_loop import TrainingPlan, train_steps
from vita.nano.model.scene_heads import LETTERS, WordReader, crop_words

BATCH = 64
NEW = 16  # pictures that a step draws
POOL = 2500  # pictures kept
LOOSE = 0.14  # deviation of the cut's edges, in heights of the word


class WordPages:
    """Pictures with a word, the latest ones."""

    def __init__(self, material: SceneMaterial, seed: int) -> None:
        self.material, self.seed = material, seed
        self.pictures: list[NDArray[np.uint8]] = []
        self.boxes: list[tuple[float, float, float, float]] = []
        self.words: list[str] = []
        self.drawn = 0

    def page_batch(self, step: int) -> tuple[Tensor, list[str]]:
        """Strips [n, 3, 32, 128] and their words; some of the pictures are new."""
        for _ in range(NEW if self.pictures else BATCH):
            rng = np.random.default_rng((self.seed, step, self.drawn))
            scene = word_scene(self.material, rng)
            place = self.drawn % POOL
            pixels = np.asarray(degrade_picture(scene.picture, rng)).transpose(2, 0, 1)
            self.pictures[place : place + 1] = [pixels]
            self.boxes[place : place + 1] = [scene.box]
            self.words[place : place + 1] = [scene.word]
            self.drawn += 1
        rng = np.random.default_rng((self.seed, step))
        chosen = rng.integers(0, len(self.words), BATCH)
        boxes = np.array([self.boxes[i] for i in chosen], np.float32)
        height = boxes[:, 3:] - boxes[:, 1:2]
        boxes += rng.normal(0, LOOSE, boxes.shape).astype(np.float32) * height
        pictures = torch.from_numpy(np.stack([self.pictures[i] for i in chosen])).float() / 255
        return crop_words(pictures, torch.from_numpy(boxes)), [self.words[i] for i in chosen]


def reading_loss(logits: Tensor, words: list[str]) -> Tensor:
    """CTC of the words' letters."""
    lengths = torch.tensor([len(word) for word in words])
    letters = torch.tensor([1 + LETTERS.index(letter) for word in words for letter in word])
    steps = torch.full((len(words),), logits.shape[1])
    scores = logits.log_softmax(-1).transpose(0, 1)
    return F.ctc_loss(scores, letters, steps, lengths, zero_infinity=True)


def word_reader(material: SceneMaterial, steps: int, runs: Path, seed: int = 11) -> nn.Module:
    """Train, or go on training, and give the reader with its norms folded in."""
    model = with_norms(WordReader())
    pages = WordPages(material, seed)

    def step_loss(step: int) -> Tensor:
        strips, words = pages.page_batch(step)
        return reading_loss(model(strips), words)

    train_steps(model, step_loss, TrainingPlan(steps, 2e-3), runs / "reader.pt")
    return fold_norms(model)
