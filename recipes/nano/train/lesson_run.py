"""One tuning run of the language model: its lessons, what it must keep, and the weights that come out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from evals.synthetic.utterances import query_sentences
from recipes.nano.train.drawing_material import language_vocabulary
from recipes.nano.train.lessons import known_objects, make_lesson
from recipes.nano.train.repeating import repetition_sample
from recipes.nano.train.training_loop import TrainingPlan
from recipes.nano.train.tune import Sample, lesson_sample, tune_model
from recipes.nano.train.word_splits import split_words
from vita.conversation import Turn, render_prompt
from vita.model import checkpoint_loading
from vita.model.processing import Processor
from vita.nano import weight_sources
from vita.nano.build_checkpoint import TRAINED, build_nano
from vita.nano.class_names import class_names
from vita.tokens import STATE_TOKENS, Family, State

WEIGHTS = TRAINED / "tuned.safetensors"
KEPT = 160  # plain questions whose answers must stay
ANSWER = 48  # tokens of such an answer
LESSONS = 4  # about captions in a step, one of repetition beside them
SPOKEN = 0.3  # share of lessons that are answered as if asked by voice
PADDINGS = (0.0, 0.0, 0.2, 1.0)  # parts of a tile's newlines: all of them as in use, few to learn faster


@dataclass(frozen=True)
class KeptConversation:
    """The prompt of a plain question with the state token behind it, and the unchanged model's answer, end included."""

    prompt: list[int]
    answer: list[int]

    @property
    def as_sample(self) -> Sample:
        """The conversation; the state token is to be kept as well as the answer."""
        return Sample(self.prompt + self.answer, [False] * (len(self.prompt) - 1) + [True] * (1 + len(self.answer)))


class CaptionSchool:
    """Lessons and kept conversations by random generator."""

    def __init__(self, tokenizer: Any, kept: Sequence[KeptConversation]) -> None:
        self.tokenizer, self._kept = tokenizer, kept
        self.words = split_words(language_vocabulary())[0]
        self.objects = known_objects(class_names())

    def caption_lessons(self, rng: np.random.Generator) -> list[Sample]:
        """Conversations about captions, all with the same share of newlines, and about what was heard."""
        padding = PADDINGS[int(rng.integers(len(PADDINGS)))]
        given = [self._one_lesson(rng, padding) for _ in range(LESSONS)]
        return [*given, repetition_sample(rng, self.tokenizer, self.words)]

    def _one_lesson(self, rng: np.random.Generator, padding: float) -> Sample:
        state = State.AUDIO_QUERY if rng.random() < SPOKEN else State.TEXT_QUERY
        return lesson_sample(make_lesson(rng, self.words, self.objects), self.tokenizer, state, padding)

    def kept_conversations(self, rng: np.random.Generator) -> list[Sample]:
        """Two plain conversations, every other step."""
        return [self._kept[i].sample for i in rng.integers(0, len(self._kept), 2)] if rng.random() < 0.5 else []


def answers_to_keep(model: Any, tokenizer: Any, path: Path) -> list[KeptConversation]:
    """Plain questions with the unchanged model's own answers, written to ``path`` once."""
    questions = query_sentences("train", KEPT, 1)
    if not path.is_file():
        made = [_greedy_answers(model, tokenizer, questions[start : start + 16]) for start in range(0, KEPT, 16)]
        path.write_text(json.dumps([one for batch in made for one in batch]))
    return [KeptConversation(*one) for one in json.loads(path.read_text())]


def _greedy_answers(model: Any, tokenizer: Any, questions: Sequence[str]) -> list[tuple[list[int], list[int]]]:
    """Prompts with a state token behind them, and greedy answers; in one batch."""
    token = STATE_TOKENS[Family.NANO].text(State.TEXT_QUERY)
    texts = [str(render_prompt([Turn("user", (question,))], Family.NANO)[0]) + token for question in questions]
    prompts = [tokenizer.encode(text, add_special_tokens=False) for text in texts]
    longest = max(map(len, prompts))
    end = tokenizer.eos_token_id
    ids = torch.tensor([[end] * (longest - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    with torch.inference_mode():
        made = model.generate(ids, attention_mask=mask, max_new_tokens=ANSWER, do_sample=False, repetition_penalty=1.0)
    said = [row[longest:].tolist() for row in made]
    return [(p, a[: a.index(end) + 1] if end in a else a) for p, a in zip(prompts, said, strict=True)]


def untuned_language(language: Any) -> Any:
    """The language model with the weights of its package again, which an earlier run may have changed."""
    state = language.state_dict()
    for name, tensor in weight_sources.read_language_model(weight_sources.LANGUAGE.locate_file())[0].items():
        state[f"model.{name}"][: len(tensor)].copy_(tensor.half())  # the state tokens' rows lie behind and stay
    return language


def tune_language_model(runs: Path, steps: int) -> None:
    """Tune the language model, with the state tokens of the present checkpoint, and write what the build merges."""
    folder = build_nano()
    model = untuned_language(checkpoint_loading.load_model(folder).language_model)
    tokenizer = Processor.from_checkpoint(folder).tokenizer
    runs.mkdir(parents=True, exist_ok=True)
    school = CaptionSchool(tokenizer, answers_to_keep(model, tokenizer, runs / "kept.json"))
    model.bfloat16()
    save_file(tune_model(model, school, TrainingPlan(steps, 1e-3, warm=10), runs / "tuned.pt"), WEIGHTS)
