"""How late the event loop is: what says whether sound and sockets keep their deadlines while the engines compute."""

from __future__ import annotations

import asyncio
from collections import deque

PERIOD = 0.02  # s, a frame of sound
KEPT = 3000  # measurements, one minute


class EventLoopLag:
    """Measures all the time, at next to no cost."""

    def __init__(self) -> None:
        self._late: deque[float] = deque(maxlen=KEPT)

    async def run(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + PERIOD
            await asyncio.sleep(PERIOD)
            self._late.append(max(0.0, loop.time() - due))

    def percentile(self, percent: float) -> float:
        """Seconds of lateness that so many percent of the last minute's measurements stayed under; 0 at first."""
        late = sorted(self._late)
        return late[min(len(late) - 1, int(len(late) * percent / 100))] if late else 0.0
