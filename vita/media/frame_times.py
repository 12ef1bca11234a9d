"""Which frames of a video are shown to the model. Pure.

Presentation times decide. Where frames follow one another evenly, upstream's rule by index holds, exactly; where they
do not, its rule by time: the frame on the screen at each second.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vita.media.kinds import LEAST_FRAMES


@dataclass(frozen=True)
class FrameTimes:
    """When each frame of a video is shown.

    Attributes:
        ticks: presentation times in order, in units of ``tick`` seconds; at least one.
        rate: frames a second, stated or measured.
        last: seconds that the last frame is shown; 0 where nobody knows.
    """

    ticks: tuple[int, ...]
    tick: float
    rate: float
    last: float = 0.0

    def seconds(self, index: int) -> float:
        """Time of a frame from the first one."""
        return (self.ticks[index] - self.ticks[0]) * self.tick

    @property
    def duration(self) -> float:
        """Seconds from the first frame to the end of the last one."""
        return self.seconds(-1) + (1 / self.rate if self.is_even or not self.last else self.last)

    @property
    def is_even(self) -> bool:
        """Whether no frame is further from even spacing than half of the space between two."""
        if len(self.ticks) < 3:
            return True
        ideal = np.linspace(self.ticks[0], self.ticks[-1], len(self.ticks))
        space = (self.ticks[-1] - self.ticks[0]) / (len(self.ticks) - 1)
        return bool(np.abs(np.asarray(self.ticks) - ideal).max() <= max(0.5 * space, 1.0))

    def choose(self, most: int) -> tuple[int, ...]:
        """Indices of the frames to show, in order; repeated where there are fewer than LEAST_FRAMES."""
        if self.is_even:
            return choose_frames(self.rate, len(self.ticks), most)
        times = [self.seconds(index) for index in range(len(self.ticks))]
        return choose_by_time(times, self.duration, most)


def choose_frames(rate: float, count: int, most: int = 16, least: int = LEAST_FRAMES) -> tuple[int, ...]:
    """Upstream's rule: the first frame of each second, thinned out evenly to ``most``, repeated up to ``least``.

    Of a grid of one frame every round(rate) frames: more than ``most`` are thinned by ``linspace`` with its ends kept
    (the video's very end is not on the grid), fewer than ``least`` are stretched by the same, which repeats frames:
    a video of one second is four times its first frame. The grid decides, not the seconds (23.976 frames a second
    count as 24).

    Args:
        rate: frames a second.
        count: frames in the video, at least 1.
    """
    return thin_out(range(0, count, max(1, round(rate))), most, least)


def choose_by_time(
    times: Sequence[float], duration: float, most: int = 16, least: int = LEAST_FRAMES
) -> tuple[int, ...]:
    """The frame on the screen at each second, thinned out evenly in time to ``most``, repeated up to ``least``.

    Args:
        times: seconds at which each frame begins to be shown, in order; the first is 0.
    """
    seconds = range(max(1, int(np.ceil(duration - 1e-6))))
    shown = sorted({_shown_at(times, second) for second in seconds})
    if len(shown) > most:
        shown = [_shown_at(times, second) for second in thin_out(seconds, most, least)]
    return thin_out(shown, most, least)


def _shown_at(times: Sequence[float], second: float) -> int:
    return max(0, bisect_right(times, second + 1e-6) - 1)


def thin_out(grid: Sequence[int], most: int, least: int) -> tuple[int, ...]:
    """``grid`` itself, or ``most`` or ``least`` of it spread evenly with both ends."""
    size = min(max(len(grid), least), most)
    if size == len(grid):
        return tuple(grid)
    return tuple(grid[int(place)] for place in np.linspace(0, len(grid) - 1, size, dtype=int))


def frame_rate(stated: float, count: int, spread: float) -> float:
    """Frames a second as the header says, or as measured where the header is off, as recorders' headers are.

    Args:
        spread: seconds from the first of ``count`` frames to the last.
    """
    measured = (count - 1) / spread if spread > 0 else stated
    if stated > 0 and abs(stated - measured) <= 0.2 * measured:
        return stated
    return measured or stated or 1.0


def fill_missing(ticks: Sequence[int | None], space: float) -> tuple[int, ...]:
    """Presentation times in order of display, those that the file does not tell put ``space`` ticks apart.

    Frames before the first known time count back from it: some files have negative times that containers cannot say.
    """
    first = next((index for index, time in enumerate(ticks) if time is not None), 0)
    latest = (ticks[first] or 0) - space * (first + 1)
    filled: list[int] = []
    for time in ticks:
        is_later = time is not None and (not filled or time > filled[-1])
        latest = float(time) if is_later and time is not None else latest + space
        filled.append(round(latest))
    return tuple(filled)
