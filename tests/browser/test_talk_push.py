"""Push to talk: a question is what is said while a button, or the space bar, is held."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser.accessibility import accessibility_findings
from tests.browser.spoken_scripts import silence, speech, write_script
from tests.browser.test_talk import asks, phase, shot
from tests.browser.test_talk_ways import LOUD

pytestmark = pytest.mark.browser

SILENT = """
navigator.mediaDevices.getUserMedia = async () => new AudioContext().createMediaStreamDestination().stream;
"""  # a microphone that is switched off at its cable


@pytest.fixture(scope="module")
def script(tmp_path_factory) -> Path:
    """A question again and again, after a silence."""
    question = (silence(1), speech("ask_capital.wav"))
    return write_script(tmp_path_factory.mktemp("microphone") / "script.wav", silence(3), *20 * question)


def hold_while_spoken(page, press, release) -> None:
    """Hold until some of the question was heard."""
    press()
    page.wait_for_function(LOUD)
    page.wait_for_timeout(800)
    release()


def test_a_question_is_asked_while_a_button_or_the_space_bar_is_held_and_at_no_other_time(enter):
    page = enter()
    page.get_by_text("Push to talk").click()
    page.get_by_role("button", name="Start talking").click()
    phase(page, "Hold the button and speak")
    button = page.get_by_role("button", name="Hold to talk")
    button.hover()
    hold_while_spoken(page, page.mouse.down, page.mouse.up)
    page.locator(".vt-turn.vita", has_text="You held the button, and I heard it.").wait_for()
    assert re.fullmatch(r"spoken, \d+\.\d s", page.locator(".vt-bubble").inner_text())
    page.locator("h1").click()
    hold_while_spoken(page, lambda: page.keyboard.down(" "), lambda: page.keyboard.up(" "))
    page.locator(".vt-turn.vita", has_text="I heard it.").nth(1).wait_for()
    assert page.locator(".vt-turn.user").count() == 2
    assert page.evaluate("scrollY") == 0
    shot(page, "desk-push")


def test_holding_the_button_stops_the_answer_and_a_click_asks_nothing(enter):
    page = enter()
    page.get_by_text("Push to talk").click()
    page.get_by_role("button", name="Start talking").click()
    phase(page, "Hold the button and speak")
    asks(page, "Are you there?")
    page.locator(".vt-turn.vita.playing").wait_for()
    page.get_by_role("button", name="Hold to talk").click()
    page.locator(".vt-turn.vita:not(.playing) s").wait_for()
    page.get_by_role("alert").get_by_text("Hold the button while you speak").wait_for()
    assert page.locator(".vt-turn.user").count() == 1


def test_silence_with_the_button_held_is_called_silence(enter):
    page = enter(width=390, height=844, scheme="dark", locale="zh-CN", tab="对讲")
    page.evaluate(SILENT)
    page.locator(".vt-turns").get_by_text("按住说话").click()
    page.get_by_role("button", name="开始对话").click()
    phase(page, "按住按钮说话")
    page.locator(".vt-hold").focus()
    page.keyboard.press("Enter")  # which cannot be held: it begins, and ends
    phase(page, "正在听")
    page.wait_for_timeout(1500)
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("没有听到声音").wait_for()
    assert page.locator(".vt-turn").count() == 0
    shot(page, "phone-push", whole=False)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_whatever_is_unfolded_and_while_one_talks(enter, scheme):
    page = enter(scheme=scheme)
    for summary in page.locator(".vt summary").all():
        summary.click()
    found = {"idle": accessibility_findings(page)}
    page.get_by_text("Push to talk").click()
    page.get_by_role("button", name="Start talking").click()
    phase(page, "Hold the button and speak")
    asks(page, "Are you there?")
    page.locator(".vt-turn.vita:not(.playing)", has_text="I read it.").wait_for()
    found["talking"] = accessibility_findings(page)
    page.get_by_role("button", name="End", exact=True).click()
    found["kept"] = accessibility_findings(page)
    assert not {state: findings for state, findings in found.items() if findings}
