"""GSM8K: grade school mathematics in words.

Source: https://huggingface.co/datasets/openai/gsm8k, config main (test 1319, train 7473 for examples). Licence: MIT.
Row: {"question": "Tom has 2 pens and buys 3. How many has he?", "answer": "2+3=<<2+3=5>>5 pens.\\n#### 5"}
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evals.scorers import number_answers
from evals.task import DataSource, ModelAnswer, Row, Scored, Scorer, Task, user_turn
from evals.task_totals import accuracy_total, right_or_wrong
from vita.conversation import Turn


def gsm8k_prompt(row: Row, shots: Sequence[Row]) -> tuple[Turn, ...]:
    """lm-eval's gsm8k: examples with their whole solutions, then the question."""
    shown = "".join(f"Question: {shot['question']}\nAnswer: {shot['answer']}\n\n" for shot in shots)
    return user_turn(f"{shown}Question: {row['question']}\nAnswer:")


def gsm8k_target(row: Row) -> str:
    """The number behind ``####``."""
    return str(row["answer"]).split("#### ")[-1]


def _number_scorer(
    name: str, version: str, extract: Callable[[str], str], equal: Callable[[str, str], bool], nothing: str
) -> Scorer:
    def score_row(row: Row, answer: ModelAnswer) -> Scored:
        said = extract(answer.text)
        return right_or_wrong(None if said == nothing else said, equal(said, row["answer"]), "exact_match")

    return Scorer(name, version, score_row, accuracy_total("exact_match"))


TASK = Task(
    name="gsm8k",
    title="GSM8K",
    ability="language",
    source=DataSource("openai/gsm8k", "test", "MIT", configs=("main",), shots="train", size=1319),
    prompt=gsm8k_prompt,
    target=gsm8k_target,
    scorers=(
        _number_scorer(
            "flexible-extract",
            "lm-eval 0.4.13 gsm8k",
            number_answers.gsm8k_flexible,
            number_answers.gsm8k_equal,
            number_answers.INVALID,
        ),
        _number_scorer(
            "strict-match",
            "lm-eval 0.4.13 gsm8k",
            number_answers.gsm8k_strict,
            number_answers.gsm8k_equal,
            number_answers.INVALID,
        ),
        _number_scorer(
            "opencompass",
            "OpenCompass 0.5.4",
            number_answers.gsm8k_opencompass,
            number_answers.gsm8k_opencompass_equal,
            "NULL",
        ),
    ),
    metric="exact_match",
    max_tokens=256,
    shots=5,
    until=("Question:", "</s>", "<|im_end|>"),
)
TASKS = (TASK,)
