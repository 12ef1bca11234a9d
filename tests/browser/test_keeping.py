"""Conversations stay: over reload, Back, a restart of the server, in several pages; they are saved and opened again."""

from __future__ import annotations

import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import EXAMPLES, Visitor
from tests.browser.serving import free_port, serving

pytestmark = pytest.mark.browser

CONVERSATION = re.compile(r"[?&]conversation=([0-9a-f]{32})")


def last_prompt(address: str) -> list:
    with urllib.request.urlopen(f"{address}/fake/prompt") as answer:
        return json.load(answer)


def shown(visitor: Visitor, text: str, count: int = 1) -> None:
    """Wait until the chat shows so many complete answers, and a text."""
    visitor.answered(count)
    expect(visitor.chat).to_contain_text(text)
    expect(visitor.chat.locator(".facts")).to_have_count(count)


def kept(visitor: Visitor, exchanges: int, media: int = 0) -> None:
    """Wait until the browser keeps so much in all."""
    count = """async () => { const open = indexedDB.open("vita-conversations");
      await new Promise((done) => (open.onsuccess = done));
      const of = (name) => new Promise((done) => { const all = open.result.transaction(name).objectStore(name).getAll();
        all.onsuccess = () => done(all.result); });
      const [asked, media] = [await of("exchanges"), await of("media")]; open.result.close();
      return [asked.filter(({ answer }) => answer.phase === "done").length, media.length].join(); }"""
    visitor.page.wait_for_function(f"async () => (await ({count})()) === '{exchanges},{media}'")


def drawer(visitor: Visitor):
    """The conversations, opened."""
    visitor.page.locator(".tool.history").click()
    place = visitor.page.locator(".kept-drawer")
    place.wait_for()
    return place


def another_page(visitor: Visitor, address: str) -> Visitor:
    """A second page of the same browser."""
    page = visitor.page.context.new_page()
    return Visitor(page, address)


@pytest.fixture
def restartable(tmp_path):
    """A server that can be ended and started again at the same address."""
    port, running = free_port(), []

    def start() -> str:
        running.append(serving("-m", "tests.browser.serve", str(port), log=tmp_path / f"log{len(running)}", port=port))
        return running[-1].__enter__()

    def stop() -> None:
        running.pop().__exit__(None, None, None)

    yield start, stop
    while running:
        stop()


def test_a_reload_shows_the_conversation_again_and_the_next_question_has_the_same_prompt(server, visit):
    visitor = visit(server)
    visitor.ask("What animal is this?", "cat.jpg")
    shown(visitor, "tabby cat")
    visitor.ask("count the turns")
    shown(visitor, "Turns so far: 3.", 2)
    before = last_prompt(server)
    visitor.chat.get_by_label("Undo").last.click()
    expect(visitor.chat.locator(".facts")).to_have_count(1)
    kept(visitor, 2, 1)
    visitor.page.reload()
    shown(visitor, "tabby cat")
    assert visitor.chat.locator(".badge").inner_text() == "query by text"
    expect(visitor.chat.locator(".user-row img").first).to_be_visible()
    visitor.chat.locator("details.saw summary").click()
    expect(visitor.chat.locator(".tiles img")).to_be_visible()
    visitor.ask("count the turns")
    shown(visitor, "Turns so far: 3.", 2)
    assert last_prompt(server) == before
    assert len(before[0]) == 3  # role, text and a picture
    visitor.shot("desk-restored")


def test_an_answer_that_a_reload_cut_stands_as_far_as_it_came_as_stopped(server, visit):
    visitor = visit(server)
    visitor.ask("Tell me a long story")
    expect(visitor.chat).to_contain_text("word word word")
    visitor.page.wait_for_timeout(1500)  # until a second state of the answer is kept
    visitor.page.reload()
    expect(visitor.chat.locator(".facts .mark")).to_have_text("stopped")
    assert len(visitor.chat.locator(".bot").all_inner_texts()[1].split()) > 3
    visitor.ask("count the turns")
    shown(visitor, "Turns so far: 3.", 2)


def test_back_shows_the_page_as_it_was_left(server, visit):
    visitor = visit(server)
    visitor.tab("Video")
    visitor.ask("What happens?", "traffic_light.mp4")
    shown(visitor, "tabby cat")
    kept(visitor, 1, 1)
    visitor.page.goto("about:blank")
    visitor.page.go_back()
    shown(visitor, "tabby cat")
    assert visitor.page.get_by_role("tab", name="Video").get_attribute("aria-selected") == "true"


def test_a_restart_of_the_server_loses_nothing_and_gets_the_files_again(restartable, visit):
    start, stop = restartable
    visitor = visit(start())
    visitor.ask("What animal is this?", "cat.jpg")
    shown(visitor, "tabby cat")
    kept(visitor, 1, 1)
    stop()
    address = start()
    visitor.page.goto(visitor.page.url)
    shown(visitor, "tabby cat")
    visitor.ask("count the turns")
    shown(visitor, "Turns so far: 3.", 2)
    assert len(last_prompt(address)[0]) == 3
    expect(visitor.chat.locator(".user-row img").first).to_be_visible()


def test_a_page_that_stays_open_over_a_restart_goes_on_where_it_was(restartable, visit):
    start, stop = restartable
    visitor = visit(start())
    visitor.ask("What animal is this?", "cat.jpg")
    shown(visitor, "tabby cat")
    kept(visitor, 1, 1)
    visitor.text.press_sequentially("count the tur")
    stop()
    expect(visitor.page.locator("body")).to_contain_text("No connection at the moment")
    with visitor.page.expect_request(lambda request: "What animal is this?" in (request.post_data or "")):
        address = start()
    expect(visitor.text).to_have_value("count the tur")
    visitor.text.press_sequentially("ns")
    visitor.text.press("Enter")
    shown(visitor, "Turns so far: 3.", 2)
    assert len(last_prompt(address)[0]) == 3


def test_what_is_typed_and_the_settings_are_there_after_a_reload(server, visit):
    visitor = visit(server)
    visitor.page.locator(".settings:visible button").first.click()
    longest = visitor.page.get_by_label("number input for Longest answer").locator("visible=true")
    longest.fill("64")
    longest.press("Tab")
    visitor.ask("Hello?")
    shown(visitor, "tabby cat")
    visitor.text.press_sequentially("Half a question")
    kept(visitor, 1)
    visitor.page.reload()
    shown(visitor, "tabby cat")
    expect(visitor.text).to_have_value("Half a question")
    visitor.page.locator(".settings:visible button").first.click()
    expect(visitor.page.get_by_label("number input for Longest answer").locator("visible=true")).to_have_value("64")


def test_a_conversation_of_another_tab_is_there_before_that_tab_was_opened(server, visit):
    visitor = visit(server)
    visitor.tab("Audio")
    visitor.ask("Say something")
    shown(visitor, "tabby cat")
    kept(visitor, 1)
    visitor.page.goto(f"{server}/?tab=image")
    visitor.page.locator(".tool.history").wait_for()
    visitor.tab("Audio")
    shown(visitor, "tabby cat")


def test_conversations_are_listed_searched_renamed_opened_deleted_and_taken_back(server, visit):
    visitor = visit(server)
    visitor.ask("What animal is this?", "cat.jpg")
    shown(visitor, "tabby cat")
    drawer(visitor).get_by_role("button", name="New conversation").click()
    expect(visitor.chat.locator(".placeholder")).to_be_visible()
    visitor.tab("Audio")
    visitor.ask("count my words")
    shown(visitor, "Turns so far: 1.")
    place = drawer(visitor)
    expect(place.locator(".kept-name")).to_have_text(["count my words", "What animal is this?"])
    expect(place.locator(".kept-open[aria-current]")).to_contain_text("Audio")
    expect(place.locator("li").nth(1)).to_contain_text(re.compile(r"Image · .* · 1 question · \d+ kB"))
    place.get_by_role("searchbox").fill("TABBY cat")
    expect(place.locator(".kept-name")).to_have_text(["What animal is this?"])
    visitor.shot("desk-history")
    place.locator("summary").click()
    place.get_by_role("button", name="Rename").click()
    field = place.get_by_label("Name of the conversation")
    field.fill("My cat")
    field.press("Enter")
    expect(place.locator(".kept-name")).to_have_text(["My cat"])
    place.get_by_role("searchbox").fill("nowhere")
    expect(place.locator(".kept-empty")).to_have_text("No conversation has these words.")
    place.get_by_role("searchbox").fill("")
    place.locator(".kept-open", has_text="My cat").click()
    shown(visitor, "What animal is this?")
    assert visitor.page.get_by_role("tab", name="Image").get_attribute("aria-selected") == "true"
    place = drawer(visitor)
    item = place.locator("li", has_text="My cat")
    item.locator("summary").click()
    item.get_by_role("button", name="Delete").click()
    expect(place.locator(".kept-name")).to_have_text(["count my words"])
    expect(visitor.page.locator("#image-chat .placeholder")).to_have_count(1)
    place.get_by_role("button", name="Undo").click()
    expect(place.locator(".kept-name")).to_have_count(2)
    visitor.page.keyboard.press("Escape")
    shown(visitor, "What animal is this?")


def test_the_address_names_the_conversation_and_back_and_forward_walk_them(server, visit):
    visitor = visit(server)
    visitor.ask("The first one?")
    shown(visitor, "The first one?")
    first = CONVERSATION.search(visitor.page.url)
    assert first
    drawer(visitor).get_by_role("button", name="New conversation").click()
    expect(visitor.chat.locator(".placeholder")).to_be_visible()
    assert not CONVERSATION.search(visitor.page.url)
    visitor.ask("The second one?")
    shown(visitor, "The second one?")
    kept(visitor, 2)
    visitor.page.go_back()
    shown(visitor, "The first one?")
    visitor.page.go_forward()
    shown(visitor, "The second one?")
    linked = another_page(visitor, f"{server}/?tab=image&conversation={first[1]}")
    shown(linked, "The first one?")
    stranger = another_page(visitor, f"{server}/?tab=image&conversation={'0' * 32}")
    expect(stranger.page.locator(".page-remark")).to_contain_text("kept in another browser")
    expect(stranger.chat.locator(".placeholder")).to_be_visible()


def test_two_pages_that_go_on_with_the_same_conversation_keep_both(server, visit):
    visitor = visit(server)
    visitor.ask("Where it begins?")
    shown(visitor, "Where it begins?")
    kept(visitor, 1)
    other = another_page(visitor, visitor.page.url)
    shown(other, "Where it begins?")
    visitor.ask("count here")
    shown(visitor, "Turns so far: 3.", 2)
    kept(visitor, 2)
    other.ask("count there")
    shown(other, "Turns so far: 3.", 2)
    kept(visitor, 3)
    addresses = set()
    for page, own in ((visitor, "count here"), (other, "count there")):
        page.page.reload()
        shown(page, own, 2)
        addresses.add(CONVERSATION.search(page.page.url)[1])
    assert len(addresses) == 2
    expect(drawer(visitor).locator(".kept-name")).to_have_text(["Where it begins?"] * 2)


def test_a_conversation_is_saved_as_json_markdown_and_a_page_and_opened_again_by_another_browser(
    server, visit, tmp_path
):
    visitor = visit(server)
    visitor.tab("Video")
    visitor.ask("What happens?", "traffic_light.mp4")
    shown(visitor, "tabby cat")
    kept(visitor, 1, 1)
    place, files = drawer(visitor), {}
    for label, ending in (("Markdown", "md"), ("JSON", "json"), ("a page", "html")):
        place.locator("summary").click()
        with visitor.page.expect_download() as download:
            place.get_by_role("button", name=f"Save as {label}").click()
        assert download.value.suggested_filename == f"What-happens.{ending}"
        files[ending] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[ending])
        visitor.page.keyboard.press("Escape")
        place = drawer(visitor)
    assert "tabby cat" in files["md"].read_text()
    offline = visitor.page.context.new_page()
    offline.goto(files["html"].as_uri())
    offline.wait_for_function("document.querySelector('video').readyState >= 1")
    assert offline.evaluate("document.querySelector('video').duration") > 1

    stranger = visit(server)
    place = drawer(stranger)
    place.locator("input[type=file]").set_input_files(EXAMPLES / "cat.jpg")
    expect(place.locator(".kept-note")).to_contain_text("no conversation that was saved here")
    place.locator("input[type=file]").set_input_files(files["json"])
    shown(stranger, "tabby cat")
    stranger.ask("count the turns")
    shown(stranger, "Turns so far: 3.", 2)
    assert len(last_prompt(server)[0]) == 3


def test_a_saved_file_that_was_tampered_with_is_refused_with_one_sentence_and_not_kept(server, visit, tmp_path):
    saved = {"vita": "conversation", "format": 1, "tab": "image", "name": "Evil", "settings": None, "media": [],
             "exchanges": [{"text": "A?", "files": [], "kinds": [], "frames": 8, "seen": [],
                            "answer": {"text": "Yes.", "state": 77}}]}  # fmt: skip
    path = tmp_path / "evil.json"
    path.write_text(json.dumps(saved))
    visitor = visit(server)
    drawer(visitor).locator("input[type=file]").set_input_files(path)
    expect(visitor.page.locator(".page-remark")).to_contain_text("cannot be read")
    expect(drawer(visitor).locator(".kept-name")).to_have_count(0)


def test_a_saved_file_shows_no_html_and_loads_nothing_of_another_host(server, visit, tmp_path):
    evil = "<img src='https://elsewhere.example/x.png' onerror='window.evil=1'>"
    saved = {"vita": "conversation", "format": 1, "tab": "image", "name": evil, "settings": None, "media": [],
             "exchanges": [{"text": evil, "files": [], "kinds": [], "frames": 8, "seen": [],
                            "answer": {"text": "Fine.", "state": 3, "phase": "done", "engine": evil}}]}  # fmt: skip
    path = tmp_path / "evil.json"
    path.write_text(json.dumps(saved))
    visitor = visit(server)
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    drawer(visitor).locator("input[type=file]").set_input_files(path)
    shown(visitor, "Fine.")
    assert drawer(visitor).locator(".kept-name").inner_text() == evil
    assert visitor.page.evaluate("window.evil") is None
    assert not [url for url in asked if "elsewhere" in url and "facts" in url]


def test_a_browser_that_keeps_nothing_says_so_and_works(server, browser):
    context = browser.new_context()
    context.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    visitor = Visitor(context.new_page(), server)
    expect(visitor.page.locator(".page-remark")).to_contain_text("keeps nothing")
    visitor.ask("What animal is this?", "cat.jpg")
    shown(visitor, "tabby cat")
    expect(drawer(visitor).locator(".kept-empty")).to_contain_text("keeps nothing")
    assert not visitor.errors
    context.close()


FULL = """const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (value) {
  if (window.full && this.name === "media") throw new DOMException("full", "QuotaExceededError");
  return put.call(this, value);
};"""


def test_a_full_storage_offers_the_oldest_media_for_deletion(server, browser):
    context = browser.new_context()
    context.add_init_script(FULL)
    visitor = Visitor(context.new_page(), server)
    visitor.ask("An old picture?", "cat.jpg")
    shown(visitor, "tabby cat")
    kept(visitor, 1, 1)
    drawer(visitor).get_by_role("button", name="New conversation").click()
    expect(visitor.chat.locator(".placeholder")).to_be_visible()
    visitor.page.evaluate("window.full = true")
    visitor.ask("A new picture?", "coffee.jpg")
    shown(visitor, "tabby cat")
    remark = visitor.page.locator(".page-remark")
    expect(remark).to_contain_text("storage is full")
    visitor.page.evaluate("window.full = false")
    remark.get_by_role("button", name="Delete the oldest media").click()
    expect(remark).to_contain_text("are free again")
    kept(visitor, 2, 1)
    visitor.page.reload()
    shown(visitor, "A new picture?")
    expect(visitor.chat.locator(".user-row img").first).to_be_visible()
    context.close()


def test_a_first_question_that_fails_is_not_among_the_conversations(server, visit):
    visitor = visit(server)
    visitor.ask("fail please")
    expect(visitor.text).to_have_value("fail please")
    place = drawer(visitor)
    expect(place.locator(".kept-empty")).to_contain_text("No conversation yet")
    expect(place.locator(".kept-usage")).to_contain_text("the server forgets them")  # it holds them for a time


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_drawer_fits_a_phone(server, visit, scheme, locale):
    visitor = visit(server, width=390, height=844, locale=locale, scheme=scheme)
    visitor.ask("What animal is this, and what is it doing there on the sofa all day long?", "cat.jpg")
    visitor.answered()
    place = drawer(visitor)
    expect(place.locator(".kept-name")).to_have_count(1)
    place.locator("summary").click()
    visitor.page.wait_for_timeout(300)
    visitor.shot(f"phone-history-{scheme}-{locale}")
    assert visitor.width_beyond_screen() <= 0
    assert place.evaluate("(drawer) => drawer.scrollWidth - drawer.clientWidth") <= 0
    box = place.locator(".kept-menu > div").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390


def test_the_drawer_is_used_by_keyboard(server, visit):
    visitor = visit(server)
    visitor.ask("Hello?")
    visitor.answered()
    button = visitor.page.locator(".tool.history")
    button.focus()
    visitor.page.keyboard.press("Enter")
    place = visitor.page.locator(".kept-drawer")
    place.wait_for()
    assert place.evaluate("(drawer) => drawer.contains(document.activeElement)")
    visitor.page.keyboard.press("Escape")
    expect(place).to_be_hidden()
    assert button.evaluate("(element) => element === document.activeElement")


ENGLISH = re.compile(r"[A-Za-z]{4,}")
NAMES = {"VITA", "Playground", "fake", "engine", "Python", "Markdown", "JSON", "tabby", "Esc", "Shift", "Enter"}


def test_another_language_keeps_the_conversation_and_leaves_no_mix(server, visit):
    visitor = visit(server)
    visitor.ask("这是什么？", "cat.jpg")
    shown(visitor, "tabby cat")
    visitor.text.press_sequentially("还有")
    kept(visitor, 1, 1)
    visitor.page.get_by_role("button", name="中文").click()
    expect(visitor.page.get_by_role("tab", name="图像")).to_be_visible()
    shown(visitor, "这是什么？")
    visitor.chat.locator("details.saw summary").click()
    expect(visitor.text).to_have_value("还有")
    facts = " ".join(visitor.chat.locator(".facts, .badge, .saw").all_inner_texts())
    assert set(ENGLISH.findall(facts)) <= {"engine"}
    header = " ".join(visitor.page.locator(".head, .tab-container, .side").all_inner_texts())
    assert set(ENGLISH.findall(header)) <= NAMES
    assert visitor.page.evaluate("document.documentElement.lang").startswith("zh")
    visitor.shot("desk-switched-chinese")
    visitor.page.reload()
    shown(visitor, "这是什么？")
    expect(visitor.page.get_by_role("tab", name="图像")).to_be_visible()
    visitor.tab("对讲")
    expect(visitor.page.locator(".talk-tab")).to_contain_text("开始")
    visitor.page.get_by_role("button", name="EN", exact=True).click()
    expect(visitor.page.locator(".talk-tab")).to_contain_text("Start")
    visitor.tab("Image")
    shown(visitor, "query by text")
    assert "文字提问" not in visitor.chat.inner_text()


def test_a_link_chooses_the_language_and_a_choice_takes_it_out_of_the_address(server, visit):
    visitor = visit(f"{server}/?lang=zh")
    expect(visitor.page.get_by_role("tab", name="图像")).to_be_visible()
    visitor.page.get_by_role("button", name="EN", exact=True).click()
    expect(visitor.page.get_by_role("tab", name="Image")).to_be_visible()
    assert "lang" not in visitor.page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_the_systems_until_another_is_chosen_which_stays(server, visit, scheme):
    visitor = visit(server, scheme=scheme)
    dark = "document.body.classList.contains('dark')"
    button = visitor.page.locator(".tool.theme")
    expect(button).to_have_attribute("aria-label", "Theme: as the system")
    assert visitor.page.evaluate(dark) is (scheme == "dark")
    for name in ("light", "dark"):
        button.click()
        expect(button).to_have_attribute("aria-label", f"Theme: {name}")
        visitor.page.wait_for_function(f"{dark} === {'true' if name == 'dark' else 'false'}")
    visitor.page.reload()
    visitor.page.locator(".engine").first.wait_for()
    assert visitor.page.evaluate(dark)
    visitor.page.locator(".tool.theme").click()
    visitor.page.wait_for_function(f"{dark} === {'true' if scheme == 'dark' else 'false'}")
