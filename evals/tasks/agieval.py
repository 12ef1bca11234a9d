"""AGIEval: 21 sets of entrance and licence exams, Chinese and English, zero-shot.

Source: https://huggingface.co/datasets/hails/agieval-<set> (test), made from https://github.com/ruixiangcui/AGIEval.
Licence: MIT for the repository; cite the component sets; JEC-QA asks to be requested from its authors.
Row: {"query": "Q: What is 2+2? Answer Choices: (A)3 (B)4\\nA: Among A through B, the answer is",
      "choices": ["(A)3", "(B)4"], "gold": [1]}; the cloze sets have "answer" in place of "choices" and "gold".
"""

from __future__ import annotations

from evals.scorers import choice_letters, number_answers
from evals.task import DataSource, ModelAnswer, Row, Scored, Scorer, Task, user_turn
from evals.task_rows import PART
from evals.task_totals import accuracy_total, right_or_wrong

CHINESE = (
    "gaokao-biology", "gaokao-chemistry", "gaokao-chinese", "gaokao-geography", "gaokao-history", "gaokao-mathcloze",
    "gaokao-mathqa", "gaokao-physics", "jec-qa-ca", "jec-qa-kd", "logiqa-zh",
)  # fmt: skip
ENGLISH = (
    "aqua-rat", "gaokao-english", "logiqa-en", "lsat-ar", "lsat-lr", "lsat-rc", "math", "sat-en",
    "sat-en-without-passage", "sat-math",
)  # fmt: skip
MULTIPLE = ("jec-qa-kd", "jec-qa-ca", "gaokao-physics")
CLOZE = ("math", "gaokao-mathcloze")


def agieval_part(row: Row) -> str:
    """Which of the 21 sets a row is from."""
    return str(row[PART])


def agieval_target(row: Row) -> str:
    """The letters, or the answer to fill in."""
    if agieval_part(row) in CLOZE:
        return str(row["answer"])
    return "".join("ABCDEFG"[index] for index in row["gold"])


def agieval_choices(row: Row) -> tuple[str, ...]:
    """The letters of a set with one right answer; none for the others."""
    is_single = agieval_part(row) not in (*MULTIPLE, *CLOZE)
    return tuple("ABCDEFG"[: len(row["choices"])]) if is_single else ()


def score_official(row: Row, answer: ModelAnswer) -> Scored:
    """The authors' zero-shot rules: a letter, a set of letters, or a formula that is compared with the row's text."""
    if agieval_part(row) in CLOZE:
        said = number_answers.agieval_cloze(answer.text)
        return right_or_wrong(said, number_answers.math_equal(said, agieval_target(row)))
    return _score_letters(row, answer)


def score_lm_eval(row: Row, answer: ModelAnswer) -> Scored:
    """The authors' rules for letters; a formula is compared as lm-eval does, the row's text parsed like the answer.

    Many rows write their answer between dollars, which no answer equals as it stands.
    """
    if agieval_part(row) in CLOZE:
        return right_or_wrong(
            number_answers.parsed_formula(answer.text), number_answers.cloze_equal(answer.text, agieval_target(row))
        )
    return _score_letters(row, answer)


def _score_letters(row: Row, answer: ModelAnswer) -> Scored:
    if agieval_part(row) in MULTIPLE:
        several = choice_letters.agieval_multiple(answer.text)
        return right_or_wrong("".join(several), bool(several) and set(several) == set(agieval_target(row)))
    letter = choice_letters.agieval_single(answer.text)
    return right_or_wrong(letter, bool(letter) and letter in agieval_target(row))


def agieval_labels(row: Row) -> list[str]:
    """The language and the set."""
    return ["cn" if agieval_part(row) in CHINESE else "en", f"set:{agieval_part(row)}"]


TASK = Task(
    name="agieval",
    title="AGIEval",
    ability="language",
    source=DataSource(
        "hails/agieval-*", "test", "MIT (component sets have their own terms)", configs=(*CHINESE, *ENGLISH)
    ),
    prompt=lambda row, shots: user_turn(row["query"]),
    target=agieval_target,
    scorers=(
        Scorer(
            "lm-eval",
            "ruixiangcui/AGIEval zero-shot post_process; cloze as lm-eval 0.4.13: $…$ and boxes parsed on both sides",
            score_lm_eval,
            accuracy_total("acc", agieval_labels, macro="set:"),
        ),
        Scorer(
            "official",
            "ruixiangcui/AGIEval zero-shot post_process; cloze answers compared with the row's text as it stands",
            score_official,
            accuracy_total("acc", agieval_labels, macro="set:"),
        ),
    ),
    metric="acc_macro",
    letters=agieval_choices,
    max_tokens=64,
    note="The paper does not say whether its number weighs sets by size; acc, acc_macro, cn and en are all given.",
)
TASKS = (TASK,)
