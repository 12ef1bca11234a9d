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
from evals.task import Answer, Row, Scored, Scorer, Source, Task, user
from evals.task_totals import accuracy, right
from evals.tasks.choices import ASK_LETTER, ASK_WORD, lettered, listed
from vita.conversation import Turn

IMAGES = tuple(f"image_{number}" for number in range(1, 8))


def options(row: Row) -> dict[str, str]:
    """Options by letter; empty for open questions."""
    given = row["options"]
    return lettered(ast.literal_eval(given) if isinstance(given, str) else given)


def prompt(row: Row, shots: Sequence[Row]) -> tuple[Turn, ...]:
    """Text with each picture where ``<image n>`` stands; pictures that are not named come first."""
    choices = options(row)
    text = f"{row['question']}\n{listed(choices)}\n{ASK_LETTER}" if choices else f"{row['question']}\n{ASK_WORD}"
    pieces = re.split(r"<image (\d)>", text)
    named = [f"image_{number}" for number in pieces[1::2]]
    first = [row[name] for name in IMAGES if name not in named and row.get(name) is not None]
    parts = [row.get(f"image_{piece}") if index % 2 else piece for index, piece in enumerate(pieces)]
    return user(*first, *(part for part in parts if part is not None))


def targets(row: Row) -> list[str]:
    """The right answers; several only for some open questions."""
    answer = row["answer"]
    if isinstance(answer, str) and answer.startswith("[") and not options(row):
        answer = ast.literal_eval(answer)
    return [answer] if isinstance(answer, str) else [str(text) for text in answer]


def score_official(row: Row, answer: Answer) -> Scored:
    """MMMU's own parser; what it would draw at random is wrong."""
    choices = options(row)
    if not choices:
        return right(answer.text.strip(), mmmu_answers.open_is_right(answer.text, targets(row)))
    said = mmmu_answers.choice(answer.text, choices)
    return right(said, said == row["answer"])


def score_vlmevalkit(row: Row, answer: Answer) -> Scored:
    """Open questions become a choice between the answer and "Other Answers"; no judge."""
    choices = options(row)
    wanted = str(row["answer"]) if choices else "A"
    said = choice_letters.can_infer(answer.text, choices or {"A": targets(row)[0], "B": "Other Answers"})
    return right(said, said == wanted)


def labels(row: Row) -> list[str]:
    """The subject, out of ``validation_<Subject>_<n>``."""
    return ["_".join(str(row["id"]).split("_")[1:-1])]


TASK = Task(
    name="mmmu",
    title="MMMU val",
    ability="image",
    source=Source("lmms-lab/MMMU", "validation", "Apache-2.0", media=dict.fromkeys(IMAGES, "picture"), size=900),
    prompt=prompt,
    target=lambda row: " | ".join(targets(row)),
    scorers=(
        Scorer("vlmevalkit", "VLMEvalKit (ms-vlmeval 0.0.20), no judge", score_vlmevalkit, accuracy("acc", labels)),
        Scorer("official", "MMMU eval_utils @51ce7f3e, nothing at random", score_official, accuracy("acc", labels)),
    ),
    metric="acc",
    max_tokens=64,
    max_tiles=12,
)
TASKS = (TASK,)
