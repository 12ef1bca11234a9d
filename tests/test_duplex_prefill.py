"""A prefill is optional: what goes wrong with it is told, and ends nothing else."""

import asyncio

import pytest

from vita.duplex.driver_commands import PrefillHistory
from vita.duplex.history_prefill import HistoryPrefill
from vita.errors import EngineDeadError


@pytest.mark.parametrize("error", [EngineDeadError("It ended."), RuntimeError("a fault of ours")])
async def test_a_prefill_that_fails_is_told_and_the_conversation_goes_on(error):
    told: list[str] = []

    async def request(command: PrefillHistory):
        raise error
        yield

    async def at_once() -> None: ...

    prefill = HistoryPrefill(request, at_once, told.append)
    async with asyncio.TaskGroup() as group:
        prefill.start_prefill(PrefillHistory(0, ()), group)
    assert told == [str(error)]
