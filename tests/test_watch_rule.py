"""What counts as seen: two looks in a row clearly above how it began."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vita.duplex.sight_rule import SightMemory, SightRule, judge_look

NAMED = SightRule(rise=0.5, floor=0.5)
ODDS = SightRule(rise=2.0, floor=0.5)


def seen_at(rule: SightRule, scores: list[float]) -> list[int]:
    """The numbers of the looks with which it was seen."""
    memory, seen = SightMemory(), []
    for number, score in enumerate(scores):
        memory, verdict = judge_look(rule, memory, score)
        seen += [number] if verdict.seen else []
    return seen


@pytest.mark.parametrize(
    ("scores", "seen"),
    [
        ([0, 0, 1, 1], [3]),
        ([0, 1, 0, 1, 0, 1], []),  # one look is none
        ([1, 1, 1, 1], []),  # it was there from the beginning
        ([1, 1, 0, 0, 1, 1], [5]),  # it went, and came again
        ([1, 0, 1, 1, 0, 1], []),  # one look without it is no leaving
        ([0, 1, 1, 1, 1, 1], [2]),  # told once
        ([0, 1, 1, 0, 0, 1, 1], [2, 6]),
    ],
)
def test_what_is_named_in_two_looks_in_a_row_is_seen(scores, seen):
    assert seen_at(NAMED, scores) == seen


@pytest.mark.parametrize(
    ("scores", "seen"),
    [
        ([-4, -3.5, -4, 1, 2], [4]),
        ([-6, -3, -2, -1, 0], []),  # likelier than before, and still no
        ([1, 1.5, 0.5, 1, 2.5], []),  # a model that says yes to an empty room
        ([1, 1.2, 3.5, 3.4], [3]),  # the same model, surer
        ([3, 3, -2, -2, 1, 1], [5]),
    ],
)
def test_odds_are_read_against_those_of_the_beginning(scores, seen):
    assert seen_at(ODDS, scores) == seen


def test_what_is_there_when_the_watch_begins_is_told():
    assert judge_look(NAMED, SightMemory(), 1)[1].already
    assert not judge_look(NAMED, SightMemory(), 0)[1].already
    assert not judge_look(NAMED, judge_look(NAMED, SightMemory(), 0)[0], 1)[1].already


scores = st.lists(st.floats(-20, 20), max_size=40)


@given(scores)
def test_nothing_is_seen_without_two_looks_that_show_it(found):
    memory, before = SightMemory(), False
    for score in found:
        memory, verdict = judge_look(ODDS, memory, score)
        assert not verdict.seen or (verdict.shows and before and score >= ODDS.floor)
        before = verdict.shows and not verdict.seen


@given(scores, st.floats(-20, 20))
def test_the_baseline_only_sinks_until_it_is_seen(found, first):
    memory, _ = judge_look(ODDS, SightMemory(), first)
    for score in found:
        known = memory.baseline
        memory, verdict = judge_look(ODDS, memory, score)
        assert verdict.seen or (memory.baseline is not None and known is not None and memory.baseline <= known)


@given(st.floats(-20, 20), st.integers(2, 30))
def test_a_room_in_which_nothing_changes_causes_no_alarm(score, looks):
    assert seen_at(ODDS, [score] * looks) == []
