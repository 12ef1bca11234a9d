"""MME: pairs of yes-or-no questions about pictures, one of each pair to be answered yes.

Source: https://huggingface.co/datasets/lmms-lab/MME (test 2374). No licence on the card; for research.
Row: {"question_id": "existence/1.png", "image": …, "question": "Is there a dog? Please answer yes or no.",
      "answer": "Yes", "category": "existence"}
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evals.scorers import yes_no_answers
from evals.task import DataSource, Judged, Metric, ModelAnswer, Row, Scored, Scorer, Task, user_turn
from evals.task_totals import right_or_wrong, unread_share
from evals.tasks.choices import ASK_WORD
from vita.conversation import Turn

_UNREAD = ("other", "unknown")


def mme_prompt(row: Row, shots: Sequence[Row]) -> tuple[Turn, ...]:
    """lmms-eval's: the question without its own request, then its own."""
    return user_turn(row["image"], row["question"].replace(" Please answer yes or no.", "").strip() + ASK_WORD)


def _mme_scorer(name: str, version: str, label: Callable[[str], str]) -> Scorer:
    def score_row(row: Row, answer: ModelAnswer) -> Scored:
        said = label(answer.text).lower()
        return right_or_wrong(
            None if said in _UNREAD else said, said == str(row["answer"]).lower().strip().replace(".", "")
        )

    return Scorer(name, version, score_row, mme_points)


def mme_points(judged: Sequence[Judged]) -> dict[str, Metric]:
    """Points: the sum of at most 2800, perception of 2000, cognition of 800, each category of 200."""
    categories = yes_no_answers.mme_categories(
        (item.row["category"], item.row["question_id"], item.scored.values["acc"]) for item in judged
    )
    perception, cognition = yes_no_answers.mme_sums(categories)
    points = {"mme_score": perception + cognition, "mme_perception_score": perception, "mme_cognition_score": cognition}
    points |= {f"mme_score/{name}": value for name, value in categories.items()}
    return {name: Metric(value, None, "points", len(judged)) for name, value in points.items()} | unread_share(judged)


TASK = Task(
    name="mme",
    title="MME",
    ability="image",
    source=DataSource("lmms-lab/MME", "test", "none stated, for research", media={"image": "picture"}, size=2374),
    prompt=mme_prompt,
    target=lambda row: str(row["answer"]),
    scorers=(
        _mme_scorer("lmms-eval", "lmms-eval 0.7.3 mme", yes_no_answers.mme_label),
        _mme_scorer("vlmevalkit", "VLMEvalKit (ms-vlmeval 0.0.20) YOrN_Extraction", yes_no_answers.vlmevalkit_label),
    ),
    metric="mme_score",
    scale=1.0,
    max_tokens=16,
    group=lambda row: (row["category"], row["question_id"]),
    note="A run of some categories only sums up less than 2800.",
)
TASKS = (TASK,)
