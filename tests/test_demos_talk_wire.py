"""How the tab Talk keeps its connection, and what it sends again after an outage."""

from __future__ import annotations

from tests.talk_scripts import script

WIRE = """
const sockets = [], states = [], beats = [];
globalThis.WebSocket = class {
  static OPEN = 1;
  constructor(address) {
    Object.assign(this, { address: String(address), readyState: 1, bufferedAmount: 0, sent: [] });
    sockets.push(this);
  }
  send(text) { this.sent.push(JSON.parse(text)); }
  close() { this.readyState = 3; }
};
globalThis.setTimeout = (act, wait) => { states.push(["wait", wait]); act(); };
globalThis.clearTimeout = globalThis.clearInterval = () => {};
globalThis.setInterval = (act) => beats.push(act);
const beat = (count = 1) => { for (let n = 0; n < count; n++) beats.at(-1)(); };
const tell = { event: () => {}, state: (name, detail) => states.push([name, detail]) };
const wire = new Wire("ws://h/v1/realtime?model=vita", tell);
wire.connect();
const told = (event) => sockets.at(-1).onmessage({ data: JSON.stringify(event) });
const greet = (id, events = 0) => {
  told({ type: "session.created", session: { id } });
  told({ type: "vita.received", data: { events } });
};
const types = (socket) => socket.sent.map((event) => event.type);
const frame = (value) => Int16Array.of(value);
const heard = (socket) => socket.sent.filter((event) => event.audio).map((event) => fromBase64(event.audio)[0]);
"""


def test_a_lost_connection_comes_back_to_the_same_conversation():
    addresses, states = script(
        WIRE
        + """
        greet("s1"); sockets[0].onclose({ code: 1006 }); greet("s1");
        return [sockets.map((socket) => socket.address), states];
        """
    )
    assert addresses[0] == "ws://h/v1/realtime?model=vita&vita_events=1"
    assert addresses[1].endswith("&resume=s1")
    assert ["open", {"again": True, "resumed": True, "samples": 0}] in states


def test_a_conversation_that_the_server_forgot_is_told_as_new():
    states = script(WIRE + 'greet("s1"); sockets[0].onclose({ code: 1006 }); greet("s2"); return states;')
    assert states[-1] == ["open", {"again": True, "resumed": False, "samples": 0}]


def test_each_failed_attempt_waits_longer():
    states = script(WIRE + "for (let n = 0; n < 6; n++) sockets.at(-1).onclose({ code: 1013 }); return states;")
    assert [wait for name, wait in states if name == "wait"] == [500, 1000, 2000, 4000, 8000, 8000]
    assert {name for name, _ in states} == {"connecting", "busy", "wait"}


def test_a_conversation_that_goes_on_elsewhere_is_not_fetched_back():
    count, states = script(WIRE + 'greet("s1"); sockets[0].onclose({ code: 4001 }); return [sockets.length, states];')
    assert count == 1
    assert states[-1][0] == "moved"


def test_sound_is_dropped_rather_than_late_and_words_are_not():
    sent = script(
        WIRE
        + """
        greet("s1");
        sockets[0].bufferedAmount = 2 ** 21;
        wire.hear(frame(1));
        wire.send({ type: "response.create" });
        return [types(sockets[0]), wire.kept.samples];
        """
    )
    assert sent == [["response.create"], 0]


def test_who_sends_before_there_is_a_session_is_told_that_nobody_gets_it_and_sound_waits():
    taken, sent = script(
        WIRE
        + """
        wire.hear(frame(7));
        const taken = wire.send({ type: "response.create" });
        greet("s1");
        return [taken, heard(sockets[0])];
        """
    )
    assert (taken, sent) == (False, [7])


def test_what_an_outage_swallowed_is_sent_again_in_order_and_nothing_twice():
    first, second = script(
        WIRE
        + """
        greet("s1");
        for (const value of [1, 2, 3]) wire.hear(frame(value));
        wire.post({ type: "input_audio_buffer.commit" });
        sockets[0].onclose({ code: 1006 });
        wire.hear(frame(4));
        wire.post({ type: "response.create" });
        greet("s1", 2);
        const seen = (socket) => socket.sent.map((event) => (event.audio ? fromBase64(event.audio)[0] : event.type));
        return sockets.map(seen);
        """
    )
    assert first == [1, 2, 3, "input_audio_buffer.commit"]
    assert second == [3, "input_audio_buffer.commit", 4, "response.create"]


def test_what_a_forgotten_session_had_not_confirmed_follows_what_the_page_begins_the_next_one_with():
    second = script(
        WIRE
        + """
        tell.event = ({ type }) => type === "session.created" && wire.post({ type: "session.update" });
        greet("s1");
        told({ type: "vita.received", data: { events: 1 } });
        wire.hear(frame(5));
        sockets[0].onclose({ code: 1006 });
        greet("s2");
        return types(sockets[1]);
        """
    )
    assert second == ["session.update", "input_audio_buffer.append"]


def test_what_the_server_has_confirmed_is_kept_no_longer():
    kept = script(
        WIRE
        + """
        greet("s1");
        for (const value of [1, 2, 3]) wire.hear(frame(value));
        told({ type: "vita.received", data: { events: 2 } });
        return [wire.kept.queue.length, wire.kept.samples];
        """
    )
    assert kept == [1, 1]


def test_of_a_long_outage_the_last_half_minute_is_kept():
    kept = script(
        WIRE
        + """
        for (let n = 0; n < 40; n++) wire.hear(new Int16Array(24000).fill(n));
        return [wire.kept.samples, wire.kept.queue[0].pcm[0]];
        """
    )
    assert kept == [30 * 24_000, 10]


def test_a_server_that_does_not_answer_is_told_as_silent_and_then_another_connection_is_tried():
    states, pings = script(
        WIRE
        + """
        globalThis.setTimeout = (act, wait) => states.push(["wait", wait]);
        greet("s1");
        states.length = 0;
        beat(3);
        told({ type: "vita.phase", data: {} });
        beat(8);
        return [states.map(([name]) => name), types(sockets[0]).filter((type) => type === "vita.ping").length];
        """
    )
    assert states == ["silent", "heard", "silent", "lost", "wait"]
    assert pings == 10


def test_nobody_is_thought_silent_while_one_waits_in_the_queue():
    states = script(WIRE + 'told({ type: "vita.queue", data: { position: 1 } }); beat(20); return states;')
    assert [name for name, _ in states] == ["connecting"]


def test_pings_and_reports_of_playing_are_not_sent_again():
    second = script(
        WIRE
        + """
        greet("s1");
        beat();
        wire.send({ type: "vita.played" });
        wire.send({ type: "response.cancel" });
        sockets[0].onclose({ code: 1006 });
        greet("s1", 0);
        return types(sockets[1]);
        """
    )
    assert second == ["response.cancel"]
