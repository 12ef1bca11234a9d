"""How well a model tells a question from what is not meant for it, by its state tokens. No peer scores this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vita.tokens import State

LABELS = (State.AUDIO_QUERY, State.NOISE, State.TEXT_QUERY)


@dataclass(frozen=True)
class StateReport:
    """Rates are 0..1; a rate whose denominator is empty is None.

    Attributes:
        confusion: [3, 4] counts; rows are the truth in LABELS' order, columns the prediction, the last "no token".
        false_wake: share of noise that was taken for a spoken question.
        missed_query: share of spoken questions that were taken for noise.
    """

    confusion: tuple[tuple[int, ...], ...]
    accuracy: float | None
    macro_f1: float
    false_wake: float | None
    missed_query: float | None
    no_token: float | None


def confusion_report(pairs: Sequence[tuple[State, State | None]]) -> StateReport:
    """Count (truth, prediction) pairs."""
    columns: tuple[State | None, ...] = (*LABELS, None)
    table = [[sum(pair == (truth, said) for pair in pairs) for said in columns] for truth in LABELS]
    right = sum(table[index][index] for index in range(3))
    audio, noise = LABELS.index(State.AUDIO_QUERY), LABELS.index(State.NOISE)
    return StateReport(
        confusion=tuple(map(tuple, table)),
        accuracy=_share_of(right, len(pairs)),
        macro_f1=_macro_f1(table),
        false_wake=_share_of(table[noise][audio], sum(table[noise])),
        missed_query=_share_of(table[audio][noise], sum(table[audio])),
        no_token=_share_of(sum(row[3] for row in table), len(pairs)),
    )


def _share_of(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _macro_f1(table: Sequence[Sequence[int]]) -> float:
    """Mean F1 over the states that occur in the truth."""
    scores = []
    for index, row in enumerate(table):
        said = sum(other[index] for other in table)
        if sum(row):
            scores.append(2 * row[index] / (sum(row) + said))
    return sum(scores) / len(scores) if scores else 0.0
