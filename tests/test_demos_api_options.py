"""What programs send to the endpoints as settings."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr
import pytest

from demos.ability.answer_settings import DEFAULTS
from demos.ability.ask_endpoints import AskEndpoint
from demos.services import Services
from tests.fakes import FakeEngine, pool_of

REQUEST = SimpleNamespace(headers={}, session_hash="me")


async def ask(engine, **options):
    endpoint = AskEndpoint(Services(pool_of(engine)), "image")
    return [answer async for answer in endpoint.stream_answer(REQUEST, "Hello?", **options)]


async def test_a_setting_that_is_null_has_its_default():
    engine = FakeEngine("Yes.")
    null = dict.fromkeys(("temperature", "top_p", "max_tokens", "seed", "frames", "tiles", "system"))
    assert (await ask(engine, **null))[-1]["answer"] == "Yes."
    assert engine.requests[0].sampling.max_tokens == DEFAULTS.max_tokens


async def test_a_setting_of_zero_is_no_default_but_refused():
    engine = FakeEngine("Yes.")
    with pytest.raises(gr.Error, match="max_tokens must be from 1"):
        await ask(engine, max_tokens=0)
    assert not engine.requests
