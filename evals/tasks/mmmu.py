"""MMMU: college exams with pictures, 30 subjects, options and open questions.

Source: https://huggingface.co/datasets/lmms-lab/MMMU (validation 900). Licence: Apache-2.0.
Row: {"id": "validation_Art_1", "question": "Who painted <image 1>?", "options": "['Monet', 'Manet']", "answer": "A",
      "question_type": "multiple-choice", "subfield": "…", "image_1": …, …, "image_7": None}
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from evals.scorers import choice_letters, mmmu_answers
from evals.task import DataSource, ModelAnswer, Row, Scored, Scorer, Task, user_turn
from evals.task_totals import accuracy_total, right_or_wrong
from evals.tasks.choices import ASK_LETTER, ASK_WORD, letter_options, list_options
from vita.conversation import Turn

IMAGES = tuple(f"image_{number}" for number in range(1, 8))


def mmmu_options(row: Row) -> dict[str, str]:
    """Options by letter; empty for open questions."""
    given = row["options"]
    return letter_options(ast.literal_eval(given) if isinstance(given, str) else given)


def mmmu_prompt(row: Row, shots: Sequence[Row]) -> tuple[Turn, ...]:
    """Text with each picture where ``<image n>`` stands; pictures that are not named come first."""
    choices = mmmu_options(row)
    text = f"{row['question']}\n{list_options(choices)}\n{ASK_LETTER}" if choices else f"{row['question']}\n{ASK_WORD}"
    pieces = re.split(r"<image (\d)>", text)
    named = [f"image_{number}" for number in pieces[1::2]]
    first = [row[name] for name in IMAGES if name not in named and row.get(name) is not None]
    parts = [row.get(f"image_{piece}") if index % 2 else piece for index, piece in enumerate(pieces)]
    return user_turn(*first, *(part for part in parts if part is not None))


def mmmu_targets(row: Row) -> list[str]:
    """The right answers; several only for some open questions."""
    answer = row["answer"]
    if isinstance(answer, str) and answer.startswith("[") and not mmmu_options(row):
        answer = ast.literal_eval(answer)
    return [answer] if isinstance(answer, str) else [str(text) for text in answer]


def score_official(row: Row, answer: ModelAnswer) -> Scored:
    """MMMU's own parser; what it would draw at random is wrong."""
    choices = mmmu_options(row)
    if not choices:
        return right_or_wrong(answer.text.strip(), mmmu_answers.open_is_right(answer.text, mmmu_targets(row)))
    said = mmmu_answers.choice_letter(answer.text, choices)
    return right_or_wrong(said, said == row["answer"])


def score_vlmevalkit(row: Row, answer: ModelAnswer) -> Scored:
    """Open questions become a choice between the answer and "Other Answers"; no judge."""
    choices = mmmu_options(row)
    wanted = str(row["answer"]) if choices else "A"
    said = choice_letters.can_infer(answer.text, choices or {"A": mmmu_targets(row)[0], "B": "Other Answers"})
    return right_or_wrong(said, said == wanted)


def mmmu_labels(row: Row) -> list[str]:
    """The subject, out of ``validation_<Subject>_<n>``."""
    return ["_".join(str(row["id"]).split("_")[1:-1])]


TASK = Task(
    name="mmmu",
    title="MMMU val",
    ability="image",
    source=DataSource("lmms-lab/MMMU", "validation", "Apache-2.0", media=dict.fromkeys(IMAGES, "picture"), size=900),
    prompt=mmmu_prompt,
    target=lambda row: " | ".join(mmmu_targets(row)),
    scorers=(
        Scorer(
            "vlmevalkit",
            "VLMEvalKit (ms-vlmeval 0.0.20), no judge",
            score_vlmevalkit,
            accuracy_total("acc", mmmu_labels),
        ),
        Scorer(
            "official",
            "MMMU eval_utils @51ce7f3e, nothing at random",
            score_official,
            accuracy_total("acc", mmmu_labels),
        ),
    ),
    metric="acc",
    max_tokens=64,
    max_tiles=12,
)
TASKS = (TASK,)
