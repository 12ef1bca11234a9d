"""Fixtures that several test files share.

``engines`` is a started EnginePool of two real vLLM engines with the embedded checkpoint, one for the whole run, for
it takes a minute to load. AsyncLLM belongs to the event loop that made it, so a test that uses it runs on the
session's loop and bears both marks, at best for the whole file:

    pytestmark = [pytest.mark.engine, pytest.mark.asyncio(loop_scope="session")]

    async def test_...(engines): ...
"""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator

import hypothesis
import pytest_asyncio

from vita.engine.engine_factory import build_pool
from vita.engine.engine_pool import EnginePool
from vita.settings import Settings

pytest_plugins = ["tests.schedule"]
hypothesis.settings.register_profile("any machine", deadline=None)  # a slow disk or a busy core is no failure
hypothesis.settings.load_profile("any machine")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engines() -> AsyncIterator[EnginePool]:
    """Two real engines, ready."""
    pool = build_pool(Settings())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # vLLM and its packages warn of each other while they are imported
        await pool.start()
    yield pool
    await pool.close()
