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

from vita.conversation import Turn, render
from vita.nano.train.lessons import Lesson
from vita.nano.train.loop import Plan, train
from vita.tokens import CHAT_MARKERS, STATE_TOKENS, Family, State

RANK = 8
SCALE = 2.0
PARTS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
PADDING = 56  # tokens of a tile; newlines in front of the caption fill it
KEEP = 1.0  # weight of staying as it was


class School(Protocol):
    """What a run learns from; the same generator must give the same."""

    def lessons(self, rng: np.random.Generator) -> list[Sample]:
        """Conversations about captions, to be learnt."""

    def kept(self, rng: np.random.Generator) -> list[Sample]:
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
        return y if self.off else y + SCALE * F.linear(F.linear(x, self.down), self.up)


def adapt(model: nn.Module) -> nn.ModuleDict:
    """Put low-rank changes on the model's projections; they are returned by their modules' names."""
    model.requires_grad_(False)
    added: dict[str, nn.Module] = {}
    for name, module in list(model.named_modules()):
        if name.rsplit(".", 1)[-1] in PARTS and isinstance(module, nn.Linear):
            parent, _, leaf = name.rpartition(".")
            changed = LowRank(module)
            setattr(model.get_submodule(parent), leaf, changed)
            added[name.replace(".", "/")] = changed
    return nn.ModuleDict(added)


class Changes(nn.Module):
    """The learned tensors alone, for the optimiser and for checkpoints."""

    def __init__(self, added: nn.ModuleDict) -> None:
        super().__init__()
        self.down = nn.ParameterDict({name: one.down for name, one in added.items()})
        self.up = nn.ParameterDict({name: one.up for name, one in added.items()})

    def tensors(self) -> dict[str, Tensor]:
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


def sample(lesson: Lesson, tokenizer: Any, state: State, padding: float = 1.0) -> Sample:
    """A conversation whose first question follows the caption, as a prompt with media does, answers to be learnt.

    Args:
        padding: part of the newlines in front of the caption that are kept.
    """
    turns: list[Turn] = []
    ids: list[int] = []
    learnt: list[bool] = []
    for number, (question, answer) in enumerate(lesson.exchanges):
        turns.append(Turn("user", (f"{question}",)))
        text = str(render(turns, Family.NANO)[0])
        if number:
            text = text[text.rindex(CHAT_MARKERS[Family.NANO].opening("user")) :]
            pieces = ["\n" + text]
        else:
            before, after = text.split(question)
            caption = tokenizer.encode(f" {lesson.caption}", add_special_tokens=False)
            spare = max(PADDING * (1 + lesson.caption.count("\n")) - len(caption), 0)
            newlines = tokenizer.encode("\n", add_special_tokens=False) * round(padding * spare)
            _extend(ids, learnt, tokenizer.encode(before, add_special_tokens=False), False)
            _extend(ids, learnt, newlines + caption, False)
            pieces = [f"\n{question}{after}"]
        token = STATE_TOKENS[Family.NANO].text(state)
        _extend(ids, learnt, tokenizer.encode(pieces[0] + token, add_special_tokens=False), False)
        _extend(ids, learnt, tokenizer.encode(f"{answer}<|im_end|>", add_special_tokens=False), True)
        turns.append(Turn("assistant", (answer,), state))
    return Sample(ids, learnt)


def _extend(ids: list[int], learnt: list[bool], more: Sequence[int], learn: bool) -> None:
    ids += more
    learnt += [learn] * len(more)


def answer_loss(model: Any, samples: Sequence[Sample]) -> Tensor:
    """Cross-entropy of the tokens to be learnt."""
    hidden, places, wanted = _hidden(model, samples)
    return F.cross_entropy(model.lm_head(hidden[places]).float(), wanted)


def keep_loss(model: Any, added: nn.ModuleDict, samples: Sequence[Sample]) -> Tensor:
    """Divergence from the unchanged model at the tokens of its own answers."""
    with torch.no_grad():
        _switch(added, off=True)
        hidden, places, _ = _hidden(model, samples)
        before = model.lm_head(hidden[places]).float().log_softmax(-1)
        _switch(added, off=False)
    hidden, places, _ = _hidden(model, samples)
    after = model.lm_head(hidden[places]).float().log_softmax(-1)
    return F.kl_div(after, before, log_target=True, reduction="batchmean")


def _switch(added: nn.ModuleDict, off: bool) -> None:
    for one in added.values():
        assert isinstance(one, LowRank)
        one.off = off


def _hidden(model: Any, samples: Sequence[Sample]) -> tuple[Tensor, Tensor, Tensor]:
    """Last hidden states of a batch padded on the right, the places that predict learnt tokens, and those tokens."""
    longest = max(len(one.ids) for one in samples)
    ids = torch.tensor([one.ids + [0] * (longest - len(one.ids)) for one in samples])
    learnt = torch.tensor([one.learnt + [False] * (longest - len(one.ids)) for one in samples])
    hidden = model.model(input_ids=ids).last_hidden_state
    places = torch.zeros_like(learnt)
    places[:, :-1] = learnt[:, 1:]
    return hidden, places, ids[:, 1:][learnt[:, 1:]]


def tune(model: Any, school: School, plan: Plan, path: Path) -> dict[str, Tensor]:
    """Train, or go on training; gives the tensors that the build merges.

    Args:
        school: gives the samples of a step.
    """
    torch.manual_seed(0)
    added = adapt(model)
    changes = Changes(added)

    def loss(step: int) -> Tensor:
        rng = np.random.default_rng((13, step))
        total = answer_loss(model, school.lessons(rng))
        kept = school.kept(rng)
        return total + KEEP * keep_loss(model, added, kept) if kept else total

    train(changes, loss, plan, path)
    return changes.tensors()
