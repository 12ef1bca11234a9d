"""Means, intervals and totals; who talks when; what a score stands for."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evals.conversation import recorded_full_duplex
from evals.conversation.recorded_full_duplex import Recording
from evals.run_journal import ItemRecord
from evals.scorers import full_duplex_metrics, sample_statistics, state_confusion
from evals.scorers.full_duplex_metrics import Span, Word
from evals.scoring import BYPASS, score_records, speed_figures
from evals.task import Judged, Metric, ModelAnswer, Scored
from evals.task_totals import accuracy_total, mean_metric, right_or_wrong, split_by_label, unread_share
from evals.tasks import TASKS
from vita.tokens import State

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)
STATES = st.sampled_from(list(State))


@given(VALUES)
def test_errors_of_means_are_the_textbooks(values):
    assert sample_statistics.mean_of(values) == pytest.approx(statistics.fmean(values), abs=1e-6)
    expected = statistics.stdev(values) / math.sqrt(len(values))
    assert sample_statistics.standard_error(values) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(VALUES, st.floats(0, 1))
def test_percentiles_are_numpys(values, share):
    assert sample_statistics.percentile_of(values, share) == pytest.approx(
        float(np.percentile(values, 100 * share)), abs=1e-6
    )


@given(st.floats(0, 1), st.integers(1, 500))
def test_more_items_make_a_narrower_interval(share, n):
    low, high = sample_statistics.share_interval(share, n)
    narrow_low, narrow_high = sample_statistics.share_interval(share, 10 * n)
    assert narrow_high - narrow_low < high - low
    mirrored = sample_statistics.share_interval(1 - share, n)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize(
    ("share", "n", "low", "high"),
    [(0.5, 100, 0.4038, 0.5962), (0.0, 10, 0.0, 0.2775), (1.0, 10, 0.7225, 1.0), (0.9, 50, 0.7864, 0.9565),
     (0.5, 0, 0.0, 1.0)],
)  # fmt: skip
def test_wilsons_interval(share, n, low, high):
    assert sample_statistics.share_interval(share, n) == pytest.approx((low, high), abs=1e-4)


def judged(*values: tuple[str, float]) -> list[Judged]:
    return [Judged({"part": part}, right_or_wrong("x", bool(value))) for part, value in values]


def test_totals_have_the_mean_the_parts_and_the_mean_of_parts():
    total_of = accuracy_total("acc", lambda row: [f"p:{row['part']}"], macro="p:")
    total = total_of(judged(("a", 1), ("a", 1), ("a", 0), ("b", 0)))
    assert total["acc"].value == 0.5
    assert total["acc/p:a"].value == pytest.approx(2 / 3)
    assert total["acc_macro"].value == pytest.approx(1 / 3)
    assert (total["acc_macro"].stderr, total["acc/p:b"].stderr) == (None, None)
    assert total["unread"].value == 0.0


@given(st.lists(st.booleans(), max_size=20))
def test_unread_and_average_count_every_item(flags):
    items = [Judged({}, right_or_wrong(None if flag else "A", is_right=not flag)) for flag in flags]
    assert unread_share(items)["unread"].n == mean_metric([1.0] * len(flags)).n == len(flags)
    assert unread_share(items)["unread"].value == pytest.approx(sum(flags) / len(flags) if flags else 0.0)
    assert len(split_by_label(items, lambda row: ["x", "y"]).get("y", [])) == len(flags)


def test_the_headline_is_in_the_published_unit_with_its_interval():
    task = TASKS["ai2d"]
    rows = [{"answer": "0", "options": ["cat", "dog"]}] * 4
    records = [ItemRecord("ai2d", index, row, "A", "", answer=said)
               for index, (row, said) in enumerate(zip(rows, "AAAB", strict=True))]  # fmt: skip
    result = score_records(task, task.scorers[0], records)
    assert (result.headline_metric, result.headline_value.value, result.headline_value.n) == ("acc", 75.0, 4)
    low, high = result.headline_interval
    assert 0 < low < 75.0 < high < 100
    assert score_records(task, BYPASS, records).headline_interval is None
    assert score_records(task, BYPASS, records).headline_value.value == 999.0


def test_sums_have_no_interval_and_rates_never_go_below_zero():
    task = TASKS["librispeech_dev_clean"]
    said = ["red hen"] * 5 + ["red"]
    records = [ItemRecord("x", index, {"text": "RED HEN"}, "", "", answer=text) for index, text in enumerate(said)]
    result = score_records(task, task.scorers[0], records)
    assert result.headline_value.value == pytest.approx(100 / 12)
    assert result.headline_interval[0] == 0.0 < result.headline_value.value < result.headline_interval[1]
    ocr = ItemRecord("ocrbench", 0, {"answer": ["A"], "dataset": "x", "question_type": "y"}, "", "", answer="A")
    assert score_records(TASKS["ocrbench"], TASKS["ocrbench"].scorers[0], [ocr]).headline_interval is None


def test_failed_items_are_missed_and_nothing_scores_as_nothing():
    task = TASKS["ai2d"]
    failed = ItemRecord("ai2d", 0, {"answer": "0", "options": ["cat", "dog"]}, "A", "", error="MediaError: gone")
    result = score_records(task, task.scorers[0], [failed])
    assert (result.failed_items, result.headline_value.value, result.metrics["unread"].value) == (1, 0.0, 1.0)
    assert score_records(task, task.scorers[0], []).metrics == {}
    assert speed_figures([failed], 1.0)["items_per_second"] == 0.0


@given(st.lists(st.tuples(STATES, st.none() | STATES), min_size=1, max_size=30))
def test_state_reports_agree_with_counting(pairs):
    found = state_confusion.confusion_report(pairs)
    assert sum(map(sum, found.confusion)) == len(pairs)
    assert found.accuracy == sum(truth == said for truth, said in pairs) / len(pairs)
    noise = [said for truth, said in pairs if truth is State.NOISE]
    assert found.false_wake == (noise.count(State.AUDIO_QUERY) / len(noise) if noise else None)
    assert 0 <= found.macro_f1 <= 1
    assert (found.macro_f1 == 1) == all(truth == said for truth, said in pairs)


SPANS = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 30)), max_size=6).map(
    lambda pairs: [Span(start / 10, (start + length) / 10) for start, length in pairs]
)


@given(SPANS, st.sampled_from([0.0, 0.5, 0.6]))
def test_merging_twice_is_merging_once_and_covers_the_same(spans, gap):
    once = full_duplex_metrics.merge_spans(spans, gap)
    assert full_duplex_metrics.merge_spans(once, gap) == once
    assert all(any(whole.start <= span.start and span.end <= whole.end for whole in once) for span in spans)
    assert {edge for whole in once for edge in (whole.start, whole.end)} <= {
        edge for span in spans for edge in (span.start, span.end)
    }


@given(SPANS, SPANS)
def test_overlaps_are_the_same_seen_from_both_sides_when_pauses_are_bridged_alike(one, other):
    one, other = full_duplex_metrics.merge_spans(one, 0.6), full_duplex_metrics.merge_spans(other, 0.6)
    assert full_duplex_metrics.stop_latencies(one, other) == pytest.approx(sorted_by_place(other, one))


def sorted_by_place(one: list[Span], other: list[Span]) -> list[float]:
    """Overlaps by brute force, in the order of ``other``."""
    both = [(b.start, a.start, min(a.end, b.end) - max(a.start, b.start)) for a in one for b in other]
    return [length for *_, length in sorted(both) if length > 0]


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=8), st.lists(st.floats(0.01, 1), min_size=2, max_size=8))
def test_distances_are_symmetric_and_bounded(one, other):
    assume(len(one) == len(other))
    left, right_ = np.array(one), np.array(other)
    assert full_duplex_metrics.jensen_shannon(left, right_) == pytest.approx(
        full_duplex_metrics.jensen_shannon(right_, left), abs=1e-7
    )
    assert 0 <= full_duplex_metrics.jensen_shannon(left, right_) <= math.sqrt(math.log(2)) + 1e-9


@pytest.mark.parametrize(
    ("words", "takes"),
    [
        ([], False), ([(0, 0.4)], False), ([(0, 0.2), (0.3, 0.5), (0.6, 0.9)], False), ([(0, 1.0)], True),
        ([(0, 0.1), (0.2, 0.3), (0.4, 0.5), (0.6, 0.7)], True), ([(0, 0.1), (2.0, 2.1)], True),
    ],
)  # fmt: skip
def test_a_turn_is_a_second_long_or_more_than_three_words(words, takes):
    assert full_duplex_metrics.takes_turn([Word(*span, "w") for span in words]) is takes


def test_kinds_without_recordings_of_theirs_are_empty_not_wrong():
    bare = [Recording("1", (), duration=0.0)]
    assert recorded_full_duplex.backchannel_metrics(bare)["tor"] == Metric(
        0.0, None, "fraction", 0, higher_is_better=False
    )
    assert recorded_full_duplex.smooth_turn_taking(bare)["latency"].n == 0
    assert recorded_full_duplex.overlap_metrics(bare)["stop_latency"].n == 0
    assert recorded_full_duplex.pause_handling(bare)["tor"].value == 0.0


def test_a_state_that_no_token_told_is_unread():
    scorer = TASKS["state_tokens"].scorers[0]
    assert scorer.score({"state": "noise"}, ModelAnswer("hello")) == Scored("no token", {"acc": 0.0}, unread=True)
    assert scorer.total([])["macro_f1"].value == 0.0
    assert "acc" not in scorer.total([])
