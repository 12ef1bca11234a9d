"""From Settings to engines."""

from __future__ import annotations

from pathlib import Path

from vita.engine.base import Engine
from vita.engine.local import LocalEngine
from vita.engine.machine import side_by_side
from vita.engine.pair import EnginePair
from vita.engine.remote import RemoteEngine
from vita.settings import Settings

EMBEDDED = "nano"


def build_engines(settings: Settings) -> EnginePair:
    """The engines that ``settings`` names, none of them loading yet: the servers' where there are any, else ours.

    Engines on one CPU load side by side: on two cores both are ready in three quarters of the time that they take one
    after the other, for much of it is one thread importing vLLM.
    """
    if settings.remotes:
        servers: list[Engine] = [
            RemoteEngine(f"server-{number}", address, settings.remote_key)
            for number, address in enumerate(settings.remotes, start=1)
        ]
        return EnginePair(servers)
    engines: list[Engine] = [
        LocalEngine(f"engine-{index + 1}", settings, find_checkpoint, index) for index in range(settings.engines)
    ]
    return EnginePair(engines, side_by_side(settings))


def find_checkpoint(model: str) -> Path:
    """The folder of a checkpoint by the name that Settings has for it; builds or downloads what is not there yet.

    Raises:
        CheckpointError: there is no such checkpoint.
    """
    if model == EMBEDDED:
        from vita.nano.build import build  # here, for it brings torch, which the page need not wait for

        return build()
    from vita.model.files import find

    return find(model)
