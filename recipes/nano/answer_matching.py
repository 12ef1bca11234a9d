"""Whether an answer names what was shown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vita.nano.model.caption_text import NUMBERS, plural_name


def words_of(answer: str) -> list[str]:
    """The answer's words in small letters, digits as number words."""
    words = re.findall(r"[a-z]+|\d+", answer.lower())
    return [NUMBERS[int(word)] if word.isdigit() and int(word) < len(NUMBERS) else word for word in words]


def says_name(answer: str, names: Sequence[str]) -> bool:
    """Whether the answer has one of the names in it as whole words, in singular or plural."""
    text = f" {' '.join(words_of(answer))} "
    forms = [form for name in names for form in (name, plural_name(name))]
    return any(f" {' '.join(words_of(form))} " in text for form in forms)


def says_only(answer: str, name: str, others: Sequence[str]) -> bool:
    """Whether the answer has that word in it and none of the others."""
    words = set(words_of(answer))
    return name in words and not words & (set(others) - {name})


def says_first(answer: str, name: str, other: str) -> bool:
    """Whether the answer names the one, and not the other before it."""
    words = words_of(answer)
    return name in words and (other not in words or words.index(name) < words.index(other))


def begins_with(answer: str, word: str) -> bool:
    """Whether the answer's first word is that one."""
    return words_of(answer)[:1] == [word]
