"""What one visitor has asked in one tab and what came back; pure, and kept on the server. Knows no Gradio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from vita.conversation import Turn
from vita.engine.engine_protocol import Finish, Sampling, Usage
from vita.errors import InputError
from vita.media import LEAST_FRAMES, MOST_FRAMES, Medium, Picture
from vita.tokens import State


@dataclass(frozen=True)
class VisitorQuestion:
    """What a visitor sends.

    Attributes:
        files: paths, in the order given.
    """

    text: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChatOptions:
    """What the accordion sets for the next question.

    Attributes:
        frames: frames that a video is sampled to, at most.
        tiles: tiles that one image may be cut into, the thumbnail not counted.
        system: replaces the model's own system prompt; "" keeps it.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 256
    seed: int | None = None
    frames: int = 8
    tiles: int = 4
    system: str = ""

    def check_options(self) -> None:
        """Refuse what no engine can do.

        Raises:
            InputError: a value is out of its range; the page's sliders cannot do that, a program can.
        """
        ranges = {
            "temperature": (0, 2),
            "top_p": (0.01, 1),
            "max_tokens": (1, 8192),
            "frames": (LEAST_FRAMES, MOST_FRAMES),
            "tiles": (1, 12),
        }
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                raise InputError(
                    "{name} must be from {least} to {most}, not {value}.",
                    name=name,
                    least=least,
                    most=most,
                    value=getattr(self, name),
                )

    @property
    def sampling_options(self) -> Sampling:
        """The part that is about decoding."""
        return Sampling(self.temperature, self.top_p, self.max_tokens, self.seed)


class AnswerPhase(Enum):
    """How far an answer is."""

    LOADING = "loading"  # no engine is ready
    READING = "reading"  # the engine works on the prompt
    WRITING = "writing"
    DONE = "done"


@dataclass(frozen=True)
class VisitorAnswer:
    """An answer as it is now.

    Attributes:
        first_token: seconds from the engine's start on it to its first token, the state token.
        rate: tokens a second behind the first one; None until there are two.
        waited: seconds since the question was sent.
        loaded: progress of the engines from 0 to 1 while they load.
    """

    text: str = ""
    state: State | None = None
    phase: AnswerPhase = AnswerPhase.LOADING
    finish: Finish | None = None
    usage: Usage | None = None
    engine: str = ""
    tokens: int = 0
    first_token: float | None = None
    rate: float | None = None
    waited: float = 0.0
    loaded: float = 0.0


@dataclass(frozen=True, eq=False)
class ChatExchange:
    """A question with its media as the model got them, and its answer.

    Attributes:
        shown: HTML of what the model got, made once.
    """

    question: VisitorQuestion
    media: tuple[Medium, ...] = ()
    answer: VisitorAnswer = VisitorAnswer()
    shown: str = ""

    def as_turns(self) -> tuple[Turn, Turn]:
        """As the engine wants them."""
        text = (self.question.text.strip(),) if self.question.text.strip() else ()
        return Turn("user", (*self.media, *text)), Turn("assistant", (self.answer.text,), self.answer.state)


Conversation = tuple[ChatExchange, ...]


def prompt(past: Sequence[ChatExchange], question: ChatExchange) -> tuple[Turn, ...]:
    """The turns to send: all that was said, then the question."""
    said = [turn for exchange in past for turn in exchange.as_turns()]
    return (*said, question.as_turns()[0])


def own_usage(past: Sequence[ChatExchange], usage: Usage) -> Usage:
    """What the last question alone adds to the prompt's media: the prompt's counts less those of the turn before.

    Exchanges that were noise are not in later prompts, save their pictures, which move to the next question.
    """
    kept = [exchange.answer for exchange in past if exchange.answer.usage and exchange.answer.state is not State.NOISE]
    before = kept[-1].usage if kept else None
    if before is None:
        return usage
    return replace(
        usage,
        image_tokens=max(0, usage.image_tokens - before.image_tokens),
        video_tokens=max(0, usage.video_tokens - before.video_tokens),
        audio_tokens=max(0, usage.audio_tokens - before.audio_tokens),
    )


def pictures(media: Sequence[Medium]) -> tuple[Picture, ...]:
    """The still images among them."""
    return tuple(medium for medium in media if isinstance(medium, Picture))
