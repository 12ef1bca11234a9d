"""The page while its connection is cut, silent, or leads to another server, and with many tabs of one browser."""

from __future__ import annotations

import json
import time

import pytest

from tests.browser.conftest import Visitor, engines
from tests.browser.network_cable import NetworkCable
from tests.browser.serving import serving

pytestmark = pytest.mark.browser

AWAY, WAITING, BACK = "No connection at the moment. Nothing", "What you sent waits", "Connected again."
LONG = "Write something long"
WORDS = 400  # in the fake's long answer


@pytest.fixture
def cable(server):
    cable = NetworkCable(int(server.rsplit(":", 1)[1]))
    yield cable
    cable.close()


@pytest.fixture
def at_the_cable(cable, visit):
    """A visitor behind the cable, whose page is marked, so that a reload shows."""

    def enter(**how):
        visitor = visit(cable.address, **how)
        visitor.page.wait_for_timeout(300)
        visitor.page.evaluate("window.unloaded = 'not yet'")
        return visitor

    return enter


def never_reloaded(visitor) -> bool:
    return visitor.page.evaluate("window.unloaded") == "not yet"


def line(visitor, text: str) -> None:
    visitor.page.locator(".connection-line", has_text=text).wait_for()


def words_said(visitor) -> int:
    return visitor.chat.inner_text().count("word")


def test_an_answer_goes_on_after_the_connection_was_cut_for_three_seconds(server, cable, at_the_cable):
    visitor = at_the_cable()
    asked = engines(server)
    visitor.ask(LONG)
    visitor.chat.get_by_text("word word").wait_for()
    cable.cut()
    line(visitor, AWAY)
    before = words_said(visitor)
    visitor.shot("desk-away")
    visitor.page.wait_for_timeout(3000)
    assert words_said(visitor) == before, "the connection is really cut"
    cable.restore()
    line(visitor, BACK)
    visitor.answered()
    assert words_said(visitor) == WORDS
    assert engines(server)["requests"] == asked["requests"] + 1
    assert engines(server)["aborts"] == asked["aborts"]
    assert never_reloaded(visitor)
    visitor.ask("count the turns")
    visitor.chat.get_by_text("Turns so far: 3.").wait_for()
    visitor.page.locator(".connection-line[data-kind]").wait_for(state="hidden")


def test_a_browser_that_was_offline_for_three_seconds_goes_on(server, at_the_cable):
    visitor = at_the_cable()
    visitor.ask(LONG)
    visitor.chat.get_by_text("word word").wait_for()
    visitor.page.context.set_offline(True)
    visitor.page.wait_for_timeout(3000)
    visitor.page.context.set_offline(False)
    visitor.answered()
    assert words_said(visitor) == WORDS
    assert never_reloaded(visitor)


def test_a_question_of_a_browser_without_a_network_waits_for_it_and_covers_nothing(server, at_the_cable):
    visitor = at_the_cable()
    visitor.page.context.set_offline(True)
    visitor.ask("count the turns")
    line(visitor, "What you sent waits")
    visitor.page.wait_for_timeout(4000)
    assert not visitor.chat.locator(".error:visible").count()
    visitor.page.context.set_offline(False)
    visitor.answered()
    visitor.page.locator(".connection-line[data-kind=away]").wait_for(state="hidden")
    assert never_reloaded(visitor)


def test_a_connection_that_falls_silent_is_noticed_and_taken_up_again(server, cable, at_the_cable):
    visitor = at_the_cable()
    visitor.ask(LONG)
    visitor.chat.get_by_text("word word").wait_for()
    cable.silence()
    visitor.page.evaluate("window.dispatchEvent(new Event('offline'))")  # or it would be noticed later
    line(visitor, AWAY)
    cable.restore()
    visitor.answered()
    assert words_said(visitor) == WORDS
    assert never_reloaded(visitor)


def test_a_question_that_is_asked_while_the_connection_is_away_waits_and_is_asked_once(server, cable, at_the_cable):
    visitor = at_the_cable(locale="zh-CN", width=390, height=844)
    asked = engines(server)["requests"]
    cable.cut()
    line(visitor, "网络暂时断开。内容都在")
    visitor.ask("count the turns")
    line(visitor, "已发送的内容会等到恢复后自动发出")
    visitor.shot("phone-waiting")
    cable.restore()
    visitor.answered()
    visitor.chat.get_by_text("Turns so far: 1.").wait_for()
    assert engines(server)["requests"] == asked + 1
    assert never_reloaded(visitor)


def test_a_question_whose_receipt_is_lost_is_sent_again_and_asked_once(server, cable, at_the_cable):
    visitor = at_the_cable()
    asked = engines(server)["requests"]
    cable.cut_at = b"count the turns"
    visitor.ask("count the turns")
    line(visitor, WAITING)
    assert engines(server)["requests"] == asked + 1, "the server has the question"
    cable.restore()
    visitor.chat.get_by_text("Turns so far: 1.").wait_for()
    visitor.answered()
    assert engines(server)["requests"] == asked + 1
    assert never_reloaded(visitor)


def test_files_that_are_added_while_the_connection_is_away_are_uploaded_when_it_is_back(cable, at_the_cable):
    visitor = at_the_cable()
    cable.cut()
    line(visitor, AWAY)
    visitor.box.locator("input[type=file]").set_input_files("demos/examples/cat.jpg")
    line(visitor, WAITING)
    cable.restore()
    visitor.box.locator(".thumbnail-item").wait_for()
    visitor.ask("What is it?")
    visitor.answered()
    assert "image 49" in visitor.chat.locator(".facts").inner_text()


def test_nine_tabs_of_one_browser_are_all_usable(server, browser):
    context = browser.new_context(locale="en-US")
    tabs = [Visitor(context.new_page(), server) for _ in range(9)]
    for visitor in tabs:
        visitor.ask("count the turns")
    for visitor in tabs:
        visitor.answered()
        assert visitor.chat.get_by_text("Turns so far: 1.").is_visible()
    context.close()


def test_a_restarted_server_gets_a_new_session_without_a_reload(cable, at_the_cable, tmp_path):
    with serving("-m", "tests.browser.serve", "{port}", log=tmp_path / "first") as first:
        cable.port = int(first.rsplit(":", 1)[1])
        visitor = at_the_cable()
        visitor.page.evaluate("window.restarts = 0; addEventListener('vita:server-restarted', () => window.restarts++)")
        visitor.ask(LONG)
        visitor.chat.get_by_text("word word").wait_for()
    line(visitor, AWAY)
    with serving("-m", "tests.browser.serve", "{port}", log=tmp_path / "second") as second:
        cable.port = int(second.rsplit(":", 1)[1])
        line(visitor, BACK)
        visitor.page.get_by_test_id("toast-body").wait_for()
        assert "The server was restarted while it answered." in visitor.page.get_by_test_id("toast-body").inner_text()
        visitor.box.get_by_test_id("submit-button").wait_for()
        assert visitor.page.evaluate("window.restarts") == 1
        assert never_reloaded(visitor)
        visitor.shot("desk-restarted")
        visitor.ask("count the turns")
        visitor.chat.get_by_text("Turns so far: 3.").wait_for()  # what the browser kept is there again
        visitor.page.locator(".engine.ready").nth(1).wait_for()


def test_what_waits_is_sent_after_what_a_restart_must_restore(cable, at_the_cable, tmp_path):
    with serving("-m", "tests.browser.serve", "{port}", log=tmp_path / "first") as first:
        cable.port = int(first.rsplit(":", 1)[1])
        visitor = at_the_cable()
        visitor.page.evaluate(
            "addEventListener('vita:server-restarted', ({ detail }) =>"
            " detail.until(new Promise((done) => (window.restored = done))))"
        )
    line(visitor, AWAY)
    visitor.ask("count the turns")
    line(visitor, WAITING)
    with serving("-m", "tests.browser.serve", "{port}", log=tmp_path / "second") as second:
        cable.port = int(second.rsplit(":", 1)[1])
        visitor.page.wait_for_function("!!window.restored")
        visitor.page.wait_for_timeout(500)
        assert engines(second)["requests"] == 0
        visitor.page.evaluate("window.restored()")
        visitor.answered()
        assert engines(second)["requests"] == 1


def test_a_question_that_waited_over_a_restart_goes_on_with_its_conversation(cable, at_the_cable, tmp_path):
    with serving("-m", "tests.browser.serve", "{port}", log=tmp_path / "first") as first:
        cable.port = int(first.rsplit(":", 1)[1])
        visitor = at_the_cable()
        visitor.ask("What animal is this?", "cat.jpg")
        visitor.answered()
        visitor.page.wait_for_timeout(1000)  # until its picture is kept
    line(visitor, AWAY)
    visitor.ask("count the turns")
    line(visitor, WAITING)
    with serving("-m", "tests.browser.serve", "{port}", log=tmp_path / "second") as second:
        cable.port = int(second.rsplit(":", 1)[1])
        visitor.chat.get_by_text("Turns so far: 3.").wait_for()
        assert engines(second)["requests"] == 1
        assert never_reloaded(visitor)


def test_a_server_with_another_page_asks_for_a_reload_and_sends_nothing(server, visit, browser):
    """The server's second greeting is that of another one."""
    greetings = []

    def changed(message):
        told = json.loads(message)
        if "server" in told:
            greetings.append(told)
            if len(greetings) > 1:
                told |= {"server": "another", "page": "another", "known": False}
        return json.dumps(told)

    def through(near):
        far = near.connect_to_server()
        far.on_message(lambda message: near.send(changed(message)))
        connections.append(near)

    connections = []
    page = browser.new_context(locale="en-US").new_page()
    page.route_web_socket("**/relay/streams", through)
    visitor = Visitor(page, server)
    asked = engines(server)["requests"]
    connections[0].close(code=4100)
    line(visitor, "The server has a newer version of this page.")
    visitor.shot("desk-outdated")
    visitor.ask("count the turns")
    visitor.page.get_by_test_id("toast-body").wait_for()
    assert engines(server)["requests"] == asked
    page.evaluate("window.unloaded = 'not yet'")
    page.get_by_role("button", name="Load it").click()
    page.wait_for_function("window.unloaded === undefined")
    page.context.close()


def test_a_server_that_dropped_what_it_held_of_a_tab_is_given_its_conversation_again(server, browser):
    """The server's second greeting is that of the same one, which knows the tab no more."""
    greetings, connections = [], []

    def forgotten(message):
        told = json.loads(message)
        if "server" in told:
            greetings.append(told)
            told |= {"known": told["known"] and len(greetings) == 1}
        return json.dumps(told)

    def through(near):
        far = near.connect_to_server()
        far.on_message(lambda message: near.send(forgotten(message)))
        connections.append(near)

    page = browser.new_context(locale="en-US").new_page()
    page.route_web_socket("**/relay/streams", through)
    visitor = Visitor(page, server)
    visitor.ask("What animal is this?")
    visitor.answered()
    page.wait_for_function("location.search.includes('conversation=')")
    page.evaluate(
        """() => { const later = window.setTimeout; // nobody loses patience
          window.setTimeout = (act, wait, ...more) => (wait === 10000 ? 0 : later(act, wait, ...more)); }"""
    )
    with page.expect_request(lambda request: "What animal is this?" in (request.post_data or "")):
        connections[0].close(code=4100)
    page.evaluate(
        """async () => { const { keeping } = await import(new URL("page/keeping.js", document.baseURI).href);
          keeping.show("image", keeping.shown.of("image")).then(() => (window.restored = true)); }"""
    )
    page.wait_for_function("window.restored")
    visitor.ask("count the turns")
    visitor.chat.get_by_text("Turns so far: 3.").wait_for()
    page.context.close()


def test_without_websockets_the_page_has_gradios_own_streams(server, browser):
    page = browser.new_context(locale="en-US").new_page()
    page.route_web_socket("**/relay/streams", lambda near: near.close(code=1011))
    visitor = Visitor(page, server)
    visitor.ask("count the turns")
    visitor.chat.get_by_text("Turns so far: 1.").wait_for()
    visitor.answered()
    page.context.close()


def test_the_page_holds_no_http_connection_while_it_answers(server, visit):
    visitor = visit(server)
    streams = []
    visitor.page.on("request", lambda request: streams.append(request.url))
    visitor.page.reload()
    visitor.page.locator(".engine").first.wait_for()
    visitor.ask(LONG)
    visitor.chat.get_by_text("word word").wait_for()
    assert [url for url in streams if "/queue/join" in url]
    assert not [url for url in streams if "/heartbeat/" in url or "/queue/data" in url]


def test_a_closed_tab_that_was_away_ends_its_answer_when_its_time_is_over(server, cable, at_the_cable):
    """It is still being written while the tab may come back."""
    visitor = at_the_cable()
    visitor.ask(LONG)
    visitor.chat.get_by_text("word word").wait_for()
    cable.cut()
    time.sleep(1)
    assert engines(server)["load"] == 1
    cable.restore()
    visitor.answered()
