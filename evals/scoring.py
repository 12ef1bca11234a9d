"""From records to numbers: pure, so that a finished run can be scored again by another scorer."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.item_runner import answer_of
from evals.run_journal import ItemRecord
from evals.scorers.sample_statistics import mean_of, normal_interval, percentile_of, share_interval
from evals.task import Judged, Metric, Scored, Scorer, Task

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TaskResult:
    """A task's numbers under one scorer.

    Attributes:
        scored: what each record scored, in the records' order.
        errors: why each record got no answer or could not be scored, "" where neither. An item without an answer
            scores as missed; one whose row nobody can score, not even that, is missing from the metrics.
    """

    task: Task
    scorer: Scorer
    metrics: Mapping[str, Metric]
    scored: Sequence[Scored]
    records: Sequence[ItemRecord]
    errors: Sequence[str]

    @property
    def failed_items(self) -> int:
        """Items without an answer or a score."""
        return sum(map(bool, self.errors))

    @property
    def headline_metric(self) -> str:
        """Name of the number that stands for the task; the scorer's first where it does not give the task's own."""
        return self.task.metric if self.task.metric in self.metrics else next(iter(self.metrics))

    @property
    def headline_value(self) -> Metric:
        """That number in its published unit."""
        metric, scale = self.metrics[self.headline_metric], self._headline_scale
        error = None if metric.stderr is None else metric.stderr * scale
        return Metric(metric.value * scale, error, metric.unit, metric.n, metric.higher_is_better)

    @property
    def headline_interval(self) -> tuple[float, float] | None:
        """The headline's 95 % interval; None for sums and means over parts, whose error is not known."""
        metric = self.metrics[self.headline_metric]
        if metric.stderr is None:
            return None
        if metric.unit == "fraction":
            low, high = share_interval(metric.value, metric.n)
            return low * self._headline_scale, high * self._headline_scale
        low, high = normal_interval(self.headline_value.value, self.headline_value.stderr or 0.0)
        return max(0.0, low), high  # none of our numbers can be below 0

    @property
    def _headline_scale(self) -> float:
        """Fractions become percent; the task's own number has the task's own scale."""
        is_own = self.headline_metric == self.task.metric
        return self.task.scale if is_own else 100.0 if self.metrics[self.headline_metric].unit == "fraction" else 1.0


BYPASS = Scorer(  # lm-eval's mark for answers that were not scored
    "none",
    "not scored",
    lambda row, answer: Scored(answer.text, {"bypass": 999.0}),
    lambda judged: {"bypass": Metric(999.0, None, "points", len(judged))},
)


def score_records(task: Task, scorer: Scorer, records: Sequence[ItemRecord]) -> TaskResult:
    """Score every record; items that failed are missed, not left out. Whatever a scorer raises is its item's error."""
    tried = [_score_one(scorer, record) for record in records]
    judged = {place: Judged(records[place].doc, scored) for place, (scored, _) in enumerate(tried) if scored.values}
    metrics, unsummed = _total_metrics(scorer, judged)
    troubles = {place: trouble for place, (_, trouble) in enumerate(tried) if trouble} | unsummed
    if troubles:
        first = next(iter(troubles.values()))
        log.warning("%s: %s could not score %d items", task.name, scorer.name, len(troubles), exc_info=first)
    if records and not metrics:  # not one item could be scored
        metrics = {task.metric: Metric(0.0)}
    errors = [record.error or _trouble_text(scorer, troubles.get(place)) for place, record in enumerate(records)]
    return TaskResult(task, scorer, metrics, [scored for scored, _ in tried], records, errors)


def _score_one(scorer: Scorer, record: ItemRecord) -> tuple[Scored, Exception | None]:
    """The record's score, that of a miss where the scorer raised, and without values where it raised again."""
    trouble: Exception | None = None
    answer = answer_of(record)
    if answer is not None:
        try:
            return scorer.score(record.doc, answer), None
        except Exception as error:  # an item's failure must not be the run's
            trouble = error
    try:
        return scorer.missed_score(record.doc), trouble
    except Exception as error:
        return Scored("", {}), trouble or error


def _total_metrics(scorer: Scorer, judged: Mapping[int, Judged]) -> tuple[dict[str, Metric], dict[int, Exception]]:
    """The metrics, and what was raised for the items that had to be left out of them."""
    troubles: dict[int, Exception] = {}
    for _ in range(2):
        kept = {place: one for place, one in judged.items() if place not in troubles}
        try:
            return scorer.total(list(kept.values())) if kept else {}, troubles
        except Exception as error:  # of one row or another; each alone tells which
            alone = {place: found for place, one in kept.items() if (found := _raised_alone(scorer, one))}
            troubles |= alone or dict.fromkeys(kept, error)
    return {}, dict.fromkeys(judged, next(iter(troubles.values())))


def _raised_alone(scorer: Scorer, one: Judged) -> Exception | None:
    """What summing up this item alone raises."""
    try:
        scorer.total([one])
    except Exception as error:
        return error
    return None


def _trouble_text(scorer: Scorer, trouble: Exception | None) -> str:
    """As a sample's error says it; "" for none."""
    return f"Scorer {scorer.name}: {type(trouble).__name__}: {trouble}" if trouble else ""


def pick_scorers(task: Task, wanted: Mapping[str, str] | str, has_judge: bool) -> tuple[Scorer, ...]:
    """The scorers to use: the named one, "all", or the task's first; those that ask a judge only where there is one.

    Args:
        wanted: a scorer's name for every task that has it, or names by task.
    """
    name = wanted if isinstance(wanted, str) else wanted.get(task.name, "")
    usable = [scorer for scorer in task.scorers if has_judge or scorer.ask is None]
    if name == "all":
        return tuple(usable)
    return tuple(scorer for scorer in usable if scorer.name == name) or (usable[0],)


def speed_figures(records: Sequence[ItemRecord], seconds: float) -> dict[str, Any]:
    """Latency, tokens and throughput over records; nan becomes None.

    Args:
        seconds: wall clock of the whole run that these were part of; 0 where it is not known.
    """
    answered = [record for record in records if record.answer is not None]
    latencies = [record.seconds for record in answered]
    firsts = [record.first_token_seconds for record in answered]
    tokens = {name: sum(record.tokens.get(name, 0) for record in answered) for name in _metric_names(answered)}
    found = {
        "latency_seconds_mean": mean_of(latencies),
        "latency_seconds_p50": percentile_of(latencies, 0.5),
        "latency_seconds_p95": percentile_of(latencies, 0.95),
        "first_token_seconds_p50": percentile_of(firsts, 0.5),
        "first_token_seconds_p95": percentile_of(firsts, 0.95),
        **{f"total_{name}": total for name, total in tokens.items()},
    }
    if seconds > 0:
        found["items_per_second"] = len(answered) / seconds
        found["completion_tokens_per_second"] = tokens.get("completion_tokens", 0) / seconds
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in found.items()}


def _metric_names(records: Sequence[ItemRecord]) -> list[str]:
    return sorted({name for record in records for name in record.tokens})
