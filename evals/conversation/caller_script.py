"""What a caller does in a conversation, step by step, and how a plan of several is written down."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Type:
    """Send a line of text; with ``ask``, for an answer."""

    text: str
    ask: bool = True


@dataclass(frozen=True)
class Say:
    """Play a sound file (24 kHz) into the microphone, to its end."""

    sound: str
    name: str


@dataclass(frozen=True)
class Wait:
    """Until one of these lines has come since the last thing that was typed, said or cancelled; seconds at most."""

    kinds: tuple[str, ...]
    at_most: float


@dataclass(frozen=True)
class Rest:
    """Do nothing for a while."""

    seconds: float


@dataclass(frozen=True)
class Until:
    """Do nothing until so many seconds after the last thing that was typed, said or cancelled began."""

    seconds: float


@dataclass(frozen=True)
class Cancel:
    """Press the button that stops an answer."""


@dataclass(frozen=True)
class Watch:
    """Ask to be told when this is seen."""

    text: str


@dataclass(frozen=True)
class Show:
    """Show a camera JPEG files, one a second, to the end of the last one's second."""

    frames: tuple[str, ...]


Step = Type | Say | Wait | Rest | Until | Cancel | Watch | Show
_STEPS: dict[str, Any] = {kind.__name__: kind for kind in (Type, Say, Wait, Rest, Until, Cancel, Watch, Show)}


@dataclass(frozen=True)
class Script:
    """A conversation.

    Attributes:
        echo: how much of VITA's own voice comes back through the microphone, as a factor.
        after: seconds until it begins.
    """

    steps: tuple[Step, ...]
    echo: float = 0.0
    after: float = 0.0


def write_plan(scripts: Sequence[Script]) -> str:
    """Conversations that are held at once, as JSON."""
    return json.dumps(
        [
            {
                "echo": script.echo,
                "after": script.after,
                "steps": [[type(step).__name__, asdict(step)] for step in script.steps],
            }
            for script in scripts
        ]
    )


def read_plan(text: str) -> list[Script]:
    """What ``write_plan`` wrote."""
    return [
        Script(tuple(_make_step(name, fields) for name, fields in plan["steps"]), plan["echo"], plan["after"])
        for plan in json.loads(text)
    ]


def _make_step(name: str, fields: dict[str, Any]) -> Step:
    if name == "Wait":
        return Wait(tuple(fields["kinds"]), fields["at_most"])
    if name == "Show":
        return Show(tuple(fields["frames"]))
    step: Step = _STEPS[name](**fields)
    return step
