"""OpenAI messages as turns, and which media belong to the prompt that came of them."""

from importlib import import_module

import numpy as np
import pytest
from vllm.exceptions import VLLMValidationError

from vita.conversation import Turn, render_prompt
from vita.media import Clip, Picture, Sound
from vita.tokens import Family, State

# of torch, when vLLM imports it
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
FAMILY = Family.VITA_1_0


def read_messages(*arguments):
    return import_module("vita.vllm_plugin.chat_renderer").read_messages(*arguments)


def text(words):
    return {"type": "text", "text": words}


def user(*parts):
    return {"role": "user", "content": list(parts)}


def assistant(words):
    return {"role": "assistant", "content": [text(words)]}


def attachments(**data):
    kept = import_module("vita.vllm_plugin.chat_renderer").Attachments
    return kept(data, {kind: [f"{item}'s name" for item in items] for kind, items in data.items()})


def test_parts_keep_their_order():
    turns, _ = read_messages([user({"type": "image"}, text("Look:"), {"type": "audio"})], FAMILY, attachments())
    assert [type(part) for part in turns[0].parts] == [Picture, str, Sound]


def test_system_and_developer_messages_are_one_system_prompt():
    messages = [
        {"role": "system", "content": [text("Be brief.")]},
        {"role": "developer", "content": [text("Be kind.")]},
        user(text("Hi.")),
    ]
    turns, system = read_messages(messages, FAMILY, attachments())
    assert system == "Be brief.\nBe kind."
    assert [turn.role for turn in turns] == ["user"]


def test_without_a_system_message_the_family_keeps_its_own():
    _, system = read_messages([user(text("Hi."))], FAMILY, attachments())
    assert system is None


@pytest.mark.parametrize(
    ("family", "answer"), [(Family.VITA_1_0, "<1>Yes."), (Family.VITA_1_0, "<1> Yes."), (Family.VITA_1_5, "☞Yes.")]
)
def test_state_token_of_an_answer_is_read(family, answer):
    turns, _ = read_messages([user(text("?")), assistant(answer)], family, attachments())
    assert (turns[1].state, turns[1].text) == (State.AUDIO_QUERY, "Yes.")


def test_answer_without_a_state_token_has_no_state():
    turns, _ = read_messages([assistant("Yes.")], FAMILY, attachments())
    assert (turns[0].state, turns[0].text) == (None, "Yes.")


def test_unknown_role_is_refused():
    with pytest.raises(VLLMValidationError, match="no role 'tool'"):
        read_messages([{"role": "tool", "content": "4"}], FAMILY, attachments())


def test_media_go_with_the_prompt_in_its_order():
    given = attachments(image=["first", "second"], audio=["voice"], video=["film"])
    messages = [
        user({"type": "audio"}, {"type": "image"}),
        assistant("Yes."),
        user({"type": "video"}, {"type": "image"}),
    ]
    turns, _ = read_messages(messages, FAMILY, given)
    media = [piece for piece in render_prompt(turns, FAMILY) if not isinstance(piece, str)]
    assert [type(medium) for medium in media] == [Picture, Sound, Clip, Picture]
    assert given.kept(media, given.data) == {"image": ["first", "second"], "audio": ["voice"], "video": ["film"]}


def test_speech_that_was_no_question_leaves_the_prompt_with_its_sound():
    given = attachments(audio=["noise", "voice"])
    messages = [user({"type": "audio"}), assistant("<2>"), user({"type": "audio"})]
    turns, _ = read_messages(messages, FAMILY, given)
    media = [piece for piece in render_prompt(turns, FAMILY) if not isinstance(piece, str)]
    assert given.kept(media, given.data) == {"audio": ["voice"]}
    assert given.kept(media, given.uuids) == {"audio": ["voice's name"]}


SPOKEN = Sound(np.zeros(16_000, np.float32))


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (("Hello?",), State.TEXT_QUERY),
        ((SPOKEN,), State.AUDIO_QUERY),
        ((SPOKEN, "And this?"), State.TEXT_QUERY),
        ((), State.TEXT_QUERY),
    ],
)
def test_an_answer_that_is_continued_without_a_state_has_that_of_its_question(content, state):
    asked_state = import_module("vita.vllm_plugin.chat_renderer")._asked_state
    assert asked_state((Turn("user", content),)) is state
