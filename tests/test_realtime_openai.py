"""openai-python, which we did not write, talks with a live server."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from tests.fakes import Answer
from tests.realtime_server import HUSH, LOUD, STORY, connected, model, talk
from vita.duplex.camera import MOST_KEPT
from vita.media import Clip, Picture, Sound
from vita.realtime.standalone_server import serve_sessions
from vita.tokens import State

ANSWER = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "conversation.item.done",
    "response.done",
]


async def test_a_session_is_created_and_updated_deeply():
    async with serve_sessions(talk()) as address, connected(address) as client:
        created = client.of("session.created")[0].session
        assert created.audio.input.format.rate == 24_000
        assert created.audio.input.turn_detection.type == "semantic_vad"
        server_vad = {"type": "server_vad", "silence_duration_ms": 300}
        session = await client.configure(instructions="Be brief.", audio={"input": {"turn_detection": server_vad}})
        assert session.instructions == "Be brief."
        assert session.audio.input.turn_detection.silence_duration_ms == 300
        assert session.audio.input.turn_detection.prefix_padding_ms == 300
        session = await client.configure(audio={"input": {"turn_detection": None}})
        assert session.audio.input.turn_detection is None
        assert session.instructions == "Be brief."


async def test_a_typed_question_is_answered_in_sound_and_transcript_in_the_protocols_order():
    async with serve_sessions(talk()) as address, connected(address) as client:
        await client.say("Hi.")
        done = await client.until("response.done")
        begin = client.kinds.index("response.created")
        order = [kind for kind in client.kinds[begin:] if not kind.endswith("delta")]
        assert order == ANSWER
        assert "".join(event.delta for event in client.of("response.output_audio_transcript.delta")) == "Hello there."
        sound = b"".join(base64.b64decode(event.delta) for event in client.of("response.output_audio.delta"))
        assert len(sound) == len("Hello there.") * 1200 * 2
        assert max(len(event.delta) for event in client.of("response.output_audio.delta")) < 2**16
        assert done.response.status == "completed"
        assert done.response.output[0].content[0].transcript == "Hello there."
        assert done.response.usage.input_tokens == 10
        assert done.response.usage.input_token_details.text_tokens == 10
        assert done.response.usage.output_token_details.text_tokens == 3


async def test_an_answer_may_be_text_alone():
    async with serve_sessions(talk()) as address, connected(address) as client:
        session = await client.configure(output_modalities=["text"])
        assert session.output_modalities == ["text"]
        await client.say("Hi.")
        done = await client.until("response.done")
        assert "".join(event.delta for event in client.of("response.output_text.delta")) == "Hello there."
        assert done.response.output[0].content[0].text == "Hello there."
        assert "response.output_audio.delta" not in client.kinds


async def test_a_spoken_query_is_told_in_the_protocols_order():
    async with serve_sessions(talk()) as address, connected(address) as client:
        await client.query()
        await client.until("response.done")
        begin = client.kinds.index("input_audio_buffer.speech_started")
        assert client.kinds[begin : begin + 6] == [
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
            "response.created",
        ]
        started, stopped = client.events[begin : begin + 2]
        assert started.item_id == stopped.item_id == client.events[begin + 2].item_id
        assert started.audio_start_ms == pytest.approx(200, abs=40)
        assert stopped.audio_end_ms == pytest.approx(2000, abs=60)


async def test_what_the_model_takes_for_noise_is_not_even_mentioned():
    async with serve_sessions(talk(model(Answer("", State.NOISE)))) as address, connected(address) as client:
        await client.query()
        await client.say("Hi.")
        await client.until("response.done")
        assert not [kind for kind in client.kinds if kind.startswith("input_audio_buffer")]
        assert len(client.of("response.created")) == 1


@pytest.mark.parametrize("kind", ["semantic_vad", "server_vad"])
async def test_a_query_interrupts_an_answer(kind):
    async with serve_sessions(talk(model(text=STORY))) as address, connected(address) as client:
        await client.configure(audio={"input": {"turn_detection": {"type": kind}}})
        await client.say("Tell me a story.")
        first = await client.until("response.output_audio.delta")
        await client.query()
        done = await client.until("response.done", 2)
        cancelled = client.of("response.done")[0].response
        assert cancelled.status == "cancelled"
        assert cancelled.status_details.reason == "turn_detected"
        started = client.kinds.index("input_audio_buffer.speech_started")
        assert started < client.kinds.index("response.done")
        late = [event for event in client.events[started:] if event.type == "response.output_audio.delta"]
        assert all(event.response_id != first.response_id for event in late)
        assert done.response.output[0].content[0].transcript == "Four."


async def test_push_to_talk_commits_and_asks_itself():
    engines = model()
    async with serve_sessions(talk(engines)) as address, connected(address) as client:
        await client.configure(audio={"input": {"turn_detection": None}})
        await client.hear(LOUD, HUSH)
        await client.connection.input_audio_buffer.commit()
        await client.until("conversation.item.done")
        assert "response.created" not in client.kinds
        await client.connection.response.create()
        await client.until("response.done")
    asked = [request for engine in engines for request in engine.requests if request.sampling.max_tokens > 1]
    assert asked[0].turns[0].media[0].duration == pytest.approx(1.0, abs=0.01)
    assert asked[0].sampling.states == (State.AUDIO_QUERY,)


async def test_a_truncation_is_clamped_acknowledged_and_believed():
    engines = model(text=STORY)
    async with serve_sessions(talk(engines)) as address, connected(address) as client:
        await client.say("Tell me a story.")
        item = (await client.until("response.output_audio.delta")).item_id
        await client.query()
        await client.until("response.done")
        await client.connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=900_000)
        far = await client.until("conversation.item.truncated")
        await client.connection.conversation.item.truncate(item_id=item, content_index=0, audio_end_ms=900)
        near = await client.until("conversation.item.truncated", 2)
        await client.connection.conversation.item.truncate(item_id="unknown", content_index=0, audio_end_ms=5)
        await client.until("conversation.item.truncated", 3)
        assert far.audio_end_ms < 60_000
        assert near.audio_end_ms == 900
        await client.say("Go on.")
        await client.until("response.created", 3)
        await client.connection.response.cancel()
        await client.until("response.done", 3)
        assert "error" not in client.kinds
    heard = [turn.text for engine in engines for turn in engine.requests[-1].turns if turn.role == "assistant"]
    assert "Once upon a time," in heard


async def test_cancelling_ends_an_answer_once_and_cancelling_nothing_is_an_error_that_ends_nothing():
    async with serve_sessions(talk(model(text=STORY))) as address, connected(address) as client:
        await client.say("Tell me a story.")
        await client.until("response.output_audio.delta")
        await client.connection.response.cancel()
        done = await client.until("response.done")
        assert done.response.status_details.reason == "client_cancelled"
        await client.connection.response.cancel()
        assert (await client.until("error")).error.code == "response_cancel_not_active"
        await client.say("Again.")
        await client.until("response.created", 2)
        await client.connection.response.cancel()
        await client.until("response.done", 2)


async def test_pictures_ride_along_and_a_recording_is_an_item():
    engines, url = model(), _url("red")
    async with serve_sessions(talk(engines)) as address, connected(address) as client:
        for content in ({"type": "input_image", "image_url": url}, {"type": "input_audio", "audio": _b64(LOUD)}):
            await client.connection.conversation.item.create(
                item={"type": "message", "role": "user", "content": [content]}
            )
        await client.say("What is this?", item="mine")
        await client.until("response.done")
        assert "mine" in [event.item.id for event in client.of("conversation.item.added")]
    turn = next(r for engine in engines for r in engine.requests if r.sampling.max_tokens > 1).turns[0]
    assert [type(part) for part in turn.parts] == [Clip, Sound, str]


async def test_a_conversation_that_is_restored_by_the_ids_of_another_one_keeps_every_item():
    engines = model()
    async with serve_sessions(talk(engines)) as address:
        async with connected(address) as client:
            await client.query()
            await client.until("response.done")
            old = [event.item.id for event in client.of("conversation.item.added")]
        async with connected(address) as client:
            for name, role, kind in zip(old, ("user", "assistant"), ("input_text", "output_text"), strict=True):
                content = [{"type": kind, "text": f"Old words of the {role}."}]
                await client.connection.conversation.item.create(
                    item={"type": "message", "role": role, "id": name, "content": content}
                )
            for count in (1, 2):
                await client.query()
                await client.until("response.done", count)
            added = [event.item.id for event in client.of("conversation.item.added")]
            assert len(set(added)) == len(added) == 6
    asked = max((request for engine in engines for request in engine.requests), key=lambda request: len(request.turns))
    assert [turn.text for turn in asked.turns][:2] == ["Old words of the user.", "Old words of the assistant."]


async def test_a_picture_that_is_deleted_is_not_shown_to_the_model():
    engines = model()
    async with serve_sessions(talk(engines)) as address, connected(address) as client:
        for name, colour in (("mine", "red"), ("yours", "blue")):
            content = [{"type": "input_image", "image_url": _url(colour)}]
            await client.connection.conversation.item.create(
                item={"type": "message", "role": "user", "id": name, "content": content}
            )
        await client.connection.conversation.item.delete(item_id="mine")
        await client.until("conversation.item.deleted")
        await client.say("What is this?")
        await client.until("response.done")
    turn = next(r for engine in engines for r in engine.requests if r.sampling.max_tokens > 1).turns[0]
    assert [type(part) for part in turn.parts] == [Clip, str]
    (frame,) = turn.parts[0].frames
    red, _, blue = frame.getpixel((4, 4))
    assert blue > red


async def test_camera_frames_that_were_not_asked_about_are_not_kept():
    service = talk()
    async with serve_sessions(service) as address, connected(address) as client:
        for _ in range(MOST_KEPT + 8):
            await client.connection.conversation.item.create(
                item={"type": "message", "role": "user", "content": [{"type": "input_image", "image_url": _url("red")}]}
            )
        await client.until("conversation.item.done", MOST_KEPT + 8)
        (session,) = service.sessions.values()
        assert len(session.state.frame_items) == len(session.driver.state.frames) == MOST_KEPT


async def test_a_picture_in_high_detail_is_no_camera_frame_and_stays_in_the_conversation():
    engines = model()
    async with serve_sessions(talk(engines)) as address, connected(address) as client:
        content = [{"type": "input_image", "image_url": _url("red"), "detail": "high"}]
        await client.connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
        for text in ("What is this?", "And its colour?"):
            await client.say(text)
            await client.until("response.done", 1 + (text != "What is this?"))
    asked = [request for engine in engines for request in engine.requests if request.sampling.max_tokens > 1]
    assert all(isinstance(request.turns[0].parts[0], Picture) for request in asked)
    assert len(asked) == 2


def _url(colour: str) -> str:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(file, "JPEG")
    return "data:image/jpeg;base64," + _b64(file.getvalue())


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def test_a_short_answer_stays_in_the_history_though_the_next_question_comes_before_it_was_played():
    engines = model()
    async with serve_sessions(talk(engines)) as address, connected(address) as client:
        for count, question in enumerate(("Hi.", "And?"), start=1):
            await client.say(question)
            await client.until("response.done", count)
    asked = max((request for engine in engines for request in engine.requests), key=lambda request: len(request.turns))
    assert [turn.text for turn in asked.turns[:3]] == ["Hi.", "Hello there.", "And?"]


async def test_an_answer_may_have_instructions_a_length_and_metadata_that_the_next_has_not():
    engines = model()
    async with serve_sessions(talk(engines)) as address, connected(address) as client:
        await client.configure(instructions="Be brief.")
        own = {"instructions": "Answer in French.", "max_output_tokens": 7, "metadata": {"topic": "greeting"}}
        await client.say("Hi.", **own)
        done = await client.until("response.done")
        await client.say("And now?")
        again = await client.until("response.done", 2)
    created = client.of("response.created")[0]
    assert created.response.metadata == done.response.metadata == {"topic": "greeting"}
    assert again.response.metadata is None
    asked = [request for engine in engines for request in engine.requests if request.sampling.max_tokens > 1]
    first, second = sorted(asked, key=lambda request: len(request.turns))
    assert (first.system, first.turns[-1].text, first.sampling.max_tokens) == ("Answer in French.", "Hi.", 7)
    assert second.system == "Be brief."
    assert second.sampling.max_tokens > 7


async def test_where_nobody_has_said_anything_the_instructions_are_what_is_answered():
    engines = model()
    async with serve_sessions(talk(engines)) as address, connected(address) as client:
        await client.connection.response.create(response={"instructions": "Greet me."})
        await client.until("response.done")
    asked = next(request for engine in engines for request in engine.requests if request.sampling.max_tokens > 1)
    assert [turn.text for turn in asked.turns] == ["Greet me."]
