"""An engine over vLLM's AsyncLLM, whose core is a process of its own. Knows one checkpoint and one event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from vita.conversation import Turn
from vita.engine.engine_environment import let_threads_sleep
from vita.engine.engine_protocol import Delta, Engine, Request, Sampling, Stage, Status
from vita.engine.loaded_model import LoadedModel, OutputReader
from vita.engine.loading_progress import receive_progress
from vita.engine.vllm_process import SHUTDOWN, process_ids, start_llm, stop_llm
from vita.errors import (
    EngineDeadError,
    EngineError,
    EngineNotReadyError,
    InputError,
    VitaError,
)
from vita.media import SAMPLE_RATE, Sound
from vita.settings import Settings

log = logging.getLogger(__name__)

# A question that is cancelled while its media are read leaves them marked as sent to the core, which never got them.
# The core refuses the next question that has them with finish "error", and vLLM sends them with the one after.
TRIES = 2
STARTING, READING, WARMING = 0.1, 0.4, 0.9  # progress when each stage of loading begins

FindCheckpoint = Callable[[Settings], Path]


class LocalEngine(Engine):
    """Answers with a checkpoint on this machine.

    Everything slow (reading the checkpoint, starting vLLM, tokenising, reading media) runs in threads; AsyncLLM itself
    lives on the event loop that called ``start``.

    Args:
        find: gives the checkpoint's folder, in a thread, for it may take long.
        index: number of the engine on this machine, which decides its GPUs.
    """

    def __init__(self, name: str, settings: Settings, find: FindCheckpoint, index: int = 0) -> None:
        let_threads_sleep()
        self.name = name
        self._changed: Callable[[], None] = lambda: None
        self._settings = settings
        self._find = find
        self._index = index
        self._status = Status(name, Stage.WAITING, note="Waiting to be loaded.")
        self._lock = asyncio.Lock()  # held while loading
        self._serving: LoadedModel | None = None
        self._requests: set[str] = set()  # in flight
        self._aborted: set[str] = set()  # of those, aborted by id

    @property
    def status(self) -> Status:
        """Where it is in its life, now."""
        return self._status

    @property
    def load(self) -> int:
        """Requests in flight."""
        return len(self._requests)

    @property
    def config(self) -> Any:
        """The checkpoint's VITAConfig; None until it is loaded."""
        return self._serving.prompts.config if self._serving else None

    @property
    def processes(self) -> list[int]:
        """Ids of vLLM's processes, its core's first; none while it is not loaded."""
        return process_ids(self._serving.llm) if self._serving else []

    def watch_status(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` after each change of ``status``."""
        self._changed = changed

    async def start(self) -> None:
        """Load, again where the engine is dead; returns when it can answer.

        Raises:
            EngineError: the checkpoint or vLLM cannot be used, in one sentence; more is in the log.
        """
        async with self._lock:
            if self._status.stage is Stage.READY:
                return
            # before what follows, for questions wait
            self._set_status(Stage.LOADING, 0.0, "Looking for the checkpoint.")
            await self._shut_down()
            try:
                await self._load_checkpoint()
            except asyncio.CancelledError:
                self._set_status(Stage.CLOSED, 0.0, "Loading was stopped.")
                raise
            except Exception as error:
                log.exception("%s did not start", self.name)
                note = ("" if isinstance(error, VitaError) else "vLLM could not start it: ") + _first_line(error)
                await self._shut_down()
                self._set_status(Stage.FAILED, 0.0, note)
                raise EngineError(note) from error

    async def generate(self, request: Request) -> AsyncGenerator[Delta, None]:
        """Answer ``request``; see the Protocol.

        Raises:
            PromptTooLongError, InputError: it cannot be answered as it is.
            EngineNotReadyError, EngineDeadError, EngineError: the engine's side failed.
        """
        serving = self._serving
        if self._status.stage is not Stage.READY or serving is None:
            gone = self._status.stage in (Stage.FAILED, Stage.CLOSED)
            raise (EngineDeadError if gone else EngineNotReadyError)(
                "{name} is not ready. {note}", name=self.name, note=self._status.note
            )
        self._requests.add(request.id)
        try:
            with self._translate_errors():
                async with aclosing(self._generate_deltas(serving, request)) as deltas:
                    async for delta in deltas:
                        yield delta
        finally:
            self._requests.discard(request.id)
            self._aborted.discard(request.id)

    async def abort(self, request_id: str) -> None:
        """End a request now; its iterator yields a last delta with finish "abort"."""
        if request_id in self._requests and self._serving is not None:
            self._aborted.add(request_id)
            await self._serving.llm.abort(request_id)

    async def close(self) -> None:
        """End vLLM's processes; requests in flight end with an error."""
        self._set_status(Stage.CLOSED, 0.0, "Closed.")
        await self._shut_down()

    async def _load_checkpoint(self) -> None:
        folder = await asyncio.to_thread(self._find, self._settings)
        self._set_status(Stage.LOADING, STARTING, "Starting the engine's process.")
        async with receive_progress(self._show_progress) as address:
            llm = await _wait_built(
                asyncio.to_thread(start_llm, self.name, folder, self._settings, self._index, address)
            )
        self._set_status(Stage.LOADING, WARMING, "Warming up.")
        self._serving = await asyncio.to_thread(LoadedModel.from_llm, llm)
        llm._run_output_handler()  # vLLM begins to listen with the first request; a death before it would go unnoticed
        llm.output_handler.add_done_callback(lambda task: None if task.cancelled() else self._note_death())
        await self._warm_up(self._serving)
        self._set_status(Stage.READY, 1.0, "Ready.")

    async def _warm_up(self, serving: LoadedModel) -> None:
        """A first short answer: what is set up with the first request is, and an engine that cannot answer fails.

        To a sound, for what hears may be slow to load.
        """
        hush = Sound(np.zeros(SAMPLE_RATE // 2, np.float32))
        request = Request((Turn("user", ("Hello", hush)),), Sampling(max_tokens=2))
        async for _ in self._generate_deltas(serving, request):
            pass

    async def _generate_deltas(self, serving: LoadedModel, request: Request) -> AsyncGenerator[Delta, None]:
        """Deltas of vLLM's outputs; from the beginning again where the core never got what it should have kept."""
        for _ in range(TRIES):
            inputs, usage = await serving.read_request(request)
            if request.id in self._aborted:
                yield Delta(finish="abort", usage=usage, engine=self.name)
                return
            params = serving.prompts.sampling_params(request.sampling)
            choices = serving.prompts.choice_ids(request.sampling)
            reader = OutputReader(self.name, serving, usage, choices, request.goes_on)
            outputs = serving.llm.generate(inputs, params, request.id, priority=request.priority)
            async with aclosing(outputs):
                async for output in outputs:
                    if output.outputs[0].finish_reason == "error":
                        break
                    yield reader.read_output(output)
                else:
                    return
            if reader.token_count:
                break
        raise EngineError("{name} could not answer: {reason}", name=self.name, reason="its core gave the request up.")

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        """vLLM's errors as ours."""
        from vllm.exceptions import VLLMClientError
        from vllm.v1.engine.exceptions import EngineDeadError as VLLMDeadError
        from vllm.v1.engine.exceptions import EngineGenerateError

        try:
            yield
        except VLLMDeadError as error:
            self._note_death()
            raise EngineDeadError("{name} stopped while it worked; it is being restarted.", name=self.name) from error
        except VLLMClientError as error:
            raise InputError("The engine cannot take this question: {reason}", reason=_first_line(error)) from error
        except EngineGenerateError as error:
            reason = _first_line(error.__cause__ or error)
            raise EngineError("{name} could not answer: {reason}", name=self.name, reason=reason) from error

    def _show_progress(self, fraction: float) -> None:
        note = f"Reading weights, {fraction:.0%}." if fraction < 1 else "Reserving memory."
        self._set_status(Stage.LOADING, READING + fraction * (WARMING - READING), note)

    def _note_death(self) -> None:
        if self._status.stage is Stage.READY:
            log.error("%s: its process is gone", self.name)
            self._set_status(Stage.FAILED, 0.0, "Its process stopped.")

    def _set_status(self, stage: Stage, fraction: float, note: str) -> None:
        self._status = Status(self.name, stage, fraction, note)
        self._changed()

    async def _shut_down(self) -> None:
        serving, self._serving = self._serving, None
        if serving is not None:
            await stop_llm(serving.llm)


async def _wait_built(building: Any) -> Any:
    """The AsyncLLM that ``building`` gives; one that nobody waits for any more is shut down when it comes."""
    task = asyncio.ensure_future(building)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_shut_down_unclaimed)
        raise


def _shut_down_unclaimed(building: asyncio.Task[Any]) -> None:
    """End the AsyncLLM that nobody waits for, where there is one."""
    if not building.cancelled() and building.exception() is None:
        building.result().shutdown(SHUTDOWN)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
