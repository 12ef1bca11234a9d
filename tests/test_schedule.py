"""Which process of ``-n 2`` runs which file, and that marks tell what a file starts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.schedule import SHARED, group_of

pytest_plugins = ["pytester"]
FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.rglob("test_*.py"))
CALLS = {  # what a test file calls, and the marks of which it bears one
    r"^from tests\.test_vllm_plugin import asked_of": {"engine"},
    r"^from vita\.nano(\.build import build|.* import build)\b": {"embedded", "engine"},
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_that_computes_with_a_checkpoint_is_marked(file):
    text = file.read_text(encoding="utf-8")
    marks = set(re.findall(r"pytest\.mark\.(engine|embedded)\b", text))
    for call, wanted in CALLS.items():
        assert marks & wanted or not re.search(call, text, re.MULTILINE), f"mark {file.name} as one of {wanted}"


def test_who_asks_for_an_engine_without_the_mark_is_told_at_collection(pytester):
    pytester.makeconftest("""
        import pytest
        from tests.schedule import pytest_itemcollected

        @pytest.fixture
        def engines(): ...
    """)
    pytester.makepyfile(test_some="def test_a(engines): ...")
    found = pytester.runpytest("-p", "no:asyncio", "-o", "filterwarnings=")
    found.stderr.fnmatch_lines(["*test_a uses engines: mark it with engine*"])


def test_files_that_share_engines_or_browsers_go_to_one_process():
    assert group_of("tests/browser/test_page.py::test_a") == SHARED
    assert group_of("tests/test_vllm_serve.py::test_a[x::y]") == SHARED
    assert group_of("tests/test_tokens.py::test_a") == "tests/test_tokens.py"
