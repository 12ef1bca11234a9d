"""Yes or no: MME's and HallusionBench's extractions and sums."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

PERCEPTION = ("existence", "count", "position", "color", "posters", "celebrity", "scene", "landmark", "artwork", "OCR")
COGNITION = ("commonsense_reasoning", "numerical_calculation", "text_translation", "code_reasoning")


def mme_label(text: str) -> str:
    """lmms-eval: "yes", "no" or "other", by the first four characters without full stops."""
    text = text.lower().strip().replace(".", "")
    if text in ("y", "n"):
        return {"y": "yes", "n": "no"}[text]
    head = text if len(text) == 1 else text[:4]
    return "yes" if "yes" in head else "no" if "no" in head else "other"


def vlmevalkit_label(text: str) -> str:
    """VLMEvalKit: "Yes" or "No" where just one of them is a word of the answer, else "Unknown"."""
    words = set(strip_punctuation(text.lower()).split())
    return {(True, False): "Yes", (False, True): "No"}.get(("yes" in words, "no" in words), "Unknown")


def strip_punctuation(text: str) -> str:
    """The VQA challenge's punctuation rule: a mark next to a space vanishes, one between letters becomes a space."""
    has_thousands = re.search(r"(\d)(,)(\d)", text) is not None
    cleaned = text
    for mark in ';/[]"{}()=+\\_-><@`,?!':
        beside_space = f"{mark} " in text or f" {mark}" in text
        cleaned = cleaned.replace(mark, "" if beside_space or has_thousands else " ")
    return re.sub(r"(?<!\d)\.(?!\d)", "", cleaned, count=32)  # 32: the peer passes re.UNICODE as the count


def mme_categories(items: Iterable[tuple[str, str, float]]) -> dict[str, float]:
    """Score of each category, 0 to 200: 100·accuracy + 100·share of questions whose two answers are both right.

    Args:
        items: (category, question id, 1.0 or 0.0). A pair of which one item is missing counts by what is there.
    """
    pairs: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for category, question, score in items:
        pairs[category][question].append(score)
    return {category: sum(_pair_score(pair) for pair in questions.values()) / len(questions)
            for category, questions in pairs.items()}  # fmt: skip


def _pair_score(pair: Sequence[float]) -> float:
    return 100.0 * sum(pair) / len(pair) + 100.0 * (len(pair) == 2 and sum(pair) == 2)


def mme_sums(categories: Mapping[str, float]) -> tuple[float, float]:
    """(perception of at most 2000, cognition of at most 800)."""
    return (sum(categories.get(name, 0.0) for name in PERCEPTION), sum(categories.get(name, 0.0) for name in COGNITION))


def share_all_right(items: Iterable[tuple[Hashable, float]]) -> float:
    """Percent of groups whose items are all right, from (group, score) pairs. HallusionBench's fAcc and qAcc."""
    groups: dict[Hashable, bool] = {}
    for group, score in items:
        groups[group] = groups.get(group, True) and score == 1
    return 100.0 * sum(groups.values()) / len(groups) if groups else 0.0
