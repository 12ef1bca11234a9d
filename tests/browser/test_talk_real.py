"""The tab Talk over both real engines with the embedded checkpoint: a question, a noise, another question."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
import soundfile

from tests.browser.conftest import SHOTS
from tests.browser.spoken_scripts import RATE, silence, speech

pytestmark = [pytest.mark.engine, pytest.mark.browser]

READY = 400_000  # ms until both engines are loaded, on two busy cores
ANSWER = 90_000  # ms for one answer
PARTS = ["ask_sky.wav", "knocking.wav", "ask_capital.wav"]
GAPS = [3, 15, 10, 120]  # s of silence before, between and behind them


@pytest.fixture
def page(product, chromium, tmp_path):
    sounds = [silence(GAPS[0])]
    for name, gap in zip(PARTS, GAPS[1:], strict=True):
        sounds += [speech(name), silence(gap)]
    soundfile.write(tmp_path / "script.wav", np.concatenate(sounds), RATE)
    flags = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    flags.append(f"--use-file-for-fake-audio-capture={tmp_path / 'script.wav'}%noloop")
    browser = chromium(args=flags)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(ANSWER)
    page.goto(product)
    yield page
    browser.close()


def test_questions_are_answered_aloud_and_a_noise_is_not(page, tmp_path):
    page.locator(".engine.ready").nth(1).wait_for(timeout=READY)
    page.get_by_role("tab", name="Talk").click()
    page.get_by_role("button", name="Start talking").click()
    answers = page.locator(".vt-turn.vita p")
    answers.nth(0).wait_for()
    page.locator(".vt-row").nth(0).wait_for()
    answers.nth(1).wait_for()
    page.locator(".vt-row").nth(1).wait_for()
    page.locator(".vt-turn.vita:not(.playing)").nth(1).wait_for()
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / "talk-real.png", full_page=True)
    assert all(len(text.strip()) > 1 for text in answers.all_inner_texts())
    said = page.locator(".vt-turn.user").all_inner_texts()
    assert ["sky" in said[0], "capital" in said[1], len(said)] == [True, True, 2], "what was said is written down"

    with page.expect_download() as download:
        page.get_by_role("button", name="Event log").click()
    download.value.save_as(tmp_path / "log.jsonl")
    events = [json.loads(line)["event"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    states = [event["data"]["state"] for event in events if event["type"] == "vita.state"]
    assert states.count("AUDIO_QUERY") >= 2
    generators = [event["data"]["generator"] for event in events if event["type"] == "vita.roles"]
    assert all(one != other for one, other in pairwise(generators)), "the engines swap roles with every question"
    played = [event["samples"] for event in events if event["type"] == "page.ended"]
    assert len(played) == 2
    assert min(played) > 2400


@pytest.fixture
def deaf_page(product, chromium):
    """The tab Talk of a visitor without a microphone, once both engines are there."""
    browser = chromium(args=["--no-sandbox", "--deny-permission-prompts"])
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(ANSWER)
    page.goto(product)
    page.locator(".engine.ready").nth(1).wait_for(timeout=READY)
    page.get_by_role("tab", name="Talk").click()
    yield page
    browser.close()


def test_every_spoken_example_shows_what_it_says(deaf_page):
    page = deaf_page
    page.get_by_role("button", name="A question, interrupted").click()
    page.locator(".vt-note.interrupted").wait_for()
    page.locator(".vt-turn.vita:not(.playing) p", has_text="Paris").wait_for()
    page.screenshot(path=SHOTS / "talk-real-interrupted.png", full_page=True)
    for example in ("A question, and a knock", "A question about a clip"):
        page.get_by_role("button", name="End", exact=True).click()
        page.get_by_role("button", name="New conversation").click()
        page.get_by_role("button", name=example).click()
        page.locator(".vt-turn.vita:not(.playing) p").wait_for()
        if "knock" in example:
            page.get_by_role("alert").get_by_text("The file is over.").wait_for()
            assert page.locator(".vt-turn.user").count() == 1
            assert page.locator(".vt-note.interrupted").count() == 0
    assert page.locator(".vt-turn.user img").count() > 0
    page.locator(".vt-turn.vita p", has_text="cat").wait_for()
    page.screenshot(path=SHOTS / "talk-real-clip.png", full_page=True)
