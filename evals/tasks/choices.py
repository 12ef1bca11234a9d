"""Multiple choice: how options are written down, and scorers that several tasks share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from evals.scorers import choice_letters
from evals.task import ModelAnswer, Row, Scored, Scorer
from evals.task_totals import Labels, accuracy_total, right_or_wrong

LETTERS = "ABCDEFGHIJ"
_HAN = re.compile(r"[一-鿿]")
ASK_LETTER = "\nAnswer with the option's letter from the given choices directly."
ASK_WORD = "\nAnswer the question using a single word or phrase."


def letter_options(options: Sequence[str]) -> dict[str, str]:
    """Options by letter."""
    return dict(zip(LETTERS, options, strict=False))


def list_options(options: Mapping[str, str]) -> str:
    """``A. …`` on a line each."""
    return "\n".join(f"{letter}. {text}" for letter, text in options.items())


def vita_prompt(question: str, options: Mapping[str, str], hint: str = "") -> str:
    """What VLMEvalKit asks VITA: hint, question, options, and how to answer in the question's language."""
    text = "\n".join(part for part in (hint, question, list_options(options)) if part)
    chinese = bool(_HAN.search(text))
    if options:
        return text + ("\n请直接回答选项字母。" if chinese else ASK_LETTER)
    return text + ("\n请直接回答问题。" if chinese else "\nAnswer the question directly.")


def by_letter(
    name: str, version: str, extract: Callable[[str], str], labels: Labels | None = None, macro: str = ""
) -> Scorer:
    """A scorer that reads one letter and compares it with the row's "answer"."""

    def score_row(row: Row, answer: ModelAnswer) -> Scored:
        said = extract(answer.text)
        return right_or_wrong(said, said == str(row["answer"]).strip())

    return Scorer(name, version, score_row, accuracy_total("acc", labels, macro))


def by_inference(options: Callable[[Row], Mapping[str, str]], labels: Labels | None = None, macro: str = "") -> Scorer:
    """VLMEvalKit without a judge: the letter, or the option's text; what only a judge could read is wrong."""

    def score_row(row: Row, answer: ModelAnswer) -> Scored:
        said = choice_letters.can_infer(answer.text, options(row))
        return right_or_wrong(said, said == str(row["answer"]).strip())

    return Scorer(
        "vlmevalkit",
        "VLMEvalKit (ms-vlmeval 0.0.20) can_infer, no judge",
        score_row,
        accuracy_total("acc", labels, macro),
    )
