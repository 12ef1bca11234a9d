"""Two answers side by side: what only one of them says is marked. Pure."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from html import escape

_WORDS = re.compile(r"[一-鿿぀-ヿ]|\w+|\s+|[^\w\s]")  # Chinese and Japanese by the character
LONGEST = 3000  # words of each; longer answers are shown unmarked, for comparing them would take seconds


def marked_answers(one: str, other: str) -> tuple[str, str]:
    """Both answers as HTML, with ``<mark>`` around what only this one of the two says."""
    left, right = _WORDS.findall(one), _WORDS.findall(other)
    if max(len(left), len(right)) > LONGEST:
        return escape(one), escape(other)
    marked: tuple[list[str], list[str]] = ([], [])
    for kind, start, end, begin, stop in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        marked[0].append(_marked_words("".join(left[start:end]), kind != "equal"))
        marked[1].append(_marked_words("".join(right[begin:stop]), kind != "equal"))
    return "".join(marked[0]), "".join(marked[1])


def _marked_words(text: str, is_other: bool) -> str:
    return f"<mark>{escape(text)}</mark>" if text and is_other else escape(text)
