"""The language that a visitor chose wins over the server's, which wins over the browser's."""

from __future__ import annotations

import pytest
from fastapi import FastAPI, Request, WebSocket
from fastapi.testclient import TestClient
from httpx import ASGITransport, AsyncClient

from app import mount_page
from demos.i18n.translation import Language, language_of
from demos.services import Services
from demos.visitor_language import LANGUAGE_COOKIE, VisitorLanguage
from tests.fakes import FakeEngine, pool_of
from tests.talk_scripts import script
from vita.realtime.session_manager import SessionManager


def client_of(default: Language | None) -> TestClient:
    app = FastAPI()

    @app.get("/language")
    def language(request: Request) -> str:
        return language_of(request.headers.get("accept-language"))

    @app.websocket("/language")
    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(language_of(socket.headers.get("accept-language")))

    app.add_middleware(VisitorLanguage, default=default)
    return TestClient(app)


@pytest.mark.parametrize(
    ("cookie", "default", "accepted", "spoken"),
    [
        (None, None, "zh-CN,en;q=0.5", "zh"),
        (None, None, "fr", "en"),
        (None, "zh", "en-US", "zh"),
        (f"{LANGUAGE_COOKIE}=zh", None, "en-US", "zh"),
        (f"a=b; {LANGUAGE_COOKIE}=en; c=d", "zh", "zh-CN", "en"),
        (f"{LANGUAGE_COOKIE}=klingon", None, "zh-CN", "zh"),
        (f"{LANGUAGE_COOKIE}=../../x; ;;=", "zh", "en", "zh"),
    ],
)
def test_choice_then_server_then_browser(cookie, default, accepted, spoken):
    client = client_of(default)
    headers = {"accept-language": accepted} | ({"cookie": cookie} if cookie else {})
    assert client.get("/language", headers=headers).json() == spoken
    with client.websocket_connect("/language", headers=headers) as socket:
        assert socket.receive_text() == spoken


@pytest.mark.parametrize(
    ("query", "cookies", "chosen"),
    [
        ("", "", None),
        ("?lang=zh", "vita-language=en", "zh"),
        ("?tab=talk&lang=EN-gb", "", "en"),
        ("?lang=fr", "other=1; vita-language=zh", "zh"),
        ("", "not-vita-language=zh", None),
        ("", "vita-language=fr", None),
    ],
)
def test_a_link_wins_over_what_was_chosen_before(query, cookies, chosen):
    assert script("return chosenLanguage(query, cookies);", query=query, cookies=cookies) == chosen


@pytest.mark.parametrize(("default", "told"), [("zh", "?language=zh"), (None, "")])
@pytest.mark.parametrize("encoding", ["gzip, br", "identity"])
async def test_the_page_has_the_choices_before_gradios_first_module(default, told, encoding):
    pool = pool_of(FakeEngine())
    app = mount_page(FastAPI(), Services(pool, language=default), SessionManager(pool))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
        answer = await client.get("/", headers={"accept-encoding": encoding})
        module = await client.get("/page/early_choices.js")
    first = answer.text.index('<script type="module"')
    assert answer.text[first:].startswith(f'<script type="module" src="page/early_choices.js{told}">')
    assert answer.headers.get("content-encoding") == ("gzip" if "gzip" in encoding else None)
    assert module.status_code == 200
