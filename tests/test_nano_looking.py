"""Pictures of one drawing each, and the classifiers that learn to name them."""

import numpy as np
import pytest
import torch
from PIL import Image

from vita.nano.train import features
from vita.nano.train.features import Store, extract_drawings
from vita.nano.train.looking import PHOTO, classifiers
from vita.nano.train.scenes import Material

CLASSES = ["box", "ring", "never drawn"]


class Eye:
    """Sees the mean colours of a picture, and counts how often it was asked."""

    def __init__(self):
        self.asked = 0

    def features(self, pixels):
        self.asked += len(pixels)
        pooled = torch.zeros(len(pixels), 1280)
        pooled[:, :3] = pixels.mean((2, 3))
        return None, None, pooled


@pytest.fixture
def eye(monkeypatch):
    made = Eye()
    monkeypatch.setattr(features, "encoder", lambda: made)
    return made


@pytest.fixture
def materials():
    red, blue = (Image.new("RGBA", (48, 48), colour) for colour in ((220, 30, 30, 255), (30, 60, 220, 255)))
    return [Material({}, ((240, 240, 240),), {"box": [red]}), Material({}, ((240, 240, 240),), {"ring": [blue]})]


def test_drawings_come_of_all_materials_in_turn_and_only_of_classes_that_these_have(tmp_path, eye, materials):
    store = Store(tmp_path, 6)
    extract_drawings(store, materials, CLASSES, seed=4)
    assert store.done == 6
    assert store.array("drawing")[:, 0].tolist() == [0, 1, 0, 1, 0, 1]
    pooled = store.array("pooled").astype(np.float32)
    assert (pooled[::2, 0] > pooled[::2, 2]).all()  # red
    assert (pooled[1::2, 0] < pooled[1::2, 2]).all()  # blue


def test_drawing_goes_on_where_a_killed_run_stopped(tmp_path, eye, materials):
    whole, parts = Store(tmp_path / "whole", 20), Store(tmp_path / "parts", 20)
    extract_drawings(whole, materials, CLASSES, seed=4)
    extract_drawings(parts, materials, CLASSES, seed=4)
    parts.array("pooled")[16:] = 0
    parts.mark(16)
    eye.asked = 0
    extract_drawings(parts, materials, CLASSES, seed=4)
    assert eye.asked == 4
    assert (parts.array("pooled") == whole.array("pooled")).all()


def filled(folder, labels, rng):
    """A store whose pictures of class c have the c-th feature, and photos the tenth."""
    store = Store(folder, len(labels))
    folder.mkdir()
    pooled = rng.uniform(0, 0.05, (len(labels), 1280))
    for row, label in enumerate(labels):
        pooled[row, 9 if label == PHOTO else label] += 1.0
    store.array("pooled")[:] = pooled
    store.array("drawing")[:, 0] = labels
    store.mark(len(labels))
    return store


def test_classifiers_learn_from_all_stores_on_roots_of_features(tmp_path):
    rng = np.random.default_rng(0)
    first = filled(tmp_path / "first", [0, PHOTO, 1, PHOTO] * 16, rng)
    second = filled(tmp_path / "second", [2, 3] * 32, rng)
    named, photo = classifiers([first, second], names=4, epochs=300)
    for store in (first, second):
        labels = torch.from_numpy(store.array("drawing")[:, 0].astype(np.int64))
        roots = torch.from_numpy(store.array("pooled").astype(np.float32)).sqrt()
        with torch.inference_mode():
            assert torch.equal(named(roots).argmax(1)[labels >= 0], labels[labels >= 0])
            assert ((photo(roots)[:, 0] > 0) == (labels == PHOTO)).float().mean() > 0.9
