"""Text that must be contained, and the state tokens that must go before any text is scored."""

from __future__ import annotations

from collections.abc import Iterable

from vita.tokens import STATE_TOKENS, State

_FULL_WIDTH = str.maketrans({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "})


def split_state(answer: str) -> tuple[State | None, str]:
    """Take one state token of any checkpoint family off the front. Spaces around it go with it.

    Engines here do it themselves; other servers leave the token in the text, where it would spoil every score.
    """
    bare = answer.lstrip()
    for tokens in dict.fromkeys(STATE_TOKENS.values()):
        state, rest = tokens.split(bare)
        if state is not None:
            return state, rest.strip()
    return None, answer


def contains_target(answer: str, targets: Iterable[str], formula: bool, fold_full_width: bool = False) -> bool:
    """OCRBench: whether a target stands in the answer. Formulas lose all spaces and keep their case."""
    return any(
        _plain_text(target, formula, fold_full_width) in _plain_text(answer, formula, fold_full_width)
        for target in targets
    )


def _plain_text(text: str, formula: bool, fold: bool) -> str:
    if formula:
        return text.strip().replace("\n", " ").replace(" ", "")
    return (text.translate(_FULL_WIDTH) if fold else text).lower().strip().replace("\n", " ")
