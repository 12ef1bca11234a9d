"""A server with fake engines, and headless Chromium with a microphone that plays a file."""

from __future__ import annotations

import shutil
import urllib.request
import wave
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.browser.serving import ROOT, serving
from tests.browser.spoken_scripts import silence, speech, write_script

sync_api = pytest.importorskip("playwright.sync_api")

EXAMPLES = ROOT / "demos" / "examples"
SHOTS = Path(__file__).parent / "screenshots"
FAKE_MEDIA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[str]:
    """The page over fake engines that are ready at once."""
    log = tmp_path_factory.mktemp("server") / "log"
    with serving("-m", "tests.browser.serve", "{port}", log=log) as address:
        yield address


@pytest.fixture(scope="package")
def product(tmp_path_factory) -> Iterator[str]:
    """``app.py`` as a newcomer starts it, with two real engines that load while the page is already there."""
    with serving("app.py", "--port", "{port}", log=tmp_path_factory.mktemp("product") / "log") as address:
        yield address


class Visitor:
    """A page with the gestures of a visitor."""

    def __init__(self, page, address: str) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.set_default_timeout(20_000)
        page.goto(address)
        page.locator(".box textarea, .talk-tab, .evaluate").locator("visible=true").first.wait_for()
        page.locator(".engine").first.wait_for()

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    @property
    def box(self):
        return self.page.locator(".box:visible")

    @property
    def text(self):
        return self.page.locator(".box textarea:visible")

    @property
    def chat(self):
        return self.page.locator(".chat:visible")

    def attach(self, *names: str | Path) -> None:
        self.box.locator("input[type=file]").set_input_files([str(EXAMPLES / name) for name in names])
        self.box.locator(".thumbnail-item").nth(len(names) - 1).wait_for()

    def ask(self, text: str, *names: str | Path) -> None:
        if names:
            self.attach(*names)
        self.text.fill(text)
        self.text.press("Enter")

    def answered(self, count: int = 1, timeout: float = 20_000):
        """Wait for so many complete answers."""
        self.chat.locator(".facts").nth(count - 1).wait_for(timeout=timeout)

    def shot(self, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png")

    def width_beyond_screen(self) -> int:
        return self.page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.fixture(scope="package")
def chromium() -> Iterator:
    """Playwright's Chromium, to launch; its driver starts once."""
    assert CHROMIUM, "no Chromium is installed; on Debian: apt-get install chromium"
    with sync_api.sync_playwright() as play:
        yield partial(play.chromium.launch, executable_path=CHROMIUM)


@pytest.fixture(scope="package")
def shared_browser(chromium) -> Iterator:
    """One browser for all visitors that bring no sound; each gets a context of his own."""
    browser = chromium(args=["--no-sandbox", *FAKE_MEDIA])
    yield browser
    browser.close()


def microphone_file(name: str, folder: Path) -> Path:
    """One of the examples, or two seconds of silence, written into ``folder``."""
    if name != "silence.wav":
        return EXAMPLES / name
    with wave.open(str(folder / name), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(2 * 2 * 16_000))
    return folder / name


@pytest.fixture
def browser(request, chromium, tmp_path) -> Iterator:
    """The shared browser, or one whose microphone plays the file of the mark."""
    sound = request.node.get_closest_marker("microphone")
    if sound is None:
        yield request.getfixturevalue("shared_browser")
        return
    plays = f"--use-file-for-fake-audio-capture={microphone_file(sound.args[0], tmp_path)}"
    browser = chromium(args=["--no-sandbox", *FAKE_MEDIA, plays])
    yield browser
    browser.close()


@pytest.fixture
def visit(browser) -> Iterator:
    """Open an address as a visitor: ``visit(address, width=390, locale="zh-CN", scheme="dark")``."""
    visitors: list[Visitor] = []

    def enter(address: str, width: int = 1280, height: int = 860, locale: str = "en-US", scheme: str = "light"):
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale=locale, color_scheme=scheme, has_touch=width < 500
        )
        visitors.append(Visitor(context.new_page(), address))
        return visitors[-1]

    yield enter
    for visitor in visitors:
        visitor.page.context.close()
    assert not [error for visitor in visitors for error in visitor.errors]


REACH = """
window.AudioContext = class extends AudioContext { constructor(...all) { super(...all); window.context = this; } };
const tracksOf = MediaStream.prototype.getAudioTracks;
MediaStream.prototype.getAudioTracks = function () { return (window.tracks = tracksOf.call(this)); };
"""  # lets a test do to the page's sound what a browser may do
TALK_PATIENCE = 30_000  # ms


@pytest.fixture(scope="module")
def talk_server(tmp_path_factory) -> Iterator[str]:
    """The page with its tab Talk over fake engines."""
    log = tmp_path_factory.mktemp("talk") / "log"
    with serving("-m", "tests.browser.talk_serve", "{port}", log=log) as address:
        yield address


@pytest.fixture(scope="module")
def script(tmp_path_factory) -> Path:
    """A question, then another one into its answer."""
    parts = [silence(2.5), speech("ask_capital.wav"), silence(5), speech("ask_sky.wav"), silence(60)]
    return write_script(tmp_path_factory.mktemp("microphone") / "script.wav", *parts)


@pytest.fixture
def enter(talk_server, script, chromium) -> Iterator:
    """Open the tab: ``enter(width, scheme=..., locale=..., address=...)``; ``allowed=False`` refuses the microphone."""
    media = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={script}%noloop"]
    errors: list[str] = []
    browsers = []

    def open_tab(width=1280, height=900, scheme="light", locale="en-US", allowed=True, address=talk_server, tab="Talk"):
        flags = ["--no-sandbox", "--host-resolver-rules=MAP vita.test 127.0.0.1", *media]
        flags += ["--use-fake-ui-for-media-stream"] if allowed else ["--deny-permission-prompts"]
        browsers.append(chromium(args=flags))
        context = browsers[-1].new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale=locale, has_touch=width < 500
        )
        page = context.new_page()
        page.set_default_timeout(TALK_PATIENCE)
        page.add_init_script(REACH)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        page.get_by_role("tab", name=tab).click()
        page.locator(".vt-start").wait_for()
        return page

    yield open_tab
    for browser in browsers:
        browser.close()
    assert not errors


def engines(address: str) -> dict:
    """What the fake engines were asked: requests in flight, asked and aborted."""
    import json

    with urllib.request.urlopen(f"{address}/fake/engines") as answer:
        return json.load(answer)
