"""Links into the tab Evaluate, Back and Forward, and two runs side by side, over fake engines."""

from __future__ import annotations

import re

import pytest

from tests.browser.accessibility import accessibility_findings
from tests.browser.evaluation_bench import Bench, kept_results
from tests.browser.serving import serving

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect
expect.set_options(timeout=20_000)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with two runs of one model that differ in their seed, and so in their answers."""
    return kept_results(tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def address(kept, tmp_path_factory):
    """A server that shows these runs."""
    log = tmp_path_factory.mktemp("server") / "log"
    with serving("-m", "tests.browser.serve", "{port}", "0", str(kept.root), log=log) as address:
        yield address


@pytest.fixture
def desk(address, visit):
    """The tab as a visitor finds it."""
    return Bench(visit(f"{address}/?tab=evaluate"))


def test_the_tab_opens_on_what_there_is_and_folds_the_form(desk, kept):
    page = desk.page
    expect(page.locator(".ev-row")).to_have_count(2)
    expect(page.locator(".ev-row.main")).to_contain_text("seed 1")
    expect(page.locator("#evaluate-start")).not_to_be_visible()
    parts = ["#evaluate-new", ".ev-list", ".ev-run", ".ev-board"]
    order = [page.locator(part).first.bounding_box()["y"] for part in parts]
    assert order[0] < order[1] < order[3], "the folded form, the runs, the results"
    assert abs(order[1] - order[2]) < 60, "the run stands beside the list"
    assert order[3] < 860, "results begin on the first screen"
    page.get_by_role("button", name="New run").click()
    expect(page.locator("#evaluate-start")).to_be_visible()
    page.wait_for_url(re.compile(r"runs=simulated/run_"))
    desk.visitor.shot("evaluate-first")


def test_choosing_and_comparing_runs_are_steps_that_back_walks(desk, kept):
    page = desk.page
    newest, oldest = kept.ids
    expect(page.locator("#evaluate-progress")).to_contain_text("seed 1")
    page.wait_for_url(f"**runs={newest}*")
    page.locator(".ev-row").nth(1).locator(".ev-pick").click()
    expect(page.locator(".ev-row").nth(1).locator(".ev-pick")).to_have_attribute("aria-current", "true")
    expect(page.locator("#evaluate-progress")).not_to_contain_text("seed 1")
    page.wait_for_url(f"**runs={oldest}*")
    page.get_by_role("link", name="Compare: simulated · seed 1").click()
    expect(page.locator(".ev-row.shown")).to_have_count(1)
    expect(page.locator(".ev-table thead th", has_text="seed 1").first).to_be_visible()
    assert page.url.count("runs=") == 2
    page.go_back()
    expect(page.locator(".ev-row.shown")).to_have_count(0)
    expect(page.locator(".ev-row.main")).not_to_contain_text("seed 1")
    page.go_back()
    expect(page.locator(".ev-row.main")).to_contain_text("seed 1")
    page.go_forward()
    expect(page.locator(".ev-row.main")).not_to_contain_text("seed 1")


def test_a_link_opens_runs_filters_and_a_sample(address, visit, kept):
    newest, oldest = kept.ids
    link = f"{address}/?tab=evaluate&board=samples&runs={newest}&task=mme_bundled"
    link += f"&show=differs&against={oldest}&sample={kept.differing}"
    visitor = visit(link)
    page = visitor.page
    card = page.locator(".ev-card.ev-named")
    expect(card).to_contain_text(f"#{kept.differing}")
    expect(card).to_be_in_viewport()
    expect(card.locator(".ev-pair > div")).to_have_count(2)
    assert card.locator("mark").count() >= 1
    expect(page.locator("#evaluate-show input:checked")).to_have_value("differs")
    visitor.shot("evaluate-compared")
    page.get_by_label("Search").fill(f"#{kept.differing}")
    page.get_by_label("Search").press("Enter")
    expect(page.locator(".ev-card")).to_have_count(1)
    page.wait_for_url(re.compile(rf"find=%23{kept.differing}"))
    assert "sample=" not in page.url
    page.reload()
    expect(page.locator(".ev-card")).to_have_count(1)
    expect(page.get_by_label("Search")).to_have_value(f"#{kept.differing}")


def test_a_samples_own_link_names_it(address, visit, kept):
    visitor = visit(f"{address}/?tab=evaluate&board=samples&task=mme_bundled")
    page = visitor.page
    page.get_by_role("link", name="Sample 2: its own address").click()
    page.wait_for_url("**sample=2*")
    expect(page.locator(".ev-card.ev-named")).to_contain_text("#2")
    page.locator("#evaluate-next").click()
    expect(page.locator(".ev-card.ev-named")).to_have_count(0)
    page.wait_for_function("!location.search.includes('sample=')")


def test_answers_that_differ_are_found_whatever_they_scored(desk, kept):
    page = desk.page
    desk.open("Samples")
    page.locator("#evaluate-task input").click()
    page.get_by_role("option", name="MME (bundled)", exact=True).click()
    note = page.locator("#evaluate-samples .ev-note")
    expect(note).to_have_text("1–6 of 16")
    for name in ("Better", "Worse", "Answer differs"):
        page.get_by_label(name, exact=True).check()
        count = kept.counts[name]
        expect(note).to_have_text(re.compile(rf"of {count}$" if count else "^No samples"))


def test_settings_of_two_runs_show_what_differs(address, visit, kept):
    newest, oldest = kept.ids
    visitor = visit(f"{address}/?tab=evaluate&board=settings&runs={newest}&runs={oldest}")
    table = visitor.page.locator("#evaluate-settings table")
    expect(table.locator("tbody tr").nth(0)).to_contain_text("What differs")
    expect(table.locator("tbody tr").nth(1)).to_contain_text(re.compile(r"Seed\s*1\s*0"))
    expect(table.locator("tbody tr").nth(2)).to_contain_text("The same for all")


def test_a_run_is_named_deleted_and_had_back(desk, kept):
    page = desk.page
    page.get_by_role("button", name="Name, note, delete").click()
    page.locator("#evaluate-name input, #evaluate-name textarea").fill("With another seed")
    page.locator("#evaluate-note textarea").fill("Only to compare.")
    page.locator("#evaluate-save").click()
    expect(page.locator(".ev-row.main")).to_contain_text("With another seed · seed 1")
    expect(page.locator(".ev-noted")).to_have_text("Only to compare.")
    expect(page.locator(".ev-table thead")).to_contain_text("With another seed")
    page.locator("#evaluate-delete").click()
    expect(page.locator(".ev-row")).to_have_count(1)
    page.locator("#evaluate-undo").click()
    expect(page.locator(".ev-row")).to_have_count(2)
    expect(page.locator(".ev-row.main")).to_contain_text("With another seed")


def test_a_saved_chart_and_table_have_the_runs_name(desk):
    page = desk.page
    chart = page.locator(".js-plotly-plot").locator("visible=true").first
    chart.hover()
    with page.expect_download() as download:
        chart.locator('.modebar-btn[data-title*="png" i]').click()
    assert re.fullmatch(r"scores_.*seed-1\.png", download.value.suggested_filename)
    expect(chart.locator(".main-svg").first).to_have_attribute("aria-label", re.compile("Scores.*MMLU"))
    desk.open("Export")
    with page.expect_download() as download:
        page.get_by_role("button", name="Table").click()
    assert re.fullmatch(r"results_.*seed-1\.csv", download.value.suggested_filename)


def test_charts_speak_chinese(address, visit):
    visitor = visit(f"{address}/?tab=evaluate", locale="zh-CN")
    chart = visitor.page.locator(".js-plotly-plot").locator("visible=true").first
    expect(chart).to_contain_text("内置题目，并非基准本身")
    expect(chart.locator(".main-svg").first).to_have_attribute("aria-label", re.compile("得分"))
    visitor.page.get_by_role("tab", name="能力", exact=True).click()
    radar = visitor.page.locator(".js-plotly-plot").locator("visible=true").filter(has_text="语音识别")
    expect(radar.first).to_contain_text("交互")
    visitor.shot("evaluate-chinese-radar")


def test_on_a_phone_the_tables_scroll_with_the_tasks_in_view(address, visit, kept):
    newest, oldest = kept.ids
    visitor = visit(f"{address}/?tab=evaluate&runs={newest}&runs={oldest}", width=390)
    table = visitor.page.locator(".ev-part .ev-scroll").locator("visible=true").first
    table.scroll_into_view_if_needed()
    assert visitor.width_beyond_screen() <= 0
    assert table.evaluate("(part) => part.scrollWidth > part.clientWidth")
    table.evaluate("(part) => { part.scrollLeft = 150; }")
    head = table.locator("tbody th").first
    expect(head).to_be_in_viewport()
    assert abs(head.bounding_box()["x"] - table.bounding_box()["x"]) < 2
    visitor.shot("evaluate-phone-table")


@pytest.mark.parametrize("board", ["scores", "samples&task=mme_bundled&show=differs", "settings"])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_runs_and_results_have_no_serious_finding_of_axe(address, visit, kept, board, width, scheme):
    newest, oldest = kept.ids
    link = f"{address}/?tab=evaluate&runs={newest}&runs={oldest}&board={board}"
    page = visit(link, width=width, scheme=scheme).page
    expect(page.locator(".ev-row.shown")).to_have_count(1)
    page.locator(".ev-table, .ev-card").locator("visible=true").first.wait_for()
    assert accessibility_findings(page) == []
