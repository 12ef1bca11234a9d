"""What all sessions of a server share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from vita.duplex.conversation_settings import ConversationSettings
from vita.media import Sound
from vita.speech.synthesis import Voice
from vita.speech.voice_activity import Frame, SileroVad


@dataclass(frozen=True)
class SharedSettings:
    """The same for every session.

    Attributes:
        base: settings over which a client's own are laid; its voice is the default one.
        voices: by the name that a client may choose.
        spawn_task: starts a task of that name, which ends with the server at the latest.
        transcribe: the transcript of audio; None where the model has no recogniser.
        detector: makes the voice activity model of one session.
        clock: seconds.
    """

    model: str
    base: ConversationSettings
    voices: Mapping[str, Voice]
    spawn_task: Callable[[Any, str], asyncio.Task[None]]
    transcribe: Callable[[Sound], Awaitable[str | None]] | None = None
    detector: Callable[[], Callable[[Frame], float]] = SileroVad
    clock: Callable[[], float] = time.monotonic
