"""What a browser is given to keep of a conversation, and what is made of it when it comes back."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from itertools import pairwise

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from demos import services as services_module
from demos.ability.answer_settings import DEFAULTS, options_from, settings_values
from demos.ability.chatbot_messages import chatbot_messages
from demos.ability.conversation_keeper import KeptConversations
from demos.ability.video_tab import TAB as VIDEO
from demos.example_files import EXAMPLES
from demos.keeping.keeping_routes import mount_keeping
from demos.keeping.kept_conversation import MOST_CHARACTERS, read_kept, restored, update_of
from demos.media_cache import MediaCache
from demos.services import Services
from demos.visitor_conversation import AnswerPhase, ChatExchange, ChatOptions, VisitorAnswer, VisitorQuestion
from tests.desk import CAT, CHINESE, SETTINGS, VISITOR, ChatVisitor, skipped, texts
from tests.fakes import Answer, FakeEngine, pool_of
from vita.conversation import render_prompt
from vita.errors import EngineDeadError, InputError
from vita.media import digest
from vita.tokens import Family, State

CLIP = str(EXAMPLES / "cat_then_coffee.mp4")
VOICE = str(EXAMPLES / "ask_video.wav")
NAME = "0" * 32


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(services_module, "BEAT", 0.02)
    monkeypatch.setattr(services_module, "FRAME", 0.0)


class KeptBrowser:
    """What a browser does with the updates of one tab: keeps exchanges by their ids, and brings them back."""

    def __init__(self) -> None:
        self.exchanges: dict[str, dict] = {}
        self.shown: list[str] = []
        self.last: dict = {}

    def receive(self, updates: list) -> None:
        for update in updates:
            if not skipped(update[3]):
                self.last = json.loads(update[3])
                exchange = self.last["exchange"]
                self.exchanges |= {exchange["id"]: exchange} if exchange else {}
                self.shown = [*self.last["before"], *([exchange["id"]] if exchange else [])]

    def brought(self, **changes) -> str:
        exchanges = [self.exchanges[name] for name in self.shown]
        keys = list(dict.fromkeys(key for exchange in exchanges for key in exchange["files"] if ":" not in key))
        kept = {"format": 1, "id": self.last["conversation"], "settings": self.last["settings"], "keys": keys,
                "exchanges": exchanges}  # fmt: skip
        return json.dumps(kept | changes)


def keeper_of(desk: ChatVisitor) -> KeptConversations:
    """A keeper over the same services."""
    return KeptConversations(desk.services, desk.chat._tab.name)


def rendered(request) -> list:
    """A request's prompt, its media by what they hold."""
    pieces = render_prompt(request.turns, Family.NANO, request.system)
    return [piece if isinstance(piece, str) else digest(piece) for piece in pieces]


async def test_a_conversation_that_was_restored_elsewhere_has_the_same_prompt(tmp_path):
    uploaded = str(shutil.copy(CAT, tmp_path / "mine.jpg"))
    here = ChatVisitor("A cat, then coffee.", Answer("", State.NOISE), "Brown.", tab=VIDEO)
    browser = KeptBrowser()
    past: tuple = ()
    for text, files in (("", (CLIP, VOICE)), ("", (uploaded, str(EXAMPLES / "knocking.wav")))):
        updates = await here.send(text, *files, past=past)
        browser.receive(updates)
        past = updates[-1][1]
    await here.send("Its colour?", past=past)

    there = ChatVisitor("Brown.", tab=VIDEO)
    keeper = keeper_of(there)
    again = shutil.copy(uploaded, tmp_path / "again.jpg")
    brought = browser.brought()
    assert json.loads(brought)["keys"] == [str(uploaded)]
    messages, conversation, box, kept, *settings = await keeper.show_kept(brought, [str(again)], VISITOR)
    await there.send("Its colour?", past=conversation)
    assert rendered(there.engine.requests[-1]) == rendered(here.engine.requests[-1])
    assert len(rendered(there.engine.requests[-1])) > 3
    assert skipped(kept)
    assert box.submit_btn is True
    assert options_from(settings) == options_from(SETTINGS)
    assert texts(messages) == texts(chatbot_messages(past, "en"))


async def test_an_answer_that_grows_is_kept_at_once_then_once_a_second_and_when_it_is_complete():
    clock = iter(range(10_000))
    engine = FakeEngine("a b c d e f g h i j k l m n o p")
    desk = ChatVisitor("x")
    desk.services = desk.chat._services = Services(pool_of(engine), clock=lambda: next(clock) / 10)
    updates = await desk.send("Letters?")
    kept = [json.loads(update[3])["exchange"]["answer"] for update in updates if not skipped(update[3])]
    assert [answer["phase"] for answer in kept] == ["reading", *["writing"] * (len(kept) - 2), "done"]
    assert 2 < len(kept) < len(updates)
    waited = [answer["waited"] for answer in kept[:-1]]
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(waited))


async def test_an_answer_that_was_cut_stands_as_far_as_it_came_as_stopped():
    partial = VisitorAnswer("Half of", State.TEXT_QUERY, AnswerPhase.WRITING)
    browser = KeptBrowser()
    browser.receive([(None, None, None, update_of((ChatExchange(VisitorQuestion("All?"), answer=partial),), "image"))])
    desk = ChatVisitor("Yes.")
    keeper = keeper_of(desk)
    messages, conversation, *_ = await keeper.show_kept(browser.brought(), [], VISITOR)
    assert texts(messages) == ["All?", "Half of"]
    assert conversation[0].answer.finish == "abort"
    assert "stopped" in messages[-1]["content"].value
    assert "已停止" in chatbot_messages(conversation, "zh")[-1]["content"].value


async def test_badges_facts_and_what_the_model_got_are_drawn_in_the_pages_language_from_what_was_kept():
    desk = ChatVisitor("A cat.")
    browser = KeptBrowser()
    browser.receive(await desk.send("What is it?", CAT))
    keeper = keeper_of(desk)
    shown = [(await keeper.show_kept(browser.brought(), [], visitor))[0] for visitor in (VISITOR, CHINESE)]
    english, chinese = (
        " ".join(m["content"].value for m in messages if hasattr(m["content"], "value")) for messages in shown
    )
    chinese = re.sub(r"base64,[^\"]*", "", chinese)
    assert "query by text" in english
    assert "What the model got" in english
    assert "文字提问" in chinese
    assert "模型得到的输入" in chinese
    assert "cat.jpg：" in chinese
    assert not any(word in chinese for word in ("query", "tokens", "What the model", "px"))


async def test_undo_clear_and_failures_tell_the_browser_what_is_left():
    desk = ChatVisitor("One.", "Two.", EngineDeadError("gone"))
    browser = KeptBrowser()
    browser.receive(updates := await desk.send("First?"))
    browser.receive(updates := await desk.send("Second?", past=updates[-1][1]))
    assert len(browser.shown) == 2
    first = browser.last["conversation"]
    undone = await desk.chat.undo_question(updates[-1][1], VISITOR)
    browser.receive([undone])
    assert len(browser.shown) == 1
    assert browser.last["conversation"] == first
    browser.receive(await desk.send("Third?", past=undone[1]))
    assert (len(browser.shown), browser.last["conversation"]) == (1, first)
    browser.receive([await desk.chat.undo_question(undone[1], VISITOR)])
    assert (browser.shown, browser.last["conversation"]) == ([], first)
    browser.receive([await desk.chat.clear_conversation(VISITOR)])
    assert (browser.shown, browser.last["conversation"]) == ([], None)


async def test_a_retry_stays_in_its_conversation_and_an_example_begins_one():
    desk = ChatVisitor("One.", "Two.", "Three.")
    updates = await desk.send("Number?")
    again = [update async for update in desk.chat.retry_question(updates[-1][1], VISITOR, *SETTINGS)]
    assert again[-1][1][0].conversation_id == updates[-1][1][0].conversation_id
    assert again[-1][1][0].exchange_id != updates[-1][1][0].exchange_id
    example = [update async for update in desk.chat.example_handler(0)(again[-1][1], VISITOR, *SETTINGS)]
    assert example[-1][1][0].conversation_id != again[-1][1][0].conversation_id


async def test_an_example_that_fails_leaves_no_conversation_behind():
    desk = ChatVisitor("One.", Answer("Half", error=EngineDeadError("gone")))
    past = (await desk.send("Number?"))[-1][1]
    updates = [update async for update in desk.chat.example_handler(0)(past, VISITOR, *SETTINGS)]
    begun, last = (json.loads(update[3]) for update in (updates[0], updates[-1]))
    assert last["conversation"] == past[0].conversation_id
    assert last["dropped"] == begun["conversation"] != last["conversation"]
    again = ChatVisitor(Answer("Half", error=EngineDeadError("gone")))
    asked = await again.send("More?", past=past)
    assert json.loads(asked[-1][3])["dropped"] is None  # the conversation itself stays


async def test_restoring_ends_the_answer_that_is_being_written():
    desk = ChatVisitor("never", paced=True)
    task = asyncio.create_task(desk.send("Hello?"))
    keeper = keeper_of(desk)
    async with asyncio.timeout(5):
        while not desk.engine.load:
            await asyncio.sleep(0.005)
        brought = json.dumps({"format": 1, "id": NAME, "exchanges": []})
        messages, conversation, *_ = await keeper.show_kept(brought, None, VISITOR)
    assert (messages, conversation) == ([], ())
    assert (await task)[-1][1][-1].answer.finish == "abort"


async def test_a_file_that_nobody_has_any_more_is_named_and_the_next_question_says_what_to_do(tmp_path):
    uploaded = str(shutil.copy(CAT, tmp_path / "mine.jpg"))
    desk = ChatVisitor("A cat.", "Brown.")
    browser = KeptBrowser()
    browser.receive(await desk.send("What is it?", str(uploaded)))
    keeper = keeper_of(desk)
    messages, conversation, *_ = await keeper.show_kept(browser.brought(keys=[]), [], VISITOR)
    assert "mine.jpg is not there any more" in messages[0]["content"].value
    await desk.send("Its colour?", past=conversation)
    assert "mine.jpg of an earlier question is not there any more" in desk.toasts[0]
    assert len(desk.engine.requests) == 1


def exchange(**changes) -> dict:
    answer = {"text": "Yes.", "state": 3, "phase": "done", "finish": "stop"}
    return {"id": NAME, "text": "A?", "files": [], "kinds": [], "frames": 8, "answer": answer, "seen": []} | changes


SEEN = {"name": "a.jpg", "thumb": "AAAA", "size": [8, 8], "grid": [1, 1], "box": [0, 0, 1, 1]}
BROKEN = {
    "no JSON": "Dear diary",
    "nothing": "",
    "another format": {"format": 2},
    "a strange field": {"html": "<b>"},
    "an id that is a path": {"id": "../../etc"},
    "too many exchanges": {"exchanges": [exchange()] * 501},
    "a question that is no text": {"exchanges": [exchange(text=7)]},
    "more files than kinds": {"exchanges": [exchange(files=["a.jpg"])]},
    "an unknown kind": {"exchanges": [exchange(files=["a.jpg"], kinds=["program"])]},
    "frames without end": {"exchanges": [exchange(frames=10**9)]},
    "an unknown state": {"exchanges": [exchange(answer={"text": "", "state": 9})]},
    "HTML in a thumbnail": {"exchanges": [exchange(seen=[SEEN | {"thumb": '"><script>'}])]},
    "tiles without end": {"exchanges": [exchange(seen=[SEEN | {"grid": [10**9, 1]}])]},
    "no number in a box": {"exchanges": [exchange(seen=[SEEN | {"box": ["0;x:y", 0, 1, 1]}])]},
    "keys without files": {"keys": ["/tmp/a.jpg"]},
}


@pytest.mark.parametrize("visitor", [VISITOR, CHINESE], ids=["English", "Chinese"])
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
async def test_what_cannot_be_read_is_one_sentence_and_shows_nothing(broken, visitor):
    keeper = keeper_of(ChatVisitor())
    good = {"format": 1, "id": NAME, "exchanges": [exchange()]}
    text = broken if isinstance(broken, str) else json.dumps(good | broken)
    messages, conversation, _, kept, *_ = await keeper.show_kept(text, [], visitor)
    assert (messages, conversation) == ([], ())
    assert json.loads(kept)["refused"].endswith("." if visitor is VISITOR else "。")
    assert read_kept(json.dumps(good)).exchanges[0].text == "A?"


def test_a_conversation_larger_than_allowed_is_refused_before_it_is_read():
    with pytest.raises(InputError, match="too long to be opened"):
        read_kept(" " * (MOST_CHARACTERS + 1))


@pytest.mark.parametrize(
    "key", ["/etc/passwd", "example:../../app.py", "example:../services.py", "lost:/etc/passwd", "x\0y"]
)
def test_no_path_of_a_browser_is_believed(key):
    kept = read_kept(json.dumps({"id": NAME, "exchanges": [exchange(files=[key], kinds=["picture"])]}))
    (path,) = restored(kept, {})[0].question.files
    assert path.startswith("lost:")
    assert "/" not in path


def test_what_comes_from_a_browser_is_shown_without_its_html():
    name = '"><img src=x onerror=alert(1)>'
    kept = read_kept(
        json.dumps({"id": NAME, "exchanges": [exchange(files=[name], kinds=["picture"], seen=[SEEN | {"name": name}])]})
    )
    html = " ".join(
        m["content"].value for m in chatbot_messages(restored(kept, {}), "en") if hasattr(m["content"], "value")
    )
    assert "<img src=x" not in html
    assert "&lt;img src=x" in html


def test_settings_survive_and_those_that_no_engine_can_do_are_left_as_they_are():
    options = ChatOptions(0.7, 0.9, 64, None, 16, 2, "Be brief.")
    assert options_from(settings_values(options)) == options
    assert options_from(settings_values(ChatOptions(seed=5))).seed == 5
    assert options_from(settings_values(DEFAULTS)) == DEFAULTS
    assert all(skipped(value) for value in settings_values(None))


async def test_settings_out_of_range_do_not_come_back(tmp_path):
    keeper = keeper_of(ChatVisitor())
    kept = {"id": NAME, "exchanges": [exchange()], "settings": {"temperature": 99}}
    _, conversation, _, _, *settings = await keeper.show_kept(json.dumps(kept), [], VISITOR)
    assert len(conversation) == 1
    assert all(skipped(value) for value in settings)


async def test_what_was_typed_comes_back_into_the_box():
    keeper = keeper_of(ChatVisitor())
    box = (await keeper.show_kept(json.dumps({"id": NAME, "exchanges": [], "draft": "Half a qu"}), [], VISITOR))[2]
    assert box.value == {"text": "Half a qu", "files": []}


def test_what_was_heard_in_a_question_is_kept_with_it():
    asked = ChatExchange(
        VisitorQuestion("", (VOICE,)), ("sound",), heard="What does it show?", answer=VisitorAnswer("A cat.")
    )
    browser = KeptBrowser()
    browser.receive([(None, None, None, update_of((asked,), "audio"))])
    (again,) = restored(read_kept(browser.brought()), {})
    assert (again.heard, again.question, again.kinds) == (asked.heard, asked.question, asked.kinds)


def test_the_cache_is_empty_after_a_restore_and_files_are_decoded_when_a_question_comes():
    kept = read_kept(json.dumps({"id": NAME, "exchanges": [exchange(files=["example:cat.jpg"], kinds=["picture"])]}))
    conversation = restored(kept, {})
    cache = MediaCache(Services(pool_of(FakeEngine())).limits)
    assert cache.held_bytes == 0
    assert conversation[0].question.files == (CAT,)
    assert len(cache.media_of(conversation[0])) == 1


def test_the_pages_modules_get_their_words_and_the_examples():
    app = FastAPI()
    mount_keeping(app, Services(pool_of(FakeEngine())))
    client = TestClient(app)
    words = client.get("/page/words.json", headers={"accept-language": "zh-CN"}).json()
    assert words["language"] == "zh"
    assert words["words"]["kept.title"] == "对话记录"
    assert client.get("/examples/cat.jpg").headers["content-type"] == "image/jpeg"
    assert client.get("/examples/../services.py").status_code == 404
