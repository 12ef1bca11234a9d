"""A watch over both real engines with the embedded checkpoint, whose camera shows a cat, then a cup of coffee."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageOps

from tests.browser.conftest import EXAMPLES, SHOTS

pytestmark = [pytest.mark.engine, pytest.mark.browser]

READY = 400_000  # ms until both engines are loaded, on two busy cores
SEEN = 120_000  # ms until what is in half of the clip was seen twice
FRAMES = 30 * 12  # of each picture: 12 s, and then the clip begins again


def jpeg_of(name: str) -> bytes:
    file = io.BytesIO()
    ImageOps.fit(Image.open(EXAMPLES / name).convert("RGB"), (320, 240)).save(file, "JPEG", quality=85)
    return file.getvalue()


@pytest.fixture
def page(product, chromium, tmp_path):
    clip = tmp_path / "camera.mjpeg"
    clip.write_bytes(jpeg_of("cat.jpg") * FRAMES + jpeg_of("coffee.jpg") * FRAMES)
    flags = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    browser = chromium(args=[*flags, f"--use-file-for-fake-video-capture={clip}"])
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(product)
    yield page
    browser.close()


def watch(page, wanted: str) -> None:
    page.get_by_label("What to watch for").fill(wanted)
    page.get_by_role("button", name="Watch", exact=True).click()


def test_the_embedded_model_tells_of_a_cup_of_coffee_and_refuses_people(page):
    page.locator(".engine.ready").nth(1).wait_for(timeout=READY)
    page.get_by_role("tab", name="Talk").click()
    page.get_by_role("button", name="Start talking").click()
    page.get_by_role("button", name="Mute").click()
    page.locator(".vt-watch").wait_for()
    watch(page, "somebody comes in")
    page.get_by_text("This model cannot recognise people yet.").wait_for()
    watch(page, "a cup of coffee")
    page.locator(".vt-watched b", has_text="a cup of coffee").wait_for()
    seen = page.locator(".vt-turn.remark.seen")
    seen.wait_for(timeout=SEEN)
    answer = page.locator(".vt-turn.vita p").last
    answer.filter(has_text="espresso").or_(answer.filter(has_text="coffee")).wait_for(timeout=SEEN)
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / "talk-watch-real.png", full_page=True)
