"""Decoded media of visitors' files, kept within a number of bytes: conversations hold files, prompts need pixels."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from demos.visitor_conversation import MEDIUM_PARTS, ChatExchange, MediumPart
from vita.errors import MediaError
from vita.media import Clip, Limits, Medium, Sound, load_clip, load_picture, load_sound, sound_of_clip

CACHE_BYTES = 256 * 2**20  # of all visitors together; a clip of 32 large frames has 78 MB
CacheKey = tuple[str, MediumPart, int]  # path, part, frames


class MediaCache:
    """What files hold, the least recently used forgotten first. Used by several threads.

    A path stands for its content: Gradio puts what is uploaded into a folder that is named by a hash of it.

    Args:
        most_bytes: of pixels and samples that are kept, all together.
    """

    def __init__(self, limits: Limits, most_bytes: int = CACHE_BYTES) -> None:
        self._limits, self._most = limits, most_bytes
        self._media: OrderedDict[CacheKey, Medium] = OrderedDict()
        self._lock = threading.Lock()
        self.held_bytes = 0

    def media_of(self, exchange: ChatExchange) -> tuple[Medium, ...]:
        """The media of a question, in the order of its files, a clip before its sound; decoded where they are not held.

        Raises:
            MediaError, LimitError: a file cannot be used.
        """
        files = zip(exchange.question.files, exchange.kinds, strict=True)
        return tuple(self._medium(path, part, exchange.frames) for path, kind in files for part in MEDIUM_PARTS[kind])

    def _medium(self, path: str, part: MediumPart, frames: int) -> Medium:
        key: CacheKey = (path, part, frames if part == "clip" else 0)
        with self._lock:
            if key in self._media:
                self._media.move_to_end(key)
                return self._media[key]
        medium = _decode_file(path, part, frames, self._limits)
        with self._lock:
            if key not in self._media:
                self._media[key] = medium
                self.held_bytes += decoded_bytes(medium)
            while self.held_bytes > self._most:
                _, oldest = self._media.popitem(last=False)
                self.held_bytes -= decoded_bytes(oldest)
        return medium


def decoded_bytes(medium: Medium) -> int:
    """What the pixels or samples of a medium take in memory."""
    if isinstance(medium, Sound):
        return medium.samples.nbytes
    images = medium.frames if isinstance(medium, Clip) else (medium.image,)
    return sum(image.width * image.height * len(image.getbands()) for image in images)


def _decode_file(path: str, part: MediumPart, frames: int, limits: Limits) -> Medium:
    loaders: dict[MediumPart, Callable[[], Medium]] = {
        "picture": lambda: load_picture(path, limits),
        "clip": lambda: load_clip(path, limits, frames),
        "clip_sound": lambda: _own_sound(path, limits),
        "sound": lambda: load_sound(path, limits),
    }
    return loaders[part]()


def _own_sound(path: str, limits: Limits) -> Sound:
    sound = sound_of_clip(path, limits)
    if sound is None:
        raise MediaError("{name} has no sound; send the video again.", name=Path(path).name)
    return sound
