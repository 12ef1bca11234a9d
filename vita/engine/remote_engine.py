"""An engine over any server that speaks OpenAI's chat completions: vLLM's own, another machine, another model."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Any

import openai
from openai import AsyncOpenAI

from vita.conversation import render_prompt
from vita.engine.chat_chunks import ChunkReader
from vita.engine.chat_messages import write_messages
from vita.engine.engine_protocol import Delta, Engine, Request, Stage, Status, Usage
from vita.engine.server_probe import ServedVITA, ServerTokenizer
from vita.errors import EngineDeadError, EngineError, EngineNotReadyError, InputError, PromptTooLongError
from vita.media import Clip, Medium, Picture, Sound
from vita.tokens import FIRST_TOKEN_IDS

RETRIES = 2  # of a connection that is refused and of a server that is busy, with growing pauses
GREETING = 30.0  # seconds that a server gets to say what it serves; answers may take longer
COUNTED: dict[type[Medium], str] = {Picture: "image_tokens", Clip: "video_tokens", Sound: "audio_tokens"}
MOST_LOGPROBS = 20  # the likeliest tokens that a server tells of, at most
_END = object()
_TOO_LONG = (  # how servers word it: vLLM before and after media are read, OpenAI
    re.compile(r"context length is (?P<limit>\d+) tokens.*?(?:contains|resulted in) (?P<tokens>\d+)", re.S),
    re.compile(r"prompt \(length (?P<tokens>\d+)\).*?maximum model length of (?P<limit>\d+)", re.S),
)


class RemoteEngine(Engine):
    """Answers through a server.

    A state token that begins an answer is split off. A vLLM server that serves a VITA is recognised; it alone is told
    which state tokens may begin an answer and into how many tiles a picture may be cut, and gets the state tokens of
    earlier answers.

    Args:
        address: base URL, with its /v1.
        model: name at the server; empty takes the first that it serves.
    """

    is_elsewhere = True  # it comes and goes by itself

    def __init__(
        self,
        name: str,
        address: str,
        key: str = "EMPTY",
        model: str = "",
        retries: int = RETRIES,
    ) -> None:
        self.name = name
        self.address = address
        self.model = model
        self._client = AsyncOpenAI(base_url=address, api_key=key, max_retries=retries)
        self._greeter = self._client.with_options(timeout=GREETING, max_retries=min(retries, 1))
        self._status = Status(name, Stage.WAITING, note=f"Not connected to {address} yet.")
        self._tokenizer: ServerTokenizer | None = None  # of a vLLM server
        self._kin: ServedVITA | None = None  # of a VITA on one
        self._running: dict[str, asyncio.Task[None]] = {}
        self._changed: Callable[[], None] = lambda: None

    @property
    def status(self) -> Status:
        """Where it is in its life, now."""
        return self._status

    @property
    def load(self) -> int:
        """Requests in flight from here."""
        return len(self._running)

    def watch_status(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` after each change of ``status``."""
        self._changed = changed

    async def start(self) -> None:
        """Ask the server what it serves.

        Raises:
            EngineError: it cannot be reached, or does not serve the model.
        """
        if self._status.stage is Stage.READY:
            return
        self._set_status(Status(self.name, Stage.LOADING, 0.5, f"Connecting to {self.address}.", self.model))
        try:
            served = (await self._greeter.models.list()).data
        except openai.OpenAIError as error:
            raise self._note_failure(_translate_error(error, self.address)) from error
        if self.model and self.model not in {item.id for item in served}:
            raise self._note_failure(EngineError("{name} does not serve {model}.", name=self.address, model=self.model))
        if not served:
            raise self._note_failure(EngineError("{name} serves no model.", name=self.address))
        self.model = self.model or served[0].id
        if served[0].owned_by == "vllm":
            self._tokenizer = ServerTokenizer(self._client, self.model)
            self._kin = await self._tokenizer.identify_vita()
        self._set_status(Status(self.name, Stage.READY, 1.0, f"{self.model} at {self.address}.", self.model))

    async def generate(self, request: Request) -> AsyncGenerator[Delta, None]:
        """Answer ``request``; see the Protocol.

        Raises:
            PromptTooLongError, InputError: the server refused it as it is.
            EngineNotReadyError, EngineDeadError, EngineError: the server is busy, gone or broken.
        """
        if self._status.stage is not Stage.READY:
            raise EngineNotReadyError("{name} is not connected. {note}", name=self.name, note=self._status.note)
        queue: asyncio.Queue[Any] = asyncio.Queue()
        task = asyncio.create_task(self._pump_chunks(request, queue), name=f"{self.name} {request.id}")
        task.add_done_callback(lambda _: queue.put_nowait(_END))
        self._running[request.id] = task
        weighed = request.sampling.choices if request.sampling.weighs_choices else ()
        reader = ChunkReader(self.name, weighed, request.goes_on)
        try:
            while (item := await queue.get()) is not _END:
                if isinstance(item, Exception):
                    raise item
                for delta in reader.read_chunk(item):
                    yield delta
            usage = reader.usage
            if not task.cancelled() and usage.text_tokens == usage.prompt_tokens:
                usage = await self._count_by_modality(request, usage)
            yield reader.final_delta(usage, aborted=task.cancelled())
        finally:
            del self._running[request.id]
            task.cancel()  # closes the connection, which is how a server learns of it
            await asyncio.wait([task])

    async def abort(self, request_id: str) -> None:
        """End a request now; its iterator yields a last delta with finish "abort"."""
        if task := self._running.get(request_id):
            task.cancel()

    async def close(self) -> None:
        """End all requests and connections."""
        for task in self._running.values():
            task.cancel()
        self._set_status(Status(self.name, Stage.CLOSED, note="Closed."))
        await self._client.close()

    async def _pump_chunks(self, request: Request, queue: asyncio.Queue[Any]) -> None:
        """Put every chunk of the answer into ``queue``, or what went wrong."""
        try:
            options = await asyncio.to_thread(self._request_options, request)
            async with await self._client.chat.completions.create(**options) as chunks:
                async for chunk in chunks:
                    queue.put_nowait(chunk)
        except openai.OpenAIError as error:
            translated = _translate_error(error, self.address)
            queue.put_nowait(self._note_failure(translated) if isinstance(translated, EngineDeadError) else translated)
            translated.__cause__ = error

    def _request_options(self, request: Request) -> dict[str, Any]:
        sampling = request.sampling
        extra: dict[str, Any] = {}
        if self._tokenizer:  # other servers refuse names that they do not know
            if self._kin and request.max_tiles is not None:
                extra["mm_processor_kwargs"] = {"max_tiles": request.max_tiles}
            if self._kin and sampling.states is not None:
                extra["vllm_xargs"] = {FIRST_TOKEN_IDS: [self._kin.states[state] for state in sampling.states]}
            if request.goes_on:
                extra |= {"continue_final_message": True, "add_generation_prompt": False}
            if sampling.repetition_penalty is not None:
                extra["repetition_penalty"] = sampling.repetition_penalty
        return {
            "model": self.model,
            "messages": self._write_messages(request),
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "max_tokens": sampling.max_tokens,
            "seed": openai.NOT_GIVEN if sampling.seed is None else sampling.seed,
            "logprobs": True if sampling.weighs_choices else openai.NOT_GIVEN,
            "top_logprobs": MOST_LOGPROBS if sampling.weighs_choices else openai.NOT_GIVEN,
            "stream": True,
            "stream_options": {"include_usage": True},
            "extra_body": extra,
        }

    def _write_messages(self, request: Request) -> list[dict[str, Any]]:
        family = self._kin.family if self._kin else None
        return write_messages(request, family, frames_as_video=self._tokenizer is not None)

    async def _count_by_modality(self, request: Request, usage: Usage) -> Usage:
        """The counts of a server that counts all as text: what the words of the prompt leave is the media's.

        vLLM tells by itself with ``--enable-prompt-tokens-details``. Without it, media of several kinds are not told
        apart and stay text.
        """
        if self._kin is None or self._tokenizer is None:
            return usage
        pieces = render_prompt(
            request.turns, self._kin.family, request.system, shown=request.sight, continued=request.goes_on
        )
        kinds = {type(piece) for piece in pieces if not isinstance(piece, str)}
        if len(kinds) != 1:
            return usage
        try:
            words = await self._tokenizer.count_tokens([piece for piece in pieces if isinstance(piece, str)])
        except openai.OpenAIError:
            return usage
        return replace(usage, **{COUNTED[kinds.pop()]: max(usage.prompt_tokens - words, 0)})

    def _set_status(self, status: Status) -> None:
        self._status = status
        self._changed()

    def _note_failure(self, error: EngineError | InputError) -> EngineError | InputError:
        self._set_status(Status(self.name, Stage.FAILED, note=str(error), model=self.model))
        return error


def _translate_error(error: openai.OpenAIError, address: str) -> EngineError | InputError:
    """What went wrong at the server, in our tree and in one sentence."""
    if isinstance(error, openai.APIConnectionError):
        return EngineDeadError("{name} cannot be reached; check that the server runs.", name=address)
    if isinstance(error, (openai.RateLimitError, openai.InternalServerError)):
        return EngineNotReadyError("{name} is busy or starting: {reason}", name=address, reason=_error_message(error))
    if isinstance(error, (openai.BadRequestError, openai.UnprocessableEntityError)):
        for pattern in _TOO_LONG:
            if found := pattern.search(_error_message(error)):
                return PromptTooLongError(int(found["tokens"]), int(found["limit"]))
        return InputError("The server refused the request: {reason}", reason=_error_message(error))
    return EngineError("{name} could not answer: {reason}", name=address, reason=_error_message(error))


def _error_message(error: openai.OpenAIError) -> str:
    body = getattr(error, "body", None)
    return str(body["message"]) if isinstance(body, dict) and "message" in body else str(error)
