"""MM-Vet: open questions about pictures, marked from 0 to 1 by a judge.

Source: https://huggingface.co/datasets/lmms-lab/MMVet (test 218). Licence: CC BY-NC 4.0.
Row: {"question_id": "v1_0", "image": …, "question": "What is x?", "answer": "-1<AND>-5", "capability": "ocr, math"}

In an answer all parts of ``<AND>`` are needed, one of ``<OR>`` is enough.
"""

from __future__ import annotations

import re

from evals.task import DataSource, ModelAnswer, Row, Scored, Scorer, Task, user_turn
from evals.task_totals import accuracy_total, right_or_wrong

_ASK = (
    "Compare the ground truth and the prediction of a question about a picture, and say how correct the prediction is: "
    "one of 0.0, 0.1, … 1.0, where 1.0 is wholly right. <AND> in the ground truth means that all parts are needed, "
    "<OR> that one is enough. Answer with the number only.\n\n"
    "Question: {question}\nGround truth: {answer}\nPrediction: {said}\nCorrectness:"
)


def contains_alternatives(answer: str, target: str) -> bool:
    """Whether one of the ``<OR>`` alternatives has all of its ``<AND>`` parts in the answer, but for case."""
    alternatives = [alternative.split("<AND>") for alternative in target.split("<OR>")]
    return any(all(part.strip().lower() in answer.lower() for part in parts) for parts in alternatives)


def score_contained(row: Row, answer: ModelAnswer) -> Scored:
    """Right or wrong without a judge."""
    return right_or_wrong(answer.text.strip(), contains_alternatives(answer.text, str(row["answer"])))


def judge_prompt(row: Row, answer: ModelAnswer) -> str:
    """The question to a judge."""
    return _ASK.format(question=row["question"], answer=row["answer"], said=answer.text)


def score_judged(row: Row, answer: ModelAnswer) -> Scored:
    """The judge's mark; an unreadable one is 0."""
    found = re.search(r"\b(?:0(?:\.\d+)?|1(?:\.0+)?)\b", answer.verdict or "")
    return Scored(found.group() if found else "", {"acc": float(found.group()) if found else 0.0}, unread=not found)


def mmvet_labels(row: Row) -> list[str]:
    """The abilities that a question needs."""
    return re.findall(r"rec|ocr|know|gen|spat|math", str(row["capability"]))


TASK = Task(
    name="mmvet",
    title="MM-Vet",
    ability="image",
    source=DataSource("lmms-lab/MMVet", "test", "CC BY-NC 4.0", media={"image": "picture"}, size=218),
    prompt=lambda row, shots: user_turn(row["image"], row["question"]),
    target=lambda row: str(row["answer"]),
    scorers=(
        Scorer(
            "contains",
            "all parts of the reference are in the answer, no judge",
            score_contained,
            accuracy_total("acc", mmvet_labels),
        ),
        Scorer(
            "judge",
            "a judge's mark 0..1 in the manner of MM-Vet",
            score_judged,
            accuracy_total("acc", mmvet_labels),
            ask=judge_prompt,
        ),
    ),
    metric="acc",
    max_tokens=512,
    note="Published numbers are a GPT judge's; only the judge scorer comes near them, and depends on its judge.",
)
TASKS = (TASK,)
