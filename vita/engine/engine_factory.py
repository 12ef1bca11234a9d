"""From Settings to engines."""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path

from vita.engine.engine_pool import EnginePool
from vita.engine.engine_protocol import Engine
from vita.engine.local_engine import LocalEngine
from vita.engine.machine_resources import can_load_together
from vita.engine.remote_engine import RemoteEngine
from vita.settings import Settings

EMBEDDED = "nano"


def build_pool(settings: Settings) -> EnginePool:
    """A pool of the engines that ``settings`` names; see ``fill_pool``."""
    pool = EnginePool()
    fill_pool(pool, settings)
    return pool


def fill_pool(pool: EnginePool, settings: Settings) -> None:
    """Add the engines that ``settings`` names, none of them loading yet: the servers' where there are any, else ours.

    They load side by side unless they share a GPU. Takes seconds, for it imports torch.
    """
    if settings.remotes:
        servers: list[Engine] = [
            RemoteEngine(f"server-{number}", address, settings.remote_key)
            for number, address in enumerate(settings.remotes, start=1)
        ]
        pool.add_engines(servers)
        return
    engines: list[Engine] = [
        LocalEngine(f"engine-{index + 1}", settings, find_checkpoint, index) for index in range(settings.engines)
    ]
    pool.add_engines(engines, can_load_together(settings))


_finding = threading.Lock()  # two engines ask at once; one of them builds, downloads and checks


def find_checkpoint(settings: Settings) -> Path:
    """The folder of the checkpoint that ``settings`` names, checked; builds or downloads what is not there yet.

    vLLM's workers check it too, but what they find wrong stands in their log alone.

    Raises:
        CheckpointError: there is no such checkpoint, or it is not as its configuration says.
    """
    with _finding:
        folder = _find_checked(settings.model)
        if not folder.is_dir():  # removed since: an engine that starts again weeks later needs another
            _find_checked.cache_clear()
            folder = _find_checked(settings.model)
        return folder


@lru_cache(maxsize=4)
def _find_checked(model: str) -> Path:
    from vita.model.checkpoint_loading import (
        check_checkpoint,  # here, for it brings torch, which the page need not wait for
    )
    from vita.model.configuration import VITAConfig

    folder = _find_folder(model)
    check_checkpoint(folder, VITAConfig.from_checkpoint(folder))
    return folder


def _find_folder(model: str) -> Path:
    if model == EMBEDDED:
        from vita.nano.build_checkpoint import build_nano

        return build_nano()
    from vita.model.checkpoint_files import find_checkpoint_folder

    return find_checkpoint_folder(model)
