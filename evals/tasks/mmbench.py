"""MMBench: options in every rotation; a question is right only if all of its rotations are.

Source: https://huggingface.co/datasets/lmms-lab/MMBench (en and cn, dev 4329 with rotations; labels of test are
hidden). Licence: Apache-2.0.
Row: {"index": 1000241, "question": "Which is the main topic?", "hint": "nan", "A": "a dog", "B": "a cat", "C": "nan",
      "D": "nan", "answer": "A", "category": "identity_reasoning", "L2-category": "attribute_reasoning", "image": …}
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.scorers import choice_letters
from evals.scorers.sample_statistics import mean
from evals.task import Answer, Judged, Metric, Row, Scored, Scorer, Source, Task, user
from evals.task_totals import accuracy, average, right, split, unread
from evals.tasks.choices import vita_prompt
from vita.conversation import Turn


def _present(value: object) -> str:
    return "" if value is None or str(value) == "nan" else str(value)


def options(row: Row) -> dict[str, str]:
    """The two to four options that a row has."""
    return {letter: text for letter in "ABCD" if (text := _present(row.get(letter)))}


def question(row: Row) -> int:
    """Rotations of a question share this."""
    return int(row["index"]) % 1_000_000


def prompt(row: Row, shots: Sequence[Row]) -> tuple[Turn, ...]:
    """What VLMEvalKit asks VITA."""
    return user(row["image"], vita_prompt(row["question"], options(row), _present(row.get("hint"))))


def score(row: Row, answer: Answer) -> Scored:
    """The letter or text of one option; what only a judge could read is a miss."""
    said = choice_letters.can_infer(answer.text, options(row))
    return right(said, said == row["answer"])


def labels(row: Row) -> list[str]:
    """The ability that a question asks for."""
    return [str(row.get("L2-category") or row.get("category"))]


def circular(judged: Sequence[Judged]) -> dict[str, Metric]:
    """Share of questions of which every rotation is right."""
    found = {"acc": average(_whole(judged))}
    for label, items in split(judged, labels).items():
        found[f"acc/{label}"] = Metric(mean(_whole(items)), n=len(items))
    return found | unread(judged)


def _whole(judged: Sequence[Judged]) -> list[float]:
    groups = split(judged, lambda row: [str(question(row))])
    return [float(all(item.scored.values["acc"] for item in items)) for items in groups.values()]


def _task(language: str) -> Task:
    return Task(
        name=f"mmbench_{language}",
        title=f"MMBench {language.upper()} dev",
        ability="image",
        source=Source(
            "lmms-lab/MMBench", "dev", "Apache-2.0", configs=(language,), media={"image": "picture"}, size=4329
        ),
        prompt=prompt,
        target=lambda row: str(row["answer"]),
        scorers=(
            Scorer("circular", "VLMEvalKit (ms-vlmeval 0.0.20) circular, no judge", score, circular),
            Scorer("vanilla", "each rotation for itself, no judge", score, accuracy("acc", labels)),
        ),
        metric="acc",
        max_tokens=64,
        group=question,
        note="On dev, whose labels are open; published numbers are mostly of test.",
    )


TASKS = (_task("en"), _task("cn"))
