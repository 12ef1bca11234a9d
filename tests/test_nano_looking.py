"""Pictures of one drawing each, and the heads that learn to name them and to tell kinds of pictures apart."""

import numpy as np
import pytest
import torch
from PIL import Image

from recipes.nano.train import feature_store
from recipes.nano.train.feature_store import FeatureStore, extract_drawings
from recipes.nano.train.scene_types import SceneMaterial
from recipes.nano.train.train_drawing_classifier import PHOTO, fit_drawing_heads, kinds_of
from vita.nano.model.drawing_classifier import KINDS, kind_features

CLASSES = ["box", "ring", "never drawn"]


class Eye:
    """Sees the mean colours of a picture, and counts how often it was asked."""

    def __init__(self):
        self.asked = 0

    def features(self, pixels):
        self.asked += len(pixels)
        pooled = torch.zeros(len(pixels), 1280)
        pooled[:, :3] = pixels.mean((2, 3))
        return None, pixels[:, :1].mean((2, 3), keepdim=True).expand(-1, 112, 14, 14), pooled


@pytest.fixture
def eye(monkeypatch):
    made = Eye()
    monkeypatch.setattr(feature_store, "published_encoder", lambda: made)
    return made


@pytest.fixture
def materials():
    red, blue = (Image.new("RGBA", (48, 48), colour) for colour in ((220, 30, 30, 255), (30, 60, 220, 255)))
    return [
        SceneMaterial({}, ((240, 240, 240),), {"box": [red]}),
        SceneMaterial({}, ((240, 240, 240),), {"ring": [blue]}),
    ]


def test_drawings_come_of_all_materials_in_turn_and_only_of_classes_that_these_have(tmp_path, eye, materials):
    store = FeatureStore(tmp_path, 6)
    extract_drawings(store, materials, CLASSES, seed=4)
    assert store.rows_done == 6
    assert store.field_array("drawing")[:, 0].tolist() == [0, 1, 0, 1, 0, 1]
    pooled = store.field_array("pooled").astype(np.float32)
    assert (pooled[::2, 0] > pooled[::2, 2]).all()  # red
    assert (pooled[1::2, 0] < pooled[1::2, 2]).all()  # blue
    assert (store.field_array("middle")[::2].mean((1, 2, 3)) > store.field_array("middle")[1::2].mean((1, 2, 3))).all()


def test_two_parts_of_the_drawings_begin_with_different_classes(tmp_path, eye, materials):
    both = [SceneMaterial({}, ((240, 240, 240),), materials[0].sprites | materials[1].sprites)]
    stores = [FeatureStore(tmp_path / str(part), 2) for part in range(2)]
    for part, store in enumerate(stores):
        extract_drawings(store, both, CLASSES, seed=4 + part, skip=part / 2)
    assert [store.field_array("drawing")[:, 0].tolist() for store in stores] == [[0, 1], [1, 0]]


def test_drawing_goes_on_where_a_killed_run_stopped(tmp_path, eye, materials):
    whole, parts = FeatureStore(tmp_path / "whole", 20), FeatureStore(tmp_path / "parts", 20)
    extract_drawings(whole, materials, CLASSES, seed=4)
    extract_drawings(parts, materials, CLASSES, seed=4)
    parts.field_array("pooled")[16:] = 0
    parts.mark_done(16)
    eye.asked = 0
    extract_drawings(parts, materials, CLASSES, seed=4)
    assert eye.asked == 4
    assert (parts.field_array("pooled") == whole.field_array("pooled")).all()


def filled(folder, labels, rng):
    """A store whose pictures of class c have the c-th feature, and photos rough surfaces instead of any."""
    store = FeatureStore(folder, len(labels))
    folder.mkdir()
    pooled = rng.uniform(0, 0.05, (len(labels), 1280))
    for row, label in enumerate(labels):
        if label != PHOTO:
            pooled[row, label] += 1.0
    store.field_array("pooled")[:] = pooled
    store.field_array("middle")[:] = (np.array(labels) == PHOTO)[:, None, None, None]
    store.field_array("drawing")[:, 0] = labels
    store.mark_done(len(labels))
    return store


def test_heads_learn_names_and_kinds_from_all_stores(tmp_path):
    rng = np.random.default_rng(0)
    first = filled(tmp_path / "first", [0, PHOTO, 1, -1] * 16, rng)
    second = filled(tmp_path / "second", [2, 3] * 32, rng)
    model = fit_drawing_heads([first, second], names=4, epochs=300)
    for store in (first, second):
        labels, pooled, middle = (
            torch.from_numpy(store.field_array(field).astype(np.float32)) for field in ("drawing", "pooled", "middle")
        )
        labels = labels[:, 0].long()
        with torch.inference_mode():
            named, kinds = model.drawing_logits(pooled).argmax(1), model.picture_kinds(middle, pooled)
        assert torch.equal(named[labels >= 0], labels[labels >= 0])
        torch.testing.assert_close(kinds.sum(1), torch.ones(len(kinds)))
        assert (kinds.argmax(1) == kinds_of(labels)).float().mean() > 0.9


def test_labels_tell_the_kind_of_a_picture():
    assert [KINDS[kind] for kind in kinds_of(torch.tensor([7, -1, PHOTO]))] == ["drawing", "shapes", "photo"]


def test_an_overview_is_of_things_and_of_surfaces():
    seen = kind_features(torch.full((2, 112, 14, 14), 0.25), torch.full((2, 1280), 4.0))
    assert seen.shape == (2, 1392)
    assert seen[0, :1280].eq(2.0).all()
    assert seen[0, 1280:].eq(0.25).all()
