"""What was said, in letters, where the checkpoint's front end recognises words on its way to the model."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from vita.media import Sound
from vita.settings import Settings

Transcribe = Callable[[Sound], Awaitable[str | None]]


def build_transcriber(settings: Settings) -> Transcribe:
    """Gives the words of a sound; None where the checkpoint, or the server that has it, cannot tell them.

    It is the very front end that an engine in this process reads sounds with, which remembers the last of them: what
    was just judged costs nothing more.
    """

    async def transcribe(sound: Sound) -> str | None:
        return None if settings.remotes else await asyncio.to_thread(_transcribe_sound, settings, sound)

    return transcribe


def _transcribe_sound(settings: Settings, sound: Sound) -> str | None:
    from vita.engine.engine_factory import find_checkpoint  # late, for these bring torch
    from vita.model.processing import load_processor

    front_end = load_processor(str(find_checkpoint(settings))).sounds
    return str(front_end.transcribe(sound.samples)) if hasattr(front_end, "transcribe") else None
