"""The server as a process: it ends when told to, whoever looks at it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import urllib.request

import app
from app import GRACE
from demos.theme import ICON
from tests.browser.serving import ROOT, free_port, serving, wait_for
from vita.settings import Settings

SERVE = """
import asyncio, app
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

class Settings:
    host, port = "127.0.0.1", {port}
    from_args = staticmethod(lambda *_: Settings)

async def endless():
    while True:
        yield b"."
        await asyncio.sleep(0.1)

server = FastAPI()
server.get("/")(lambda: "page")
server.get("/endless")(lambda: StreamingResponse(endless()))
app.Settings, app.create_app = Settings, lambda _: server
app.main()
"""


def test_a_server_ends_although_a_page_is_open(tmp_path):
    port, log = free_port(), tmp_path / "log"
    with log.open("w") as output:
        process = subprocess.Popen([sys.executable, "-c", SERVE.format(port=port)], cwd=ROOT, stderr=output)
    try:
        wait_for(f"http://127.0.0.1:{port}/", process, log, 60.0)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/endless") as stream:
            assert stream.read(1) == b"."
            process.send_signal(signal.SIGTERM)
            process.wait(GRACE + 10)
    finally:
        process.kill()
        process.wait()


def test_the_page_has_its_own_sign(tmp_path):
    server = serving("-m", "tests.browser.serve", "{port}", log=tmp_path / "log")
    with server as address, urllib.request.urlopen(f"{address}/favicon.ico") as answer:
        assert answer.headers["content-type"] == "image/svg+xml"
        assert answer.read() == ICON.read_bytes()


async def test_the_application_starts_its_sessions_and_ends_them(monkeypatch):
    monkeypatch.setattr(app, "fill_pool", lambda pool, settings: pool.report_unbuildable("Not in this test."))
    application = app.create_app(Settings())
    async with app.engine_lifespan(application):
        await asyncio.sleep(0)
        assert application.state.talk._started
    assert not application.state.talk._tasks
