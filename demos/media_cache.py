"""Decoded media of visitors' files, kept within a number of bytes: conversations hold files, prompts need pixels."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from demos.visitor_conversation import ChatExchange, MediumKind
from vita.media import Clip, Limits, Medium, Sound, load_clip, load_picture, load_sound

CACHE_BYTES = 256 * 2**20  # of all visitors together; a clip of 32 large frames has 78 MB
CacheKey = tuple[str, MediumKind, int]  # path, kind, frames


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
        """The media of a question, in the order of its files; decoded where they are not held.

        Raises:
            MediaError, LimitError: a file cannot be used.
        """
        files = zip(exchange.question.files, exchange.kinds, strict=True)
        return tuple(self._medium(path, kind, exchange.frames) for path, kind in files)

    def _medium(self, path: str, kind: MediumKind, frames: int) -> Medium:
        key: CacheKey = (path, kind, frames if kind == "clip" else 0)
        with self._lock:
            if key in self._media:
                self._media.move_to_end(key)
                return self._media[key]
        medium = _decode_file(path, kind, frames, self._limits)
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


def _decode_file(path: str, kind: MediumKind, frames: int, limits: Limits) -> Medium:
    loaders: dict[MediumKind, Callable[[], Medium]] = {
        "picture": lambda: load_picture(path, limits),
        "clip": lambda: load_clip(path, limits, frames),
        "sound": lambda: load_sound(path, limits),
    }
    return loaders[kind]()
