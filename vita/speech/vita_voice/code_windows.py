"""Which codes are decoded together while they arrive, and how much of their sound is kept. Pure.

The codec needs codes on both sides of those whose sound is kept, or each joint would be heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

CHUNK_CODES = 40  # codes of which one window gives the sound: 1 s
FIRST_CHUNK_CODES = 20  # likewise where a first sound is waited for
PADDING_CODES = 10  # codes on each side whose sound is dropped


@dataclass(frozen=True)
class CodeWindow:
    """Codes to decode at once.

    Attributes:
        left: codes at the beginning whose sound was given before.
        right: codes at the end whose sound the next window gives.
    """

    codes: tuple[int, ...]
    left: int
    right: int

    @property
    def kept(self) -> slice:
        """Which codes' sound is kept."""
        return slice(self.left, len(self.codes) - self.right)


def window_codes(codes: Iterable[int], chunk: int = CHUNK_CODES, padding: int = PADDING_CODES) -> Iterator[CodeWindow]:
    """Windows over ``codes``, each as soon as its last code is there; what they keep, joined, is all of ``codes``.

    Args:
        chunk: codes that a window keeps, at least 1; the last window keeps more.
        padding: codes on each side of them.
    """
    held: list[int] = []
    left = 0
    for code in codes:
        held.append(code)
        if len(held) == left + chunk + padding:
            yield CodeWindow(tuple(held), left, padding)
            left = min(padding, left + chunk)
            held = held[len(held) - padding - left :]
    if len(held) > left:
        yield CodeWindow(tuple(held), left, 0)
