"""Tells the process that started an engine how far its weights are read. Knows no model and no asyncio."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from torch import Tensor

STEP = 0.01  # smallest progress worth a message


@dataclass(frozen=True)
class WeightProgress:
    """Where to send progress; travels to vLLM's workers as ``additional_config``.

    Attributes:
        address: path of a Unix datagram socket; a worker on another machine finds none there and stays silent.
        total: bytes of all weights.
    """

    address: str
    total: int

    def compute_hash(self) -> str:
        """Constant: progress changes nothing that vLLM compiles and caches under the hash of its configuration."""
        return ""

    def report(self, fraction: float) -> None:
        """Send how much of the weights is read, from 0 to 1. Never blocks and never fails."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
                sender.sendto(f"{fraction:.3f}".encode(), self.address)
        except OSError:
            pass


def watched(weights: Iterable[tuple[str, Tensor]], progress: object) -> Iterator[tuple[str, Tensor]]:
    """The same ``weights``, their passing reported where ``progress`` is one: where our own engine started vLLM."""
    if not isinstance(progress, WeightProgress):
        yield from weights
        return
    read, told = 0, 0.0
    progress.report(0.0)
    for name, tensor in weights:
        yield name, tensor
        read += tensor.nbytes
        if (fraction := min(read / progress.total, 1.0)) - told >= STEP:
            progress.report(fraction)
            told = fraction
    progress.report(1.0)
