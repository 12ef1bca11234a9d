"""A training loop that may be killed at any moment: it goes on from its last checkpoint, at most minutes old."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from tqdm import tqdm

SAVE_EVERY = 120.0  # seconds


@dataclass(frozen=True)
class TrainingPlan:
    """How long and how fast to learn; the rate rises over ``warm`` steps and falls as a cosine to nothing."""

    steps: int
    rate: float = 1e-3
    warm: int = 100
    decay: float = 0.01

    def rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        if step < self.warm:
            return self.rate * (step + 1) / self.warm
        part = (step - self.warm) / max(self.steps - self.warm, 1)
        return self.rate * 0.5 * (1 + math.cos(math.pi * min(part, 1.0)))


def train_steps(model: nn.Module, loss: Callable[[int], Tensor], plan: TrainingPlan, path: Path) -> None:
    """Minimise ``loss(step)``, whose data must depend on the step alone; ``path`` keeps the state between runs."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=plan.rate, weight_decay=plan.decay)
    first, smooth = 0, 0.0
    if path.is_file():
        kept = torch.load(path, weights_only=True)
        model.load_state_dict(kept["model"])
        optimiser.load_state_dict(kept["optimiser"])
        first, smooth = kept["step"], kept["loss"]
    saved = time.monotonic()
    bar = tqdm(range(first, plan.steps), initial=first, total=plan.steps, desc=path.stem, mininterval=10)
    for step in bar:
        for group in optimiser.param_groups:
            group["lr"] = plan.rate_at(step)
        value = loss(step)
        optimiser.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        smooth = 0.98 * smooth + 0.02 * value.item() if step > first else value.item()
        bar.set_postfix(loss=f"{smooth:.3f}", refresh=False)
        if time.monotonic() - saved > SAVE_EVERY or step + 1 == plan.steps:
            _save_state(model, optimiser, step + 1, smooth, path)
            saved = time.monotonic()


def _save_state(model: nn.Module, optimiser: torch.optim.Optimizer, step: int, loss: float, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step, "loss": loss}
    torch.save(state, draft)
    draft.rename(path)
