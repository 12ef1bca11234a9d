"""Cut an answer that arrives in pieces into clauses for the voice; the first one early, so that it sounds soon."""

from __future__ import annotations

import re

# Characters from which a comma may end the first, the second and later clauses (a Chinese one weighs three times as
# much): longer ones sound better, and each clause must be there before the one before it has been said.
ENOUGH = (12, 24, 40, 60)
# Characters, likewise: longer ones end between two words, because a slow model must not keep the first sound waiting
# for the end of a long sentence, and because what is being synthesised cannot be stopped half way. A voice says 15
# characters a second, two cores write 45: each clause may be about twice as long as the one before.
LONGEST = (30, 56, 100, 160)

_FENCE = re.compile(r"```")
_STRONG = re.compile(r"[.!?…]+[\"'”’)\]*_]*(?=\s)|[。！？；]+[”’）」]*|\n+")
_WEAK = re.compile(r"[,;:–—][\"'”’)\]]*(?=\s)|[，：、]+")
_ABBREVIATION = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|etc|approx|No|Fig|e\.g|i\.e)|\b[A-Z]|^\s*\d+)\.$")
_JOINT = re.compile(r" (?=(?:and|but|or|that|which|who|because|when|where|if|as|in|on|at|with|for|to|of|from|by) )")
_WIDE = re.compile(r"[\u3040-\u9fff\uf900-\ufaff\uff00-\uffef]")


class ClauseSplitter:
    """Text goes in as it is generated, clauses come out; joined again they are the text, to the letter."""

    def __init__(self) -> None:
        self._text = ""
        self._given = 0  # clauses so far

    def feed_text(self, text: str) -> list[str]:
        """The clauses that ``text`` completes."""
        self._text += text
        clauses = []
        while size := self._clause_size():
            clauses.append(self._take_clause(size))
        return clauses

    def flush_rest(self) -> list[str]:
        """What is left when the answer is over."""
        return [self._take_clause(len(self._text))] if self._text else []

    def _take_clause(self, size: int) -> str:
        clause, self._text = self._text[:size], self._text[size:]
        self._given += bool(clause.strip())
        return clause

    def _clause_size(self) -> int:
        """Length of the first clause, 0 while it may still grow."""
        fence = _FENCE.search(self._text)
        if fence and not self._text[: fence.start()].strip():
            return self._fenced_end(fence.end())
        plain = self._text[: fence.start()] if fence else self._text
        ends = [end for end in (self._strong_end(plain), self._weak_end(plain)) if end]
        return min(ends, default=0) or self._long_end(plain) or (fence.start() if fence else 0)

    def _fenced_end(self, inside: int) -> int:
        """A block of code is one clause, whole."""
        end = _FENCE.search(self._text, inside)
        return end.end() if end else 0

    def _strong_end(self, text: str) -> int:
        for match in _STRONG.finditer(text):
            head = text[: match.end()]
            at_end = match.end() == len(text) and not head.endswith("\n")
            if head.strip() and not _ABBREVIATION.search(head) and not (at_end and _WIDE.search(head[-1]) is None):
                return match.end()
        return 0

    def _weak_end(self, text: str) -> int:
        enough = _limit_at(ENOUGH, self._given)
        for match in _WEAK.finditer(text):
            if _text_weight(text[: match.end()]) >= enough:
                return match.end()
        return 0

    def _long_end(self, text: str) -> int:
        longest = _limit_at(LONGEST, self._given)
        if _text_weight(text) <= longest:
            return 0
        joints = [match.start() + 1 for match in _JOINT.finditer(text, longest // 3, longest)]
        space = text.rfind(" ", 1, longest) + 1
        return max(joints, default=0) or space or min(len(text), longest // 3)


def _limit_at(limits: tuple[int, ...], given: int) -> int:
    return limits[min(given, len(limits) - 1)]


def _text_weight(text: str) -> int:
    return len(text) + 2 * len(_WIDE.findall(text))
