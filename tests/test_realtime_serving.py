"""A server for the length of a block."""

from __future__ import annotations

import httpx
import pytest

from tests.realtime_server import connected, talk
from vita.realtime.standalone_server import serve_sessions


async def test_it_answers_inside_its_block_and_is_gone_behind_it():
    service = talk()
    async with serve_sessions(service) as address, connected(address), httpx.AsyncClient() as client:
        assert (await client.get(f"http://{address}/v1/realtime/status")).json()["taken"] == 1
    assert not service.sessions
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://{address}/v1/realtime/status")


async def test_two_servers_have_addresses_of_their_own():
    async with serve_sessions(talk()) as one, serve_sessions(talk()) as other:
        assert one != other


async def test_what_fails_inside_the_block_is_raised_as_it_is():
    with pytest.raises(ZeroDivisionError):
        async with serve_sessions(talk()):
            raise ZeroDivisionError
