"""The tab Talk loses nothing: over an outage, a reload, the browser's Back, and a restart of the server."""

from __future__ import annotations

import json
import urllib.request

import pytest

from tests.browser.network_cable import NetworkCable
from tests.browser.serving import serving
from tests.browser.test_talk import asks, phase, saved, shot

pytestmark = pytest.mark.browser


@pytest.fixture
def cable(talk_server):
    cable = NetworkCable(port_of(talk_server))
    yield cable
    cable.close()


def port_of(address: str) -> int:
    return int(address.rsplit(":", 1)[1])


def asked(address: str, text: str) -> dict:
    """The request that asks this last."""
    with urllib.request.urlopen(f"{address}/fake/requests") as answer:
        return next(request for request in json.load(answer) if request["turns"][-1] == text)


def reopen(page) -> None:
    page.get_by_role("tab", name="Talk").click()
    page.locator(".vt-turn").first.wait_for()


def answered(page, count: int) -> list[str]:
    """All turns, once so many answers have been given and heard."""
    page.locator(".vt-turn.vita:not(.playing)", has_text="I read it.").nth(count - 1).wait_for()
    return page.locator(".vt-turn").all_inner_texts()


@pytest.mark.parametrize("lost", [False, True], ids=["a pause of the network", "connections that are gone"])
def test_a_question_that_is_spoken_while_the_network_is_away_is_answered_when_it_is_back(enter, cable, lost):
    page = enter(address=cable.address)
    page.get_by_role("button", name="Start talking").click()
    phase(page, "Listening")
    cable.silence()
    phase(page, "No connection; what you say is kept")
    if lost:
        shot(page, "desk-away", whole=False)
    page.wait_for_function("context.currentTime > 5.5")  # the question was spoken meanwhile
    assert page.locator(".vt-turn").count() == 0
    if lost:
        cable.cut()
    cable.restore()
    page.locator(".vt-turn.vita.playing").wait_for()
    assert page.locator(".vt-turn.user").count() == 1
    assert page.locator(".vt-turn.remark.anew").count() == 0


def test_a_reload_shows_the_conversation_again_and_it_goes_on_with_its_history(enter, talk_server, tmp_path):
    page = enter(allowed=False)
    asks(page, "Is my name Ada?")
    page.get_by_role("button", name="Go on without a microphone").click()
    before = answered(page, 1)
    page.reload()
    reopen(page)
    assert page.locator(".vt-turn").all_inner_texts() == before
    assert page.locator(".vt-phase").inner_text() == (
        "The conversation so far is kept in this browser; you can go on with it."
    )
    shot(page, "desk-kept", whole=False)
    subtitles = saved(page, "Subtitles", tmp_path / "kept.srt").read_text()
    assert "you: Is my name Ada?" in subtitles
    assert saved(page, "Recording", tmp_path / "kept.wav").stat().st_size > 48_000
    asks(page, "What is my name?")
    page.get_by_role("button", name="Go on without a microphone").click()
    assert answered(page, 2)[: len(before)] == before
    assert asked(talk_server, "What is my name?")["turns"] == [
        "Is my name Ada?", "You typed that, and I read it.", "What is my name?",
    ]  # fmt: skip


def test_back_shows_the_conversation_again(enter):
    page = enter(allowed=False)
    asks(page, "Here?")
    page.get_by_role("button", name="Go on without a microphone").click()
    before = answered(page, 1)
    page.goto("about:blank")
    page.go_back()
    reopen(page)
    assert page.locator(".vt-turn").all_inner_texts() == before


def test_a_restart_of_the_server_ends_nothing_and_the_next_one_is_told_what_was_said(enter, cable, tmp_path):
    page = enter(address=cable.address, allowed=False)
    asks(page, "Is my name Ada?")
    page.get_by_role("button", name="Go on without a microphone").click()
    before = answered(page, 1)
    with serving("-m", "tests.browser.talk_serve", "{port}", log=tmp_path / "log") as other:
        cable.cut()
        cable.port = port_of(other)
        cable.restore()
        page.locator(".vt-turn.remark.anew", has_text="Goes on from the text of what was said above.").wait_for()
        page.wait_for_function("document.querySelector('.vt').dataset.phase === 'listening'")
        asks(page, "What is my name?")
        assert answered(page, 2)[: len(before)] == before
        assert asked(other, "What is my name?")["turns"] == [
            "Is my name Ada?", "You typed that, and I read it.", "What is my name?",
        ]  # fmt: skip


def test_a_new_conversation_knows_nothing_of_the_one_before(enter, talk_server):
    page = enter(allowed=False)
    asks(page, "First?")
    page.get_by_role("button", name="Go on without a microphone").click()
    answered(page, 1)
    page.get_by_role("button", name="End", exact=True).click()
    page.get_by_role("button", name="New conversation").click()
    assert page.locator(".vt-turn").count() == 0
    asks(page, "Second?")
    page.get_by_role("button", name="Go on without a microphone").click()
    answered(page, 1)
    assert asked(talk_server, "Second?")["turns"] == ["Second?"]
    page.get_by_text("Earlier conversations").click()
    page.get_by_role("button", name="First?").first.click()
    page.locator(".vt-bubble", has_text="First?").wait_for()
    page.reload()
    reopen(page)
    assert page.locator(".vt-bubble").all_inner_texts() == ["First?"]
    page.get_by_text("Earlier conversations").click()
    page.get_by_role("button", name="Delete: Second?").click()
    shot(page, "desk-earlier")
    page.get_by_role("button", name="Delete for good?").click()
    page.get_by_text("None are kept.").wait_for()


KEPT_LINES = """
() => new Promise((done) => {
  indexedDB.open("vita-talk-archive").onsuccess = ({ target: { result: database } }) => {
    database.transaction("pieces").objectStore("pieces").getAll().onsuccess = ({ target: { result: pieces } }) => {
      const ends = {};
      for (const piece of pieces) ends[piece.conversation] = piece.lines.at(-1)?.event.type ?? ends[piece.conversation];
      database.close();
      done(ends);
    };
  };
})
"""  # the type of the last line of each conversation


def test_a_conversation_that_runs_is_kept_to_its_end_when_an_earlier_one_is_shown(enter):
    page = enter(allowed=False)
    asks(page, "First?")
    page.get_by_role("button", name="Go on without a microphone").click()
    answered(page, 1)
    page.get_by_role("button", name="End", exact=True).click()
    page.get_by_role("button", name="New conversation").click()
    asks(page, "Second?")
    page.get_by_role("button", name="Go on without a microphone").click()
    answered(page, 1)
    page.get_by_text("Earlier conversations").click()
    page.get_by_role("button", name="First?").first.click()
    page.locator(".vt-bubble", has_text="First?").wait_for()
    assert list(page.evaluate(KEPT_LINES).values()) == ["page.end", "page.end"]


def test_two_tabs_of_a_browser_keep_a_conversation_each(enter):
    page = enter(allowed=False)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("tab", name="Talk").click()
    for tab, text in ((page, "In the first tab."), (other, "In the second tab.")):
        asks(tab, text)
        tab.get_by_role("button", name="Go on without a microphone").click()
        answered(tab, 1)
    for tab in (page, other):
        tab.reload()
        reopen(tab)
    assert page.locator(".vt-bubble").all_inner_texts() == ["In the first tab."]
    assert other.locator(".vt-bubble").all_inner_texts() == ["In the second tab."]


def test_a_conversation_that_another_tab_has_is_neither_shown_nor_deleted_and_that_is_said(enter):
    page = enter(allowed=False)
    asks(page, "Mine?")
    page.get_by_role("button", name="Go on without a microphone").click()
    answered(page, 1)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("tab", name="Talk").click()
    asks(other, "Yours?")
    other.get_by_role("button", name="Go on without a microphone").click()
    answered(other, 1)
    other.get_by_text("Earlier conversations").click()
    other.get_by_role("button", name="Delete: Mine?").click()
    other.get_by_role("button", name="Delete for good?").click()
    other.get_by_text("It is open in another tab. Close that tab first.").wait_for()
    shot(other, "desk-elsewhere")
    other.get_by_role("button", name="Mine?").first.click()
    other.get_by_role("button", name="End", exact=True).wait_for()  # the conversation here goes on
    assert other.locator(".vt-bubble").all_inner_texts()[0] == "Yours?"
    page.close()
    other.get_by_role("button", name="Delete: Mine?").click()
    other.get_by_role("button", name="Delete for good?").click()
    other.get_by_text("None are kept.").wait_for()
    assert other.get_by_text("It is open in another tab.").count() == 0


def test_a_browser_that_keeps_nothing_says_so_and_talks_all_the_same(enter):
    page = enter(allowed=False)
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { get() { throw new Error('private'); } })")
    page.reload()
    page.get_by_role("tab", name="Talk").click()
    page.get_by_text("this browser keeps nothing after the page is closed").wait_for()
    asks(page, "Still there?")
    page.get_by_role("button", name="Go on without a microphone").click()
    answered(page, 1)


def test_a_browser_without_room_says_what_to_do_and_the_conversation_goes_on(enter):
    page = enter(allowed=False)
    page.evaluate(
        "() => void (IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError'); })"
    )
    asks(page, "Is there room?")
    page.get_by_role("button", name="Go on without a microphone").click()
    page.get_by_role("alert").get_by_text("The browser has no more room").wait_for()
    answered(page, 1)
    assert saved_size(page) > 0


def saved_size(page) -> int:
    with page.expect_download() as download:
        page.get_by_role("button", name="Event log").click()
    return download.value.path().stat().st_size
