"""The measurement of how soon the page can be used, with a server whose engines are simulated."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest

from evals import page_benchmark
from vita.errors import SettingsError

pytestmark = pytest.mark.browser


def measured(model: str) -> dict:
    with ThreadPoolExecutor(1) as thread:  # another event loop than that of the other tests' browser
        return thread.submit(asyncio.run, page_benchmark.measure_page(model)).result()


def test_each_visit_of_the_page_is_timed_until_a_question_can_be_typed(server, monkeypatch):
    @asynccontextmanager
    async def ready_server(model):
        assert model == "nano"
        yield server

    monkeypatch.setattr(page_benchmark, "_page_server", ready_server)
    monkeypatch.setattr(page_benchmark, "VISITS", 2)
    found = measured("nano")
    assert len(found["page_visits_s"]) == 2
    assert min(found["page_visits_s"]) <= found["page_interactive_s"] <= max(found["page_visits_s"])
    assert found["page_visits_while_loading"] == 0, "these engines are ready"
    assert 100_000 < found["page_bytes"] < 8_000_000


def test_a_server_that_ends_and_a_missing_browser_are_told(monkeypatch):
    monkeypatch.setattr(page_benchmark, "PATIENCE", 30.0)
    monkeypatch.setattr(page_benchmark.sys, "executable", "false")
    with pytest.raises(SettingsError, match=r"start app\.py to see why"):
        measured("nano")
    monkeypatch.setattr(page_benchmark, "CHROMIUM", ("no-such-browser",))
    with pytest.raises(SettingsError, match=r"apt-get install chromium"):
        measured("nano")
