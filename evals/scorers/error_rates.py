"""Word and character error rates over a corpus: what is normalised is ours to choose, the alignment is jiwer's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import jiwer
from whisper_normalizer.english import EnglishTextNormalizer

from evals.scorers.chinese_text import spoken_chinese

Tokens = Callable[[str], list[str]]
_english = EnglishTextNormalizer()
_AS_TOKENS = jiwer.Compose([])  # tokens come ready made
_WENET_MARKS = frozenset("!,?、。！，；？：「」︰『』《》")


@dataclass(frozen=True)
class Edits:
    """Edits between a reference of ``length`` tokens and what was heard."""

    substitutions: int
    deletions: int
    insertions: int
    length: int

    @property
    def total_edits(self) -> int:
        """All edits."""
        return self.substitutions + self.deletions + self.insertions


def english_words(text: str) -> list[str]:
    """Words after Whisper's English normaliser, without ``<|tags|>`` and without tokens that are only punctuation."""
    words = _english(re.sub(r"<\|.*?\|>", " ", text)).lower().split()
    return [word for word in words if not all(unicodedata.category(char).startswith("P") for char in word)]


def chinese_characters(text: str) -> list[str]:
    """Characters after ``spoken``, lower-case, without spaces."""
    return list("".join(spoken_chinese(re.sub(r"<\|.*?\|>", " ", text)).lower().split()))


def wenet_tokens(text: str) -> list[str]:
    """WeNet's compute-wer.py --char=1: each ideograph a token, other runs whole and upper-case, tags and marks gone."""
    tokens: list[str] = []
    start = 0
    while start < len(text):
        char, end = text[start], start + 1
        if char in _WENET_MARKS or char.isspace() or unicodedata.category(char) in ("Zs", "Cn"):
            start = end
            continue
        if unicodedata.category(char) != "Lo":
            stop = ">" if char == "<" else " "
            while end < len(text) and ord(text[end]) < 128 and not text[end].isspace() and text[end] != stop:
                end += 1
            end += text[end : end + 1] == ">"
        tokens.append(text[start:end])
        start = end
    bare = (re.sub(r"<[^>]*>", "", token.upper()) for token in tokens)
    return [token for token in bare if token]


def mixed_tokens(text: str) -> list[str]:
    """lmms-eval's tokens for its mixed error rate: one Han character or one English word; the rest is dropped."""
    return re.findall(r"[一-鿿]|[a-zA-Z']+\w*", text)


def count_edits(reference: Sequence[str], heard: Sequence[str]) -> Edits:
    """Fewest edits from ``reference`` to ``heard``. An empty reference makes every heard token an insertion."""
    if not reference:
        return Edits(0, 0, len(heard), 0)
    aligned = jiwer.process_words(
        [list(reference)], [list(heard)], reference_transform=_AS_TOKENS, hypothesis_transform=_AS_TOKENS
    )
    return Edits(aligned.substitutions, aligned.deletions, aligned.insertions, len(reference))


def corpus_rate(items: Iterable[Edits]) -> float:
    """Percent of reference tokens that were got wrong over the whole corpus; may pass 100."""
    items = list(items)
    length = sum(item.length for item in items)
    return 100.0 * sum(item.total_edits for item in items) / length if length else 0.0


def mixed_rate(item: Edits, heard: int) -> float:
    """lmms-eval's per-utterance rate: edits over the longer of the two, 0..1."""
    longer = max(item.length, heard)
    return item.total_edits / longer if longer else 0.0
