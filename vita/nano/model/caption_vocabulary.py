"""A small vocabulary inside a tower: text to rows of a table of language-model embeddings, without the tokenizer."""

from __future__ import annotations

import re
from collections.abc import Sequence

SPACE, NEWLINE = "Ġ", "Ċ"  # how byte-level vocabularies write a leading space and a newline
_PIECES = re.compile(r" ?[A-Za-z]+| ?[^\sA-Za-z]+|\n")


class CaptionVocabulary:
    """Tokens of a byte-level vocabulary, in the order of the table's rows.

    A word that has no token is cut into the longest tokens from its left, which for nearly every word is what
    byte-pair encoding does too. The vocabulary must hold all letters and the marks that captions use.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self._rows = {token: row for row, token in enumerate(tokens)}
        self.newline = self._rows[NEWLINE]

    def encode_text(self, text: str) -> list[int]:
        """Rows of the text's tokens; characters without one are left out."""
        rows: list[int] = []
        for piece in _PIECES.findall(text):
            rest = piece.replace(" ", SPACE).replace("\n", NEWLINE)
            while rest:
                size = next((size for size in range(len(rest), 0, -1) if rest[:size] in self._rows), 0)
                if size:
                    rows.append(self._rows[rest[:size]])
                rest = rest[max(size, 1) :]
        return rows


def plain_tokens(vocabulary: Sequence[str], texts_ids: set[int], common: int) -> list[int]:
    """Ids of the tokens for a lexicon: the letters, the commonest words and pieces of letters, and what texts need."""
    letters = re.compile(rf"{SPACE}?[A-Za-z]+")
    kept = {index for index, token in enumerate(vocabulary[:common]) if letters.fullmatch(token)}
    kept |= {index for index, token in enumerate(vocabulary) if len(token) == 1 and token.isascii() and token.isalpha()}
    kept |= {vocabulary.index(token) for token in (NEWLINE, SPACE, ".", ",", ":", '"', f'{SPACE}"', "'", "-")}
    return sorted(kept | texts_ids)
