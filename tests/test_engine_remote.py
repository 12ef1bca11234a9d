from __future__ import annotations

import asyncio
import base64
import io
import socket
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tests.openai_server import Server
from vita.conversation import SYSTEM_PROMPTS, Turn
from vita.engine.chat_chunks import choice_logprobs, split_state
from vita.engine.chat_messages import write_messages
from vita.engine.engine_protocol import Request, Sampling, Stage
from vita.engine.remote_engine import RemoteEngine
from vita.errors import EngineDeadError, EngineError, EngineNotReadyError, InputError, PromptTooLongError
from vita.media import Clip, Picture, Sound
from vita.tokens import Family, State


def question(*parts, **options) -> Request:
    return Request((Turn("user", parts or ("Hi?",)),), **options)


async def everything(engine, request):
    return [delta async for delta in engine.generate(request)]


async def test_an_answer_streams_with_usage_and_the_model_that_the_server_has():
    async with Server().running() as engine:
        deltas = await everything(engine, question())
    assert [delta.text for delta in deltas] == ["Hello", " you", ""]
    last = deltas[-1]
    assert (last.finish, last.usage.prompt_tokens, last.usage.audio_tokens, last.usage.cached_tokens) == (
        "stop",
        999,
        3,
        4,
    )
    assert last.usage.completion_tokens == 3


async def test_a_state_token_is_split_off_even_where_it_comes_in_pieces():
    async with Server(("<", "2", ">", " Just", " noise")).running() as engine:
        deltas = await everything(engine, question())
    assert deltas[0].state is State.NOISE
    assert "".join(delta.text for delta in deltas) == "Just noise"


async def test_text_that_only_begins_like_a_state_token_is_kept():
    async with Server(("<", "b>", "bold")).running() as engine:
        deltas = await everything(engine, question())
    assert (deltas[0].state, "".join(delta.text for delta in deltas)) == (None, "<b>bold")


async def test_an_answer_that_ends_as_a_part_of_a_state_token_loses_nothing():
    async with Server(("<",)).running() as engine:
        assert "".join(delta.text for delta in await everything(engine, question())) == "<"


@pytest.mark.parametrize(
    ("head", "expected"),
    [("", None), ("<", None), ("<1", None), ("<1>", (State.AUDIO_QUERY, "")), ("☟no", (State.NOISE, "no")),
     ("<4>", (None, "<4>")), ("Hi", (None, "Hi"))],
)  # fmt: skip
def test_states_are_split_as_soon_as_they_are_certain(head, expected):
    assert split_state(head) == expected


async def test_sampling_and_seed_reach_the_server():
    server = Server(family=Family.VITA_1_0)
    sampling = Sampling(temperature=0.5, top_p=0.9, max_tokens=7, seed=3, repetition_penalty=1.1)
    async with server.running() as engine:
        await everything(engine, question(sampling=sampling, max_tiles=4, system="Be brief."))
    (asked,) = server.asked
    assert (asked["temperature"], asked["top_p"], asked["max_tokens"], asked["seed"]) == (0.5, 0.9, 7, 3)
    assert (asked["repetition_penalty"], asked["mm_processor_kwargs"]) == (1.1, {"max_tiles": 4})
    assert asked["messages"][0] == {"role": "system", "content": "Be brief."}


async def test_only_a_vita_is_told_into_how_many_tiles_a_picture_may_be_cut():
    server = Server()
    async with server.running() as engine:
        await everything(engine, question(max_tiles=4))
    assert "mm_processor_kwargs" not in server.asked[0], "another model in vLLM knows no such argument"


async def test_a_server_that_is_not_vllm_is_sent_no_names_of_vllm():
    server = Server(owner="someone")
    async with server.running() as engine:
        await everything(engine, question())
    assert not {"skip_special_tokens", "repetition_penalty", "seed"} & server.asked[0].keys()


async def test_a_server_is_asked_to_go_on_with_an_answer_and_what_it_says_is_taken_as_it_is():
    server = Server(family=Family.VITA_1_0)
    turns = (Turn("user", ("Count.",)), Turn("assistant", ("One, two",), State.TEXT_QUERY))
    async with server.running() as engine:
        await everything(engine, Request(turns, goes_on=True))
    (asked,) = server.asked
    assert (asked["continue_final_message"], asked["add_generation_prompt"]) == (True, False)
    assert asked["messages"][-1] == {"role": "assistant", "content": "<3>One, two"}


async def test_a_vita_is_told_by_its_system_prompt_what_a_request_says_is_shown():
    server = Server(family=Family.VITA_1_0)
    async with server.running() as engine:
        for asked in (question(sight="video"), question(sight="video", system="Be brief."), question()):
            await everything(engine, asked)
    first = [asked["messages"][0] for asked in server.asked]
    assert first[0] == {"role": "system", "content": SYSTEM_PROMPTS[Family.VITA_1_0]["video"]}
    assert first[1]["content"] == "Be brief."
    assert first[2]["role"] == "user", "the server tells by itself what is shown"


async def test_media_travel_as_data_urls_that_decode_to_the_same():
    red = Image.new("RGB", (4, 2), "red")
    sound = Sound(np.array([0.0, 0.5, -1.0], np.float32))
    server = Server()
    async with server.running() as engine:
        await everything(engine, question(Picture(red), Clip((red, red), (0.0, 1.0), 2.0), "What?", sound))
    image, video, text, audio = server.asked[0]["messages"][0]["content"]
    data = base64.b64decode(image["image_url"]["url"].removeprefix("data:image/png;base64,"))
    assert Image.open(io.BytesIO(data)).getpixel((0, 0)) == (255, 0, 0)
    assert video["video_url"]["url"].count(",") == 2
    assert text == {"type": "text", "text": "What?"}
    wav = base64.b64decode(audio["input_audio"]["data"])
    assert np.frombuffer(wav[44:], "<i2").tolist() == [0, 16384, -32767]


def test_other_servers_get_the_frames_of_a_clip_as_images():
    frame = Image.new("RGB", (2, 2))
    told = write_messages(question(Clip((frame, frame), (0.0, 1.0), 2.0)), None, frames_as_video=False)
    assert [part["type"] for part in told[0]["content"]] == ["image_url", "image_url"]


def test_earlier_answers_carry_the_state_token_of_the_servers_family():
    turns = (Turn("user", ("Hi",)), Turn("assistant", ("Hello",), State.TEXT_QUERY), Turn("user", ("Bye",)))
    assert write_messages(Request(turns), Family.NANO, True)[1]["content"] == "<3>Hello"
    assert write_messages(Request(turns), None, True)[1]["content"] == "Hello"


async def test_closing_the_iterator_hangs_up():
    server = Server(endless=True)
    async with server.running() as engine:
        deltas = engine.generate(question())
        await anext(deltas)
        assert engine.load == 1
        await deltas.aclose()
        assert engine.load == 0
        await asyncio.wait_for(server.hung_up.wait(), 5)


async def test_abort_by_id_ends_the_stream():
    server = Server(endless=True)
    async with server.running() as engine:
        deltas = engine.generate(request := question())
        await anext(deltas)
        await engine.abort(request.id)
        await engine.abort("unknown")
        assert [delta async for delta in deltas][-1].finish == "abort"
        await asyncio.wait_for(server.hung_up.wait(), 5)


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "At most 2 image(s) may be provided", InputError),
        (429, "slow down", EngineNotReadyError),
        (503, "loading", EngineNotReadyError),
        (401, "no key", EngineError),
    ],
)
async def test_what_the_server_says_becomes_an_error_of_ours(status, message, kind):
    async with Server(error=(status, message)).running() as engine:
        with pytest.raises(kind, match=message.split("(")[0]):
            await everything(engine, question())


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 100 tokens. However, your messages resulted in 130 tokens.",
        "The decoder prompt (length 130) is longer than the maximum model length of 100. Make sure ...",
    ],
)
async def test_a_prompt_that_is_too_long_says_by_how_much(message):
    async with Server(error=(400, message)).running() as engine:
        with pytest.raises(PromptTooLongError, match="30 tokens too long"):
            await everything(engine, question())


async def test_a_server_that_is_not_there_is_a_dead_engine_that_can_be_started_again():
    engine = RemoteEngine("far", "http://127.0.0.1:9/v1", retries=0)
    for _ in range(2):
        with pytest.raises(EngineDeadError, match="cannot be reached"):
            await engine.start()
    assert engine.status.stage is Stage.FAILED
    with pytest.raises(EngineNotReadyError):
        await everything(engine, question())
    await engine.close()


async def test_a_server_that_goes_away_is_noticed():
    async with Server().running() as engine:
        pass
    engine = RemoteEngine("far", engine.address, retries=0)
    engine._status = engine._status.__class__("far", Stage.READY)
    with pytest.raises(EngineDeadError):
        await everything(engine, question())
    assert engine.status.stage is Stage.FAILED
    await engine.close()


async def test_a_model_that_the_server_lacks_is_refused():
    with pytest.raises(EngineError, match="does not serve other"):
        async with Server().running(model="other"):
            pass


async def test_a_server_that_takes_a_call_and_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr("vita.engine.remote_engine.GREETING", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # calls are taken by the system alone
        engine = RemoteEngine("far", f"http://127.0.0.1:{silent.getsockname()[1]}/v1", retries=0)
        with pytest.raises(EngineDeadError, match="cannot be reached"):
            async with asyncio.timeout(20):
                await engine.start()
        await engine.close()


async def test_the_status_says_what_a_server_serves_once_it_has_answered():
    async with Server().running() as engine:
        assert engine.status.model == "m"
    assert RemoteEngine("far", "http://127.0.0.1:9/v1").status.model == ""


def likely_words(piece: str) -> dict:
    """Logprobs as a server writes them: of this piece alone, or of yes and no."""
    known = {"Yes": -0.5, " no": -2.5, "yes": -4.0, "Maybe": -6.0} if piece == "Yes" else {piece: -0.1}
    row = [{"token": token, "logprob": value, "bytes": None} for token, value in known.items()]
    return {"content": [{**row[0], "top_logprobs": row}], "refusal": None}


@pytest.mark.parametrize("pieces", [("Yes", "."), ("<3>", "Yes", ".")])
async def test_the_first_word_is_weighed_wherever_the_server_begins(pieces):
    server = Server(pieces)
    server.likely = likely_words
    sampling = Sampling(choices=("Yes", "No"), weighs_choices=True)
    async with server.running() as engine:
        deltas = [delta async for delta in engine.generate(Request((Turn("user", ("?",)),), sampling))]
    assert [delta.choice_logprobs for delta in deltas if delta.choice_logprobs] == [{"Yes": -0.5, "No": -2.5}]
    assert (server.asked[0]["logprobs"], server.asked[0]["top_logprobs"]) == (True, 20)


async def test_a_server_is_asked_for_no_logprobs_that_nobody_wants():
    server = Server(("Yes",))
    async with server.running() as engine:
        deltas = [delta async for delta in engine.generate(Request((Turn("user", ("?",)),)))]
    assert "logprobs" not in server.asked[0]
    assert all(delta.choice_logprobs is None for delta in deltas)


def test_a_word_that_is_not_among_the_likeliest_is_at_most_as_likely_as_the_last_of_them():
    row = [SimpleNamespace(token="Yes", logprob=-0.1), SimpleNamespace(token="It", logprob=-5.0)]
    assert choice_logprobs(row, ("Yes", "No")) == {"Yes": -0.1, "No": -5.0}
