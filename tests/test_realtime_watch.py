"""A watch over the wire, by openai-python and by a client that knows our own events."""

from __future__ import annotations

import asyncio
import base64
import io

import pytest
from PIL import Image

from tests.fakes import Answer, FakeEngine
from tests.realtime_server import HUSH, LOUD, STORY, connected, model, talk
from vita.duplex.watch_asking import LOOKS_LATE
from vita.engine.engine_protocol import Request
from vita.media import Picture
from vita.realtime.standalone_server import serve_sessions
from vita.tokens import State


def pixels_of(colour: str) -> str:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def reply(request: Request) -> Answer:
    """Sees what is red, and says so."""
    if request.priority == LOOKS_LATE:
        (shown,) = request.turns[-1].media
        assert isinstance(shown, Picture)
        odds = 3.0 if shown.image.getpixel((0, 0)) == (255, 0, 0) else -3.0
        return Answer("Yes" if odds > 0 else "No", None, choice_logprobs={"Yes": odds, "No": 0.0})
    return Answer("A dog has come.")


def engines() -> list[FakeEngine]:
    return [FakeEngine(reply, name=name) for name in "ab"]


async def show(client, item: str, colour: str) -> None:
    content = [{"type": "input_image", "image_url": pixels_of(colour)}]
    message = {"id": item, "type": "message", "role": "user", "content": content}
    await client.connection.conversation.item.create(item=message)


async def start(client, wanted: str = "a dog", **more) -> None:
    await client.connection.send({"type": "vita.watch.start", "watch_for": wanted, **more})


async def looked(client, count: int):
    return (await client.until("vita.watch_looked", count)).data


async def show_and_look(client, *colours: str) -> None:
    for number, colour in enumerate(colours, start=len(client.of("vita.watch_looked")) + 1):
        await show(client, f"frame{number}", colour)
        await looked(client, number)


async def test_a_watch_is_set_looked_after_seen_and_ended():
    async with serve_sessions(talk(engines())) as address, connected(address, vita_events="1") as client:
        await start(client)
        told = (await client.until("vita.watch_set")).data
        assert (told["watch_for"], told["repeat"], told["seconds"]) == ("a dog", False, 600)
        await show_and_look(client, "white", "red", "red")
        seen = (await client.until("vita.watch_seen")).data
        assert seen["frame"] == "frame3"
        looks = [event.data for event in client.of("vita.watch_looked")]
        assert [(look["frame"], look["said"], look["shows"]) for look in looks] == [
            ("frame1", "No", False),
            ("frame2", "Yes", True),
            ("frame3", "Yes", True),
        ]
        done = await client.until("response.done")
        assert done.response.output[0].content[0].transcript == "A dog has come."
        assert (await client.until("vita.watch_ended")).data["why"] == "seen"
        added = {event.item.id: event.item for event in client.of("conversation.item.added")}
        assert added[seen["item_id"]].role == "user"
        assert "a dog" in added[seen["item_id"]].content[0].text


async def test_a_client_of_openais_gets_the_answer_and_no_event_that_it_does_not_know():
    async with serve_sessions(talk(engines())) as address, connected(address) as client:
        await start(client)
        for number, colour in enumerate(("white", "red", "red", "red", "red")):
            await show(client, f"frame{number}", colour)
            await client.hear(HUSH)
            await asyncio.sleep(1.05)
        done = await client.until("response.done")
        assert done.response.status == "completed"
        assert not [kind for kind in client.kinds if kind.startswith("vita.")]
        previous = next(event for event in client.of("conversation.item.added") if event.item.role == "assistant")
        assert previous.previous_item_id in {event.item.id for event in client.of("conversation.item.added")}


async def test_a_stopped_watch_looks_no_more():
    async with serve_sessions(talk(engines())) as address, connected(address, vita_events="1") as client:
        await start(client)
        await show_and_look(client, "white")
        await client.connection.send({"type": "vita.watch.stop"})
        assert (await client.until("vita.watch_ended")).data == {
            "watch": 1,
            "why": "stopped",
            "looked": 1,
            "skipped": 0,
        }
        await show(client, "later", "red")
        await client.configure(instructions="Be brief.")
        assert len(client.of("vita.watch_looked")) == 1


@pytest.mark.parametrize(
    ("wanted", "more", "code"),
    [
        ("", {}, "watch_empty"),
        ("a" * 300, {}, "watch_long"),
        ("a dog", {"minutes": 0}, "invalid_event"),
        ("a dog", {"minutes": 61}, "invalid_event"),
    ],
)
async def test_what_cannot_be_watched_for_is_refused_and_the_session_goes_on(wanted, more, code):
    async with serve_sessions(talk(engines())) as address, connected(address, vita_events="1") as client:
        await start(client, wanted, **more)
        assert (await client.until("error")).error.code == code
        await client.say("Hi.")
        await client.until("response.done")
        assert "vita.watch_set" not in client.kinds


@pytest.mark.parametrize(
    ("asked", "said"), [(False, "A dog has come."), (True, "OK, I will tell you when I see a dog.")]
)
async def test_typed_words_set_a_watch_only_where_the_client_wants_that(asked, said):
    async with serve_sessions(talk(engines())) as address, connected(address, vita_events="1") as client:
        await client.configure(vita={"watch_by_words": asked})
        await client.say("Tell me when you see a dog.")
        done = await client.until("response.done")
        assert done.response.output[0].content[0].transcript == said
        assert ("vita.watch_set" in client.kinds) is asked
        await client.say("Hello!")
        again = await client.until("response.done", 2)
        assert again.response.output[0].content[0].transcript == "A dog has come.", "one promise is for one answer"


async def add_words(client, text: str) -> None:
    content = [{"type": "input_text", "text": text}]
    await client.connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})


@pytest.mark.parametrize("by", ["hand", "the conversation", "words"])
async def test_a_promise_that_nobody_asked_for_is_no_answer_to_what_is_said_next(by):
    async with serve_sessions(talk(model())) as address, connected(address, vita_events="1") as client:
        detection = {"type": "semantic_vad", "create_response": False} if by == "the conversation" else None
        await client.configure(vita={"watch_by_words": True}, audio={"input": {"turn_detection": detection}})
        await add_words(client, "Tell me when you see a dog.")
        await client.until("vita.watch_set")
        if by == "words":
            await client.configure(vita={"watch_by_words": False})
            await add_words(client, "Hello!")
        elif by == "hand":
            await client.hear(LOUD, HUSH)
            await client.connection.input_audio_buffer.commit()
        else:
            await client.query()
            await client.until("input_audio_buffer.committed")
        await client.connection.response.create()
        done = await client.until("response.done")
        assert done.response.output[0].content[0].transcript == "Hello there."


async def test_spoken_words_set_a_watch_and_are_answered_by_its_promise():
    async def transcribe(sound) -> str:
        return "Tell me when you see a dog."

    manager = talk(model(Answer(STORY, State.AUDIO_QUERY)), transcribe=transcribe)
    async with serve_sessions(manager) as address, connected(address, vita_events="1") as client:
        await client.configure(vita={"watch_by_words": True}, audio={"input": {"transcription": {"model": "vita"}}})
        await client.query()
        await client.until("vita.watch_set")
        await client.until("response.output_audio_transcript.done", 2)
        answers = [event.transcript for event in client.of("response.output_audio_transcript.done")]
        assert answers[-1] == "OK, I will tell you when I see a dog."
        assert client.of("response.done")[0].response.status == "cancelled"


async def test_the_watch_ends_with_the_session():
    manager = talk(engines())
    async with serve_sessions(manager) as address:
        async with connected(address, vita_events="1") as client:
            await start(client)
            await show_and_look(client, "white")
            (session,) = manager.sessions.values()
            assert session.driver.state.watch
        await session.end_session()
        assert session.driver.state.watch is None
