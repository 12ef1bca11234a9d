"""State tokens: is it a question by voice, noise that nobody addressed to the model, or a question by text?

Source: there is no public set; the bundled clips are ours, and a folder can be given. Licence of ours: CC0.
Row: {"audio": <16 kHz or absent>, "text": "a question or absent", "state": "audio_query" | "noise" | "text_query"}
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.scorers import state_confusion
from evals.task import DataSource, Judged, Metric, ModelAnswer, Row, Scored, Scorer, Task, user_turn
from evals.task_totals import mean_metric
from vita.conversation import Turn
from vita.tokens import State

_NONE = "no token"


def state_prompt(row: Row, shots: Sequence[Row]) -> tuple[Turn, ...]:
    """The sound, the text, or both."""
    return user_turn(*(row[name] for name in ("audio", "text") if row.get(name) is not None))


def state_score(row: Row, answer: ModelAnswer) -> Scored:
    """The state that the answer began with."""
    said = answer.state.name.lower() if answer.state else _NONE
    return Scored(said, {"acc": float(said == row["state"])}, unread=answer.state is None)


def state_metrics(judged: Sequence[Judged]) -> dict[str, Metric]:
    """Accuracy, macro F1, rates of false wakes and missed queries, and each cell of the confusion matrix."""
    pairs = [(State[item.row["state"].upper()], _state_named(item.scored.extracted)) for item in judged]
    found = state_confusion.confusion_report(pairs)
    numbers = {
        name: getattr(found, name) for name in ("accuracy", "macro_f1", "false_wake", "missed_query", "no_token")
    }
    metrics = {
        {"accuracy": "acc"}.get(name, name): Metric(
            value, n=len(pairs), higher_is_better=name in ("accuracy", "macro_f1")
        )
        for name, value in numbers.items()
        if value is not None
    }
    if judged:
        metrics["acc"] = mean_metric([item.scored.values["acc"] for item in judged])
    names = [state.name.lower() for state in state_confusion.LABELS]
    for truth, row in zip(names, found.confusion, strict=True):
        for said, count in zip([*names, _NONE], row, strict=True):
            metrics[f"confusion/{truth}/{said}"] = Metric(float(count), None, "points", count)
    return metrics


def _state_named(name: str) -> State | None:
    return None if name == _NONE or not name else State[name.upper()]


TASK = Task(
    name="state_tokens",
    title="State tokens",
    ability="interaction",
    source=DataSource("", "test", "CC0 (bundled clips)", media={"audio": "sound"}, how_to_get="No public set exists."),
    prompt=state_prompt,
    target=lambda row: str(row["state"]),
    scorers=(Scorer("confusion", "ours, 1", state_score, state_metrics),),
    metric="acc",
    max_tokens=8,
)
TASKS = (TASK,)
