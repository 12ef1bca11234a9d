"""What an engine is: a Protocol and the small records that go in and out of it. Knows neither vLLM nor HTTP."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

from vita.conversation import Sight, Turn
from vita.tokens import State

Finish = Literal["stop", "length", "abort"]


@dataclass(frozen=True)
class Sampling:
    """How to decode. Temperature 0 is greedy.

    Attributes:
        max_tokens: at most so many tokens, the state token included.
        seed: makes sampling repeatable; None leaves it to the engine.
        repetition_penalty: above 1 keeps from repeating; None takes what the checkpoint's generation_config.json says.
        states: which state tokens may begin the answer; empty leaves the first token free, None does as the checkpoint
            is made to: see ``vita.vllm_plugin.state_token_mask``.
        choices: texts of which one must begin the answer in place of a state token, told apart by the first token.
            Engines that cannot restrict the first token leave it free.
        weighs_choices: tell how likely each choice was, see ``Delta.choice_logprobs``.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 512
    seed: int | None = None
    repetition_penalty: float | None = None
    states: tuple[State, ...] | None = None
    choices: tuple[str, ...] = ()
    weighs_choices: bool = False


@dataclass(frozen=True)
class Request:
    """One call of an engine: the conversation so far, whose last turn is the user's.

    Attributes:
        goes_on: the last turn is an answer instead, which is to be written on; what comes is what follows it. Servers
            elsewhere that are not vLLM may answer anew.
        system: replaces the checkpoint's own system prompt; None keeps it.
        sight: what the system prompt says is shown; None for what the turns show. For a request that others will
            follow which show more than it, so that they all begin alike.
        max_tiles: tiles that one image may be cut into (dynamic tiling), the thumbnail not counted.
        id: names the request in ``abort`` and in logs.
        priority: smaller is served first by the engine's scheduler (duplex decisions go before long answers).
    """

    turns: tuple[Turn, ...]
    sampling: Sampling = Sampling()
    system: str | None = None
    max_tiles: int | None = None
    sight: Sight | None = None
    goes_on: bool = False
    priority: int = 0
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True)
class Usage:
    """Token counts of one request; the prompt's by modality."""

    prompt_tokens: int
    image_tokens: int
    video_tokens: int
    audio_tokens: int
    cached_tokens: int
    completion_tokens: int

    @property
    def text_tokens(self) -> int:
        """Prompt tokens that stand for text."""
        return self.prompt_tokens - self.image_tokens - self.video_tokens - self.audio_tokens


@dataclass(frozen=True)
class Delta:
    """A piece of an answer.

    The first delta of an answer carries ``state`` (None only where the checkpoint gave no state token) and, as a
    rule, no text; the last one carries ``finish`` and ``usage``. Texts concatenate to the answer, state token left out.

    Attributes:
        tokens: how many tokens this delta stands for, the state token included.
        prompt: on the first delta, what the prompt costs, where the engine knows before the answer's end.
        engine: name of the engine that made it.
        choice_logprobs: on the delta with the first word, where the request weighs its choices: the natural logarithm
            of the probability of each, or of at most that much where it was not among the likeliest. None where the
            engine does not tell.
    """

    text: str = ""
    state: State | None = None
    tokens: int = 0
    finish: Finish | None = None
    usage: Usage | None = None
    engine: str = ""
    prompt: Usage | None = None
    choice_logprobs: Mapping[str, float] | None = None


class Stage(StrEnum):
    """Where an engine is in its life."""

    WAITING = "waiting"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"
    CLOSED = "closed"


@dataclass(frozen=True)
class Status:
    """An engine's stage in words for the page.

    Attributes:
        fraction: progress of loading from 0 to 1; 1 when ready.
        note: one short sentence, the error's where the stage is FAILED.
        model: what a server elsewhere says that it serves; "" for an engine here, whose settings say it.
    """

    name: str
    stage: Stage
    fraction: float = 0.0
    note: str = ""
    model: str = ""


class Engine(Protocol):
    """Anything that answers a conversation, token by token. Subclasses get what few engines have from here."""

    name: str

    @property
    def status(self) -> Status:
        """Where it is in its life, now."""

    @property
    def load(self) -> int:
        """Requests in flight."""

    @property
    def config(self) -> Any:
        """The checkpoint's VITAConfig; None until it is loaded, and where the checkpoint is on another machine."""
        return None

    @property
    def processes(self) -> list[int]:
        """Ids of its processes on this machine; empty while there are none."""
        return []

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is a server that others start and end, so that it may come back at any time."""
        return False

    def watch_status(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` on the event loop after each change of ``status``; one watcher, the last one that asks."""
        return  # a stage that never changes needs no watching

    async def start(self) -> None:
        """Load; returns when ready. Raises EngineError; ``status`` follows along. Calling it twice is harmless."""

    def generate(self, request: Request) -> AsyncGenerator[Delta, None]:
        """Answer ``request`` delta by delta. Closing the generator (or cancelling its task) aborts it in the engine.

        Raises:
            InputError: the request cannot be answered as it is (too long, too many images).
            EngineNotReadyError, EngineDeadError, EngineError: the engine's side failed.
        """

    async def abort(self, request_id: str) -> None:
        """End a request now; its generator yields a last delta with finish "abort". Unknown ids are ignored."""

    async def close(self) -> None:
        """Free everything. Calling it twice is harmless."""
