"""So many at once, the others in the order in which they came."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class FairSlots:
    """A semaphore that is given on in order: unlike threading.Semaphore, nobody who comes later is served before."""

    def __init__(self, count: int) -> None:
        self._lock, self._free = threading.Lock(), count
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def hold_slot(self, patience: float) -> Iterator[None]:
        """Wait for a slot and keep it. Raises TimeoutError behind ``patience`` seconds."""
        turn = self._join_queue()
        if turn is not None and not turn.wait(patience) and not self._leave_queue(turn):
            raise TimeoutError
        try:
            yield
        finally:
            self._pass_on()

    def _join_queue(self) -> threading.Event | None:
        """A place in the queue; None where a slot is free."""
        with self._lock:
            if self._free and not self._waiting:
                self._free -= 1
                return None
            turn = threading.Event()
            self._waiting.append(turn)
            return turn

    def _leave_queue(self, turn: threading.Event) -> bool:
        """Give up waiting; True where the turn came in the meantime."""
        with self._lock:
            if turn.is_set():
                return True
            self._waiting.remove(turn)
            return False

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1
