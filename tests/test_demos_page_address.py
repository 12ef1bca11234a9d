"""The page's address: its query, the modules that read and write it, and the scripts that call them."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from demos.page_address import mount_page_scripts, reading_script, writing_script
from demos.theme import STATIC
from tests.talk_scripts import script

MODULES = {path.name: path.read_text() for path in (STATIC / "page").glob("*.js")}


@pytest.mark.parametrize(
    ("query", "changes", "expected"),
    [
        ("", {"tab": "talk"}, "?tab=talk"),
        ("?tab=talk", {"tab": "talk"}, "?tab=talk"),
        ("?__theme=dark&tab=talk", {"tab": "image"}, "?__theme=dark&tab=image"),
        ("?tab=talk", {"tab": None}, ""),
        ("?tab=talk&sample=3", {"sample": ""}, "?tab=talk"),
        ("", {"runs": ["m/results_2026-01-01T00-00-00.json", "a b&c"]},
         "?runs=m/results_2026-01-01T00-00-00.json&runs=a+b%26c"),
        ("?runs=a&runs=b", {"runs": ["b"]}, "?runs=b"),
        ("?runs=a&runs=b", {"runs": []}, ""),
        ("?runs=a%2Fb&x=%2F", {"runs": ["a/b"]}, "?runs=a%2Fb&x=%2F"),
    ],
)  # fmt: skip
def test_a_query_takes_new_values_and_keeps_the_others(query, changes, expected):
    assert script("return changedQuery(query, changes);", query=query, changes=changes) == expected


def test_what_was_written_is_read_again():
    values = ["模型/results_1.json", "a+b=c&d?", "#1"]
    body = "return new URLSearchParams(changedQuery('', { runs: values })).getAll('runs');"
    assert script(body, values=values) == values


def test_the_modules_are_served_and_asked_for_again_each_time():
    app = FastAPI()
    mount_page_scripts(app)
    answer = TestClient(app).get("/page/main.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert "javascript" in answer.headers["content-type"]


def test_every_module_and_name_that_is_imported_is_there():
    pattern = re.compile(r'^import \{ ([\w, ]+) \} from "\./([\w.]+)"', re.MULTILINE)
    imports = [found for code in MODULES.values() for found in pattern.findall(code)]
    assert imports
    for names, module in imports:
        for name in names.split(", "):
            assert re.search(rf"export (const|function|async function|class) {name}\b", MODULES[module]), name
    for text in (reading_script(["task"], ["runs"]), writing_script("runs")):
        assert re.findall(r"page/([\w.]+)'", text) == ["address.js"]
