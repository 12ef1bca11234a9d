"""From many scored items to the numbers of a task; shared by the task files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from evals.scorers.sample_statistics import mean_of, standard_error
from evals.task import Judged, Metric, Row, Scored

Labels = Callable[[Row], Iterable[str]]


def right_or_wrong(extracted: str | None, is_right: bool, metric: str = "acc") -> Scored:
    """An item that is right or wrong; None for what could not be read."""
    return Scored(extracted or "", {metric: float(is_right)}, unread=not extracted)


def accuracy_total(
    metric: str = "acc", labels: Labels | None = None, macro: str = ""
) -> Callable[[Sequence[Judged]], dict[str, Metric]]:
    """A total that is the mean of ``metric``, also over the items of each label, as ``metric/label``.

    Args:
        labels: names of sub-scores that a row belongs to.
        macro: where given, ``metric_macro`` is the plain mean over labels that begin with this.
    """

    def total_accuracy(judged: Sequence[Judged]) -> dict[str, Metric]:
        found = {metric: mean_metric([item.scored.values[metric] for item in judged])}
        parts = split_by_label(judged, labels) if labels else {}
        for label, items in sorted(parts.items()):
            found[f"{metric}/{label}"] = mean_metric([item.scored.values[metric] for item in items])
        if macro:
            of_parts = [found[f"{metric}/{label}"].value for label in parts if label.startswith(macro)]
            found[f"{metric}_macro"] = Metric(mean_of(of_parts), n=len(judged))
        return found | unread_share(judged)

    return total_accuracy


def mean_metric(values: Sequence[float]) -> Metric:
    """Mean with its standard error, a fraction."""
    return Metric(mean_of(values), standard_error(values), n=len(values))


def unread_share(judged: Sequence[Judged]) -> dict[str, Metric]:
    """Share of items whose answer could not be read; counted wrong, never drawn at random."""
    share = mean_of([float(item.scored.unread) for item in judged])
    return {"unread": Metric(share, n=len(judged), higher_is_better=False)}


def split_by_label(judged: Sequence[Judged], labels: Labels) -> dict[str, list[Judged]]:
    """Items by label; an item may have several."""
    parts: dict[str, list[Judged]] = defaultdict(list)
    for item in judged:
        for label in labels(item.row):
            parts[label].append(item)
    return parts
