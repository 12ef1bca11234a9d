"""The conversations of the tab Talk in the browser: what one tab has, no other one forgets."""

from __future__ import annotations

from tests.talk_scripts import script

BROWSER = """
globalThis.document = globalThis.window = { addEventListener() {} };
globalThis.sessionStorage = { setItem() {} };
globalThis.setInterval = () => 0;
const elsewhere = (id) => new Promise((held) => {
  navigator.locks.request(`vita-talk-conversation ${id}`, () => (held(), new Promise(() => {})));
});
"""  # what of a browser the keeper touches; ``elsewhere(id)``: another tab has that conversation


def test_the_oldest_conversations_are_forgotten_but_those_that_another_tab_has():
    assert script(
        BROWSER
        + """
        const kept = Array.from({ length: 24 }, (_, number) => ({ id: `c${number}`, changed: number }));
        const archive = new Archive(null);
        const gone = [];
        archive.list = async () => kept.toSorted((one, other) => other.changed - one.changed);
        archive.forget = async (id) => void gone.push(id);
        await elsewhere("c1");
        await new Keeper(archive, () => {})._begin();
        return gone;
        """
    ) == ["c3", "c2", "c0"]


def test_what_another_tab_has_is_not_deleted_and_what_none_has_is():
    assert script(
        BROWSER
        + """
        const archive = new Archive(null);
        const gone = [];
        archive.forget = async (id) => void gone.push(id);
        await elsewhere("held");
        const keeper = new Keeper(archive, () => {});
        return [await keeper.forget("held"), await keeper.forget("free"), gone];
        """
    ) == [False, True, ["free"]]


def test_what_this_tab_had_before_its_new_conversation_can_be_deleted():
    assert script(
        BROWSER
        + """
        const archive = new Archive(null);
        [archive.list, archive.forget] = [async () => [], async () => {}];
        const keeper = new Keeper(archive, () => {});
        const { id } = await keeper._begin();
        const during = await keeper.forget(id);
        keeper.watch({ lines: [], mic: [] }, {}, new Map(), false);
        await new Promise((later) => setTimeout(later));
        return [during, await keeper.forget(id)];
        """
    ) == [False, True]


def test_the_archive_is_closed_where_a_newer_page_changes_it():
    assert script(
        """
        let closed = false;
        const request = { result: { close: () => (closed = true) } };
        globalThis.indexedDB = { open: () => (queueMicrotask(() => request.onsuccess()), request) };
        await Archive.open();
        request.result.onversionchange();
        return closed;
        """
    )
