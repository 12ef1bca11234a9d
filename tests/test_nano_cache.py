"""The folder of built checkpoints, as it ages."""

from __future__ import annotations

import os
import time
from functools import lru_cache

import pytest

from vita.engine import engine_factory
from vita.nano.checkpoint_cache import UNUSED, mark_used, remove_unused
from vita.settings import Settings


def aged(folder, seconds):
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    os.utime(folder, (time.time() - seconds,) * 2)
    return folder


@pytest.mark.parametrize("name", ["nano-0123456789ab", ".nano-0123456789ab-draft"])
def test_what_nobody_asked_for_in_a_month_goes(tmp_path, name):
    old = aged(tmp_path / name, UNUSED + 60)
    remove_unused(tmp_path)
    assert not old.exists()


def test_what_was_asked_for_since_stays(tmp_path):
    recent, old = aged(tmp_path / "nano-a", UNUSED - 3600), aged(tmp_path / "nano-b", UNUSED + 60)
    mark_used(old)
    remove_unused(tmp_path)
    assert recent.is_dir()
    assert old.is_dir()


def test_what_is_no_checkpoint_is_not_touched(tmp_path):
    other = aged(tmp_path / "train", 10 * UNUSED)
    remove_unused(tmp_path)
    assert other.is_dir()


def test_a_cache_that_is_not_there_is_empty(tmp_path):
    mark_used(tmp_path / "nano-none")
    remove_unused(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_starts_again_finds_another_checkpoint_where_its_own_was_removed(tmp_path, monkeypatch):
    folders = iter([aged(tmp_path / "nano-a", 0), aged(tmp_path / "nano-b", 0)])
    monkeypatch.setattr(engine_factory, "_find_checked", lru_cache(lambda model: next(folders)))
    first = engine_factory.find_checkpoint(Settings())
    assert engine_factory.find_checkpoint(Settings()) == first
    (first / "model.safetensors").unlink()
    first.rmdir()
    assert engine_factory.find_checkpoint(Settings()).name == "nano-b"
