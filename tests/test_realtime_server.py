"""What the server does for a client beyond answering: errors, queues, returns, and VITA's own events."""

from __future__ import annotations

import asyncio
import base64
import json
import urllib.request
from contextlib import asynccontextmanager

import pytest
import websockets

from tests.fakes import Answer, FakeEngine
from tests.realtime_server import HUSH, LOUD, STORY, model, talk
from vita.engine.engine_protocol import Stage, Status
from vita.errors import EngineDeadError
from vita.realtime.session_manager import build_session_manager
from vita.realtime.standalone_server import serve_sessions
from vita.tokens import State


class Raw:
    """A WebSocket that speaks JSON."""

    def __init__(self, socket):
        self.socket, self.events = socket, []

    async def send(self, kind: str, **fields) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def until(self, kind: str, count: int = 1, seconds: float = 10) -> dict:
        async with asyncio.timeout(seconds):
            while sum(event["type"] == kind for event in self.events) < count:
                self.events.append(json.loads(await self.socket.recv()))
        return [event for event in self.events if event["type"] == kind][count - 1]

    async def hear(self, *halves: bytes) -> None:
        for pcm in halves:
            await self.send("input_audio_buffer.append", audio=base64.b64encode(pcm).decode())

    async def say(self, text: str) -> None:
        await self.socket.send(json.dumps(item({"type": "input_text", "text": text})))
        await self.send("response.create")

    @property
    def kinds(self) -> list[str]:
        return [event["type"] for event in self.events]


@asynccontextmanager
async def raw(address: str, query: str = ""):
    async with websockets.connect(f"ws://{address}/v1/realtime?{query}", close_timeout=1) as socket:
        yield Raw(socket)


async def get(address: str, path: str) -> str:
    def read() -> str:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as response:
            return response.read().decode()

    return await asyncio.to_thread(read)


def item(*content: dict, **more) -> dict:
    message = {"type": "message", "role": "user", "content": list(content)}
    return {"type": "conversation.item.create", "item": message, **more}


def image(url: str) -> dict:
    return item({"type": "input_image", "image_url": url})


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"type": "no.such.event"}, "no.such.event"),
        ({"type": "input_audio_buffer.append"}, "audio"),
        ({"type": "input_audio_buffer.append", "audio": "*"}, "audio"),
        ({"type": "input_audio_buffer.commit"}, "100 ms"),
        ({"type": "session.update", "session": {"audio": {"input": {"format": {"type": "audio/pcmu"}}}}}, "audio/pcm"),
        ({"type": "conversation.item.retrieve", "item_id": "x"}, "no item 'x'"),
        ({"type": "conversation.item.delete", "item_id": "x"}, "no item 'x'"),
        (image("http://x/y.png"), "data:image"),
        (image("data:image/png;base64,AAAA"), "image"),
        (item(), "content"),
        (item({"type": "input_text", "text": "a"}, previous_item_id="x"), "behind"),
    ],
)
async def test_a_bad_message_is_answered_in_a_sentence_and_the_conversation_goes_on(message, said):
    async with serve_sessions(talk()) as address, raw(address) as client:
        await client.socket.send(json.dumps({**message, "event_id": "mine"}))
        error = (await client.until("error"))["error"]
        assert said.lower() in error["message"].lower()
        assert error["type"] == "invalid_request_error"
        assert error["event_id"] == "mine"
        await client.say("Hi.")
        assert (await client.until("response.done"))["response"]["status"] == "completed"


@pytest.mark.parametrize(
    "frame",
    ["not json", "", "[" * 100_000, '{"event_id": ' * 50_000, '{"event_id": "\\ud800"}', b"{", b"\xff\xfe", b""],
)
async def test_a_frame_that_is_no_json_is_answered_too_and_the_conversation_goes_on(frame):
    async with serve_sessions(talk()) as address, raw(address) as client:
        await client.socket.send(frame)
        error = (await client.until("error"))["error"]
        assert (error["code"], error["event_id"]) == ("invalid_event", None)
        assert "JSON" in error["message"]
        await client.say("Hi.")
        assert (await client.until("response.done"))["response"]["status"] == "completed"


async def test_an_event_may_come_in_a_binary_frame():
    async with serve_sessions(talk()) as address, raw(address) as client:
        await client.socket.send(json.dumps({"type": "conversation.item.retrieve", "item_id": "ä"}).encode())
        assert "no item 'ä'" in (await client.until("error"))["error"]["message"]


async def test_an_upload_of_minutes_in_one_message_is_answered_when_it_is_committed():
    engines = model()
    async with serve_sessions(talk(engines)) as address, raw(address) as client:
        await client.send("session.update", session={"audio": {"input": {"turn_detection": None}}})
        await client.hear(LOUD * 200)
        await client.send("input_audio_buffer.commit")
        await client.send("response.create")
        assert (await client.until("response.done"))["response"]["status"] == "completed"
    asked = next(request for engine in engines for request in engine.requests if request.sampling.max_tokens > 1)
    assert asked.turns[0].media[0].duration >= 75


async def test_an_engine_that_fails_ends_the_answer_as_failed_and_not_the_conversation():
    engines = [FakeEngine(EngineDeadError("The engine is gone."), name=name) for name in "ab"]
    async with serve_sessions(talk(engines)) as address, raw(address) as client:
        for count in (1, 2):
            await client.say("Hi.")
            response = (await client.until("response.done", count))["response"]
            assert response["status"] == "failed"
            assert response["status_details"]["error"]["message"] == "The engine is gone."


async def test_every_server_event_has_what_strict_clients_need():
    async with serve_sessions(talk()) as address, raw(address) as client:
        await client.hear(HUSH, LOUD, LOUD, HUSH, HUSH)
        done = await client.until("response.done")
    assert all(event["event_id"] for event in client.events)
    assert not [kind for kind in client.kinds if kind.startswith("vita.")]
    created = next(event for event in client.events if event["type"] == "response.created")
    assert created["response"]["status_details"] is None
    usage = done["response"]["usage"]
    assert {"cached_tokens", "text_tokens", "audio_tokens", "image_tokens"} <= usage["input_token_details"].keys()
    assert usage["output_token_details"] == {"text_tokens": 2, "audio_tokens": 0}
    for event in client.events:
        if event["type"].startswith("response.output_audio"):
            assert {"response_id", "item_id", "output_index", "content_index"} <= event.keys()


async def test_vitas_own_events_tell_state_roles_ducking_and_timings_to_who_asks():
    async with serve_sessions(talk(model(text=STORY))) as address, raw(address, "vita_events=1") as client:
        await client.say("Tell me a story.")
        await client.until("response.output_audio.delta")
        await client.hear(HUSH, LOUD, LOUD, HUSH, HUSH)
        await client.until("response.done", 2)
        timing = (await client.until("vita.timing", 2))["data"]
        ours = {event["type"]: event["data"] for event in client.events if event["type"].startswith("vita.")}
    assert [engine["name"] for engine in ours["vita.engines"]["engines"]] == ["a", "b"]
    phases = [event["data"]["phase"] for event in client.events if event["type"] == "vita.phase"]
    assert phases[:2] == ["speaking", "overlap"]
    assert ours["vita.state"]["state"] == State.AUDIO_QUERY.name
    assert {ours["vita.roles"]["generator"], ours["vita.roles"]["monitor"]} == {"a", "b"}
    assert client.kinds.index("vita.duck") < client.kinds.index("vita.cut")
    assert STORY.startswith(ours["vita.heard"]["heard"])
    assert timing["speech_end"] <= timing["decided"] <= timing["first_token"] <= timing["first_sound"]


async def test_a_client_that_reports_its_playing_is_believed():
    async with serve_sessions(talk(model(text=STORY))) as address, raw(address, "vita_events=1") as client:
        await client.say("Tell me a story.")
        item = (await client.until("response.output_audio.delta"))["item_id"]
        await client.until("response.output_audio.delta", 12)
        await client.send("vita.played", item_id=item, samples=24_000)
        await client.send("response.cancel")
        assert (await client.until("vita.heard"))["data"]["samples"] == 24_000


async def test_noise_in_an_answer_is_told_as_ducked_and_restored():
    engines = model(Answer("", State.NOISE), STORY)
    async with serve_sessions(talk(engines)) as address, raw(address, "vita_events=1") as client:
        await client.say("Tell me a story.")
        await client.until("response.output_audio.delta")
        await client.hear(HUSH, LOUD, HUSH, HUSH)
        await client.until("vita.duck", 2)
        assert [event["data"]["on"] for event in client.events if event["type"] == "vita.duck"] == [True, False]
        assert (await client.until("vita.dismissed"))["data"]["why"] == "noise"
        assert "response.done" not in client.kinds


async def test_who_comes_back_finds_the_conversation_again():
    engines = model()
    async with serve_sessions(talk(engines)) as address:
        async with raw(address) as client:
            session = (await client.until("session.created"))["session"]["id"]
            await client.say("My name is Ada.")
            await client.until("response.done")
        async with raw(address, f"resume={session}") as client:
            assert (await client.until("session.created"))["session"]["id"] == session
            await client.say("What is my name?")
            await client.until("response.done")
    asked = max((request for engine in engines for request in engine.requests), key=lambda request: len(request.turns))
    assert asked.turns[0].text == "My name is Ada."


async def test_who_stays_away_too_long_begins_anew():
    service = talk(grace=0.05)
    async with serve_sessions(service) as address:
        async with raw(address) as client:
            session = (await client.until("session.created"))["session"]["id"]
        await asyncio.sleep(0.3)
        assert not service.sessions
        assert service.queue.taken == 0
        async with raw(address, f"resume={session}") as client:
            assert (await client.until("session.created"))["session"]["id"] != session


async def test_a_second_connection_takes_a_conversation_over():
    async with serve_sessions(talk()) as address, raw(address) as first:
        session = (await first.until("session.created"))["session"]["id"]
        async with raw(address, f"resume={session}") as second:
            await second.until("session.created")
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await first.until("never")
            assert closed.value.rcvd.code == 4001
            await second.say("Hi.")
            await second.until("response.done")


async def test_when_all_places_are_taken_a_plain_client_is_told_to_try_later():
    async with serve_sessions(talk(capacity=1)) as address, raw(address) as first:
        await first.until("session.created")
        async with raw(address) as second:
            assert (await second.until("error"))["error"]["code"] == "full"
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await second.until("never")
            assert closed.value.rcvd.code == 1013


async def test_a_conversation_that_nobody_is_on_gives_its_place_to_who_comes():
    async with serve_sessions(talk(capacity=1)) as address:
        async with raw(address) as first:
            await first.until("session.created")
        await asyncio.sleep(0.1)
        async with raw(address) as second:
            await second.until("session.created")


async def test_our_own_client_waits_in_the_queue_and_sees_its_place():
    service = talk(capacity=1)
    async with serve_sessions(service) as address, raw(address) as first, raw(address, "vita_events=1") as second:
        await first.until("session.created")
        assert (await second.until("vita.queue"))["data"] == {"position": 1}
        assert json.loads(await get(address, "/v1/realtime/status"))["waiting"] == 1
        await first.socket.close()
        await second.until("session.created")
        await second.say("Hi.")
        await second.until("response.done")


async def test_the_event_log_can_be_fetched_line_by_line():
    async with serve_sessions(talk()) as address, raw(address) as client:
        session = (await client.until("session.created"))["session"]["id"]
        await client.hear(HUSH, LOUD, LOUD, HUSH, HUSH)
        await client.until("response.done")
        lines = [json.loads(line) for line in (await get(address, f"/v1/realtime/{session}/log")).splitlines()]
    kinds = [line["kind"] for line in lines]
    told = ["VoiceStarted", "RequestDecision", "DecisionMade", "StartAnswer", "EndAnswer"]
    assert [kind for kind in kinds if kind in told] == told
    assert all(line["t"] >= 0 for line in lines)


async def test_conversations_are_apart():
    engines = model()
    async with serve_sessions(talk(engines)) as address, raw(address) as ada, raw(address) as bob:
        await ada.say("I am Ada.")
        await bob.say("I am Bob.")
        await ada.until("response.done")
        await bob.until("response.done")
    for request in (request for engine in engines for request in engine.requests):
        texts = " ".join(turn.text for turn in request.turns)
        assert not ("Ada" in texts and "Bob" in texts)


@pytest.mark.parametrize(("stage", "code"), [(Stage.LOADING, "engines_loading"), (Stage.FAILED, "engines_down")])
async def test_while_no_engine_is_ready_a_client_is_told_why_and_to_try_later(stage, code):
    async with serve_sessions(talk([FakeEngine("Hi.", stage=stage)])) as address, raw(address) as client:
        assert (await client.until("error"))["error"]["code"] == code
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await client.until("never")
        assert closed.value.rcvd.code == 1013


def test_a_server_offers_every_voice_that_is_here():
    service = build_session_manager(lambda: model(), "vita")
    assert {"auto", "piper", "none"} <= set(service.voices)
    assert service.base.voice is service.voices["auto"]


async def test_an_engine_that_is_lost_and_back_is_told_to_who_asks():
    engines = model()
    async with serve_sessions(talk(engines)) as address, raw(address, "vita_events=1") as client:
        await client.until("vita.engines")
        engines[0].status = Status("a", Stage.FAILED)
        told = await client.until("vita.engines", 2)
        assert [engine["stage"] for engine in told["data"]["engines"]] == ["failed", "ready"]
        await client.say("Hi.")
        assert (await client.until("response.done"))["response"]["status"] == "completed"
        assert {"generator": "b", "monitor": "b"}.items() <= (await client.until("vita.roles"))["data"].items()
        engines[0].status = Status("a", Stage.READY)
        await client.until("vita.engines", 3)


async def test_a_conversation_that_cannot_begin_gives_its_place_back(monkeypatch):
    async def broken(self) -> None:
        raise RuntimeError("no engine can be chosen")

    monkeypatch.setattr("vita.duplex.conversation_driver.ConversationDriver.run", broken)
    sessions = talk(capacity=1)
    async with serve_sessions(sessions) as address:
        for _ in range(2):  # the second one would wait for ever behind a place that is not given back
            async with asyncio.timeout(10), raw(address) as client:
                with pytest.raises(websockets.ConnectionClosed):
                    await client.until("session.created")
    assert not sessions.sessions
