"""One tuning run of the language model: its lessons, what it must keep, and the weights that come out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from vita.conversation import Turn, render
from vita.model import checkpoint
from vita.model.processing import Processor
from vita.nano.build import build
from vita.nano.sentences import class_names
from vita.nano.train.lessons import known_objects, lesson
from vita.nano.train.loop import Plan
from vita.nano.train.material import vocabulary
from vita.nano.train.tune import Sample, sample, tune
from vita.nano.train.words import split_words
from vita.nano.utterances import queries
from vita.tokens import STATE_TOKENS, Family, State

WEIGHTS = Path(__file__).parents[1] / "weights" / "tuned.safetensors"
KEPT = 64  # plain questions whose answers must stay
BATCH = 4
SPOKEN = 0.3  # share of lessons that are answered as if asked by voice
PADDINGS = (0.0, 0.0, 0.2, 1.0)  # parts of a tile's newlines: all of them as in use, few to learn faster


class School:
    """Lessons and kept conversations by random generator."""

    def __init__(self, tokenizer: Any, kept: Sequence[Sample]) -> None:
        self.tokenizer, self._kept = tokenizer, kept
        self.words = split_words(vocabulary())[0]
        self.objects = known_objects(class_names())

    def lessons(self, rng: np.random.Generator) -> list[Sample]:
        """A batch of conversations about captions."""
        return [self._one(rng) for _ in range(BATCH)]

    def _one(self, rng: np.random.Generator) -> Sample:
        state = State.AUDIO_QUERY if rng.random() < SPOKEN else State.TEXT_QUERY
        content = lesson(rng, self.words, self.objects)
        return sample(content, self.tokenizer, state, PADDINGS[int(rng.integers(len(PADDINGS)))])

    def kept(self, rng: np.random.Generator) -> list[Sample]:
        """A plain conversation, every other step."""
        return [self._kept[int(rng.integers(len(self._kept)))]] if rng.random() < 0.5 else []


def answers_to_keep(model: Any, tokenizer: Any, path: Path) -> list[Sample]:
    """Plain questions with the unchanged model's own answers, written to ``path`` once."""
    if not path.is_file():
        made = [_answer(model, tokenizer, question) for question in queries("train", KEPT, 1)]
        path.write_text(json.dumps(made))
    return [Sample(ids + said, [False] * len(ids) + [True] * len(said)) for ids, said in json.loads(path.read_text())]


def _answer(model: Any, tokenizer: Any, question: str) -> tuple[list[int], list[int]]:
    prompt = str(render([Turn("user", (question,))], Family.NANO)[0])
    prompt += STATE_TOKENS[Family.NANO].text(State.TEXT_QUERY)
    ids = tokenizer.encode(prompt, add_special_tokens=False)
    with torch.inference_mode():
        said = model.generate(torch.tensor([ids]), max_new_tokens=48, do_sample=False)
    return ids, said[0, len(ids) :].tolist()


def tune_language_model(runs: Path, steps: int) -> None:
    """Tune the language model of the present checkpoint and write the changes that the build merges."""
    folder = build()
    model = checkpoint.load(folder).language_model
    tokenizer = Processor.from_checkpoint(folder).tokenizer
    runs.mkdir(parents=True, exist_ok=True)
    school = School(tokenizer, answers_to_keep(model, tokenizer, runs / "kept.json"))
    save_file(tune(model, school, Plan(steps, 1e-3, warm=10), runs / "tuned.pt"), WEIGHTS)
