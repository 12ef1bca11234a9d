"""A player without a loudspeaker, for measuring: what the page's jitter buffer does, in real time, by the sample.

The same rules and lengths as ``demos/static/talk/player.js``: an answer begins with 60 ms in hand, after it has run dry
with 160 ms.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from vita.media.pcm import LOWEST, pcm16_samples
from vita.speech.sample_rates import VOICE_RATE

RATE = VOICE_RATE
FIRST, AGAIN, PATIENCE = int(0.06 * RATE), int(0.16 * RATE), int(0.25 * RATE)  # samples
REPORT = RATE // 10
DUCKED = 0.12

Tell = Callable[[str, str, int], None]
Pcm = NDArray[np.int16]


class Player:
    """Tells of ``began``, ``played``, ``dry``, ``flowing`` and ``ended``, each with an item and samples of it."""

    def __init__(self, tell: Tell) -> None:
        self.item: str | None = None
        self._tell = tell
        self._queue: deque[tuple[str, Pcm]] = deque()
        self._complete: set[str] = set()
        self._dropped: set[str] = set()
        self._playing = False
        self._played = self._reported = self._waited = 0
        self._gain = 1.0

    def push_sound(self, item: str, pcm: bytes) -> None:
        """Sound of an answer arrived."""
        if item not in self._dropped:
            self._queue.append((item, pcm16_samples(pcm)))

    def end_item(self, item: str) -> None:
        """Nothing more comes of it."""
        self._complete.add(item)

    def set_ducked(self, on: bool) -> None:
        """Quietly, or loudly again."""
        self._gain = DUCKED if on else 1.0

    def stop_item(self, item: str) -> None:
        """Stop it now and for good."""
        self._dropped.add(item)
        self._queue = deque(piece for piece in self._queue if piece[0] != item)
        if self.item == item:
            self._finish_item()

    def pull_samples(self, count: int) -> NDArray[np.float32]:
        """The next ``count`` samples as floats in -1..1."""
        out = np.zeros(count, np.float32)
        filled = 0
        while filled < count and self._is_ready(count - filled):
            item, pcm = self._queue[0]
            if item != self.item:
                self._begin_item(item)
            taken = pcm[: count - filled]
            out[filled : filled + len(taken)] = taken * np.float32(self._gain / LOWEST)
            filled += len(taken)
            self._played += len(taken)
            self._queue.popleft()
            if len(taken) < len(pcm):
                self._queue.appendleft((item, pcm[len(taken) :]))
            elif not self._queue:
                self._run_dry()
        if self.item is not None and self._played - self._reported >= REPORT:
            self._report_event("played")
        return out

    def _is_ready(self, count: int) -> bool:
        if self._playing:
            return True
        if not self._queue:
            self._waited = 0
            if self.item is not None and self.item in self._complete:
                self._finish_item()
            return False
        self._waited += count
        enough = FIRST if self.item is None else AGAIN
        queued = sum(len(pcm) for _, pcm in self._queue)
        self._playing = queued >= enough or self._queue[-1][0] in self._complete or self._waited >= PATIENCE
        if self._playing and self._queue[0][0] == self.item:
            self._report_event("flowing")
        return self._playing

    def _begin_item(self, item: str) -> None:
        if self.item is not None:
            self._finish_item()
        self._playing, self.item = True, item
        self._played = self._reported = 0
        self._report_event("began")

    def _run_dry(self) -> None:
        self._playing, self._waited = False, 0
        if self.item in self._complete:
            self._finish_item()
        else:
            self._report_event("dry")

    def _finish_item(self) -> None:
        self._report_event("ended")
        self.item, self._playing, self._waited = None, False, 0

    def _report_event(self, kind: str) -> None:
        assert self.item is not None
        self._reported = self._played
        self._tell(kind, self.item, self._played)
