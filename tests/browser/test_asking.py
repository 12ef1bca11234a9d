"""Asking in the ability tabs: what a reader, a typist and a speaker meet beyond a question and its answer."""

from __future__ import annotations

import base64
import io
import re

import pytest
import soundfile

from tests.browser.conftest import EXAMPLES, engines
from tests.browser.serving import serving

pytestmark = pytest.mark.browser

ODD = (
    "# One <b>bold</b> ![x](https://elsewhere.example/q.png) costs $5, two $6 *and* "
    '<img src="https://elsewhere.example/h.png">'
)


def scrolled(visitor) -> tuple[int, int]:
    """Pixels above, and below, what is seen of the chat."""
    return tuple(
        visitor.chat.locator(".bubble-wrap").evaluate(
            "(e) => [Math.round(e.scrollTop), Math.round(e.scrollHeight - e.clientHeight - e.scrollTop)]"
        )
    )


def test_a_reader_who_scrolls_up_stays_there_while_the_answer_grows_and_has_a_button_down(server, visit):
    visitor = visit(server, height=700)
    visitor.ask("What animal is this?", "cat.jpg")
    visitor.answered()
    visitor.ask("Write something long")
    visitor.page.wait_for_function("document.querySelector('#image-chat').innerText.split('word').length > 120")
    assert scrolled(visitor)[1] <= 2, "the end is shown while nobody scrolls"
    visitor.chat.locator(".bubble-wrap").hover()
    visitor.page.mouse.wheel(0, -400)
    visitor.page.wait_for_timeout(300)
    place = scrolled(visitor)[0]
    visitor.page.wait_for_timeout(1500)
    assert scrolled(visitor)[0] == place
    assert scrolled(visitor)[1] > 100
    down = visitor.chat.get_by_label("Scroll down")
    visitor.shot("desk-scrolled-up")
    down.click()
    visitor.page.wait_for_function(AT_END)
    visitor.answered(2)
    assert scrolled(visitor)[1] <= 2, "from then on it follows again"


AT_END = "(e => e.scrollHeight - e.clientHeight - e.scrollTop <= 2)(document.querySelector('#image-chat .bubble-wrap'))"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_a_question_is_shown_as_it_was_typed(server, visit, scheme, width):
    visitor = visit(server, width=width, scheme=scheme)
    sent = []  # what gets past the page's policy
    visitor.page.route("https://elsewhere.example/**", lambda route: (sent.append(route.request.url), route.abort()))
    visitor.text.fill(ODD + "\n  two spaces, a second line")
    visitor.text.press("Enter")
    visitor.answered()
    typed = visitor.chat.locator(".typed")
    assert typed.inner_text() == ODD + "\n  two spaces, a second line"
    assert visitor.chat.locator(".user-row b, .user-row img, .user-row h1, .user-row .katex").count() == 0
    assert not sent
    visitor.shot(f"typed-{scheme}-{width}")


def test_code_tables_and_formulas_of_an_answer_are_rendered_and_foreign_pictures_named(server, visit):
    visitor = visit(server)
    sent = []  # what gets past the page's policy
    visitor.page.route("https://elsewhere.example/**", lambda route: (sent.append(route.request.url), route.abort()))
    visitor.ask("Show everything")
    visitor.answered()
    visitor.chat.locator("pre code").wait_for()
    assert visitor.chat.locator("table td").count() == 2
    assert visitor.chat.locator(".katex").count() >= 1
    link = visitor.chat.get_by_role("link", name="Picture of another site: a cat")
    assert link.get_attribute("href") == "https://elsewhere.example/a.png"
    assert visitor.chat.locator(".prose img").count() == 0
    assert not sent
    visitor.shot("desk-everything")


def open_settings(visitor, name: str = "Settings"):
    visitor.page.get_by_role("button", name=name).locator("visible=true").first.click()


@pytest.mark.parametrize(
    ("locale", "name", "note"),
    [("en-US", "Settings", "From 0 to 2 only."), ("zh-CN", "设置", "只能在 0 到 2 之间。")],
)
def test_a_number_out_of_its_range_is_refused_with_a_word(server, visit, locale, name, note):
    visitor = visit(server, locale=locale)
    open_settings(visitor, name)
    field = visitor.page.locator(".settings:visible input[type=number]").first
    field.fill("9")
    told = visitor.page.locator(".out-of-range:visible")
    assert told.inner_text() == note
    visitor.shot(f"range-{locale}")
    visitor.text.focus()
    visitor.page.wait_for_function("(field) => field.value === '2'", arg=field.element_handle())
    assert told.inner_text() == note, "and why it is 2 now is still said"
    field.fill("1")
    assert told.count() == 0


def press_and_speak(visitor, seconds: float) -> None:
    """Hold the button while speaking, as with a walkie-talkie."""
    visitor.page.get_by_role("button", name="Ask by voice").locator("visible=true").hover()
    visitor.page.mouse.down()
    visitor.page.locator("[data-state=recording]").wait_for()
    visitor.page.wait_for_timeout(1000 * seconds)
    visitor.page.mouse.up()


@pytest.mark.microphone("ask_capital.wav")
def test_a_spoken_question_is_asked_with_one_press_that_is_held(server, visit):
    visitor = visit(server)
    visitor.tab("Audio")
    press_and_speak(visitor, 2.5)
    visitor.answered()
    assert visitor.chat.locator(".badge").inner_text() == "query by voice"
    assert re.fullmatch(r"“What is said in \d seconds\?”", visitor.chat.locator(".heard").inner_text())
    visitor.chat.locator("details.saw summary").click()
    assert visitor.chat.locator("svg.wave").is_visible()
    heard = visitor.chat.get_by_label("Play what the model heard").get_attribute("src")
    sound, rate = soundfile.read(io.BytesIO(visitor.page.request.get(f"{server}/{heard}").body()))
    assert (rate, sound.ndim) == (16_000, 1)
    assert 2 < len(sound) / rate < 4
    visitor.shot("desk-microphone")


@pytest.mark.microphone("ask_capital.wav")
def test_a_spoken_question_about_a_picture_is_sent_by_a_second_press_and_the_level_is_shown(server, visit):
    visitor = visit(server, width=390, height=844)
    visitor.attach("cat.jpg")
    visitor.page.get_by_role("button", name="Ask by voice").locator("visible=true").press("Enter")
    visitor.page.wait_for_function(
        "Number(document.querySelector('[data-state=recording] .voice-meter')?.style.getPropertyValue('--level')) > 0.2"
    )
    assert "Listening" in visitor.page.locator(".voice-note:visible").inner_text()
    visitor.shot("phone-recording")
    visitor.page.wait_for_timeout(1000)
    visitor.page.get_by_role("button", name="Send", exact=True).press("Enter")
    visitor.answered()
    assert visitor.chat.locator(".badge").inner_text() == "query by voice"
    assert "image 49" in visitor.chat.locator(".facts").inner_text()


@pytest.mark.microphone("silence.wav")
def test_a_silent_recording_is_called_silent_and_not_sent(server, visit):
    visitor = visit(server)
    asked = engines(server)["requests"]
    press_and_speak(visitor, 1.5)
    visitor.page.locator(".voice-note", has_text="The recording is silent").wait_for()
    visitor.shot("desk-silent")
    assert engines(server)["requests"] == asked
    assert visitor.box.locator(".thumbnail-item").count() == 0


def test_a_recording_is_cancelled(server, visit):
    visitor = visit(server)
    visitor.page.get_by_role("button", name="Ask by voice").locator("visible=true").press("Enter")
    visitor.page.locator("[data-state=recording]").wait_for()
    visitor.page.get_by_role("button", name="Cancel").locator("visible=true").click()
    visitor.page.get_by_role("button", name="Ask by voice").locator("visible=true").wait_for()
    assert visitor.box.locator(".thumbnail-item").count() == 0


def test_what_the_checkpoint_ignores_is_not_offered(visit, tmp_path):
    with serving("-m", "tests.browser.serve", "{port}", "0", str(tmp_path), "nano", log=tmp_path / "log") as address:
        visitor = visit(address)
        open_settings(visitor)
        visitor.page.get_by_label("number input for Longest answer").locator("visible=true").wait_for()
        assert visitor.page.get_by_label("number input for Image tiles").locator("visible=true").count() == 0


def test_a_sent_question_is_edited_in_its_place(server, visit):
    visitor = visit(server)
    visitor.ask("count one", "cat.jpg")
    visitor.answered()
    visitor.ask("count two")
    visitor.answered(2)
    visitor.chat.get_by_label("Edit this question").first.click()
    field = visitor.chat.get_by_label("Your question, edited")
    assert field.input_value() == "count one"
    visitor.shot("desk-editing")
    field.press("Escape")
    assert visitor.chat.locator(".typed").first.inner_text() == "count one"
    visitor.chat.get_by_label("Edit this question").first.click()
    field.fill("count anew")
    field.press("Enter")
    visitor.chat.get_by_text("count two").wait_for(state="detached")
    visitor.answered()
    assert visitor.chat.locator(".typed").all_inner_texts() == ["count anew"]
    assert "image 49" in visitor.chat.locator(".facts").inner_text(), "its picture goes with it"
    visitor.ask("count on")
    visitor.chat.get_by_text("Turns so far: 3.").wait_for()


def test_an_answer_that_reached_its_length_goes_on_where_it_stands(server, visit):
    visitor = visit(server)
    visitor.ask("short of room")
    visitor.answered()
    assert "reached the longest answer" in visitor.chat.locator(".facts").inner_text()
    visitor.shot("desk-go-on")
    visitor.chat.get_by_role("button", name="Go on").click()
    visitor.chat.get_by_text("One, two, three and four.", exact=True).wait_for()
    visitor.answered()
    assert visitor.chat.locator(".user-row").count() == 1
    assert visitor.chat.get_by_role("button", name="Go on").count() == 0
    visitor.ask("count the turns")
    visitor.chat.get_by_text("Turns so far: 3.").wait_for()


RECORDER = """
void (window.MediaRecorder = class {
  static isTypeSupported = (type) => type === "video/mp4";
  addEventListener(_, hear) { this.hear = hear; }
  start() { this.hear({ data: new Blob([Uint8Array.from(atob("CLIP"), (letter) => letter.charCodeAt(0))]) }); }
  stop() {}
});
"""  # records a clip of the examples: a busy machine encodes nothing in the time of a test


def test_a_question_waits_for_a_clip_that_is_still_being_added(server, visit):
    visitor = visit(server)
    clip = base64.b64encode((EXAMPLES / "traffic_light.mp4").read_bytes()).decode()
    visitor.page.evaluate(RECORDER.replace("CLIP", clip))
    visitor.tab("Video")
    visitor.page.get_by_role("button", name="Camera").locator("visible=true").click()
    camera = visitor.page.locator(".camera:visible")
    camera.get_by_text("Webcam").click()
    visitor.page.wait_for_function("[...document.querySelectorAll('.camera video')].some(v => v.videoWidth > 0)")
    camera.get_by_label("start recording").click()
    camera.get_by_label("start recording").click()  # its name stays
    camera.get_by_label("Remove").or_(camera.get_by_label("Clear")).first.wait_for()
    asked = engines(server)["requests"]
    held, let_go = [], False
    visitor.page.route("**/gradio_api/run/**", lambda route: route.continue_() if let_go else held.append(route))
    camera.get_by_role("button", name="Add to the question").click()
    visitor.page.locator(".adding-note", has_text="is being added").wait_for()
    visitor.ask("What happens here?")
    visitor.page.locator(".adding-note", has_text="your question is sent with it").wait_for()
    visitor.shot("desk-adding")
    assert engines(server)["requests"] == asked
    assert visitor.text.input_value() == "What happens here?"
    let_go = True
    for route in held:
        route.continue_()
    visitor.answered()
    assert "video" in visitor.chat.locator(".facts").inner_text()
    assert visitor.chat.locator(".typed").inner_text() == "What happens here?"
    assert visitor.page.locator(".adding-note").count() == 0
