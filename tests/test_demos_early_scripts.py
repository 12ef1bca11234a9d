"""The page's own scripts in the page, and what names the page."""

from __future__ import annotations

import json
import re

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from app import mount_page
from demos.early_scripts import GRADIO_SCRIPT, EarlyScripts, page_with_scripts
from demos.page import build_page
from demos.services import Services
from demos.stream_relay.relay_mount import page_fingerprint
from tests.fakes import FakeEngine, pool_of
from vita.realtime.session_manager import SessionManager

WORDS = {"connection": {"away": "</script>"}}


def page_app() -> FastAPI:
    services = Services(pool_of(FakeEngine()))
    return mount_page(FastAPI(), services, SessionManager(services.pool))


async def test_the_pages_scripts_come_before_gradios_and_speak_the_visitors_language():
    async with AsyncClient(transport=ASGITransport(page_app()), base_url="http://localhost") as client:
        page = (await client.get("/", headers={"Accept-Language": "zh-CN"})).text
        modules = re.findall(r'<script type="module"[^>]*src="([^"]+)"', page)
        assert modules[:3] == ["page/early_choices.js", "relay/start_relay.js", "asking/start_asking.js"]
        assert len(modules) > 3
        assert page.index("<base") < page.index("relay/start_relay.js")
        words = json.loads(re.search(r'id="script-words">(.*?)</script>', page)[1])
        assert words["connection"]["back"] == "已重新连接。"
        for source in modules[:3]:
            script = await client.get(f"/{source}")
            assert script.status_code == 200
            for name in re.findall(r'from "\./(\w+\.js)"', script.text):
                assert (await client.get(f"/{source.split('/')[0]}/{name}")).status_code == 200


async def test_only_the_page_itself_is_changed_and_its_length_and_encoding_are_true():
    page = f"<html>{GRADIO_SCRIPT} src='gradio.js'></script></html>"
    plain = Starlette(routes=[Route("/", lambda _: HTMLResponse(page)), Route("/b", lambda _: HTMLResponse(page))])
    app = EarlyScripts(plain, words_for=lambda accepted: WORDS)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
        packed = await client.get("/", headers={"Accept-Encoding": "gzip"})
        bare = await client.get("/", headers={"Accept-Encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.text == bare.text == page_with_scripts(page, WORDS)
        assert int(bare.headers["content-length"]) == len(bare.content)
        assert bare.text.count("</script>") == 4
        assert "img-src 'self' data: blob:" in bare.headers["content-security-policy"]
        other = await client.get("/b")
        assert other.text == page
        assert "content-security-policy" not in other.headers


async def test_a_page_has_one_fingerprint_and_another_page_another():
    services = Services(pool_of(FakeEngine()))
    page = build_page(services)[0]
    before = page_fingerprint(page)
    assert page_fingerprint(page) == before
    page.fns.popitem()
    assert page_fingerprint(page) != before
