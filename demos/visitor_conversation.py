"""What one visitor has asked in one tab and what came back; pure, and kept on the server. Knows no Gradio."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal

from demos.seen_media import SeenMedium
from vita.conversation import Turn
from vita.engine.engine_protocol import Finish, Sampling, Usage
from vita.errors import InputError
from vita.media import LEAST_FRAMES, MOST_FRAMES, Clip, Medium, Picture, Sound
from vita.tokens import State

MediumKind = Literal["picture", "clip", "voiced_clip", "unheard_clip", "sound"]
MediumPart = Literal["picture", "clip", "clip_sound", "sound"]
MEDIUM_PARTS: dict[MediumKind, tuple[MediumPart, ...]] = {  # what a file of each kind is to the model
    "picture": ("picture",),
    "clip": ("clip",),
    "voiced_clip": ("clip", "clip_sound"),
    "unheard_clip": ("clip",),  # its sound is longer than a sound may be
    "sound": ("sound",),
}
PART_TYPES: dict[MediumPart, type[Medium]] = {"picture": Picture, "clip": Clip, "clip_sound": Sound, "sound": Sound}


def new_id() -> str:
    """A name that nothing else has."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class VisitorQuestion:
    """What a visitor sends.

    Attributes:
        files: paths, in the order given.
    """

    text: str = ""
    files: tuple[str, ...] = ()


class OptionRangeError(InputError):
    """An option is outside of its range; ``values`` name it, both ends and what it is."""

    def __init__(self, name: str, least: float, most: float, value: float) -> None:
        super().__init__(
            "{name} must be from {least} to {most}, not {value}.", name=name, least=least, most=most, value=value
        )


@dataclass(frozen=True)
class ChatOptions:
    """What the accordion sets for the next question.

    Attributes:
        frames: frames that a video is sampled to, at most.
        tiles: tiles that one image may be cut into, the thumbnail not counted.
        system: replaces the model's own system prompt; "" keeps it.
        clip_sound: whether the sound of a video is heard.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 256
    seed: int | None = None
    frames: int = 8
    tiles: int = 4
    system: str = ""
    clip_sound: bool = True

    def check_options(self) -> None:
        """Refuse what no engine can do.

        Raises:
            OptionRangeError: a value is out of its range.
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
                raise OptionRangeError(name, least, most, getattr(self, name))

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


@dataclass(frozen=True)
class ChatExchange:
    """A question with what its files are taken for, and its answer. Small: files are decoded when a prompt is built.

    Attributes:
        kinds: what each file is taken for.
        frames: frames that its videos are sampled to, at most.
        seen: what the model got, to be drawn; empty until the answer is complete.
        heard: what was said in its sounds, in letters; empty where nobody can tell.
        conversation_id: names the conversation that it is part of.
    """

    question: VisitorQuestion
    kinds: tuple[MediumKind, ...] = ()
    frames: int = 8
    answer: VisitorAnswer = VisitorAnswer()
    seen: tuple[SeenMedium, ...] = ()
    heard: str = ""
    exchange_id: str = field(default_factory=new_id)
    conversation_id: str = field(default_factory=new_id)

    def as_turns(self, media: Sequence[Medium]) -> tuple[Turn, Turn]:
        """As the engine wants them.

        Args:
            media: what the question's files hold.
        """
        text = (self.question.text.strip(),) if self.question.text.strip() else ()
        return Turn("user", (*media, *text)), Turn("assistant", (self.answer.text,), self.answer.state)


Conversation = tuple[ChatExchange, ...]


def prompt(
    past: Sequence[ChatExchange],
    question: ChatExchange,
    media_of: Callable[[ChatExchange], Sequence[Medium]],
) -> tuple[Turn, ...]:
    """The turns to send: all that was said, then the question."""
    said = [turn for exchange in past for turn in exchange.as_turns(media_of(exchange))]
    return (*said, question.as_turns(media_of(question))[0])


def prompt_media_counts(past: Sequence[ChatExchange], kinds: Sequence[MediumKind]) -> Counter[type[Medium]]:
    """How many media of each kind the prompt has for a question with files of ``kinds``; nothing is decoded.

    Sounds that were noise are not in it, pictures and clips that came with them are (``without_noise``).
    """
    counts = Counter(media_types(kinds))
    for exchange in past:
        noise = exchange.answer.state is State.NOISE
        counts.update(medium for medium in media_types(exchange.kinds) if not (noise and medium is Sound))
    return counts


def media_types(kinds: Sequence[MediumKind]) -> list[type[Medium]]:
    """The media that files of ``kinds`` are to the model."""
    return [PART_TYPES[part] for kind in kinds for part in MEDIUM_PARTS[kind]]


def for_each_part(files: Sequence[str], kinds: Sequence[MediumKind]) -> list[str]:
    """The file of each medium."""
    return [path for path, kind in zip(files, kinds, strict=True) for _ in MEDIUM_PARTS[kind]]


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
