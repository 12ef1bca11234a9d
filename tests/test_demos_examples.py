"""Every example of the page is one that the embedded checkpoint answers rightly."""

from __future__ import annotations

import pytest

from demos.ability import audio_tab, image_tab, video_tab
from demos.ability.chat_tab import AbilityTab, ExampleQuestion
from demos.ability.uploaded_files import read_prompt, read_question
from demos.media_cache import MediaCache
from demos.visitor_conversation import ChatOptions
from vita.engine.engine_protocol import Request
from vita.media import Limits
from vita.tokens import State

pytestmark = pytest.mark.engine
TABS: tuple[AbilityTab, ...] = (image_tab.TAB, video_tab.TAB, audio_tab.TAB)
EXAMPLES = [(tab.name, example) for tab in TABS for example in tab.examples]
RIGHT = {  # what a right answer says; nothing where silence is right
    "example.cat": ("cat",),
    "example.coffee": ("espresso",),
    "example.spoken_picture": ("cat",),
    "example.clip": ("cat", "espresso"),
    "example.light": ("traffic light",),
    "example.spoken_clip": ("cat", "espresso"),
    "example.capital": ("Paris",),
    "example.sky": ("blue", "scattering"),
    "example.knocking": (),
}


@pytest.mark.parametrize(("tab", "example"), EXAMPLES, ids=[example.label for _, example in EXAMPLES])
@pytest.mark.asyncio(loop_scope="session")
async def test_an_example_is_answered_rightly(tab, example: ExampleQuestion, engines):
    limits, options = Limits(), ChatOptions()
    exchange = read_question(example.question, (), options, limits, tab)
    turns = read_prompt(exchange, (), MediaCache(limits))
    text, states = "", []
    async for delta in engines.generate(Request(turns, options.sampling_options)):
        text, states = text + delta.text, [*states, *([delta.state] if delta.state else [])]
    right = RIGHT[example.label]
    spoken = any(name.endswith(".wav") for name in example.files)
    assert states == [State.NOISE if not right else State.AUDIO_QUERY if spoken else State.TEXT_QUERY]
    assert all(word in text for word in right), text
