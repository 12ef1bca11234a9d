"""Starts vLLM for one engine, in the environment that suits this machine, and stops it. Imports vllm no earlier."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

from vita.engine.engine_environment import engine_environment
from vita.engine.machine_resources import core_count, gpu_count
from vita.settings import Settings

SHUTDOWN = 1.0  # s that vLLM's processes get to end by themselves
_plugins = threading.Lock()  # vLLM says that they are loaded before they are; a second engine would not know our model


def prepare_vllm(settings: Settings) -> None:
    """Set the variables that vLLM and its processes read, where the user has not, and load its plugins."""
    for variable, value in engine_environment(settings, None if gpu_count() else core_count()).items():
        os.environ.setdefault(variable, value)

    from vllm.plugins import load_general_plugins

    with _plugins:
        load_general_plugins()


def start_llm(name: str, folder: Path, settings: Settings, index: int, address: str = "") -> Any:
    """Start vLLM and wait until its core is ready. In a thread: takes half a minute.

    Args:
        index: number of the engine on this machine.
        address: where to send how far the weights are read; empty for nobody.

    Returns:
        An AsyncLLM.
    """
    prepare_vllm(settings)

    from vita.engine.async_llm import QuietAsyncLLM
    from vita.engine.vllm_arguments import build_engine_args
    from vita.model.checkpoint_files import weight_shards
    from vita.vllm_plugin.weight_progress import WeightProgress

    progress = WeightProgress(address, total=sum(file.stat().st_size for file in weight_shards(folder)))
    return QuietAsyncLLM.from_engine_args(build_engine_args(name, folder, settings, index, progress))


async def stop_llm(llm: Any) -> None:
    """End an AsyncLLM's processes, and the ZeroMQ context that it would leave to the garbage collector."""
    if llm.output_handler is not None:
        llm.output_handler.cancel()  # or it may log the core's end as a failure
    await asyncio.to_thread(llm.shutdown, SHUTDOWN)
    resources = llm.engine_core.resources  # whose sockets this loop has closed by now; the context waits for them
    if resources.input_socket.closed and resources.output_socket.closed:
        await asyncio.to_thread(resources.ctx.term)


def process_ids(llm: Any) -> list[int]:
    """Ids of an AsyncLLM's processes: its core's, then those that the core has started."""
    import psutil  # type: ignore[import-untyped]

    cores = [psutil.Process(process.pid) for process in llm.engine_core.resources.engine_manager.processes]
    return [process.pid for core in cores for process in (core, *core.children(recursive=True))]
