"""Ways to talk: through chosen devices, with a persona, and by a file."""

from __future__ import annotations

import json
import re

import pytest

from tests.browser.conftest import EXAMPLES
from tests.browser.test_talk import phase, saved, shot
from tests.browser.test_talk_kept import asked

pytestmark = pytest.mark.browser

LOUD = "Number(document.querySelector('.vt-meter').getAttribute('aria-valuenow')) > 20"
SINKS = """
window.sinks = [];
AudioContext.prototype.setSinkId = async function (id) {
  window.sinks.push(id);
  if (window.unplugged && id) throw new DOMException("gone", "NotFoundError");
};
"""  # headless Chromium has no loudspeaker to choose


def settings(page, name: str = "Settings") -> None:
    page.locator("summary", has_text=re.compile(f"^{name}$")).click()


def test_the_microphone_is_chosen_and_its_level_seen_before_a_conversation(enter):
    page = enter()
    settings(page)
    assert page.get_by_role("meter").is_hidden()
    page.get_by_role("button", name="Check the microphone").click()
    page.wait_for_function(LOUD)
    choice = page.get_by_label("Microphone", exact=True)
    names = choice.locator("option").all_inner_texts()
    assert names[0] == "Default"
    assert "Fake Audio Input 1" in names
    choice.select_option(label="Fake Audio Input 2")
    page.get_by_role("button", name="Stop checking").wait_for()
    assert page.evaluate("tracks[0].label") == "Fake Audio Input 2"
    shot(page, "desk-devices", whole=False)
    page.get_by_role("button", name="Stop checking").click()
    assert page.get_by_role("meter").is_hidden()
    page.get_by_role("button", name="Start talking").click()
    phase(page, "Listening")
    assert page.evaluate("tracks[0].label") == "Fake Audio Input 2"
    choice.select_option(label="Fake Audio Input 1")
    page.wait_for_function("tracks[0].label === 'Fake Audio Input 1'")


def test_a_chosen_microphone_that_is_not_connected_is_told_and_another_can_be_chosen(enter):
    page = enter()
    page.evaluate("localStorage.setItem('vita-talk', JSON.stringify({ microphone: 'gone' }))")
    page.reload()
    page.get_by_role("tab", name="Talk").click()
    page.get_by_role("button", name="Start talking").click()
    page.get_by_role("alert").get_by_text("The chosen microphone is not connected.").wait_for()
    settings(page)
    page.get_by_label("Microphone", exact=True).select_option(label="Default")
    page.get_by_role("button", name="Try again").click()
    phase(page, "Listening")


def test_the_speaker_is_chosen_and_one_that_is_unplugged_gives_way_to_the_default_one(enter):
    page = enter()
    page.add_init_script(SINKS)
    page.evaluate("localStorage.setItem('vita-talk', JSON.stringify({ speaker: 'headset' }))")
    page.reload()
    page.get_by_role("tab", name="Talk").click()
    page.get_by_role("button", name="Start talking").click()
    phase(page, "Listening")
    assert page.evaluate("sinks") == ["headset"]
    page.evaluate("unplugged = true; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    page.get_by_role("alert").get_by_text("the default one plays").wait_for()
    assert page.evaluate("sinks.at(-1)") == ""


def test_a_persona_its_temperature_and_the_longest_answer_reach_the_model(enter, talk_server):
    page = enter(allowed=False)
    settings(page, "Who VITA is")
    page.get_by_label("Persona").select_option(label="Storyteller")
    assert "storyteller" in page.get_by_label("Instructions").input_value()
    page.get_by_label("Longest answer").fill("4000")
    page.get_by_label("Longest answer").press("Tab")
    assert page.get_by_label("Longest answer").input_value() == "512"
    page.get_by_label("Longest answer").fill("99")
    shot(page, "desk-persona", whole=False)
    page.get_by_label("Type while you talk").fill("Who are you?")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Go on without a microphone").click()
    page.locator(".vt-turn.vita", has_text="I read it.").wait_for()
    request = asked(talk_server, "Who are you?")
    assert "storyteller" in request["system"]
    assert (request["temperature"], request["tokens"]) == (0.7, 99)
    page.get_by_label("Persona").select_option(label="None")
    page.get_by_label("Instructions").fill("Answer in French.")
    page.get_by_label("Instructions").blur()
    page.get_by_label("Type while you talk").fill("And now?")
    page.keyboard.press("Enter")
    page.locator(".vt-turn.vita", has_text="I read it.").nth(1).wait_for()
    request = asked(talk_server, "And now?")
    assert (request["system"], request["temperature"]) == ("Answer in French.", 0.0)


def test_who_has_no_microphone_hears_a_question_interrupted_in_one_click(enter, tmp_path):
    page = enter(allowed=False)
    shot(page, "desk-files", whole=False)
    page.get_by_role("button", name="A question, interrupted").click()
    page.locator(".vt-playing", has_text="Speaks for you: A question, interrupted").wait_for()
    page.locator(".vt-note.interrupted").wait_for()
    page.get_by_text("how air scatters light").wait_for()
    assert page.locator(".vt-turn.user").count() == 2
    page.get_by_role("alert").get_by_text("The file is over.").wait_for()
    subtitles = saved(page, "Subtitles", tmp_path / "talk.srt").read_text()
    times = re.findall(r"(\S+) --> (\S+)", subtitles)
    assert times == sorted(times)
    assert "VITA: Once upon a time" in subtitles


def test_a_files_clip_is_what_the_camera_sees(enter):
    page = enter(allowed=False)
    page.get_by_role("button", name="A question about a clip").click()
    page.locator(".vt-camera video:visible").wait_for()
    assert page.get_by_role("button", name="Other camera").is_hidden()
    page.locator(".vt-turn.user img").first.wait_for()
    page.get_by_role("button", name="End", exact=True).click()
    assert page.locator(".vt-camera").is_hidden()


def test_a_file_of_ones_own_speaks_and_one_that_cannot_be_played_is_told(enter, tmp_path):
    page = enter(allowed=False)
    wrong = tmp_path / "notes.mp3"
    wrong.write_text("no sound at all")
    page.locator(".vt-try input[type=file]").set_input_files(wrong)
    page.get_by_role("alert").get_by_text("notes.mp3 cannot be played.").wait_for()
    page.locator(".vt-try input[type=file]").set_input_files(EXAMPLES / "ask_sky.wav")
    page.locator(".vt-playing", has_text="ask_sky.wav").wait_for()
    page.locator(".vt-turn.vita.playing").wait_for()


def test_how_long_it_takes_is_shown_while_the_answer_runs(enter):
    page = enter(allowed=False)
    page.get_by_role("button", name="A question, and a knock").click()
    page.locator(".vt-turn.vita.playing").wait_for()
    page.locator(".vt-row").wait_for()
    assert page.locator(".vt-turn.vita.playing").count() == 1


def test_what_the_server_cannot_do_is_said_in_the_pages_language(enter):
    page = enter(allowed=False, locale="zh-CN", tab="对讲")
    refusals = ["engines_loading", "unheard_of"]

    def refuse(line) -> None:
        error = {"type": "server_error", "code": refusals[0], "message": "In English."}
        line.send(json.dumps({"type": "error", "error": error}))

    page.route_web_socket(re.compile("/v1/realtime"), refuse)
    page.get_by_role("button", name="提问并打断").click()
    page.get_by_role("alert").get_by_text("引擎仍在加载").wait_for()
    page.get_by_role("button", name="结束").click()
    refusals.pop(0)
    page.get_by_role("button", name="提问并打断").click()
    page.get_by_role("alert").get_by_text("In English.").wait_for()
