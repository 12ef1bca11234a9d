"""pipecat's OpenAI realtime service, which we did not write, talks with a live server and interrupts it.

pipecat pins packages that do not go with ours, so it runs in a Python of its own: PIPECAT_PYTHON names it
(``python -m venv elsewhere && elsewhere/bin/pip install pipecat-ai``), or ours where pipecat is installed in it.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes import Answer, FakeEngine
from tests.realtime_server import LOUD, STORY, talk
from vita.engine.engine_protocol import Request
from vita.realtime.standalone_server import serve_sessions
from vita.tokens import State

CLIENT = Path(__file__).with_name("pipecat_client.py")


@pytest.fixture(scope="module")
def python() -> str:
    """A Python that has pipecat."""
    found = os.environ.get("PIPECAT_PYTHON", sys.executable)
    check = "import importlib.util, sys; sys.exit(importlib.util.find_spec('pipecat') is None)"
    if subprocess.run([found, "-c", check], check=False).returncode:
        pytest.skip("pipecat is not installed; set PIPECAT_PYTHON to a Python that has pipecat-ai")
    return found


async def test_pipecat_asks_by_voice_is_answered_and_interrupts(python):
    heard = 0

    def reply(request: Request) -> Answer | str:
        nonlocal heard
        if State.NOISE not in request.sampling.states:
            return "Hello."
        heard += 1
        return Answer(STORY if heard == 1 else "Four.", State.AUDIO_QUERY)

    sample = base64.b64encode(LOUD[:2]).decode()
    async with serve_sessions(talk([FakeEngine(reply, name="a"), FakeEngine(reply, name="b")])) as address:
        client = await asyncio.create_subprocess_exec(
            python, CLIENT, address, sample, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        out, _ = await asyncio.wait_for(client.communicate(), 120)
    said = [json.loads(line) for line in out.decode().splitlines() if line.startswith("{")]
    assert client.returncode == 0
    assert not [line for line in said if line["kind"] == "error"]
    assert [line["text"] for line in said if line["kind"] == "text"][-1] == "Four."
    first, second = [line["bytes"] for line in said if line["kind"] == "sound"]
    whole = len(STORY) * 1200 * 2
    assert 0 < first < second < whole  # the story was never said to its end
    assert heard == 2
