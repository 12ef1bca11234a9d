"""MMStar: questions that need the picture, six abilities with three sides each.

Source: https://huggingface.co/datasets/Lin-Chen/MMStar (val 1500). Licence: none stated.
Row: {"index": 0, "question": "Which is it?\\nOptions: A: dog, B: cat, C: cow, D: hen", "image": …, "answer": "A",
      "category": "coarse perception", "l2_category": "image scene and topic"}
"""

from __future__ import annotations

import re

from evals.scorers import choice_letters
from evals.task import DataSource, Row, Task, user_turn
from evals.tasks.choices import ASK_LETTER, by_inference, by_letter


def mmstar_options(row: Row) -> dict[str, str]:
    """The options, read out of the question's text."""
    return dict(
        re.findall(r"\b([A-D]): (.*?)(?=,? [B-D]: |\s*$)", str(row["question"]).split("Options:")[-1], re.DOTALL)
    )


def mmstar_labels(row: Row) -> list[str]:
    """Ability and side."""
    return [str(row["category"]), f"side:{row['l2_category']}"]


TASK = Task(
    name="mmstar",
    title="MMStar",
    ability="image",
    source=DataSource("Lin-Chen/MMStar", "val", "none stated", media={"image": "picture"}, size=1500),
    prompt=lambda row, shots: user_turn(row["image"], row["question"] + ASK_LETTER),
    target=lambda row: str(row["answer"]),
    scorers=(
        by_inference(mmstar_options, mmstar_labels, "side:"),
        by_letter(
            "first_option",
            "OpenCompass 0.5.4 first_option_postprocess",
            choice_letters.first_option,
            mmstar_labels,
            "side:",
        ),
    ),
    metric="acc",
    max_tokens=64,
    note="acc is over items as VLMEvalKit, acc_macro over the 18 sides as lmms-eval.",
)
TASKS = (TASK,)
