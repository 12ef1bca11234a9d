"""Text as VITA-1.5's speech decoder was trained on it, and the pieces in which it is said. Pure.

From upstream's web demo (``web_demo/server.py``, ``tts_worker``). It differs in two ways: notations such as "sin" are
replaced as whole words ("using" is no sine), and signs of arithmetic are left alone within words ("well-known").
"""

from __future__ import annotations

import re

SHORTEST_PIECE = 5  # characters from which a mark ends a piece
MARKS = ",，.。?\n？!！、"
DROPPED = ("☞", "☟", "☜", "<unk>", "<|im_end|>")
NOTATIONS = {
    "sin": " sine ", "cos": " cosine ", "tan": " tangent ", "cot": " cotangent ", "sec": " secant ",
    "csc": " cosecant ", "log": " logarithm ", "exp": "e^", "sqrt": "根号 ", "abs": "绝对值 ",
}  # fmt: skip
OPERATORS = {
    "!=": "不等于", ">=": "大于等于", "<=": "小于等于", "+": "加", "-": "减", "*": "乘", "/": "除", "=": "等于",
    ">": "大于", "<": "小于",
}  # fmt: skip
GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ο": "omicron", "π": "派", "ρ": "rho",
    "σ": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
}  # fmt: skip

_NOTATION = re.compile(rf"(?<![a-z])(?:{'|'.join(NOTATIONS)})(?![a-z])")
_OPERATOR = re.compile("|".join(re.escape(sign) for sign in OPERATORS))
_INSIDE_WORD = re.compile(r"(?<=[^\W\d_])[-/](?=[^\W\d_])")
_NEGATIVE = re.compile(r"(?<![\w)])-(\d+)")
_PRODUCT = re.compile(r"\(?(\d+)\)?\((\d+)\)")
_POWER = re.compile(r"\(?(\w+)\)?\^\(?(\w+)\)?")
_HIDDEN_HYPHEN, _HIDDEN_SLASH = "\ue000", "\ue001"  # stand for what is kept while operators are replaced


def split_pieces(text: str) -> list[str]:
    """``text`` cut behind each mark at which a piece has SHORTEST_PIECE characters; joined they are the text."""
    pieces, begin = [], 0
    for place, character in enumerate(text, start=1):
        if character in MARKS and place - begin >= SHORTEST_PIECE and not _within_number(text, place):
            pieces.append(text[begin:place])
            begin = place
    return [*pieces, text[begin:]] if text[begin:] else pieces


def prepare_piece(piece: str) -> str:
    """``piece`` as the decoder knows it, in lower case; "" where nothing is left to say."""
    for token in DROPPED:
        piece = piece.replace(token, "")
    piece = piece.replace("**", " ").lower()
    piece = _NEGATIVE.sub(r"负\1", piece)
    piece = _NOTATION.sub(lambda match: NOTATIONS[match[0]], piece)
    piece = _INSIDE_WORD.sub(lambda match: _HIDDEN_HYPHEN if match[0] == "-" else _HIDDEN_SLASH, piece)
    piece = _OPERATOR.sub(lambda match: OPERATORS[match[0]], piece)
    piece = piece.replace(_HIDDEN_HYPHEN, "-").replace(_HIDDEN_SLASH, "/")
    for letter, name in GREEK.items():
        piece = piece.replace(letter, name + " ")
    piece = _PRODUCT.sub(r"\1乘\2", piece)
    piece = _POWER.sub(r"\1的\2次方", piece)
    return piece if any(character.isalnum() for character in piece) else ""


def _within_number(text: str, place: int) -> bool:
    """Whether the mark before ``place`` stands between two digits, as in 3.14."""
    return text[place - 1] in ",." and text[place - 2 : place - 1].isdigit() and text[place : place + 1].isdigit()
