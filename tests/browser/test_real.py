"""The whole product: both real engines with the embedded checkpoint, asked through Chromium and gradio_client."""

from __future__ import annotations

import os
import re
import signal
import time
from itertools import pairwise

import psutil
import pytest
from gradio_client.exceptions import AppError

from tests.browser.conftest import EXAMPLES

pytestmark = [pytest.mark.engine, pytest.mark.browser]

READY = 400  # seconds that both engines get to load, on two busy cores
ANSWER = 120_000  # milliseconds for one answer


@pytest.fixture(scope="module")
def client(product):
    """A client of the API, once an engine is ready: a question that comes earlier waits."""
    from gradio_client import Client

    client = Client(product, verbose=False)
    yield client
    client.close()


def stream(client, ability, question, *files, **options):
    """All partial answers of one question."""
    from gradio_client import handle_file

    sent = [handle_file(str(EXAMPLES / name)) for name in files]
    job = client.submit(question=question, files=sent, api_name=f"/ask_{ability}", max_tokens=48, **options)
    return list(job)


def test_a_question_that_comes_before_the_engines_waits_and_is_answered(client):
    last = stream(client, "image", "Say hello.")[-1]
    assert last["finish"] in ("stop", "length")
    assert last["state"] == "text"
    assert len(last["answer"]) > 3


def test_a_picture_is_named_token_by_token(client):
    answers = stream(client, "image", "What animal is this?", "cat.jpg")
    texts = [answer["answer"] for answer in answers]
    assert len({text for text in texts if text}) >= 3, texts
    assert all(late.startswith(early) for early, late in pairwise(texts))
    assert "cat" in texts[-1].lower()
    assert answers[-1]["state"] == "text"
    assert answers[-1]["usage"]["image_tokens"] > 0


def test_a_clip_is_answered_from_its_frames(client):
    last = stream(client, "video", "What animal is this?", "cat_then_coffee.mp4", frames=4)[-1]
    assert last["usage"]["video_tokens"] > 0
    assert "cat" in last["answer"].lower()


def test_a_spoken_question_is_heard(client):
    last = stream(client, "audio", "", "ask_capital.wav")[-1]
    assert last["state"] == "voice"
    assert "paris" in last["answer"].lower()
    assert last["usage"]["audio_tokens"] > 0


def test_knocking_is_no_question(client):
    last = stream(client, "audio", "", "knocking.wav")[-1]
    assert (last["state"], last["answer"]) == ("noise", "")


def test_an_uploaded_photo_is_answered_in_the_browser(client, product, visit):
    visitor = visit(product)
    visitor.page.locator(".engine.ready").nth(1).wait_for(timeout=READY * 1000)
    visitor.ask("What animal is this?", "cat.jpg")
    visitor.answered(timeout=ANSWER)
    visitor.chat.locator("details.saw summary").click()
    visitor.page.wait_for_timeout(400)
    visitor.shot("real-desk-image")
    assert visitor.chat.locator(".badge").inner_text() == "query by text"
    assert "cat" in visitor.chat.locator(".bot.message").all_inner_texts()[1].lower()
    assert "engine-" in visitor.chat.locator(".facts").inner_text()


@pytest.mark.microphone("ask_capital.wav")
def test_a_question_by_microphone_is_answered_in_the_browser(client, product, visit):
    visitor = visit(product)
    visitor.tab("Audio")
    visitor.page.get_by_role("button", name="Ask by voice").locator("visible=true").press("Enter")
    visitor.page.locator(".voice-note", has_text="0:03").wait_for()  # it plays the question over and over
    visitor.page.get_by_role("button", name="Send", exact=True).press("Enter")
    visitor.answered(timeout=ANSWER)
    visitor.chat.locator("details.saw summary").click()
    visitor.page.wait_for_timeout(400)
    visitor.shot("real-desk-microphone")
    assert visitor.chat.locator(".badge").inner_text() == "query by voice"
    assert "paris" in visitor.chat.locator(".bot.message").all_inner_texts()[1].lower()
    assert "capital" in visitor.chat.locator(".heard").inner_text().lower()


def test_a_cut_answer_goes_on_with_its_own_words(client, product, visit):
    visitor = visit(product)
    visitor.page.get_by_role("button", name="Settings").locator("visible=true").first.click()
    visitor.page.get_by_label("number input for Longest answer").locator("visible=true").fill("12")
    visitor.ask("Tell me a long story about the sea.")
    visitor.answered(timeout=ANSWER)
    cut = visitor.chat.locator(".bot.message").nth(1).inner_text()
    visitor.chat.get_by_role("button", name="Go on").click()
    visitor.page.wait_for_function(LONGER, arg=len(cut) + 10, timeout=ANSWER)
    visitor.answered(timeout=ANSWER)
    whole = visitor.chat.locator(".bot.message").nth(1).inner_text()
    assert whole.startswith(cut)
    assert "<" not in whole
    assert visitor.chat.locator(".badge").inner_text() == "query by text"


LONGER = "(length) => document.querySelectorAll('#image-chat .bot.message')[1]?.innerText.length > length"


def test_stop_ends_a_real_answer(client, product, visit):
    visitor = visit(product, width=390, height=844, scheme="dark")
    visitor.page.get_by_role("button", name="Settings").locator("visible=true").first.click()
    visitor.page.get_by_label("number input for Longest answer").locator("visible=true").fill("2000")
    visitor.ask("Tell me a very long story about the sea.")
    story = visitor.chat.locator(".bot.message").nth(1)  # behind the badge
    story.get_by_text(re.compile(r"\w+ \w+ \w+")).first.wait_for(timeout=ANSWER)
    visitor.page.keyboard.press("Escape")
    visitor.answered(timeout=ANSWER)
    assert "stopped" in visitor.chat.locator(".facts").inner_text()
    visitor.shot("real-phone-dark")


def test_a_killed_engine_is_named_while_the_other_answers_and_comes_back(client):
    stories = both_engines_at_work(client)
    os.kill(cores()[0], signal.SIGKILL)
    ends = [end_of(story) for story in stories]
    (said,) = [end for end in ends if isinstance(end, str)]
    (told,) = [end for end in ends if not isinstance(end, str)]
    assert "stopped while it worked; it is being restarted" in said
    assert told["finish"] in ("stop", "length")
    again = stream(client, "image", "Say hello.")[-1]
    assert again["engine"] == told["engine"]
    assert len(again["answer"]) > 3
    assert both_engines_at_work(client)


def both_engines_at_work(client):
    """Two long answers, one on each engine; tries until both are ready."""
    deadline = time.monotonic() + READY
    while time.monotonic() < deadline:
        stories = [
            client.submit(question=f"Tell me a long story about the {topic}.", api_name="/ask_image", max_tokens=200)
            for topic in ("sea", "sky")
        ]
        while any(not story.outputs() or not story.outputs()[-1]["engine"] for story in stories):
            time.sleep(0.1)
        if len({story.outputs()[-1]["engine"] for story in stories}) == 2:
            return stories
        for story in stories:
            story.result(timeout=ANSWER / 1000)
    raise AssertionError("there were never two engines at work")


def end_of(story):
    """How an answer ended: the whole of it, or what the server said was wrong."""
    try:
        story.result(timeout=ANSWER / 1000)
    except AppError as error:
        return str(error)
    return story.outputs()[-1]


def cores():
    """Ids of the engines' processes of the server."""
    own = psutil.Process().children(recursive=True)
    servers = [process for process in own if "app.py" in process.cmdline()]
    found = [core for server in servers for core in server.children() if "EngineCor" in core.name()]
    return [core.pid for core in found]
