"""What axe-core finds in the page, and what it can't see: names, folds and focus."""

from __future__ import annotations

import pytest

from demos.i18n.chinese.gradio_chinese import OWN_NAMES_CHINESE
from tests.browser.accessibility import accessibility_findings
from tests.browser.conftest import ROOT

pytestmark = pytest.mark.browser
TABS = ("Image", "Video", "Audio", "Talk", "Evaluate")
SCREENS = {
    "wide light": (1440, "light"),
    "wide dark": (1440, "dark"),
    "narrow light": (390, "light"),
    "narrow dark": (390, "dark"),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_no_tab_has_a_serious_finding(screen, visit, server):
    width, scheme = SCREENS[screen]
    visitor = visit(server, width=width, scheme=scheme)
    visitor.page.locator(".example:visible").first.click()
    visitor.answered()
    visitor.chat.locator(".saw summary").click()
    findings = {"answered": accessibility_findings(visitor.page)}
    for tab in TABS:
        visitor.tab(tab)
        visitor.page.locator("[role=tabpanel]:visible").last.wait_for()
        closed = visitor.page.locator("button.label-wrap:visible:not(.open)")
        while closed.count():
            closed.first.click()
        findings[tab] = accessibility_findings(visitor.page)
    assert not {tab: found for tab, found in findings.items() if found}


def test_a_fold_says_whether_it_is_open_and_a_preview_what_it_does(visit, server):
    visitor = visit(server)
    fold = visitor.page.get_by_role("button", name="Settings").first
    assert fold.get_attribute("aria-expanded") == "false"
    fold.click()
    visitor.page.locator("button.label-wrap[aria-expanded=true]").wait_for()
    visitor.page.locator(".example:visible").first.click()
    visitor.answered()
    visitor.chat.get_by_role("button", name="Enlarge the picture").wait_for()
    visitor.chat.get_by_role("button", name="Copy code").wait_for()


def test_the_pages_own_names_are_those_that_its_script_gives():
    script = (ROOT / "demos" / "static" / "page.js").read_text()
    assert all(f'"{name}"' in script for name in OWN_NAMES_CHINESE)
