"""What the model heard, played: 16 kHz mono, of the page's own files and visitors' uploads alone."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
import soundfile
from fastapi import FastAPI
from gradio.utils import get_upload_folder
from httpx import ASGITransport, AsyncClient

from demos.example_files import EXAMPLES
from demos.heard_sounds import heard_url, mount_heard_sounds
from vita.media import Limits


@pytest.fixture
async def client():
    app = FastAPI()
    mount_heard_sounds(app, Limits())
    async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
        yield client


async def test_a_sound_is_played_as_the_model_got_it(client):
    answer = await client.get(heard_url(str(EXAMPLES / "ask_sky.wav")))
    samples, rate = soundfile.read(io.BytesIO(answer.content))
    assert answer.headers["content-type"] == "audio/wav"
    assert (rate, samples.ndim) == (16_000, 1)


async def test_an_upload_with_an_odd_name_is_played(client, tmp_path):
    folder = Path(get_upload_folder()) / tmp_path.name
    folder.mkdir(parents=True)
    shutil.copy(EXAMPLES / "ask_sky.wav", folder / "a b&c#é.wav")
    assert (await client.get(heard_url(str(folder / "a b&c#é.wav")))).status_code == 200
    shutil.rmtree(folder)


async def test_other_files_are_not_served(client, tmp_path):
    shutil.copy(EXAMPLES / "ask_sky.wav", tmp_path / "mine.wav")
    outside = str(EXAMPLES / ".." / "services.py")
    for path in (
        str(tmp_path / "mine.wav"),
        outside,
        str(EXAMPLES / "none.wav"),
        "/etc/passwd",
        "",
        "\0",
        "a" * 5000,
    ):
        assert (await client.get(heard_url(path))).status_code == 404
    assert (await client.get(heard_url(str(EXAMPLES / "cat.jpg")))).status_code == 400
