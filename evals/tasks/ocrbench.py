"""OCRBench v1: text in pictures, a point for each answer that holds the right text.

Source: https://huggingface.co/datasets/echo840/OCRBench (test 1000). No licence on the card.
Row: {"dataset": "IIIT5K", "question": "what is written in the image?", "question_type": "Regular Text Recognition",
      "answer": ["CENTRE"], "image": …}
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.scorers import text_answers
from evals.task import DataSource, Judged, Metric, ModelAnswer, Row, Scored, Scorer, Task, user_turn
from evals.task_totals import right_or_wrong, split_by_label

RECOGNITION = ("Regular", "Irregular", "Artistic", "Handwriting", "Digit String", "Non-Semantic")


def _target_texts(row: Row) -> list[str]:
    answer = row["answer"]
    return [answer] if isinstance(answer, str) else list(answer)


def ocrbench_category(row: Row) -> str:
    """One of five; the six kinds of plain recognition are one."""
    kind = str(row["question_type"])
    return "Text Recognition" if kind.startswith(RECOGNITION) else kind


def _ocrbench_scorer(name: str, version: str, fold: bool) -> Scorer:
    def score_row(row: Row, answer: ModelAnswer) -> Scored:
        return right_or_wrong(
            answer.text.strip(),
            text_answers.contains_target(answer.text, _target_texts(row), row["dataset"] == "HME100k", fold),
        )

    return Scorer(name, version, score_row, ocrbench_points)


def ocrbench_points(judged: Sequence[Judged]) -> dict[str, Metric]:
    """Points, one an item: 1000 over the whole set, 300 + 200 + 200 + 200 + 100 by category."""
    parts = {"ocrbench_score": list(judged)}
    parts |= {
        f"ocrbench_score/{name}": items
        for name, items in split_by_label(judged, lambda row: [ocrbench_category(row)]).items()
    }
    return {
        name: Metric(sum(item.scored.values["acc"] for item in items), None, "points", len(items))
        for name, items in parts.items()
    }


TASK = Task(
    name="ocrbench",
    title="OCRBench",
    ability="image",
    source=DataSource("echo840/OCRBench", "test", "none stated", media={"image": "picture"}, size=1000),
    prompt=lambda row, shots: user_turn(row["image"], row["question"].strip()),
    target=lambda row: " | ".join(_target_texts(row)),
    scorers=(
        _ocrbench_scorer("contains", "VLMEvalKit (ms-vlmeval 0.0.20) OCRBench", fold=False),
        _ocrbench_scorer("lmms-eval", "lmms-eval 0.7.3 ocrbench: full-width characters folded", fold=True),
    ),
    metric="ocrbench_score",
    scale=1.0,
    max_tokens=128,
    max_tiles=24,
    note="Upstream evaluates with 24 tiles; a checkpoint whose own bound is lower cuts pictures into fewer.",
)
TASKS = (TASK,)
