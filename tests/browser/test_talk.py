"""The tab Talk over fake engines and a real realtime server: a microphone that plays a script, a camera, trouble."""

from __future__ import annotations

import json
import re
import time

import numpy as np
import pytest
import soundfile

from tests.browser.conftest import SHOTS
from tests.browser.serving import serving

pytestmark = pytest.mark.browser

WATCHED = """
window.WebSocket = class extends WebSocket {
  constructor(address) {
    const asked = new URL(address);
    if (window.forgotten) asked.searchParams.delete("resume");
    super(asked);
    if (asked.pathname === "/v1/realtime") window.line = this;
  }
};
const grant = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.asked = 0;
window.streams = [];
window.hold = () => void (window.prompt = new Promise((allow) => (window.allow = allow)));
navigator.mediaDevices.getUserMedia = async (wanted) => {
  window.asked++;
  await window.prompt;
  window.streams.push(await grant(wanted));
  return window.streams.at(-1);
};
const lit = (track) => track.kind === "video" && track.readyState === "live";
window.seeing = () => streams.flatMap((one) => one.getTracks()).filter(lit).length;
"""  # a prompt that stays open until ``allow()``, and a server that does not know us any more once ``forgotten``


@pytest.fixture(scope="module")
def talk_server(tmp_path_factory):
    """One place, so that a second visitor has to wait."""
    log = tmp_path_factory.mktemp("talk") / "log"
    with serving("-m", "tests.browser.talk_serve", "{port}", "1", log=log) as address:
        yield address


def shot(page, name: str, whole: bool = True) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"talk-{name}.png", full_page=whole)


def saved(page, button: str, path):
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    download.value.save_as(path)
    return path


def phase(page, word: str) -> None:
    page.locator(".vt-phase", has_text=word).wait_for()


def test_a_conversation_is_heard_answered_interrupted_kept_and_replayed(enter, tmp_path):
    page = enter()
    shot(page, "desk-ready")
    page.get_by_role("button", name="Start talking").click()
    page.get_by_role("button", name="Camera", exact=True).click()
    phase(page, "Speaking")
    assert page.locator(".vt-phase .vt-badge").inner_text() == "query by voice"
    page.locator(".vt-turn.user img").first.wait_for()
    page.locator(".vt-turn.vita.playing").wait_for()
    page.locator(".vt-note.interrupted").wait_for()
    page.get_by_text("how air scatters light").wait_for()
    phase(page, "Listening")
    for place in (".vt-turn.user", ".vt-camera"):  # of an answer that was cut, and of the last one
        price = page.locator(f"{place} .vt-cost").first.inner_text()
        assert re.fullmatch(r"(256|512|768|1,024) of the prompt's [\d,]+ tokens", price), price
    first = page.locator(".vt-turn.vita").first
    unheard = first.locator("s").inner_text()
    assert first.inner_text().endswith(unheard)
    assert unheard.rstrip().endswith("ran to the river.")
    assert page.locator(".vt-turn.vita s").count() == 1
    assert page.locator(".vt-row").count() == 2
    assert re.fullmatch(r"\d+\.\d\d s", page.locator(".vt-row small").first.inner_text())
    assert re.match(r"cut after \d+\.\d s", page.locator(".vt-after").first.inner_text())
    shot(page, "desk-talked")

    log = [json.loads(line) for line in saved(page, "Event log", tmp_path / "log.jsonl").read_text().splitlines()]
    cut_at = next(line["t"] for line in log if line["event"]["type"] == "vita.cut")
    ended = [line for line in log if line["event"]["type"] == "page.ended"]
    assert ended[0]["t"] - cut_at < 0.25
    truncated = next(line["event"] for line in log if line["event"]["type"] == "conversation.item.truncated")
    assert truncated["audio_end_ms"] == ended[0]["event"]["samples"] // 24
    assert not [line for line in log if "delta" in line["event"] and "audio.delta" in line["event"]["type"]]

    sound, rate = soundfile.read(saved(page, "Recording", tmp_path / "talk.wav"))
    assert rate == 24_000
    loud = np.abs(sound[: len(sound) // 240 * 240]).reshape(-1, 240, 2).max(1)
    you, vita = (loud > 0.05).T
    assert you.sum() > 100
    assert vita.sum() > 400
    after = round((ended[0]["t"] + 0.05) * 100)
    assert not vita[after : after + 15].any(), "sound of the cut answer was played after the cut"

    said = page.locator(".vt-transcript").inner_text()
    page.get_by_role("button", name="End", exact=True).click()
    page.locator(".vt-keep input[type=file]").set_input_files([tmp_path / "log.jsonl", tmp_path / "talk.wav"])
    page.locator(".vt-replay").wait_for()
    assert re.sub(r"\d × ▣", "", page.locator(".vt-transcript").inner_text()).split() == said.split()
    page.get_by_role("slider", name="Moment").fill("1")
    assert page.locator(".vt-turn").count() == 0
    page.get_by_role("button", name="Play", exact=True).click()
    page.locator(".vt-turn.user").wait_for()
    page.get_by_role("button", name="Back to the conversation").click()
    assert page.locator(".vt-turn").count() == 4


def test_who_refuses_the_microphone_is_told_what_to_do_and_can_type_instead(enter):
    page = enter(width=390, height=844, scheme="dark", allowed=False)
    page.get_by_role("button", name="Start talking").click()
    notice = page.get_by_role("alert")
    notice.get_by_text("Allow it beside the address").wait_for()
    shot(page, "phone-denied", whole=False)
    notice.get_by_role("button", name="Go on without a microphone").click()
    phase(page, "Listening")
    page.get_by_label("Type while you talk").fill("Can you read?")
    page.keyboard.press("Enter")
    page.get_by_text("You typed that, and I read it.").wait_for()
    page.locator(".vt-turn.vita.playing").wait_for()
    page.locator(".vt-turn.vita:not(.playing)").wait_for()
    assert page.locator(".vt-bubble").inner_text() == "Can you read?"
    assert page.locator(".vt-turn.vita .vt-badge").inner_text() == "query by text"
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    shot(page, "phone-typed")


def test_an_insecure_page_names_three_ways_to_a_microphone_and_still_answers_in_text(enter, talk_server):
    page = enter(address=talk_server.replace("127.0.0.1", "vita.test"), allowed=False)
    page.get_by_role("button", name="Start talking").click()
    ways = page.locator(".vt-notice li")
    ways.first.wait_for()
    assert ways.count() == 3
    assert "ssh -L" in ways.first.inner_text()
    shot(page, "desk-insecure", whole=False)
    page.get_by_role("button", name="Go on without a microphone").click()
    phase(page, "Listening")
    page.get_by_label("Type while you talk").fill("Hello?")
    page.keyboard.press("Enter")
    page.get_by_text("You typed that, and I read it.").wait_for()


def test_who_finds_no_place_sees_the_queue_and_is_let_in(enter):
    first = enter(tab="对讲", locale="zh-CN")
    first.get_by_role("button", name="开始对话").click()
    phase(first, "聆听中")
    second = enter()
    second.get_by_role("button", name="Start talking").click()
    phase(second, "You are number 1 in the queue.")
    shot(second, "desk-queue", whole=False)
    first.get_by_role("button", name="结束").click()
    phase(second, "Listening")


def test_a_lost_connection_is_told_and_taken_up_again(enter):
    page = enter()
    lines = []

    def through(line):
        lines.append((line.url, line))
        line.connect_to_server()

    page.route_web_socket(re.compile("/v1/realtime"), through)
    page.get_by_role("button", name="Start talking").click()
    phase(page, "Listening")
    lines[0][1].close(code=4000, reason="as if the network had gone")
    page.locator(".vt-notice", has_text="Connected again; the conversation goes on.").wait_for()
    assert "resume=sess_" in lines[1][0]
    page.locator(".vt-turn.vita.playing").wait_for()


def test_keys_mute_and_stop_the_answer(enter):
    page = enter()
    page.get_by_role("button", name="Start talking").click()
    page.locator(".vt-turn.vita.playing").wait_for()
    page.locator("h1").click()
    page.keyboard.press("Escape")
    page.locator(".vt-turn.vita:not(.playing) s").wait_for()
    page.keyboard.press("m")
    page.get_by_role("button", name="Unmute").wait_for()
    time.sleep(0.3)
    assert page.get_by_role("meter").get_attribute("aria-valuenow") == "0"


def test_a_paused_page_and_an_unplugged_microphone_recover_at_the_press_of_a_button(enter):
    page = enter()
    page.get_by_role("button", name="Start talking").click()
    phase(page, "Listening")
    page.evaluate("context.suspend()")
    notice = page.get_by_role("alert")
    notice.get_by_text("paused this page's sound").wait_for()
    notice.get_by_role("button", name="Go on").click()
    notice.wait_for(state="hidden")
    assert page.evaluate("context.state") == "running"
    page.evaluate("tracks[0].dispatchEvent(new Event('ended'))")
    notice.get_by_text("unplugged").wait_for()
    notice.get_by_role("button", name="Try again").click()
    notice.wait_for(state="hidden")
    page.locator(".vt-turn.user").wait_for()


@pytest.fixture
def watched(enter):
    page = enter()
    page.evaluate(WATCHED)
    return page


def asks(page, text: str) -> None:
    page.get_by_label("Type while you talk").fill(text)
    page.keyboard.press("Enter")


def test_a_conversation_that_the_server_lost_begins_anew_below_what_was_said(watched, tmp_path):
    page = watched
    page.get_by_role("button", name="Start talking").click()
    page.locator(".vt-turn.vita.playing").wait_for()
    page.get_by_role("button", name="Mute").click()
    page.evaluate("forgotten = true; line.close()")
    page.locator(".vt-turn.remark.anew", has_text="Goes on from the text").wait_for()
    assert page.locator(".vt-turn.playing").count() == 0
    before = page.locator(".vt-turn").all_inner_texts()
    asks(page, "Still there?")
    page.locator(".vt-turn.vita.playing", has_text="You typed that, and I read it.").wait_for()
    page.locator(".vt-turn.vita:not(.playing)").nth(1).wait_for()
    after = page.locator(".vt-turn").all_inner_texts()
    assert after[: len(before)] == before
    assert [len(before), len(after)] == [3, 5]
    shot(page, "desk-anew")

    log = saved(page, "Event log", tmp_path / "log.jsonl")
    page.get_by_role("button", name="End", exact=True).click()
    page.locator(".vt-keep input[type=file]").set_input_files(log)
    page.locator(".vt-replay").wait_for()
    assert page.locator(".vt-turn").all_inner_texts() == after


def test_a_replay_shows_its_own_words_though_the_turns_have_the_names_of_the_live_ones(watched, tmp_path):
    page = watched
    page.get_by_role("button", name="Start talking").click()
    asks(page, "First question")
    page.locator(".vt-turn.vita:not(.playing)", has_text="You typed that").wait_for()
    log = saved(page, "Event log", tmp_path / "log.jsonl")
    log.write_text(log.read_text().replace("First question", "Other question").replace("You typed", "They typed"))
    page.get_by_role("button", name="End", exact=True).click()
    page.locator(".vt-keep input[type=file]").set_input_files(log)
    page.locator(".vt-turn.user", has_text="Other question").wait_for()
    assert page.locator(".vt-turn", has_text="First question").count() == 0
    page.get_by_role("button", name="Back to the conversation").click()
    page.locator(".vt-turn.user", has_text="First question").wait_for()
    assert page.locator(".vt-turn", has_text="They typed").count() == 0


def test_what_is_typed_while_the_microphone_is_asked_for_waits_for_one_conversation(watched):
    page = watched
    lines = []
    page.on("websocket", lambda line: lines.append(line.url))
    page.evaluate("hold()")
    asks(page, "One?")
    asks(page, "Two?")
    assert page.evaluate("asked") == 1
    page.evaluate("allow()")
    page.locator(".vt-turn.vita", has_text="You typed that, and I read it.").wait_for()
    assert page.locator(".vt-bubble").all_inner_texts()[:2] == ["One?", "Two?"]
    page.get_by_role("button", name="End", exact=True).click()
    page.wait_for_function("line.readyState === WebSocket.CLOSED")
    assert len([line for line in lines if "/v1/realtime" in line]) == 1


def test_a_camera_that_is_asked_for_twice_is_one_and_can_be_switched_off(watched):
    page = watched
    camera = page.locator(".vt-tool[aria-label*=amera]")
    page.get_by_role("button", name="Start talking").click()
    phase(page, "Listening")
    page.evaluate("hold()")
    camera.dblclick()
    page.wait_for_function("asked === 3")
    page.evaluate("allow()")
    page.locator(".vt-camera").wait_for()
    page.wait_for_function("seeing() === 1")
    camera.click()
    page.locator(".vt-camera").wait_for(state="hidden")
    assert page.evaluate("seeing()") == 0


def test_a_camera_that_is_allowed_after_the_end_stays_off(watched):
    page = watched
    page.get_by_role("button", name="Start talking").click()
    phase(page, "Listening")
    page.evaluate("hold()")
    page.get_by_role("button", name="Camera", exact=True).click()
    page.get_by_role("button", name="End", exact=True).click()
    page.evaluate("allow()")
    page.wait_for_function("streams.length === 2 && seeing() === 0")
    assert page.locator(".vt-camera").is_hidden()


def test_a_microphone_that_cannot_be_used_is_let_go(watched):
    page = watched
    page.evaluate("() => void (AudioWorklet.prototype.addModule = async () => { throw new Error('no'); })")
    page.get_by_role("button", name="Start talking").click()
    page.get_by_role("alert").get_by_role("button", name="Go on without a microphone").wait_for()
    assert page.evaluate("streams.flatMap((one) => one.getTracks()).map((track) => track.readyState)") == ["ended"]
