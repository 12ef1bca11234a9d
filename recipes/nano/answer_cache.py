"""An evaluation that may be killed: what the model said is written down at once and not asked again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from tqdm import tqdm

from evals.synthetic.noises import Samples
from recipes.nano.direct_model import LENGTH
from vita.conversation import Part
from vita.json_lines import JsonLinesFile
from vita.media import Clip, Picture, Sound, digest
from vita.tokens import State


class Answerer(Protocol):
    """What is evaluated, see ``recipes.nano.direct_model.DirectNano``."""

    def transcribe(self, samples: Samples) -> str: ...
    def decide(self, parts: Sequence[Part]) -> State: ...
    def answer(self, *parts: Part, length: int = LENGTH) -> str: ...
    def original_answer(self, text: str, length: int = LENGTH) -> str: ...


class AnswerCache:
    """An answerer whose answers are kept in a file, one JSON line each, under a digest of what was asked.

    Attributes:
        bar: counts the answers; whoever evaluates sets what it says.
    """

    def __init__(self, answerer: Callable[[], Answerer], path: Path | None, name: str) -> None:
        """Read what an earlier run has left.

        Args:
            answerer: loads the model, called when something is asked that is not known yet.
            path: of the file; None keeps nothing.
            name: of the checkpoint: another one's answers are not taken for this one's.
        """
        self._load, self._name = answerer, name
        self._answerer: Answerer | None = None
        self._lines = JsonLinesFile(path) if path else None
        self._known: dict[str, str] = {}
        for line in self._lines.read_values() if self._lines else ():
            self._known |= line
        self.bar = tqdm(unit=" answers", mininterval=5)

    def transcribe(self, samples: Samples) -> str:
        """The recogniser's own words."""
        return self._recall_answer(("transcribe", Sound(samples)), lambda model: model.transcribe(samples))

    def decide(self, parts: Sequence[Part]) -> State:
        """The likeliest of the state tokens for one user's turn."""
        return State[self._recall_answer(("decide", *parts), lambda model: model.decide(parts).name)]

    def answer(self, *parts: Part, length: int = LENGTH) -> str:
        """The answer to one user's turn."""
        return self._recall_answer((f"answer {length}", *parts), lambda model: model.answer(*parts, length=length))

    def original_answer(self, text: str, length: int = LENGTH) -> str:
        """What the unchanged language model answers."""
        return self._recall_answer((f"original {length}", text), lambda model: model.original_answer(text, length))

    def ask(self, shown: Picture | Clip, question: str) -> str:
        """The answer to a question about a picture or a clip."""
        return self.answer(shown, question)

    def _recall_answer(self, asked: Sequence[Part], say: Callable[[Answerer], str]) -> str:
        parts = [part if isinstance(part, str) else digest(part) for part in asked]
        key = hashlib.sha256(json.dumps([self._name, *parts]).encode()).hexdigest()[:24]
        if key not in self._known:
            self._answerer = self._answerer or self._load()
            self._known[key] = say(self._answerer)
            if self._lines:
                self._lines.append_values([{key: self._known[key]}])
        self.bar.update()
        return self._known[key]
