"""Words to print in pictures: common English ones, a fifth of them kept for evaluation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def held_out(word: str) -> bool:
    """Whether the word is kept for evaluation: one in five, by its hash."""
    return hashlib.sha256(word.encode()).digest()[0] % 5 == 0


def common_words(tokens: Iterable[str], most: int = 9000) -> list[str]:
    """Words of three to eight small letters that a byte-level vocabulary has as one token, the commonest first."""
    words = (token[1:] for token in tokens if token.startswith("Ġ"))
    found = [word for word in words if 3 <= len(word) <= 8 and set(word) <= set(LETTERS)]
    return found[:most]


def split_words(tokens: Iterable[str]) -> tuple[list[str], list[str]]:
    """Words for training and words for evaluation."""
    words = common_words(tokens)
    return [word for word in words if not held_out(word)], [word for word in words if held_out(word)]
