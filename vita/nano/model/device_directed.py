"""Device-directed speech: asked of the model, said to somebody else, or no speech at all. A small network.

It reads what the recogniser made of the sound as a whole, which tells more than its words where those are misheard.
What it finds reaches the choice of the state token as ``vita.model.sound_verdicts`` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from vita.model.sound_verdicts import STEP, VERDICTS

KINDS = ("asked", "aside", "noise")  # its three answers, in order
NAME = "judge."  # of its tensors in the checkpoint


def nearest_verdict(chances: Tensor) -> int:
    """Which of VERDICTS comes nearest to the chances [len(KINDS)]."""
    if is_silent(chances):
        return 0
    odds = float(torch.logit(chances[KINDS.index("asked")].float(), 1e-6))
    return max(1, min(VERDICTS - 1, VERDICTS // 2 + round(odds / STEP)))


def is_silent(chances: Tensor) -> bool:
    """Whether nothing is said in a sound of these chances [len(KINDS)]."""
    return bool(chances[KINDS.index("noise")] >= 0.5)


@dataclass(frozen=True)
class DeviceDirectedClassifier:
    """Two linear maps with a rectifier between them.

    Attributes:
        inner: [hidden, evidence] and its bias [hidden].
        outer: [len(KINDS), hidden] and its bias [len(KINDS)].
    """

    inner: Tensor
    inner_bias: Tensor
    outer: Tensor
    outer_bias: Tensor

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor]) -> DeviceDirectedClassifier:
        """From tensors named ``judge.inner`` and so on, in float32."""
        return cls(*(tensors[f"{NAME}{name}"].float() for name in ("inner", "inner_bias", "outer", "outer_bias")))

    def __call__(self, evidence: Tensor) -> Tensor:
        """Evidence [windows, evidence] of a sound's windows -> how likely each of KINDS is of the whole, [len(KINDS)].

        A sound is noise where all of it is, and asks where any of it does.
        """
        inner = torch.relu(evidence @ self.inner.T + self.inner_bias)
        chances = torch.softmax(inner @ self.outer.T + self.outer_bias, -1)
        asked, noise = chances[:, 0].max(), chances[:, 2].min()
        whole = torch.stack((asked, 1 - asked - noise, noise)).clamp(min=0)
        return whole / whole.sum()
