"""POSTs that a browser sends again."""

from __future__ import annotations

import asyncio

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from demos.stream_relay import repeated_posts
from demos.stream_relay.repeated_posts import RepeatedPosts

NAMES = [f"{number:032x}" for number in range(600)]


class CountingPage:
    """Answers each POST with how many there were."""

    def __init__(self) -> None:
        self.asked = 0
        self.go = asyncio.Event()
        self.go.set()

    async def count(self, request):
        body = await request.body()
        self.asked += 1
        number = self.asked
        await self.go.wait()
        return PlainTextResponse(f"{number} {body.decode()}", status_code=201)

    def client(self, **how) -> AsyncClient:
        app = RepeatedPosts(Starlette(routes=[Route("/{path}", self.count, methods=["POST"])]), **how)
        return AsyncClient(transport=ASGITransport(app), base_url="http://localhost")


async def post(client, name, path="/join", body="a"):
    return await client.post(path, content=body, headers={"X-Vita-Post": name} if name else {})


async def test_a_post_that_comes_again_is_answered_as_before_and_not_done_again():
    page = CountingPage()
    async with page.client() as client:
        first, again = await post(client, NAMES[0]), await post(client, NAMES[0])
        other, elsewhere, nameless = (
            await post(client, NAMES[1]), await post(client, NAMES[0], "/other"), await post(client, None)
        )  # fmt: skip
    assert (first.text, first.status_code) == (again.text, again.status_code) == ("1 a", 201)
    assert [other.text, elsewhere.text, nameless.text] == ["2 a", "3 a", "4 a"]


async def test_a_post_that_comes_again_while_the_first_is_answered_waits_for_it():
    page = CountingPage()
    page.go.clear()
    async with page.client() as client:
        both = [asyncio.create_task(post(client, NAMES[0])) for _ in range(2)]
        await asyncio.sleep(0.05)
        page.go.set()
        assert [answer.text for answer in await asyncio.gather(*both)] == ["1 a", "1 a"]


async def test_a_post_that_was_cut_off_is_done_anew():
    page = CountingPage()
    app = RepeatedPosts(Starlette(routes=[Route("/{path}", page.count, methods=["POST"])]))
    scope = {"type": "http", "method": "POST", "path": "/join", "query_string": b"", "root_path": "",
             "headers": [(b"x-vita-post", NAMES[0].encode())]}  # fmt: skip
    half = iter([{"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.disconnect"}])

    async def receive():
        return next(half)

    async def send(message):
        pass

    with pytest.raises(Exception):  # noqa: B017, PT011
        await app(dict(scope), receive, send)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
        assert (await post(client, NAMES[0])).text == "1 a"


async def test_answers_are_kept_for_a_while_and_only_so_many(monkeypatch):
    now = 0.0
    monkeypatch.setattr(repeated_posts, "MOST_KEPT", 3)
    page = CountingPage()
    async with page.client(clock=lambda: now) as client:
        for name in NAMES[:4]:
            await post(client, name)
        assert (await post(client, NAMES[3])).text == "4 a"
        assert (await post(client, NAMES[0])).text == "5 a"
        now = repeated_posts.KEPT + 1
        await post(client, NAMES[9])
        assert (await post(client, NAMES[3])).text == "7 a"


async def test_a_huge_answer_is_not_kept(monkeypatch):
    monkeypatch.setattr(repeated_posts, "LARGEST_KEPT", 5)
    page = CountingPage()
    async with page.client() as client:
        assert (await post(client, NAMES[0], body="abcdef")).text == "1 abcdef"
        assert (await post(client, NAMES[0], body="abcdef")).text == "2 abcdef"
