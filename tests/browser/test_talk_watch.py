"""The card "Watch for" of the tab Talk, over fake engines to whose eyes a thing comes with the fourth look."""

from __future__ import annotations

import re

import pytest

from tests.browser.accessibility import accessibility_findings
from tests.browser.conftest import SHOTS

pytestmark = pytest.mark.browser


def start_talking(page, button: str = "Start talking") -> None:
    page.get_by_role("button", name=button).click()
    page.locator(".vt.on .vt-watch").wait_for()


def watch(page, wanted: str) -> None:
    page.get_by_label("What to watch for").fill(wanted)
    page.get_by_role("button", name="Watch", exact=True).click()


def shot(page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.locator(".vt-watch").scroll_into_view_if_needed()
    page.screenshot(path=SHOTS / f"talk-watch-{name}.png", full_page=True)


def type_text(page, text: str) -> None:
    page.locator(".vt-talk input[type=text]").fill(text)
    page.locator(".vt-talk input[type=text]").press("Enter")


def test_what_is_watched_for_is_told_by_an_answer_that_begins_by_itself(enter):
    page = enter(1440)
    assert page.locator(".vt-watch").is_hidden(), "nothing can be watched for before a conversation"
    start_talking(page)
    watch(page, "a dog")
    page.locator(".vt-camera").wait_for()  # it was off, and is on now
    card = page.locator(".vt-watched")
    card.locator("b", has_text="Watching for: a dog").wait_for()
    card.locator("small", has_text="Last look: No").wait_for()
    assert card.locator("img.vt-seen").bounding_box()["height"] <= 60
    assert re.fullmatch(r"0:\d\d · looks: \d+( · skipped: \d+)?", card.locator("small").first.inner_text())
    shot(page, "running")
    seen = page.locator(".vt-turn.remark.seen")
    seen.wait_for()
    assert seen.inner_text() == "Seen: a dog"
    seen.locator("img").wait_for()
    page.locator(".vt-turn.vita p", has_text="There it is").wait_for()
    page.locator(".vt-told", has_text="Seen: a dog. The watch is over.").wait_for()
    assert page.get_by_label("What to watch for").is_visible(), "another one can be set"
    assert page.locator(".vt-turn.user", has_text="watch for this").count() == 0, (
        "what the model is asked is no question"
    )
    shot(page, "seen")


def test_a_watch_is_stopped_with_its_button_and_tells_nothing(enter):
    page = enter()
    start_talking(page)
    watch(page, "a parrot that is stopped")
    page.locator(".vt-watched small", has_text="Last look: No").wait_for()
    page.locator(".vt-watched").get_by_role("button", name="Stop").click()
    page.locator(".vt-watched").wait_for(state="hidden")
    page.wait_for_timeout(4000)
    assert page.locator(".vt-turn.remark.seen").count() == 0
    assert page.locator(".vt-told").is_hidden()


def test_typed_words_set_a_watch_and_end_it(enter):
    page = enter()
    start_talking(page)
    page.get_by_role("button", name="Camera", exact=True).click()
    type_text(page, "Tell me when you see a heron.")
    page.locator(".vt-watched b", has_text="you see a heron").wait_for()
    page.locator(".vt-turn.vita p", has_text="OK, I will tell you when I see a heron.").wait_for()
    type_text(page, "Stop watching.")
    page.locator(".vt-watched").wait_for(state="hidden")


def test_who_watches_with_the_camera_off_is_told_so(enter):
    page = enter()
    start_talking(page)
    type_text(page, "Tell me when you see a stork.")
    page.locator(".vt-told", has_text="The camera is off").wait_for()
    page.get_by_role("button", name="Camera on").click()
    page.locator(".vt-camera").wait_for()
    page.locator(".vt-told").wait_for(state="hidden")


def test_a_new_session_goes_on_with_the_watch(enter):
    page = enter()
    start_talking(page)
    watch(page, "a crane that lasts")
    page.locator(".vt-watched small", has_text="Last look").wait_for()
    page.get_by_role("button", name="End", exact=True).click()
    page.locator(".vt-watch").wait_for(state="hidden")
    start_talking(page, "Go on")
    page.locator(".vt-watched b", has_text="a crane that lasts").wait_for()


@pytest.mark.parametrize(
    ("width", "scheme", "locale"), [(390, "dark", "zh-CN"), (390, "light", "en-US"), (1440, "dark", "zh-CN")]
)
def test_the_card_fits_every_screen_in_both_languages(enter, width, scheme, locale):
    page = enter(width, scheme=scheme, locale=locale, tab="Talk" if locale == "en-US" else "对讲")
    page.locator(".vt-start").click()
    card = page.locator(".vt-watch")
    card.wait_for()
    card.locator("input[type=text]").fill("a dog")
    submit, box = card.locator("button[type=submit]").bounding_box(), card.bounding_box()
    assert submit["x"] + submit["width"] < box["x"] + box["width"]
    shot(page, f"set-{width}-{scheme}-{locale}")
    card.locator("input[type=text]").press("Enter")
    page.locator(".vt-watched img").wait_for()
    shot(page, f"running-{width}-{scheme}-{locale}")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    button = card.get_by_role("button").last.bounding_box()
    box = card.bounding_box()
    assert box["x"] + box["width"] <= width
    assert button["x"] + button["width"] <= box["x"] + box["width"], "no button at the edge"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_card_while_it_is_set_watched_and_seen(enter, scheme):
    page = enter(scheme=scheme)
    start_talking(page)
    assert not accessibility_findings(page, ".vt-watch")
    watch(page, f"a magpie in the {scheme}")
    page.locator(".vt-watched img").wait_for()
    assert not accessibility_findings(page, ".vt-watch")
    page.locator(".vt-turn.remark.seen").wait_for()
    assert not accessibility_findings(page, ".vt-watch")
    assert not accessibility_findings(page, ".vt-transcript")
