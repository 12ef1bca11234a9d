"""The page over fake engines, as a visitor with a mouse, a keyboard, a phone, a camera and a microphone uses it."""

from __future__ import annotations

import re
import time

import pytest

from tests.browser.conftest import EXAMPLES, engines
from tests.browser.serving import serving

pytestmark = pytest.mark.browser


def until(condition, patience=10.0):
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_uploaded_picture_is_answered_with_badge_facts_and_highlighted_code(server, visit):
    visitor = visit(server)
    visitor.shot("desk-empty")
    visitor.ask("What animal is this?", "cat.jpg")
    visitor.answered()
    assert visitor.chat.locator(".badge").inner_text() == "query by text"
    assert visitor.chat.locator("strong", has_text="tabby cat").is_visible()
    assert visitor.chat.locator("pre code .token").count() > 3
    facts = visitor.chat.locator(".facts").inner_text()
    for fact in ("s to first token", "tokens/s", "image 49", "engine-a"):
        assert fact in facts
    assert visitor.text.input_value() == ""
    visitor.chat.locator("details.saw summary").click()
    assert visitor.chat.locator(".tiles img").is_visible()
    visitor.shot("desk-answered")


def test_several_pictures_go_in_one_question_and_stay_in_context(server, visit):
    visitor = visit(server)
    visitor.ask("What are these?", "cat.jpg", "coffee.jpg")
    visitor.answered()
    assert "image 98" in visitor.chat.locator(".facts").first.inner_text()
    visitor.ask("count the turns")
    visitor.answered(2)
    assert visitor.chat.get_by_text("Turns so far: 3.").is_visible()
    assert "image 98" in visitor.chat.locator(".facts").last.inner_text()


def test_every_example_answers_with_one_click(server, visit):
    visitor = visit(server)
    for tab, wanted in (("Image", 3), ("Video", 3), ("Audio", 3)):
        visitor.tab(tab)
        examples = visitor.page.locator("button.example:visible")
        assert examples.count() == wanted
        for number in range(wanted):
            asked = engines(server)["requests"]
            examples.nth(number).click()
            until(lambda asked=asked: engines(server)["requests"] == asked + 1 and not engines(server)["load"])
            visitor.answered()


def test_a_clip_shows_the_frames_that_the_model_saw(server, visit):
    visitor = visit(server)
    visitor.tab("Video")
    visitor.ask("What happens?", "traffic_light.mp4")
    visitor.answered()
    visitor.chat.locator("details.saw summary").click()
    assert visitor.chat.locator(".frame img").count() == 6
    visitor.shot("desk-video")


def test_noise_gets_a_badge_and_a_sentence_and_no_answer(server, visit):
    visitor = visit(server)
    visitor.tab("Audio")
    visitor.page.locator("button.example:visible").nth(2).click()
    visitor.answered()
    assert visitor.chat.locator(".badge").inner_text() == "not addressed to me"
    assert visitor.chat.get_by_text("no question to me").is_visible()
    visitor.shot("desk-noise")


def test_a_photo_is_taken_by_camera(server, visit):
    visitor = visit(server)
    visitor.page.get_by_role("button", name="Camera").locator("visible=true").click()
    camera = visitor.page.locator(".camera:visible")
    camera.get_by_text("Webcam").click()
    visitor.page.wait_for_function("[...document.querySelectorAll('.camera video')].some(v => v.videoWidth > 0)")
    camera.get_by_label("capture photo").click()
    camera.get_by_label("Remove Image").wait_for()
    camera.get_by_role("button", name="Add to the question").click()
    visitor.box.locator(".thumbnail-item").wait_for()
    visitor.ask("Who is this?")
    visitor.answered()
    assert "image 49" in visitor.chat.locator(".facts").inner_text()


PUT = """async ([selector, kind, url]) => {
  const blob = await (await fetch(url)).blob();
  const data = new DataTransfer();
  data.items.add(new File([blob], "cat.jpg", { type: "image/jpeg" }));
  const target = document.querySelector(selector);
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
    : new DragEvent("drop", { dataTransfer: data, bubbles: true });
  target.dispatchEvent(event);
}"""


@pytest.mark.parametrize(
    ("kind", "selector"),
    [("paste", "#image-box textarea"), ("drop", "#image-box [role=group]"), ("drop", "#image-chat"), ("paste", "body")],
    ids=["paste", "drop", "drop beside the box", "paste beside the box"],
)
def test_a_picture_is_pasted_or_dropped(server, visit, kind, selector):
    visitor = visit(server)
    source = visitor.page.locator("button.example:visible img").first.get_attribute("src")
    visitor.page.evaluate(PUT, [selector, kind, source])
    visitor.box.locator(".thumbnail-item").wait_for()
    visitor.ask("What is it?")
    visitor.answered()
    assert "image 49" in visitor.chat.locator(".facts").inner_text()


def test_enter_sends_and_escape_stops_and_the_engine_hears_of_it(server, visit):
    visitor = visit(server)
    aborted = engines(server)["aborts"]
    visitor.ask("Write something long")
    visitor.chat.get_by_text("word word").wait_for()
    visitor.shot("desk-answering")
    visitor.page.keyboard.press("Escape")
    visitor.answered()
    assert "stopped" in visitor.chat.locator(".facts").inner_text()
    assert engines(server)["aborts"] == aborted + 1
    assert engines(server)["load"] == 0


def test_a_closed_tab_aborts_its_answer(server, visit):
    visitor = visit(server)
    visitor.ask("Write something long")
    visitor.chat.get_by_text("word word").wait_for()
    assert engines(server)["load"] == 1
    visitor.page.close()
    until(lambda: engines(server)["load"] == 0, patience=4)


def test_a_lost_connection_aborts_its_answer(server, visit):
    visitor = visit(server)
    visitor.ask("Write something long")
    visitor.chat.get_by_text("word word").wait_for()
    visitor.page.goto("about:blank")
    until(lambda: engines(server)["load"] == 0, patience=4)


def test_retry_undo_copy_and_clear(server, visit):
    visitor = visit(server)
    visitor.ask("count one")
    visitor.answered()
    visitor.ask("count two", "cat.jpg")
    visitor.answered(2)
    asked = engines(server)["requests"]
    visitor.chat.get_by_label("Retry").click()
    until(lambda: engines(server)["requests"] == asked + 1)
    visitor.answered(2)
    visitor.chat.get_by_label("Undo").last.click()
    until(lambda: visitor.text.input_value() == "count two")
    assert visitor.box.locator(".thumbnail-item").count() == 1
    assert visitor.chat.locator(".facts").count() == 1
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.chat.get_by_label("Copy message").last.click()
    assert visitor.page.evaluate("navigator.clipboard.readText()") == "Turns so far: 1."
    visitor.chat.get_by_label("Clear").click()
    visitor.chat.get_by_text("Ask about a picture").wait_for()
    assert visitor.text.input_value() == "count two"


def test_a_bad_file_is_one_sentence_and_leaves_the_question_where_it_was(server, visit, tmp_path):
    (tmp_path / "broken.png").write_text("I am no picture.")
    visitor = visit(server)
    asked = engines(server)["requests"]
    visitor.attach(tmp_path / "broken.png")
    visitor.ask("What is it?")
    visitor.page.get_by_test_id("toast-body").wait_for()
    assert visitor.text.input_value() == "What is it?"
    assert visitor.box.locator(".thumbnail-item").count() == 1
    assert visitor.chat.get_by_text("Ask about a picture").is_visible()
    assert engines(server)["requests"] == asked
    visitor.shot("desk-error")


def test_an_engine_that_fails_gives_the_question_back(server, visit):
    visitor = visit(server)
    visitor.ask("Please fail")
    visitor.page.get_by_test_id("toast-body").wait_for()
    until(lambda: visitor.text.input_value() == "Please fail")
    assert "The engine failed" in visitor.page.get_by_test_id("toast-body").inner_text()


def test_a_question_waits_while_the_engines_load(visit, tmp_path):
    with serving("-m", "tests.browser.serve", "{port}", "6", log=tmp_path / "log") as address:
        visitor = visit(address)
        visitor.ask("count the turns")
        visitor.chat.get_by_text("still loading").wait_for()
        assert visitor.page.locator(".engine.loading .bar b").count() == 2
        visitor.shot("desk-loading")
        visitor.answered()
        visitor.page.locator(".engine.ready").nth(1).wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_never_scrolls_sideways(server, visit, scheme):
    visitor = visit(server, width=390, height=844, scheme=scheme)
    visitor.shot(f"phone-{scheme}-empty")
    for tab in ("Image", "Video", "Audio"):
        visitor.tab(tab)
        assert visitor.width_beyond_screen() <= 0
        visitor.page.locator("button.example:visible").first.click()
        visitor.answered()
        visitor.chat.locator("details.saw summary").click()
        visitor.page.wait_for_timeout(300)
        assert visitor.width_beyond_screen() <= 0
        visitor.shot(f"phone-{scheme}-{tab}")
    visitor.page.get_by_role("button", name="Settings").locator("visible=true").first.click()
    assert visitor.width_beyond_screen() <= 0


def test_the_page_speaks_chinese_to_a_chinese_browser(server, visit):
    visitor = visit(server, locale="zh-CN", scheme="dark")
    assert visitor.page.get_by_role("tab").all_inner_texts()[:3] == ["图像", "视频", "音频"]
    visitor.text.press("Enter")
    toast = visitor.page.get_by_test_id("toast-body")
    toast.wait_for()
    assert "还没有问题" in toast.inner_text()
    visitor.page.wait_for_function(NAMES_CHANGED)
    assert ENGLISH.search(" ".join(visitor.page.evaluate(NAMED))) is None
    visitor.page.locator("button.example:visible").first.click()
    visitor.answered()
    assert visitor.chat.locator(".badge").inner_text() == "文字提问"
    visitor.shot("desk-dark-chinese")


NAMES_CHANGED = "document.querySelector('.box [aria-label=上传文件]')"
NAMED = (
    "[...document.querySelectorAll('.box [aria-label], .chat [aria-label]')].map((e) => e.getAttribute('aria-label'))"
)
ENGLISH = re.compile("[A-Za-z]{3}")


def test_everything_is_reached_by_keyboard(server, visit):
    visitor = visit(server)
    visitor.page.locator("body").press("Tab")
    names = []
    for _ in range(24):
        names.append(visitor.page.evaluate(NAME))
        visitor.page.keyboard.press("Tab")
    order = [next((n for n, name in enumerate(names) if re.search(word, name)), None) for word in FOCUS]
    assert None not in order, names
    assert order == sorted(order), names


NAME = "(e => e.getAttribute('aria-label') || e.innerText || e.placeholder || e.tagName)(document.activeElement)"
FOCUS = ("Image", "Upload a file", "Ask", "Submit", "Ask by voice", "What animal", "Camera", "Settings")


def test_examples_ship_with_their_licences():
    named = (EXAMPLES / "LICENCES.md").read_text()
    for path in EXAMPLES.iterdir():
        assert path.suffix == ".md" or path.name.startswith(("icon_", "ask_")) or f"`{path.name}`" in named
