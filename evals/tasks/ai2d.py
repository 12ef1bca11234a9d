"""AI2D: questions about diagrams of school science.

Source: https://huggingface.co/datasets/lmms-lab/ai2d (test 3088). Licence: CC BY-SA 4.0.
Row: {"question": "Which eats grass?", "options": ["fox", "hare", "owl", "pike"], "answer": "1", "image": …}
"""

from __future__ import annotations

import re

from evals.scorers import choice_letters
from evals.task import Answer, Row, Scored, Scorer, Source, Task, user
from evals.task_totals import accuracy, right
from evals.tasks.choices import LETTERS, lettered, vita_prompt


def target(row: Row) -> str:
    """The letter."""
    return LETTERS[int(row["answer"])]


def score(row: Row, answer: Answer) -> Scored:
    """VLMEvalKit's inference, no judge."""
    said = choice_letters.can_infer(answer.text, lettered(row["options"]))
    return right(said, said == target(row))


def score_lmms(row: Row, answer: Answer) -> Scored:
    """lmms-eval: a letter with a full stop in front, else the whole answer, but for case and punctuation."""
    match = re.match(r"\s*([A-Z])\.", answer.text)
    said = match.group(1) if match else answer.text.strip()
    return right(said, choice_letters.loosely_equal(said, target(row)))


TASK = Task(
    name="ai2d",
    title="AI2D",
    ability="image",
    source=Source("lmms-lab/ai2d", "test", "CC BY-SA 4.0", media={"image": "picture"}, size=3088),
    prompt=lambda row, shots: user(row["image"], vita_prompt(row["question"], lettered(row["options"]))),
    target=target,
    scorers=(
        Scorer("vlmevalkit", "VLMEvalKit (ms-vlmeval 0.0.20) can_infer, no judge", score, accuracy()),
        Scorer("lmms-eval", "lmms-eval 0.7.3 ai2d", score_lmms, accuracy()),
    ),
    metric="acc",
    max_tokens=32,
)
TASKS = (TASK,)
