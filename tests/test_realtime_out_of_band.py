"""Answers beside the conversation, the idle timeout, the voice's speed, and tools that nobody calls."""

from __future__ import annotations

import asyncio

import pytest

from tests.duplex_world import TimedEngine
from tests.realtime_server import HUSH, LOUD, STORY, connected, model, talk
from tests.test_realtime_server import raw
from vita.realtime.standalone_server import serve_sessions

TEXT = {"conversation": "none", "output_modalities": ["text"]}


def message(text: str) -> dict:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


async def test_an_answer_beside_the_conversation_has_a_context_of_its_own_and_leaves_no_trace():
    engines = model()
    async with serve_sessions(talk(engines)) as address, connected(address) as client:
        await client.say("My name is Ada.")
        await client.until("response.done")
        await client.connection.response.create(
            response={**TEXT, "input": [message("Is this spam?")], "metadata": {"topic": "spam"}}
        )
        response = (await client.until("response.done", 2)).response
        assert response.status == "completed"
        assert response.metadata == {"topic": "spam"}
        assert response.conversation_id is None
        assert response.output[0].content[0].text == "Hello there."
        assert client.kinds.count("conversation.item.added") == 2
    asked = next(
        request for engine in engines for request in engine.requests if request.turns[-1].text == "Is this spam?"
    )
    assert len(asked.turns) == 1


async def test_after_many_spoken_turns_it_is_still_asked_what_it_was_given():
    engines = model()
    async with serve_sessions(talk(engines)) as address, raw(address) as client:
        for count in range(1, 10):
            await client.hear(HUSH, LOUD, LOUD, HUSH, HUSH)
            await client.until("response.done", count)
        await client.send("response.create", response={**TEXT, "input": [message("Is this spam?")]})
        await client.until("response.done", 10)
    last = [[turn.text for turn in request.turns] for engine in engines for request in engine.requests]
    assert ["Is this spam?"] in last


async def test_without_an_input_it_answers_the_conversation_with_instructions_of_its_own():
    engines = model()
    async with serve_sessions(talk(engines)) as address, raw(address) as client:
        await client.say("My name is Ada.")
        item = (await client.until("response.done"))["response"]["output"][0]["id"]
        await client.send("response.create", response={**TEXT, "instructions": "Sum it up."})
        await client.until("response.done", 2)
        reference = {"type": "item_reference", "id": item}
        await client.send("response.create", response={**TEXT, "input": [reference, message("And?")]})
        await client.until("response.done", 3)
    requests = [request for engine in engines for request in engine.requests]
    summed = next(request for request in requests if request.system == "Sum it up.")
    assert [turn.text for turn in summed.turns][:2] == ["My name is Ada.", "Hello there."]
    assert any([turn.text for turn in request.turns] == ["Hello there.", "And?"] for request in requests)


async def test_it_can_be_cancelled_by_its_name_and_the_conversation_does_not_notice():
    engines = [TimedEngine(STORY, token=1.0, name=name) for name in "ab"]
    async with serve_sessions(talk(engines)) as address, raw(address) as client:
        await client.send("response.create", response={**TEXT, "input": [message("A story?")]})
        name = (await client.until("response.created"))["response"]["id"]
        await client.send("response.cancel", response_id=name)
        response = (await client.until("response.done"))["response"]
        assert response["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
        await client.send("response.cancel")
        assert (await client.until("error"))["error"]["code"] == "response_cancel_not_active"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"conversation": "none"}, "text"),
        ({"input": [message("Hi.")]}, "none"),
        ({**TEXT, "input": [{"type": "item_reference", "id": "x"}]}, "no item 'x'"),
        ({"tools": [{"type": "function", "name": "weather"}]}, "calls no tools"),
    ],
)
async def test_what_an_answer_cannot_be_is_told_and_the_conversation_goes_on(options, said):
    async with serve_sessions(talk()) as address, raw(address) as client:
        await client.send("response.create", response=options)
        assert said in (await client.until("error"))["error"]["message"]
        await client.say("Hi.")
        assert (await client.until("response.done"))["response"]["status"] == "completed"


async def test_tools_of_a_session_are_refused_with_a_reason_and_no_tools_are_welcome():
    async with serve_sessions(talk()) as address, raw(address) as client:
        await client.send("session.update", session={"tools": [{"type": "function", "name": "weather"}]})
        error = (await client.until("error"))["error"]
        assert "calls no tools" in error["message"]
        assert "tools" in error["message"].split(":")[0]
        await client.send("session.update", session={"tools": []})
        await client.until("session.updated")


async def test_the_speed_of_the_voice_can_be_chosen():
    seconds = {}
    async with serve_sessions(talk()) as address, raw(address) as client:
        for number, speed in enumerate((1.0, 1.25), start=1):
            await client.send("session.update", session={"audio": {"output": {"speed": speed}}})
            await client.say("Hi.")
            await client.until("response.done", number)
            sounds = [event for event in client.events if event["type"] == "response.output_audio.delta"]
            seconds[speed] = sum(len(event["delta"]) for event in sounds) - sum(seconds.values())
    assert seconds[1.25] < 0.9 * seconds[1.0]


async def test_after_a_long_silence_vita_goes_on_once():
    turns = {"type": "server_vad", "idle_timeout_ms": 1000}
    engines = model()
    async with serve_sessions(talk(engines)) as address, raw(address) as client:
        await client.send("session.update", session={"audio": {"input": {"turn_detection": turns}}})
        await client.hear(HUSH, LOUD, LOUD, HUSH, HUSH)
        await client.until("response.done")
        await asyncio.sleep(0.5)  # "Four." has been played
        await client.hear(*[HUSH] * 4)
        told = await client.until("input_audio_buffer.timeout_triggered")
        await client.until("response.done", 2)
        assert told["audio_end_ms"] - told["audio_start_ms"] >= 1000
        added = [event["item"]["id"] for event in client.events if event["type"] == "conversation.item.added"]
        assert told["item_id"] in added
        await asyncio.sleep(1.0)
        await client.hear(*[HUSH] * 4)
        await client.send("conversation.item.retrieve", item_id=told["item_id"])
        await client.until("conversation.item.retrieved")
    assert client.kinds.count("input_audio_buffer.timeout_triggered") == 1
