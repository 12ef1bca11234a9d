"""What visitors leave on a server that runs for weeks, and how it goes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from fastapi import FastAPI
from gradio.route_utils import delete_files_created_by_app
from httpx import ASGITransport, AsyncClient
from PIL import Image

from app import mount_page
from demos.ability.uploaded_files import read_question
from demos.evaluation import run_downloads
from demos.evaluation.run_downloads import KEPT, html_file
from demos.media_cache import MediaCache
from demos.page import SESSIONS
from demos.services import Services
from demos.visitor_conversation import ChatOptions, VisitorQuestion
from tests.fakes import FakeEngine, pool_of
from vita.media import Limits, Picture
from vita.media.kinds import PICTURE_PIXELS
from vita.realtime.session_manager import SessionManager


@pytest.fixture
async def app():
    engine = FakeEngine()
    pool = pool_of(engine)
    return mount_page(FastAPI(), Services(pool), SessionManager(pool))


def gradio_of(app: FastAPI):
    """The mounted Gradio app."""
    return next(route.app for route in app.routes if hasattr(getattr(route, "app", None), "get_blocks"))


async def test_uploads_that_grew_old_go_and_the_pages_own_pictures_stay(app):
    page = gradio_of(app).get_blocks()
    async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
        answer = await client.post("/gradio_api/upload", files={"files": ("mine.txt", b"words of a visitor")})
        uploaded = Path(answer.json()[0])
        parts = (await client.get("/config")).json()["components"]
        icons = [part["props"]["icon"]["url"] for part in parts if part["props"].get("icon")]
        delete_files_created_by_app(page, 3600)
        assert uploaded.is_file()
        delete_files_created_by_app(page, -1)
        assert not uploaded.exists()
        assert len(icons) > 4
        assert {(await client.get(icon)).status_code for icon in icons} == {200}


async def test_only_so_many_pages_are_remembered(app):
    assert gradio_of(app).state_holder.capacity == SESSIONS


def test_old_downloads_go_with_the_next_one(tmp_path, monkeypatch):
    monkeypatch.setattr(run_downloads.tempfile, "tempdir", str(tmp_path))
    old, recent = Path(html_file("old", ["old"])), Path(html_file("recent", ["recent"]))
    os.utime(old.parent, (time.time() - KEPT - 60,) * 2)
    latest = Path(html_file("latest", ["latest"]))
    assert not old.exists()
    assert recent.read_text() == "recent"
    assert latest.read_text() == "latest"


def decoded(path: Path) -> Picture:
    """What a model is shown of a picture that a visitor sends."""
    exchange = read_question(VisitorQuestion("What is it?", (str(path),)), (), ChatOptions(), Limits())
    (medium,) = MediaCache(Limits()).media_of(exchange)
    return medium


@pytest.mark.parametrize("size", [(8000, 6000), (20_000, 900), (1, 30_000)])
def test_a_photo_is_kept_no_larger_than_a_model_can_see(tmp_path, size):
    path = tmp_path / "photo.png"
    Image.new("L", size, 200).save(path)
    kept = decoded(path)
    width, height = kept.image.size
    assert width * height <= PICTURE_PIXELS
    assert width / height == pytest.approx(size[0] / size[1], rel=0.01)


def test_a_small_picture_is_kept_as_it_is(tmp_path):
    path = tmp_path / "drawing.png"
    Image.effect_noise((640, 480), 60).save(path)
    kept = decoded(path)
    assert kept.image.tobytes() == Image.open(path).convert("RGB").tobytes()
