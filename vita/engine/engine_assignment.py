"""Which engine takes what: a pair for a new live conversation, by load; one for a request, by its prefix cache too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

from vita.engine.engine_protocol import Engine, Request

REMEMBERED = 256  # conversations of which it is known who answered last


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


class PrefixAffinity:
    """Remembers which engine has the beginning of a conversation, told by its first turn, in its prefix cache."""

    def __init__(self) -> None:
        self._last: dict[int, str] = {}

    def choose_engine(self, engines: Sequence[Engine], request: Request) -> Engine:
        """The one with the fewest requests; of equal ones, the one that answered this conversation last."""
        conversation = hash(request.turns[:1])
        last = self._last.pop(conversation, "")
        engine = min(engines, key=lambda engine: (engine.load, engine.name != last))
        self._last[conversation] = engine.name
        if len(self._last) > REMEMBERED:
            del self._last[next(iter(self._last))]
        return engine
