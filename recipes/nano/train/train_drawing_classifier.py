"""Fit what tells kinds of pictures apart and what names drawings: linear on features of the frozen encoder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from recipes.nano.train.feature_store import FeatureStore
from recipes.nano.train.training_loop import TrainingPlan
from vita.nano.model.drawing_classifier import KINDS, DrawingClassifier, kind_features, root_scaled

BATCH = 128
CHUNK = 512  # pictures whose features are read at once
DROPPED = 0.4  # share of the features that are left out while learning, so that no name hangs on one
PHOTO = -2  # in the field "drawing"


def fit_drawing_heads(stores: Sequence[FeatureStore], names: int, epochs: int, seed: int = 5) -> DrawingClassifier:
    """Both heads, fitted on all pictures of all stores that are encoded so far."""
    labels = torch.cat([_field_values(store, "drawing")[:, 0].long() for store in stores])
    pooled = torch.cat([_field_values(store, "pooled") for store in stores])
    seen = kind_features(torch.cat([means for store in stores for means in _middle_means(store)]), pooled)
    drawn = labels >= 0
    torch.manual_seed(seed)
    model = DrawingClassifier(names)
    smooth = nn.CrossEntropyLoss(label_smoothing=0.1)
    fit_linear(model.drawing, root_scaled(pooled[drawn]), labels[drawn], epochs, smooth)
    kinds = kinds_of(labels)
    # the three count alike, however many pictures there are of each
    counts = torch.bincount(kinds, minlength=len(KINDS)).clamp(min=1)
    fit_linear(model.kind, seen, kinds, max(epochs // 2, 1), nn.CrossEntropyLoss(len(kinds) / (len(KINDS) * counts)))
    return model


def kinds_of(labels: Tensor) -> Tensor:
    """Indices in ``KINDS`` of pictures whose field "drawing" is that."""
    kinds = torch.where(labels >= 0, KINDS.index("drawing"), KINDS.index("shapes"))
    return torch.where(labels == PHOTO, KINDS.index("photo"), kinds)


def fit_linear(layer: nn.Linear, inputs: Tensor, labels: Tensor, epochs: int, loss: nn.CrossEntropyLoss) -> None:
    """Fit a linear classifier on features that are brought to one scale, which is folded in afterwards."""
    mean, deviation = inputs.mean(0), inputs.std(0) + 1e-2
    plan = TrainingPlan(epochs * -(-len(labels) // BATCH), 1.5e-3, warm=20)
    optimiser = torch.optim.AdamW(layer.parameters(), lr=plan.rate, weight_decay=0.3)
    for step in range(plan.steps):
        chosen = torch.randint(len(labels), (BATCH,))
        value = loss(layer(F.dropout((inputs[chosen] - mean) / deviation, DROPPED)), labels[chosen])
        for group in optimiser.param_groups:
            group["lr"] = plan.rate_at(step)
        optimiser.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    with torch.no_grad():
        layer.weight.div_(deviation)
        layer.bias.sub_(layer.weight @ mean)


def _field_values(store: FeatureStore, field: str) -> Tensor:
    return torch.from_numpy(store.field_array(field)[: store.rows_done].astype(np.float32))


def _middle_means(store: FeatureStore) -> Iterator[Tensor]:
    """The means of the middle features of a store's pictures, some at a time [n, 112, 1, 1]."""
    middle = store.field_array("middle")
    for start in range(0, store.rows_done, CHUNK):
        rows = middle[start : min(start + CHUNK, store.rows_done)]
        yield torch.from_numpy(rows.astype(np.float32)).mean((2, 3), keepdim=True)
