"""HallusionBench: yes-or-no questions about figures that invite to see what is not there.

Source: https://huggingface.co/datasets/lmms-lab/HallusionBench (image 951). Licence: BSD 3-Clause.
Row: {"category": "VD", "subcategory": "chart", "visual_input": "1", "set_id": "0", "figure_id": "0",
      "question_id": "0", "question": "Is the line longer?", "gt_answer": "1", "image": …}
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.scorers import yes_no_answers
from evals.task import DataSource, Judged, Metric, ModelAnswer, Row, Scored, Scorer, Task, user_turn
from evals.task_totals import right_or_wrong, split_by_label, unread_share
from evals.tasks.choices import ASK_WORD
from vita.conversation import Turn


def hallusionbench_prompt(row: Row, shots: Sequence[Row]) -> tuple[Turn, ...]:
    """What VLMEvalKit asks VITA."""
    return user_turn(row["image"], f"{row['question']} Please answer yes or no.{ASK_WORD.replace(chr(10), ' ')}")


def hallusionbench_target(row: Row) -> str:
    """Yes or No."""
    return "Yes" if str(row["gt_answer"]) == "1" else "No"


def hallusionbench_score(row: Row, answer: ModelAnswer) -> Scored:
    """Just one of the two words, anywhere."""
    said = yes_no_answers.vlmevalkit_label(answer.text)
    return right_or_wrong(None if said == "Unknown" else said, said == hallusionbench_target(row))


def _grouped_percentages(judged: Sequence[Judged], with_category: bool) -> dict[str, float]:
    """Percent of questions, of figures and of questions over all their figures that are right, and their mean."""
    scores = [(item.row, item.scored.values["acc"]) for item in judged]

    def grouped_percent(number: str) -> float:
        keys = ("category", "subcategory", "set_id", number) if with_category else ("subcategory", "set_id", number)
        counted = [one for one in scores if not (with_category and number == "figure_id" and _has_no_figure(one[0]))]
        return yes_no_answers.share_all_right((tuple(str(row[key]) for key in keys), value) for row, value in counted)

    all_right = 100.0 * sum(value for _, value in scores) / len(scores) if scores else 0.0
    found = {"aAcc": all_right, "fAcc": grouped_percent("figure_id"), "qAcc": grouped_percent("question_id")}
    return found | {"average": sum(found.values()) / 3}


def _has_no_figure(row: Row) -> bool:
    """A question of VS that is asked without its figure; the official code counts it for no figure."""
    return str(row["category"]) == "VS" and str(row["figure_id"]) == "0"


def _grouping_scorer(name: str, version: str, with_category: bool) -> Scorer:
    def total_groups(judged: Sequence[Judged]) -> dict[str, Metric]:
        found = _grouped_percentages(judged, with_category)
        for part, items in split_by_label(judged, lambda row: [row["category"], row["subcategory"]]).items():
            found[f"average/{part}"] = _grouped_percentages(items, with_category)["average"]
        return {key: Metric(value, None, "%", len(judged)) for key, value in found.items()} | unread_share(judged)

    return Scorer(name, version, hallusionbench_score, total_groups)


TASK = Task(
    name="hallusionbench",
    title="HallusionBench",
    ability="image",
    source=DataSource("lmms-lab/HallusionBench", "image", "BSD 3-Clause", media={"image": "picture"}, size=951),
    prompt=hallusionbench_prompt,
    target=hallusionbench_target,
    scorers=(
        _grouping_scorer(
            "vlmevalkit", "VLMEvalKit (ms-vlmeval 0.0.20) exact matching, groups without VD/VS", with_category=False
        ),
        _grouping_scorer(
            "grouped_by_category",
            "as vlmevalkit, groups of the official code: VD and VS kept apart, VS without its figure in no fAcc",
            with_category=True,
        ),
    ),
    metric="average",
    scale=1.0,
    max_tokens=32,
)
TASKS = (TASK,)
