"""A player without a loudspeaker, for measuring: the page's jitter buffer, sample by sample.

The twin of ``demos/static/talk/player.js``, where the lengths are explained: a test feeds both the same events and
compares every sample and every report. It has no reset: a caller holds one conversation.
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
FADE = int(0.006 * RATE)
REPORT = RATE // 10
DUCKED = 0.12
DOWN, UP = 1 / (0.02 * RATE), 1 / (0.2 * RATE)  # change of the gain per sample

Tell = Callable[[str, str, int], None]


class Player:
    """Tells of ``began``, ``played``, ``dry``, ``flowing`` and ``ended``, each with an item and samples of it."""

    def __init__(self, tell: Tell) -> None:
        self.item: str | None = None
        self._tell = tell
        self._queue: deque[tuple[str, NDArray[np.int16]]] = deque()  # what is left of each piece
        self._complete: set[str] = set()
        self._dropped: set[str] = set()
        self._playing = False
        self._played = self._reported = self._waited = 0
        self._gain = self._target = 1.0
        self._tail = np.zeros(0, np.float32)  # fading out

    def push_sound(self, item: str, pcm: bytes) -> None:
        """Sound of an answer arrived, PCM16 at 24 kHz."""
        samples = pcm16_samples(pcm)
        if item not in self._dropped and len(samples):
            self._queue.append((item, samples))

    def end_item(self, item: str) -> None:
        """Nothing more comes of it."""
        self._complete.add(item)

    def set_ducked(self, on: bool) -> None:
        """Quietly, or at full volume again."""
        self._target = DUCKED if on else 1.0

    def stop_item(self, item: str) -> None:
        """Stop it now and for good; what is playing fades out."""
        if self.item == item:
            self._fade()
        waiting = any(name == item for name, _ in self._queue)
        self._dropped.add(item)
        self._queue = deque(piece for piece in self._queue if piece[0] != item)
        if self.item == item:
            self._finish_item()
        elif waiting:
            self._tell("ended", item, 0)
        self._target = 1.0

    def pull_samples(self, count: int) -> NDArray[np.float32]:
        """The next ``count`` samples as floats in -1..1, silence where there are none."""
        out = np.zeros(count, np.float32)
        if self._is_ready(count):
            self._play(out)
        faded = min(count, len(self._tail))
        out[:faded] += self._tail[:faded]
        self._tail = self._tail[faded:]
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

    def _play(self, out: NDArray[np.float32]) -> None:
        filled = 0
        while filled < len(out):
            if not self._queue:
                self._run_dry()
                return
            item, pcm = self._queue.popleft()
            if item != self.item:
                self._begin_item(item)
            taken = pcm[: len(out) - filled]
            out[filled : filled + len(taken)] = taken / LOWEST * self._gains(len(taken))
            filled += len(taken)
            self._played += len(taken)
            if len(taken) < len(pcm):
                self._queue.appendleft((item, pcm[len(taken) :]))
        if self._played - self._reported >= REPORT:
            self._report_event("played")

    def _gains(self, count: int) -> NDArray[np.float64]:
        """The gain at each of the next ``count`` samples, float64 [count], on its way to the target."""
        if self._gain == self._target:
            return np.full(count, self._gain)
        gains = np.empty(count)
        for n in range(count):
            self._gain += max(-DOWN, min(UP, self._target - self._gain))
            gains[n] = self._gain
        return gains

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

    def _fade(self) -> None:
        if not self._queue or self._queue[0][0] != self.item:
            return
        pcm = self._queue[0][1][:FADE]
        self._tail = (pcm / LOWEST * self._gain * (1 - np.arange(len(pcm)) / len(pcm))).astype(np.float32)

    def _report_event(self, kind: str) -> None:
        assert self.item is not None
        self._reported = self._played
        self._tell(kind, self.item, self._played)
