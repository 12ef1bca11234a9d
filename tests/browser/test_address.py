"""Links, Back and Forward in a real browser: the address names what the page shows."""

from __future__ import annotations

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect
expect.set_options(timeout=20_000)

pytestmark = pytest.mark.browser

PARENT = "https://huggingface.co"


def shown(page, name: str) -> None:
    """Wait until a tab is the open one."""
    expect(page.locator(f'[role=tab][data-tab-id="tab.{name}"]')).to_have_attribute("aria-selected", "true")


@pytest.mark.parametrize(("name", "locale"), [("talk", "en-US"), ("evaluate", "zh-CN"), ("image", "en-US")])
def test_a_link_opens_its_tab(server, visit, name, locale):
    page = visit(f"{server}/?tab={name}", locale=locale).page
    shown(page, name)
    assert f"tab={name}" in page.url


def test_a_link_to_a_tab_that_is_no_more_opens_the_first(server, visit):
    page = visit(f"{server}/?tab=nonsense&__theme=dark").page
    shown(page, "image")
    assert page.url.endswith("?tab=nonsense&__theme=dark")


def test_choosing_tabs_makes_steps_that_back_and_forward_walk(server, visit):
    visitor = visit(server)
    page = visitor.page
    for name in ("Audio", "Talk", "Evaluate"):
        visitor.tab(name)
        shown(page, name.lower())
        page.wait_for_url(f"**/?tab={name.lower()}")
    for name in ("talk", "audio", "image"):
        page.go_back()
        shown(page, name)
    assert "tab=" not in page.url
    for name in ("audio", "talk"):
        page.go_forward()
        shown(page, name)
    page.reload()
    shown(page, "talk")


def test_what_was_typed_is_there_after_back_and_forward(server, visit):
    visitor = visit(server)
    visitor.text.fill("a question that is not sent yet")
    visitor.tab("Audio")
    shown(visitor.page, "audio")
    visitor.page.go_back()
    shown(visitor.page, "image")
    expect(visitor.text).to_have_value("a question that is not sent yet")


def test_a_phone_whose_tabs_are_in_a_menu_follows_its_address_too(server, visit):
    page = visit(f"{server}/?tab=evaluate", width=390).page
    page.locator(".evaluate").locator("visible=true").wait_for()


def test_in_a_frame_of_another_site_the_address_is_followed_and_told(server, chromium):
    frame = "<script>addEventListener('message', (told) => (window.told = told.data))</script>"
    frame += f"<iframe src='{server}/?tab=audio' width=1200 height=800></iframe>"
    browser = chromium(
        args=["--no-sandbox", "--disable-features=LocalNetworkAccessChecks"]
    )  # the server is on this host
    page = browser.new_page()
    page.route(f"{PARENT}/**", lambda route: route.fulfill(body=frame, content_type="text/html"))
    page.goto(f"{PARENT}/spaces/me/vita")
    inner = page.frame_locator("iframe")
    tab = inner.locator('[role=tab][data-tab-id="tab.audio"]')
    expect(tab).to_have_attribute("aria-selected", "true", timeout=20_000)
    inner.get_by_role("tab", name="Talk").click()
    page.wait_for_function("window.told?.queryString === 'tab=talk'")
    page.evaluate("history.back()")  # the frame's step, not the page's own, which playwright would wait for
    expect(tab).to_have_attribute("aria-selected", "true")
    browser.close()
