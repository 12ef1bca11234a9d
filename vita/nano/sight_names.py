"""What the eye of VITA-Nano has names for, and which words of its answers count as each: everyday words included.

A visitor says "a dog" where the eye says "a Golden Retriever". ``synonyms.txt`` has other words for a name,
``class_groups.txt`` what several classes are together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

SYNONYMS = Path(__file__).with_name("synonyms.txt")
GROUPS = Path(__file__).with_name("class_groups.txt")


@cache
def name_synonyms() -> dict[str, list[str]]:
    """Every name that has synonyms, with itself and the other words that count for it."""
    return {name: [name, *others.split(", ")] for name, others in _read_pairs(SYNONYMS)}


@cache
def class_groups() -> dict[str, tuple[int, ...]]:
    """Everyday names with the numbers of the classes that they stand for."""
    return {name: tuple(_read_ranges(ranges.split())) for name, ranges in _read_pairs(GROUPS)}


def sight_names(names: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Words that may be watched for, in small letters, each with all that the eye says where it sees one.

    Args:
        names: those of a ``CaptionsConfig``: "classes", "drawings", "shapes" and "colours".
    """
    classes = names["classes"]
    known: dict[str, set[str]] = {name: {name} for kind in ("classes", "drawings", "shapes") for name in names[kind]}
    for group, numbers in class_groups().items():
        known.setdefault(group, {group}).update(classes[number] for number in numbers if number < len(classes))
    for name, words in name_synonyms().items():
        if name in known:
            known[name].update(words)
            for word in words:
                known.setdefault(word, {word}).update(known[name])
    return {name.lower(): frozenset(word.lower() for word in words) for name, words in known.items()}


def _read_pairs(path: Path) -> Iterable[tuple[str, str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        name, colon, others = line.partition(": ")
        if colon and not line.startswith("#"):
            yield name, others


def _read_ranges(ranges: Iterable[str]) -> Iterable[int]:
    for part in ranges:
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)
