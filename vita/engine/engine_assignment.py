"""Which two engines a new conversation gets: one to generate its answers, one to monitor the user meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations


@dataclass(frozen=True)
class EngineLoad:
    """What an engine has to do.

    Attributes:
        generating: conversations that it generates for.
        monitoring: conversations that it monitors.
        requests: requests in flight, of conversations and of others.
    """

    ready: bool = True
    generating: int = 0
    monitoring: int = 0
    requests: int = 0

    @property
    def conversations(self) -> int:
        """Conversations that it has a role in."""
        return self.generating + self.monitoring


def choose_engine_pair(loads: Sequence[EngineLoad]) -> tuple[int, int]:
    """Places in ``loads`` of the generator and the monitor for a new conversation; the same one where it is alone.

    Ready engines go before others. Of these the two with the fewest conversations, each in the role that it has less
    often, so that conversations are spread evenly over both roles; then those with the fewest requests, then the first.
    """
    if len(loads) == 1:
        return 0, 0
    return min(permutations(range(len(loads)), 2), key=lambda pair: _pair_cost(loads, *pair))


def _pair_cost(loads: Sequence[EngineLoad], generator: int, monitor: int) -> tuple[int, ...]:
    pair = loads[generator], loads[monitor]
    return (
        sum(not load.ready for load in pair),
        sum(load.conversations for load in pair),
        pair[0].generating + pair[1].monitoring,
        sum(load.requests for load in pair),
        generator,
        monitor,
    )
