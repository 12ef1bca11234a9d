"""Lines that break while VITA speaks: what the client is told when it is back, and what the history keeps."""

from __future__ import annotations

import asyncio

from tests.realtime_server import HUSH, STORY, model, talk
from tests.test_realtime_server import Raw, raw
from vita.duplex.conversation_history import AnswerItem
from vita.realtime.session_manager import RealtimeSession
from vita.realtime.standalone_server import serve_sessions


async def answering(client: Raw, sounds: int = 12) -> tuple[str, str]:
    """The session's id, and that of an answer of which so many tenths of a second have come."""
    session = (await client.until("session.created"))["session"]["id"]
    await client.say("Tell me a story.")
    return session, (await client.until("response.output_audio.delta", sounds))["item_id"]


async def lost(held: RealtimeSession) -> AnswerItem:
    """The newest answer, once the server knows that nobody is there."""
    async with asyncio.timeout(10):
        while held.left is None:
            await asyncio.sleep(0.01)
    assert held.driver.state.answer is None
    return [item for item in held.driver.state.items if isinstance(item, AnswerItem)][-1]


async def test_who_takes_over_a_line_that_seemed_alive_learns_of_the_cut_and_the_history_holds_what_was_played():
    engines = model(text=STORY)
    async with serve_sessions(talk(engines)) as address, raw(address, "vita_events=1") as first:
        session, playing = await answering(first)
        await first.send("vita.played", item_id=playing, samples=24_000)
        await first.send("conversation.item.retrieve", item_id=playing)
        await first.until("conversation.item.retrieved")
        async with raw(address, f"resume={session}&vita_events=1") as second:
            assert (await second.until("vita.cut"))["data"]["item_id"] == playing
            assert (await second.until("response.done"))["response"]["status"] == "cancelled"
            heard = (await second.until("vita.heard"))["data"]
            await second.until("session.created")
            assert "response.output_audio.delta" not in second.kinds
            await second.say("Go on.")
            assert (await second.until("response.output_audio.delta"))["item_id"] != playing
    assert heard["samples"] == 24_000
    asked = next(r for engine in engines for r in engine.requests if r.turns[-1].text == "Go on.")
    assert [turn.text for turn in asked.turns] == ["Tell me a story.", heard["heard"], "Go on."]


async def test_an_answer_that_was_told_to_its_end_and_is_still_playing_is_cut_when_its_line_is_lost():
    service = talk(model(text="Once upon a time."))
    async with serve_sessions(service) as address:
        async with raw(address, "vita_events=1") as client:
            session, playing = await answering(client, sounds=1)
            await client.until("response.done")
        answer = await lost(service.sessions[session])
        assert answer.id == playing
        assert answer.limit is not None
        assert answer.limit < answer.samples
        async with raw(address, f"resume={session}&vita_events=1") as client:
            assert (await client.until("vita.cut"))["data"]["item_id"] == playing
            assert (await client.until("vita.heard"))["data"]["samples"] == answer.limit


async def test_a_running_answer_ends_with_its_line_and_no_sound_of_it_is_left_for_who_comes_back():
    service = talk(model(text=STORY))
    async with serve_sessions(service) as address:
        async with raw(address, "vita_events=1") as client:
            session, playing = await answering(client)
        answer = await lost(service.sessions[session])
        assert answer.limit is not None
        async with raw(address, f"resume={session}&vita_events=1") as client:
            await client.until("session.created")
            assert client.kinds.count("response.done") == 1
            assert "response.output_audio.delta" not in client.kinds
            assert answer.id == playing


async def test_what_was_played_to_its_end_stays_whole_when_the_line_is_lost():
    service = talk(model(text="Yes."))
    async with serve_sessions(service) as address:
        async with raw(address, "vita_events=1") as client:
            session, _ = await answering(client, sounds=1)
            await client.until("vita.heard")
        assert (await lost(service.sessions[session])).limit is None


async def test_who_comes_back_learns_how_many_of_its_events_arrived_and_need_not_be_sent_again():
    async with serve_sessions(talk()) as address:
        async with raw(address, "vita_events=1") as client:
            session = (await client.until("session.created"))["session"]["id"]
            assert (await client.until("vita.received"))["data"] == {"events": 0}
            await client.hear(HUSH, HUSH)
            await client.send("no.such.event")
            await client.send("vita.ping")
            assert (await client.until("vita.received", 2))["data"] == {"events": 3}
        async with raw(address, f"resume={session}&vita_events=1") as client:
            assert (await client.until("vita.received"))["data"] == {"events": 4}


async def test_a_client_without_our_events_is_told_nothing_of_what_arrived():
    async with serve_sessions(talk()) as address, raw(address) as client:
        await client.send("vita.ping")
        await client.send("input_audio_buffer.clear")
        await client.until("input_audio_buffer.cleared")
        assert "vita.received" not in client.kinds
