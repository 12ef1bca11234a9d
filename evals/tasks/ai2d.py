"""AI2D: questions about diagrams of school science.

Source: https://huggingface.co/datasets/lmms-lab/ai2d (test 3088). Licence: CC BY-SA 4.0.
Row: {"question": "Which eats grass?", "options": ["fox", "hare", "owl", "pike"], "answer": "1", "image": …}
"""

from __future__ import annotations

import re

from evals.scorers import choice_letters
from evals.task import DataSource, ModelAnswer, Row, Scored, Scorer, Task, user_turn
from evals.task_totals import accuracy_total, right_or_wrong
from evals.tasks.choices import LETTERS, letter_options, vita_prompt


def ai2d_target(row: Row) -> str:
    """The letter."""
    return LETTERS[int(row["answer"])]


def ai2d_score(row: Row, answer: ModelAnswer) -> Scored:
    """VLMEvalKit's inference, no judge."""
    said = choice_letters.can_infer(answer.text, letter_options(row["options"]))
    return right_or_wrong(said, said == ai2d_target(row))


def score_lmms(row: Row, answer: ModelAnswer) -> Scored:
    """lmms-eval: a letter with a full stop in front, else the whole answer, but for case and punctuation."""
    match = re.match(r"\s*([A-Z])\.", answer.text)
    said = match.group(1) if match else answer.text.strip()
    return right_or_wrong(said, choice_letters.loosely_equal(said, ai2d_target(row)))


TASK = Task(
    name="ai2d",
    title="AI2D",
    ability="image",
    source=DataSource("lmms-lab/ai2d", "test", "CC BY-SA 4.0", media={"image": "picture"}, size=3088),
    prompt=lambda row, shots: user_turn(row["image"], vita_prompt(row["question"], letter_options(row["options"]))),
    target=ai2d_target,
    scorers=(
        Scorer("vlmevalkit", "VLMEvalKit (ms-vlmeval 0.0.20) can_infer, no judge", ai2d_score, accuracy_total()),
        Scorer("lmms-eval", "lmms-eval 0.7.3 ai2d", score_lmms, accuracy_total()),
    ),
    metric="acc",
    max_tokens=32,
)
TASKS = (TASK,)
