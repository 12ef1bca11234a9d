"""Takes the pictures in ``docs/`` of the page with real engines: ``python -m tests.browser.take_screenshots [FOLDER]``.

About four minutes on two cores. Answers are VITA-Nano's own.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.browser.serving import ROOT, serving

LOADED, ANSWERED, MEASURED = 180_000, 120_000, 400_000  # ms of patience
FAKE_MEDIA = ("--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 820}, "locale": "en-US", "color_scheme": "light"}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "locale": "zh-CN",
    "color_scheme": "dark",
    "has_touch": True,
}


def open_page(browser: Browser, address: str, **context: Any) -> Any:
    """The page with ready engines, in a profile of its own."""
    page = browser.new_context(**context).new_page()
    page.goto(address)
    page.locator(".engine.ready").nth(1).wait_for(timeout=LOADED)
    return page


def take_image(browser: Browser, address: str, folder: Path) -> None:
    """A photo and a question, answered; then the drawer with conversations."""
    page = open_page(browser, address, **WIDE)
    page.locator(".example:visible").nth(1).click()
    page.locator(".chat:visible .facts").first.wait_for(timeout=ANSWERED)
    page.locator(".chat:visible .saw summary").click()
    page.wait_for_timeout(800)
    page.screenshot(path=folder / "page.png")


def take_talk(browser: Browser, address: str, folder: Path) -> None:
    """A spoken question that is interrupted by another one."""
    page = open_page(browser, address, **WIDE)
    page.get_by_role("tab", name="Talk").click()
    page.get_by_role("button", name="A question, interrupted").click()
    page.get_by_text("Paris").first.wait_for(timeout=ANSWERED)
    page.wait_for_timeout(4000)
    page.screenshot(path=folder / "talk.png")


def take_evaluation(browser: Browser, address: str, folder: Path) -> None:
    """A run over bundled items, with its charts."""
    page = open_page(browser, address, **WIDE)
    page.get_by_role("tab", name="Evaluate").click()
    fold = page.get_by_role("button", name="New run")
    if fold.get_attribute("aria-expanded") == "false":
        fold.click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.locator(".js-plotly-plot:visible").first.wait_for(timeout=MEASURED)
    if fold.get_attribute("aria-expanded") == "true":
        fold.click()
    page.wait_for_timeout(2500)
    page.screenshot(path=folder / "evaluate.png")


def take_phone(browser: Browser, address: str, folder: Path) -> None:
    """A spoken question on a phone, dark and in Chinese."""
    page = open_page(browser, address, **PHONE)
    page.get_by_role("tab").nth(2).click()
    page.locator(".example:visible").first.click()
    page.locator(".chat:visible .facts").first.wait_for(timeout=ANSWERED)
    page.wait_for_timeout(800)
    page.screenshot(path=folder / "phone.png")


def main(folder: Path) -> None:
    """Take all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as play:
        command = ("app.py", "--port", "{port}", "--results", str(Path(scratch) / "results"))
        with serving(*command, log=Path(scratch) / "log") as address:
            browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=list(FAKE_MEDIA))
            for take in (take_image, take_talk, take_phone, take_evaluation):
                take(browser, address, folder)
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs")
