"""The tab Evaluate in a real browser, from start to chart, over fake engines."""

from __future__ import annotations

import pytest

from tests.browser.evaluation_bench import Bench
from tests.browser.serving import serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A server of its own, whose runs nobody else sees."""
    log = tmp_path_factory.mktemp("server") / "log"
    results = str(tmp_path_factory.mktemp("results"))
    with serving("-m", "tests.browser.serve", "{port}", "0", results, log=log) as address:
        yield address


def test_a_run_goes_from_start_to_chart(address, visit):
    bench = Bench(visit(address))
    page = bench.page
    assert "No run yet" in bench.progress.inner_text()
    page.get_by_text("No results yet").wait_for()
    page.get_by_text("6 tasks, 42 items").wait_for()
    bench.visitor.shot("evaluate-empty")
    page.locator("#evaluate-start").click()
    bench.phase("running")
    page.get_by_role("button", name="Stop").locator("visible=true").click()
    bench.phase("stopped")
    page.reload()
    again = Bench(bench.visitor)
    again.phase("stopped")
    again.page.get_by_role("button", name="Resume").click()
    again.phase("running")
    again.visitor.shot("evaluate-running")
    again.phase("done")
    assert "42 of 42" in again.progress.inner_text()
    again.page.locator(".ev-table th", has_text="LibriSpeech test-clean ↓").wait_for()
    again.drawn(".barlayer .point")
    again.page.locator(".js-plotly-plot").locator("visible=true").first.hover()
    assert again.page.locator('.modebar-btn[data-title*="png" i]').count()
    again.visitor.shot("evaluate-scores")


def test_every_part_of_the_results_is_there(address, visit):
    bench = Bench(visit(address))
    page = bench.page
    bench.phase("done")
    for tab, drawn in (
        ("Abilities", ".scatterlayer .trace"),
        ("Parts", ".barlayer .point"),
        ("State tokens", ".heatmaplayer"),
        ("Speed", ".barlayer .point"),
    ):
        bench.open(tab)
        bench.drawn(drawn)
        bench.visitor.shot(f"evaluate-{tab.split()[0].lower()}")
    bench.open("Samples")
    page.get_by_text("1–6 of 6").wait_for()
    page.locator("#evaluate-task input").click()
    page.get_by_role("option", name="MME (bundled)", exact=True).click()
    page.get_by_text("1–6 of 16").wait_for()
    assert page.locator(".ev-card img").count() == 6
    page.locator("#evaluate-next").click()
    page.get_by_text("7–12 of 16").wait_for()
    page.get_by_label("Failed").check()
    page.get_by_text("No samples to show here").wait_for()
    page.get_by_label("Wrong").check()
    page.locator(".ev-card .ev-chip").first.wait_for()
    bench.visitor.shot("evaluate-samples")
    bench.open("Export")
    for name, end in (("Table", ".csv"), ("Charts", ".html"), ("Run with", ".zip")):
        with page.expect_download() as download:
            page.get_by_role("button", name=name).click()
        assert download.value.suggested_filename.endswith(end)


def test_a_phone_in_the_dark_shows_all_of_it(address, visit):
    bench = Bench(visit(address, width=390, scheme="dark"))
    bench.phase("done")
    bench.drawn(".barlayer .point")
    assert bench.visitor.width_beyond_screen() <= 0
    bench.page.locator(".ev-board").scroll_into_view_if_needed()
    bench.visitor.shot("evaluate-phone-dark")


def test_the_tab_speaks_chinese(address, visit):
    visitor = visit(address, locale="zh-CN")
    visitor.page.get_by_role("tab", name="评测").click()
    visitor.page.locator('.ev-run[data-phase="done"]').get_by_text("已完成").wait_for()
    visitor.page.get_by_role("button", name="新的评测").click()
    visitor.page.get_by_role("button", name="开始").wait_for()
    visitor.shot("evaluate-chinese")


def test_conversations_are_held_with_the_pages_own_server_and_can_be_heard(address, visit):
    bench = Bench(visit(address))
    page = bench.page
    page.get_by_role("button", name="New run").click()
    page.locator("#evaluate-kind").get_by_text("Live conversations").click()
    page.get_by_text("2 tasks, 4 items").wait_for()
    page.get_by_label("Items of each task").fill("1")
    page.get_by_label("Items of each task").blur()
    page.get_by_text("2 tasks, 2 items").wait_for()
    page.locator("#evaluate-start").click()
    bench.phase("running")
    bench.phase("done", timeout=180_000)  # in real time, after whatever else the machine does
    bench.open("Samples")
    page.locator(".ev-lane.user .voice").first.wait_for()
    assert page.locator(".ev-media audio").count() == 1
    page.wait_for_function("document.querySelector('.ev-media audio').duration > 5")
    bench.visitor.shot("evaluate-conversation")
