"""MMBench: options in every rotation; a question is right only if all of its rotations are.

Source: https://huggingface.co/datasets/lmms-lab/MMBench (en and cn, dev 4329 with rotations; labels of test are
hidden). Licence: Apache-2.0.
Row: {"index": 1000241, "question": "Which is the main topic?", "hint": "nan", "A": "a dog", "B": "a cat", "C": "nan",
      "D": "nan", "answer": "A", "category": "identity_reasoning", "L2-category": "attribute_reasoning", "image": …}
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.scorers import choice_letters
from evals.scorers.sample_statistics import mean_of
from evals.task import DataSource, Judged, Metric, ModelAnswer, Row, Scored, Scorer, Task, user_turn
from evals.task_totals import accuracy_total, mean_metric, right_or_wrong, split_by_label, unread_share
from evals.tasks.choices import vita_prompt
from vita.conversation import Turn


def _is_present(value: object) -> str:
    return "" if value is None or str(value) == "nan" else str(value)


def mmbench_options(row: Row) -> dict[str, str]:
    """The two to four options that a row has."""
    return {letter: text for letter in "ABCD" if (text := _is_present(row.get(letter)))}


def question_id(row: Row) -> int:
    """Rotations of a question share this."""
    return int(row["index"]) % 1_000_000


def mmbench_prompt(row: Row, shots: Sequence[Row]) -> tuple[Turn, ...]:
    """What VLMEvalKit asks VITA."""
    return user_turn(row["image"], vita_prompt(row["question"], mmbench_options(row), _is_present(row.get("hint"))))


def mmbench_score(row: Row, answer: ModelAnswer) -> Scored:
    """The letter or text of one option; what only a judge could read is a miss."""
    said = choice_letters.can_infer(answer.text, mmbench_options(row))
    return right_or_wrong(said, said == row["answer"])


def mmbench_labels(row: Row) -> list[str]:
    """The ability that a question asks for."""
    return [str(row.get("L2-category") or row.get("category"))]


def circular_accuracy(judged: Sequence[Judged]) -> dict[str, Metric]:
    """Share of questions of which every rotation is right."""
    found = {"acc": mean_metric(_is_whole(judged))}
    for label, items in split_by_label(judged, mmbench_labels).items():
        found[f"acc/{label}"] = Metric(mean_of(_is_whole(items)), n=len(items))
    return found | unread_share(judged)


def _is_whole(judged: Sequence[Judged]) -> list[float]:
    groups = split_by_label(judged, lambda row: [str(question_id(row))])
    return [float(all(item.scored.values["acc"] for item in items)) for items in groups.values()]


def _language_task(language: str) -> Task:
    return Task(
        name=f"mmbench_{language}",
        title=f"MMBench {language.upper()} dev",
        ability="image",
        source=DataSource(
            "lmms-lab/MMBench", "dev", "Apache-2.0", configs=(language,), media={"image": "picture"}, size=4329
        ),
        prompt=mmbench_prompt,
        target=lambda row: str(row["answer"]),
        scorers=(
            Scorer("circular", "VLMEvalKit (ms-vlmeval 0.0.20) circular, no judge", mmbench_score, circular_accuracy),
            Scorer(
                "vanilla", "each rotation for itself, no judge", mmbench_score, accuracy_total("acc", mmbench_labels)
            ),
        ),
        metric="acc",
        max_tokens=64,
        group=question_id,
        note="On dev, whose labels are open; published numbers are mostly of test.",
    )


TASKS = (_language_task("en"), _language_task("cn"))
