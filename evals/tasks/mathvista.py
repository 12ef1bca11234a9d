"""MathVista: mathematics in pictures; options, whole numbers, decimals, lists.

Source: https://huggingface.co/datasets/AI4Math/MathVista (testmini 1000). Licence: CC BY-SA 4.0.
Row: {"pid": "1", "question": "How many?", "query": "Hint: Please answer … Question: How many?", "decoded_image": …,
      "choices": None, "precision": 1.0, "answer": "3", "question_type": "free_form", "answer_type": "integer",
      "metadata": {"task": "…", "skills": […]}}

The peers let a language model extract the answer. Without one the last number said, or the option inferred, is taken.
"""

from __future__ import annotations

from evals.scorers import choice_letters, number_answers
from evals.task import DataSource, ModelAnswer, Row, Scored, Scorer, Task, user_turn
from evals.task_totals import accuracy_total, right_or_wrong
from evals.tasks.choices import letter_options


def mathvista_score(row: Row, answer: ModelAnswer) -> Scored:
    """Judge-free rules by the type of answer that is asked for."""
    if row["choices"]:
        options = letter_options(row["choices"])
        said = options.get(choice_letters.can_infer(answer.text, options), "")
        return right_or_wrong(said, said == row["answer"])
    precision = int(row["precision"]) if row.get("precision") is not None else None
    said = number_answers.mathvista_typed(answer.text, row["answer_type"], precision)
    return right_or_wrong(
        said, said == number_answers.mathvista_typed(str(row["answer"]), row["answer_type"], precision)
    )


def score_prefetch(row: Row, answer: ModelAnswer) -> Scored:
    """What VLMEvalKit settles before it asks its judge: the whole answer is the number, or the option is clear."""
    if row["choices"]:
        return mathvista_score(row, answer)
    kinds = {"integer": int, "float": float}
    kind = kinds.get(row["answer_type"])
    try:
        return right_or_wrong(answer.text.strip(), kind is not None and kind(answer.text) == kind(row["answer"]))
    except ValueError:
        return right_or_wrong(None, False)


def mathvista_labels(row: Row) -> list[str]:
    """The kind of task and the skills."""
    metadata = row.get("metadata") or {}
    return [str(metadata.get("task", "other")), *map(str, metadata.get("skills", ()))]


TASK = Task(
    name="mathvista",
    title="MathVista testmini",
    ability="image",
    source=DataSource("AI4Math/MathVista", "testmini", "CC BY-SA 4.0", media={"decoded_image": "picture"}, size=1000),
    prompt=lambda row, shots: user_turn(row["decoded_image"], row["query"]),
    target=lambda row: str(row["answer"]),
    scorers=(
        Scorer(
            "rules",
            "last number or inferred option, no judge",
            mathvista_score,
            accuracy_total("acc", mathvista_labels),
        ),
        Scorer(
            "prefetch",
            "VLMEvalKit (ms-vlmeval 0.0.20) before its judge",
            score_prefetch,
            accuracy_total("acc", mathvista_labels),
        ),
    ),
    metric="acc",
    max_tokens=512,
    note="Published numbers use a judge to extract answers; these rules may read fewer.",
)
TASKS = (TASK,)
