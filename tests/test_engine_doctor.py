"""The doctor ends with advice, not with a traceback, where packages do not fit each other."""

from __future__ import annotations

import sys

import pytest

from vita.engine import installation_check
from vita.settings import Settings


@pytest.fixture
def torchvision(tmp_path, monkeypatch):
    """A package that is installed and raises when it is imported, as one built for another torch does."""
    (tmp_path / "torchvision.py").write_text('raise RuntimeError("operator torchvision::nms does not exist")')
    (tmp_path / "torchvision-0.28.0.dist-info").mkdir()
    metadata = "Metadata-Version: 2.1\nName: torchvision\nVersion: 0.28.0\n"
    (tmp_path / "torchvision-0.28.0.dist-info" / "METADATA").write_text(metadata)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])


def test_a_package_of_another_torch_is_named_with_what_to_do(torchvision):
    *_, last = installation_check.check_installation(Settings())
    assert "torchvision" in last.found
    assert last.advice == "Run: pip uninstall torchvision"


def test_packages_that_are_not_installed_do_not_matter():
    assert installation_check.unfit_packages() == []
