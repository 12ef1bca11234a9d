"""A VITA behind a vLLM server: recognised by how it writes a prompt, told which states may come, its media counted."""

import pytest
from PIL import Image

from tests.openai_server import PROMPT, Server, token_id
from vita.conversation import Turn, render_prompt
from vita.engine.engine_protocol import Request, Sampling
from vita.media import Clip, Picture
from vita.tokens import STATE_TOKENS, Family, State

DIALOGUE = (Turn("user", ("Hi",)), Turn("assistant", ("Hello",), State.TEXT_QUERY), Turn("user", ("Bye",)))
SEEN = Picture(Image.new("RGB", (4, 4)))
FILMED = Clip((SEEN.image,), (0.0,), 1.0)


async def asked_of(server, turns=DIALOGUE, **options):
    """What a server was asked, and the usage at the end of its answer."""
    async with server.running() as engine:
        deltas = [delta async for delta in engine.generate(Request(turns, Sampling(**options)))]
    return server.asked[-1], deltas[-1].usage


@pytest.mark.parametrize("family", Family)
async def test_earlier_answers_keep_the_state_token_of_the_family_that_is_served(family):
    asked, _ = await asked_of(Server(family=family))
    assert asked["messages"][1]["content"] == STATE_TOKENS[family].text(State.TEXT_QUERY) + "Hello"


async def test_another_model_gets_no_state_tokens_and_nothing_about_them():
    asked, _ = await asked_of(Server(), states=(State.NOISE,))
    assert asked["messages"][1]["content"] == "Hello"
    assert "vllm_xargs" not in asked


@pytest.mark.parametrize("family", [Family.VITA_1_0, Family.NANO])
async def test_a_request_says_by_id_which_states_may_begin_the_answer(family):
    asked, _ = await asked_of(Server(family=family), states=(State.AUDIO_QUERY, State.NOISE))
    assert asked["vllm_xargs"] == {"first_token_ids": [token_id("<1>"), token_id("<2>")]}
    asked, _ = await asked_of(Server(family=family), states=())
    assert asked["vllm_xargs"] == {"first_token_ids": []}
    asked, _ = await asked_of(Server(family=family))
    assert "vllm_xargs" not in asked


async def test_tokens_of_media_are_counted_as_the_server_counts_them():
    server = Server(family=Family.NANO)
    server.details = {"cached_tokens": 4, "multimodal_tokens": {"image": 30, "video": 20, "audio": 10}}
    _, usage = await asked_of(server, (Turn("user", (SEEN, FILMED, "What?")),))
    assert (usage.image_tokens, usage.video_tokens, usage.audio_tokens, usage.cached_tokens) == (30, 20, 10, 4)
    assert usage.text_tokens == PROMPT - 60


@pytest.mark.parametrize(("medium", "name"), [(SEEN, "image_tokens"), (FILMED, "video_tokens")])
async def test_what_the_words_leave_is_the_medias_where_a_server_does_not_tell(medium, name):
    server, turns = Server(family=Family.NANO), (Turn("user", (medium, "What?")),)
    server.details = {"cached_tokens": 4}
    words = 1 + sum(len(piece) for piece in render_prompt(turns, Family.NANO) if isinstance(piece, str))
    _, usage = await asked_of(server, turns)
    assert getattr(usage, name) == PROMPT - words
    assert usage.text_tokens == words


async def test_media_of_several_kinds_stay_text_where_a_server_does_not_tell():
    server = Server(family=Family.NANO)
    server.details = {}
    _, usage = await asked_of(server, (Turn("user", (SEEN, FILMED, "What?")),))
    assert usage.text_tokens == PROMPT
