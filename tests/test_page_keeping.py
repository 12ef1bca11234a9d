"""The pure parts of what the page keeps: changes of conversations, search, files to save and to open."""

from __future__ import annotations

import base64
import json
import re

import pytest

from demos.i18n.translation import WORDS
from demos.theme import STATIC
from tests.talk_scripts import script

SCRIPTS = {path.name: path.read_text() for path in (STATIC / "page").glob("*.js")}
SAY = {"kept.you": "You", "kept.vita": "VITA", "kept.stopped": "stopped", "kept.noise": "not addressed to VITA"}
A, B, C, D = (letter * 32 for letter in "abcd")


def exchange(name: str, text: str = "What is it?", **changes) -> dict:
    answer = {"text": f"Answer {name[0]}.", "state": 3, "phase": "done", "finish": "stop", "engine": "engine-a"}
    return {"id": name, "text": text, "files": [], "kinds": [], "frames": 8, "answer": answer, "seen": []} | changes


def conversation(*exchanges: str, **changes) -> dict:
    return {"id": A, "tab": "image", "name": "What is it?", "named": False, "created": 1, "changed": 2,
            "exchanges": list(exchanges), "settings": None, "sizes": {}} | changes  # fmt: skip


def update(*before: str, last: str, **changes) -> dict:
    return {"tab": "image", "conversation": A, "before": list(before), "exchange": exchange(last), "done": True,
            "settings": {"seed": 1}} | changes  # fmt: skip


def changed(stored, known, told) -> dict:
    body = "return changedConversation(stored ?? undefined, known ?? undefined, told, 9, copy);"
    return script(body, stored=stored, known=known, told=told, copy=D)


def test_a_first_question_begins_a_conversation_with_its_name():
    begun = changed(None, None, update(last=B))
    assert (begun["id"], begun["name"], begun["exchanges"], begun["created"]) == (A, "What is it?", [B], 9)
    assert begun["settings"] == {"seed": 1}


def test_an_answer_that_grows_and_a_next_question_stay_in_it():
    assert changed(conversation(B), [B], update(last=B))["exchanges"] == [B]
    longer = changed(conversation(B), [B], update(B, last=C))
    assert (longer["id"], longer["exchanges"], longer["created"], longer["changed"]) == (A, [B, C], 1, 9)


def test_retry_and_undo_take_the_place_of_what_this_page_saw():
    assert changed(conversation(B, C), [B, C], update(B, last=D))["exchanges"] == [B, D]
    assert changed(conversation(B, C), [B, C], update(last=B))["exchanges"] == [B]


def test_what_another_page_added_meanwhile_stays_and_this_pages_question_goes_into_a_copy():
    copied = changed(conversation(B, C, name="Mine", named=True), [B], update(B, last=D))
    assert (copied["id"], copied["exchanges"], copied["name"]) == (D, [B, D], "Mine")


def test_two_pages_that_saw_the_same_do_not_part():
    assert changed(conversation(B, C), [B], update(B, last=C))["id"] == A


def test_a_name_that_a_visitor_gave_stays_and_another_follows_the_first_question():
    told = update(last=C) | {"exchange": exchange(C, "Another question?")}
    assert changed(conversation(B), [B], told)["name"] == "Another question?"
    assert changed(conversation(B, named=True, name="Cats"), [B], told)["name"] == "Cats"


def test_a_deleted_conversation_that_goes_on_is_there_again():
    assert "deleted" not in changed(conversation(B, deleted=5), [B], update(B, last=C))


def test_a_deleted_conversation_whose_answer_is_still_written_stays_deleted():
    assert changed(conversation(B, deleted=5), [B], update(last=B))["deleted"] == 5


PAGE = """
const held = {}, clicks = [], parts = new Map();
globalThis.sessionStorage = { getItem: (name) => held[name] ?? null, setItem: (name, value) => (held[name] = value),
  removeItem: (name) => delete held[name] };
globalThis.BroadcastChannel = class { postMessage() {} };
globalThis.location = { search: "?tab=image", pathname: "/", hash: "" };
globalThis.parent = globalThis.window = globalThis;
const write = (state, title, target) => (location.search = new URL(target, "http://here").search);
globalThis.history = { state: null, pushState: write, replaceState: write };
globalThis.HTMLElement = class { click() { clicks.push(this); } };
globalThis.document = { baseURI: "http://here/", querySelectorAll: () => [], querySelector: (name) =>
  parts.get(name) ?? (parts.set(name, new HTMLElement()), parts.get(name)) };
const later = globalThis.setTimeout;
globalThis.setTimeout = (act, wait) => (wait > 1000 ? later(act, wait).unref() : later(act, wait));
const { keeping } = await import(module);
const all = new Map();
keeping.store = {
  change: async (id, change) => { const now = change(all.get(id)); if (now) all.set(now.id, now); return now; },
  whole: async (id) => all.has(id) && { conversation: all.get(id), exchanges: [], media: new Map() },
};
const told = async (update) => { keeping.receive(JSON.stringify(update)); await keeping._work; };
"""
KEEPING = (STATIC / "page" / "keeping.js").as_uri()


def on_page(body: str, **values):
    """What ``body`` returns beside the page's keeper, whose browser is made up."""
    return script(PAGE + body, module=KEEPING, **values)


def test_an_answer_that_is_still_written_changes_nothing_of_what_was_opened_or_begun_meanwhile():
    body = """const places = [];
    const where = () => places.push([keeping.shown.of("image"), location.search]);
    await told(answer); where();
    keeping.shown.set("image", null); location.search = "?tab=image";
    await told(answer); where();
    keeping.shown.set("image", other); location.search = "?tab=image&conversation=" + other;
    await told(answer); where();
    await told(next); where();
    return [places, all.get(answer.conversation).exchanges];"""
    places, exchanges = on_page(body, answer=update(last=B), next=update(B, last=C), other=D)
    address = "?tab=image&conversation="
    assert places == [[A, address + A], [None, "?tab=image"], [D, address + D], [A, address + A]]
    assert exchanges == [B, C]


def test_a_question_that_failed_gives_its_tab_back_to_the_conversation_before():
    body = """await told(before); await told(failed); await told(undone);
    return [keeping.shown.of("image"), all.get(failed.conversation).deleted > 0];"""
    failed = update(last=C, conversation=D)
    assert on_page(body, before=update(last=B), failed=failed, undone=update(last=B, dropped=D)) == [A, True]


def test_what_is_typed_while_an_answer_is_written_is_kept():
    body = """held["vita-draft-image"] = "sent"; await told(answer);
    const sent = keeping._drafts.of("image");
    held["vita-draft-image"] = "the next"; await told(answer);
    const typed = keeping._drafts.of("image");
    await told(next);
    return [sent, typed, keeping._drafts.of("image")];"""
    assert on_page(body, answer=update(last=B), next=update(B, last=C)) == ["", "the next", ""]


def test_of_two_quick_steps_back_the_last_one_is_shown_and_the_slower_one_before_it_dropped():
    body = """const brought = [], free = [];
    keeping.store.whole = async (id) => {
      await new Promise((done) => (id === slow ? free.push(done) : setTimeout(done)));
      return { conversation: { ...one, id }, exchanges: [], media: new Map() };
    };
    const first = keeping.show("image", slow);
    await new Promise((done) => setTimeout(done));
    const second = keeping.show("image", quick);
    await first; // superseded
    free.forEach((go) => go());
    await keeping._work;
    brought.push(JSON.parse(keeping.brought("image")[0]).id);
    keeping.restored("image"); await second;
    return [brought, clicks.length, keeping.shown.of("image")];"""
    shown = on_page(body, slow=C, quick=D, one=conversation())
    assert shown == [[D], 1, D]


def test_a_button_that_is_pressed_already_brings_what_is_to_be_shown_by_then():
    body = """all.set(first, { ...one, id: first }); all.set(last, { ...one, id: last });
    keeping.show("image", first); await keeping._work;
    keeping.show("image", last); await keeping._work;
    const once = [JSON.parse(keeping.brought("image")[0]).id, clicks.length];
    keeping.show("image", first); await keeping._work;
    return [...once, JSON.parse(keeping.brought("image")[0]).id, clicks.length];"""
    assert on_page(body, first=C, last=D, one=conversation()) == [D, 1, C, 2]


def test_showing_ends_when_the_server_has_answered_and_not_before():
    body = """const ends = []; const shown = keeping.show("image", null).then(() => ends.push("shown"));
    await keeping._work; ends.push("pressed"); keeping.restored("image"); await shown;
    return ends;"""
    assert on_page(body) == ["pressed", "shown"]


def test_what_a_restart_must_restore_is_awaited():
    body = """const heard = {}, opening = { result: {} };
    globalThis.addEventListener = document.addEventListener = (name, listener) => (heard[name] = listener);
    globalThis.indexedDB = { open: () => { setTimeout(() => opening.onsuccess()); return opening; } };
    held["vita-draft-image"] = "half a question";
    await keeping.start(); await keeping._work;
    keeping.brought("image");
    const awaited = [], order = [];
    const until = (promise) => awaited.push(promise);
    heard["vita:server-restarted"](new CustomEvent("restarted", { detail: { until } }));
    awaited[0].then(() => order.push("released"));
    await keeping._work; order.push("sent"); keeping.restored("image"); await awaited[0];
    return [awaited.length, order];"""
    assert on_page(body) == [1, ["sent", "released"]]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ({"text": "  What\n is it? "}, "What is it?"),
        ({"text": "", "files": ["/tmp/gradio/abc/cat.jpg", "example:ask_sky.wav"]}, "cat.jpg, ask_sky.wav"),
        (
            {"text": " ", "heard": "Why is the sky blue?", "files": ["/tmp/gradio/abc/voice.wav"]},
            "Why is the sky blue?",
        ),
        ({"text": "long " * 40}, None),
        ({"text": "猫" * 100}, None),
    ],
)
def test_a_conversation_is_called_by_its_first_question(question, name):
    called = script("return nameOf(first);", first={"text": "", "files": []} | question)
    assert called == name if name else (len(called) == 80 and called.endswith("…"))


def test_every_word_is_looked_for_in_name_questions_answers_and_files():
    body = "return sought.map((words) => isFound(words, one, exchanges));"
    asked = [exchange(B, "Which animal?", files=["/tmp/x/Tabby.jpg"])]
    sought = ["ANIMAL", "answer b", "tabby which", "dog", "animal dog", "holiday"]
    found = script(body, sought=sought, one=conversation(B, name="Holiday"), exchanges=asked)
    assert found == [True, True, True, False, False, True]


def test_sizes_are_written_for_people():
    sizes = [0, 7, 999, 1000, 1234, 56_789, 3_400_000, 10_000_000_000]
    written = ["0 B", "7 B", "999 B", "1.0 kB", "1.2 kB", "57 kB", "3.4 MB", "10 GB"]
    assert script("return sizes.map(bytesText);", sizes=sizes) == written


def test_the_oldest_media_go_first_until_half_is_free():
    media = [{"key": str(number), "bytes": size} for number, size in enumerate([10, 30, 5, 40, 15])]
    assert [one["key"] for one in script("return oldestHalf(media);", media=media)] == ["0", "1", "2", "3"]
    assert script("return oldestHalf([]);") == []


PICTURE = "data:image/png;base64," + base64.b64encode(b"pixels").decode()
EVIL = "<script>alert(1)</script>"


def saved(kind: str, *exchanges: dict, media=(), name="A cat?") -> str:
    body = "const say = (key) => words[key] ?? key; return make(whole, media, say);".replace("make", kind)
    if kind == "markdownText":
        body = body.replace("media, ", "")
    whole = {"conversation": conversation(B, name=name), "exchanges": list(exchanges)}
    return script(body, whole=whole, media=list(media), words=SAY)


def test_markdown_has_questions_answers_files_and_what_was_stopped():
    stopped = exchange(C, "And now?")
    stopped["answer"] |= {"finish": "abort"}
    text = saved("markdownText", exchange(B, files=["/tmp/x/cat.jpg"], kinds=["picture"]), stopped)
    assert text.startswith("# A cat?\n")
    assert "## You\n\n- `cat.jpg`\n\nWhat is it?" in text
    assert "## VITA\n\nAnswer b." in text
    assert text.rstrip().endswith("*stopped*")


def test_a_saved_page_shows_and_plays_its_media_and_loads_nothing():
    asked = exchange(B, EVIL, files=["a", "b", "c", "d"], kinds=["picture", "clip", "sound", "picture"])
    asked["answer"] |= {"text": EVIL}
    media = [{"key": key, "name": key, "uri": PICTURE} for key in "abc"]
    page = saved("pageText", asked, media=media, name=EVIL)
    assert "<script" not in page
    assert page.count("&#60;script&#62;") == 4
    for tag in ("<img src=", "<video controls src=", "<audio controls src="):
        assert tag + '"data:image/png;base64,' in page
    assert "default-src 'none'" in page
    assert not re.search(r"https?://", page)


def test_a_saved_conversation_is_opened_again_under_names_of_its_own():
    asked = exchange(B, files=["/tmp/gradio/h/cat.jpg", "example:cat.jpg", "/etc/passwd"], kinds=["picture"] * 3)
    text = saved(
        "jsonText", asked, exchange(C), media=[{"key": "/tmp/gradio/h/cat.jpg", "name": "cat.jpg", "uri": PICTURE}]
    )
    body = """const { conversation, exchanges, media } = savedConversation(text, 7);
    const blobs = await Promise.all([...media].map(async ([key, { blob }]) => [key, blob.type, await blob.text()]));
    return { conversation, exchanges, blobs };"""
    opened = script(body, text=text)
    assert opened["conversation"]["id"] != A
    assert opened["conversation"]["exchanges"] == [one["id"] for one in opened["exchanges"]]
    assert not {B, C} & set(opened["conversation"]["exchanges"])
    ((key, kind, content),) = opened["blobs"]
    assert (kind, content) == ("image/png", "pixels")
    assert re.fullmatch(r"saved:[0-9a-f]{32}/cat\.jpg", key)
    assert opened["exchanges"][0]["files"] == [key, "example:cat.jpg", "lost:passwd"]
    assert opened["conversation"]["sizes"] == {key: 6}
    assert opened["exchanges"][0]["answer"]["text"] == "Answer b."


@pytest.mark.parametrize(
    "text",
    ["", "Dear diary", "null", "[]", "{}", '{"vita": "conversation", "format": 2}',
     json.dumps({"vita": "conversation", "format": 1, "tab": "talk", "exchanges": [], "media": []}),
     json.dumps({"vita": "conversation", "format": 1, "tab": "image", "exchanges": [{}], "media": []}),
     json.dumps({"vita": "conversation", "format": 1, "tab": "image", "exchanges": [],
                 "media": [{"key": "a", "uri": "https://elsewhere.example/a.png"}]})],
)  # fmt: skip
def test_a_file_that_is_no_saved_conversation_is_told_apart(text):
    assert script("return savedConversation(text, 1);", text=text) is None


def test_each_page_remembers_what_each_tab_shows():
    body = """const held = {};
    const storage = { getItem: (name) => held[name] ?? null, setItem: (name, value) => (held[name] = value) };
    const shown = new ShownConversations(storage);
    shown.set("image", "a"); shown.set("audio", "b"); shown.set("image", null);
    return ["image", "video", "audio"].map((tab) => new ShownConversations(storage).of(tab));"""
    assert script(body) == [None, None, "b"]


def test_names_are_made_where_the_page_comes_over_plain_http():
    body = """Object.defineProperty(globalThis, "crypto", { value: {
      getRandomValues: (bytes) => bytes.map((_, place) => 16 * place) } });
    return randomId();"""
    assert script(body) == "00102030405060708090a0b0c0d0e0f0"
    assert not [name for name, code in SCRIPTS.items() if "randomUUID()" in code]


def test_a_transaction_that_fails_ends_with_its_error():
    body = """globalThis.IDBRequest = class { error = new Error("The disk is full."); };
    const put = () => setTimeout(() => writing.onerror({ target: new IDBRequest() }));
    const writing = { objectStore: () => ({ put }) };
    return new KeptStore({ transaction: () => writing }).addMedium({}).catch(({ message }) => message);"""
    assert script(body) == "The disk is full."


def test_every_word_that_a_module_says_is_in_the_table():
    said = {key for code in SCRIPTS.values() for key in re.findall(r'say\(\s*"([\w.]+)"', code)}
    assert len(said) > 20
    assert said <= set(WORDS["en"])


def test_every_module_that_a_module_imports_is_there():
    imports = {name for code in SCRIPTS.values() for name in re.findall(r'from "\./([\w.]+)"', code)}
    assert imports <= set(SCRIPTS)
    assert all(len(code.splitlines()) < 300 for code in SCRIPTS.values())
