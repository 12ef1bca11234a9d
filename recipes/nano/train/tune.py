"""Teach the language model to use what its eye says: low-rank changes, merged when the checkpoint is built.

Plain chat must stay as it was: on typed questions without a picture the changed model learns to give the
distributions of the unchanged one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from recipes.nano.train.lessons import Lesson
from recipes.nano.train.training_loop import TrainingPlan, train_steps
from vita.conversation import Turn, render_prompt
from vita.tokens import CHAT_MARKERS, STATE_TOKENS, Family, State

RANK = 8
SCALE = 2.0
PARTS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
PADDING = 56  # tokens of a tile; newlines in front of the caption fill it
KEEP = 1.0  # weight of staying as it was


class LessonSource(Protocol):
    """What a run learns from; the same generator must give the same."""

    def caption_lessons(self, rng: np.random.Generator) -> list[Sample]:
        """Conversations about captions, to be learnt."""

    def kept_conversations(self, rng: np.random.Generator) -> list[Sample]:
        """Conversations in which the model must stay as it was; may be empty."""


class LowRank(nn.Module):
    """A frozen linear map and a learned change of low rank, which ``off`` leaves out."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.down = nn.Parameter(torch.randn(RANK, linear.in_features) / math.sqrt(linear.in_features))
        self.up = nn.Parameter(torch.zeros(linear.out_features, RANK))
        self.off = False

    def forward(self, x: Tensor) -> Tensor:
        """[..., in] -> [..., out]."""
        y: Tensor = self.linear(x)
        return y if self.off else y + SCALE * F.linear(F.linear(x, self.down.to(x.dtype)), self.up.to(x.dtype))


def add_low_rank(model: nn.Module) -> nn.ModuleDict:
    """Put low-rank changes on the model's projections; they are returned by their modules' names.

    The changes are float32 whatever the model is, which may be bfloat16: what is frozen needs no more.
    """
    model.requires_grad_(False)
    added: dict[str, nn.Module] = {}
    for name, module in list(model.named_modules()):
        if name.rsplit(".", 1)[-1] in PARTS and isinstance(module, nn.Linear):
            parent, _, leaf = name.rpartition(".")
            changed = LowRank(module)
            setattr(model.get_submodule(parent), leaf, changed)
            added[name.replace(".", "/")] = changed
    return nn.ModuleDict(added)


class LowRankChanges(nn.Module):
    """The learned tensors alone, for the optimiser and for checkpoints."""

    def __init__(self, added: nn.ModuleDict) -> None:
        super().__init__()
        self.down = nn.ParameterDict({name: one.down for name, one in added.items()})
        self.up = nn.ParameterDict({name: one.up for name, one in added.items()})

    def change_tensors(self) -> dict[str, Tensor]:
        """Halves of each change under the names that the build merges: ``tuned.NAME.down`` and ``.up``."""
        found = {}
        for name in self.down:
            plain = name.replace("/", ".")
            found[f"tuned.{plain}.down"] = self.down[name].detach().half()
            found[f"tuned.{plain}.up"] = (SCALE * self.up[name].detach()).half()
        return found


@dataclass(frozen=True)
class Sample:
    """Token ids and which of them, as predictions, are to be learnt."""

    ids: list[int]
    learnt: list[bool]


def lesson_sample(lesson: Lesson, tokenizer: Any, state: State, padding: float = 1.0) -> Sample:
    """A conversation whose first question follows the captions, as a prompt with media does, answers to be learnt.

    Args:
        padding: part of the newlines in front of each caption that are kept.
    """
    turns: list[Turn] = []
    ids: list[int] = []
    learnt: list[bool] = []
    for number, (question, answer) in enumerate(lesson.exchanges):
        turns.append(Turn("user", (f"{question}",)))
        text = str(render_prompt(turns, Family.NANO)[0])
        if number:
            text = text[text.rindex(CHAT_MARKERS[Family.NANO].opening("user")) :]
            pieces = ["\n" + text]
        else:
            before, after = text.split(question)
            _extend_sample(ids, learnt, tokenizer.encode(before, add_special_tokens=False), False)
            for told in lesson.captions:
                _extend_sample(ids, learnt, caption_tile(told, tokenizer, padding), False)
            pieces = [f"\n{question}{after}"]
        token = STATE_TOKENS[Family.NANO].text(state)
        _extend_sample(ids, learnt, tokenizer.encode(pieces[0] + token, add_special_tokens=False), False)
        _extend_sample(ids, learnt, tokenizer.encode(f"{answer}<|im_end|>", add_special_tokens=False), True)
        turns.append(Turn("assistant", (answer,), state))
    return Sample(ids, learnt)


def caption_tile(caption: str, tokenizer: Any, padding: float) -> list[int]:
    """The ids of one tile: a caption behind a part of the newlines that fill it, one at least."""
    words = tokenizer.encode(f" {caption}", add_special_tokens=False)
    newlines = max(round(padding * (PADDING - len(words))), 1)
    return [*tokenizer.encode("\n", add_special_tokens=False) * newlines, *words]


def _extend_sample(ids: list[int], learnt: list[bool], more: Sequence[int], learn: bool) -> None:
    ids += more
    learnt += [learn] * len(more)


def answer_loss(model: Any, samples: Sequence[Sample]) -> Tensor:
    """Cross-entropy of the tokens to be learnt."""
    logits, wanted = _predicted_logits(model, samples)
    return F.cross_entropy(logits, wanted)


def keep_loss(model: Any, added: nn.ModuleDict, samples: Sequence[Sample]) -> Tensor:
    """Divergence from the unchanged model at the tokens of its own answers."""
    with torch.no_grad():
        _switch_changes(added, off=True)
        before = _predicted_logits(model, samples)[0].log_softmax(-1)
        _switch_changes(added, off=False)
    after = _predicted_logits(model, samples)[0].log_softmax(-1)
    return F.kl_div(after, before, log_target=True, reduction="batchmean")


def _switch_changes(added: nn.ModuleDict, off: bool) -> None:
    for one in added.values():
        assert isinstance(one, LowRank)
        one.off = off


def _predicted_logits(model: Any, samples: Sequence[Sample]) -> tuple[Tensor, Tensor]:
    """Logits [n, vocab] at all places that predict tokens to be learnt, and those tokens [n].

    Samples run one by one: together they would be padded to the longest, by half as much again.
    """
    hidden, wanted = [], []
    for one in samples:
        places = torch.tensor(one.learnt).nonzero()[:, 0]
        ids = torch.tensor([one.ids])
        hidden.append(model.model(input_ids=ids).last_hidden_state[0, places - 1])
        wanted.append(ids[0, places])
    return model.lm_head(torch.cat(hidden)).float(), torch.cat(wanted)


def tune_model(model: Any, school: LessonSource, plan: TrainingPlan, path: Path) -> dict[str, Tensor]:
    """Train, or go on training; gives the tensors that the build merges.

    Args:
        school: gives the samples of a step.
    """
    torch.manual_seed(0)
    added = add_low_rank(model)
    changes = LowRankChanges(added)

    def step_loss(step: int) -> Tensor:
        rng = np.random.default_rng((13, step))
        total = answer_loss(model, school.caption_lessons(rng))
        kept = school.kept_conversations(rng)
        return total + KEEP * keep_loss(model, added, kept) if kept else total

    train_steps(changes, step_loss, plan, path)
    return changes.change_tensors()
