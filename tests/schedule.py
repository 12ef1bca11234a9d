"""Which process runs which test file under ``-n 2``: one for all that shares engines or browsers, the rest spread.

pytest-xdist's own groups (``--dist loadgroup``) have no effect with pytest 9.2, which forms test ids anew.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parent.parent
SHARED = "engines and browsers"
MARKS = {"engines": "engine", "product": "engine", "chromium": "browser"}  # of tests with these fixtures


@cache
def group_of_file(name: str) -> str:
    """The group of a test file, whose path is relative to the repository."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return SHARED if re.search(r"pytest\.mark\.(engine|browser)\b", text) else name


def group_of(test: str) -> str:
    """The group of a test by its id."""
    return group_of_file(test.split("::")[0])


class FileGroupScheduling(LoadScopeScheduling):
    """A file's tests go to one process, in their order."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> FileGroupScheduling:
    """Replaces the schedulers of pytest-xdist; see its documentation."""
    return FileGroupScheduling(config, log)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Refuse a test that uses engines or a browser and does not say so: ``make unit`` would run it.

    Raises:
        pytest.UsageError: the mark is missing.
    """
    known = getattr(item, "_fixtureinfo").name2fixturedefs  # noqa: B009 - no public name
    for fixture, mark in MARKS.items():
        shared = any(Path(one.func.__code__.co_filename).name == "conftest.py" for one in known.get(fixture, ())[-1:])
        if shared and item.get_closest_marker(mark) is None:
            raise pytest.UsageError(f"{item.nodeid} uses {fixture}: mark it with {mark}")
