"""Clips that are one decision each: silences within a voice go, its ends stay, and the server's own ear decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.conversation import caller_sounds, steady_clips, talk_phases
from evals.conversation.caller_log import ClipOutcome
from evals.conversation.caller_sounds import CallerClip
from evals.conversation.steady_clips import is_one_decision, steady_questions, without_silences
from vita.media import SAMPLE_RATE
from vita.speech.trailing_silence import PIECE


def tone(pieces: int) -> np.ndarray:
    return np.full(pieces * PIECE, 0.5, np.float32)


def hush(pieces: int) -> np.ndarray:
    return np.zeros(pieces * PIECE, np.float32)


def test_silences_within_are_cut_to_one_piece_and_the_ends_stay_as_they_were():
    voice = [hush(10), tone(5), hush(6), tone(5), hush(1), tone(5), hush(20), np.zeros(7, np.float32)]
    wanted = [hush(10), tone(5), hush(1), tone(5), hush(1), tone(5), hush(20), np.zeros(7, np.float32)]
    assert (without_silences(np.concatenate(voice)) == np.concatenate(wanted)).all()


@given(st.lists(st.booleans(), min_size=1, max_size=60).filter(any))
def test_no_two_quiet_pieces_in_a_row_are_left_within_a_voice_and_nothing_loud_is_lost(loud):
    cut = without_silences(np.concatenate([tone(1) if one else hush(1) for one in loud]))
    left = cut.reshape(-1, PIECE).max(1) > 0
    assert left.sum() == sum(loud)
    heard = np.flatnonzero(left)
    assert np.diff(heard).max(initial=1) <= 2
    assert (heard[0], len(left) - heard[-1]) == (loud.index(True), loud[::-1].index(True) + 1)


@pytest.fixture(scope="module")
def question() -> CallerClip:
    """A spoken question, of which the server's ear takes five pauses within for possible ends."""
    return caller_sounds.question_clips(4)[2]


def test_a_question_as_spoken_causes_several_decisions_and_prepared_one(question):
    assert not is_one_decision(question.samples)
    prepared = without_silences(question.samples)
    assert is_one_decision(prepared)
    assert 0.8 < len(prepared) / len(question.samples) < 1, "it is the same question still"


def test_two_questions_in_one_clip_and_silence_are_not_one_decision(question):
    prepared = without_silences(question.samples)
    gap = np.zeros(SAMPLE_RATE // 5, np.float32)
    assert not is_one_decision(np.concatenate([prepared, gap, prepared]))
    assert not is_one_decision(np.zeros(SAMPLE_RATE, np.float32))


def test_clips_are_taken_until_there_are_enough_whatever_the_first_ones_are(monkeypatch):
    monkeypatch.setattr(caller_sounds, "question_clips", lambda count: [clip(number) for number in range(count)])
    monkeypatch.setattr(steady_clips, "is_one_decision", lambda samples: len(samples) // PIECE % 5 == 1)
    assert [one.name for one in steady_questions(3)] == ["0", "5", "10"]
    monkeypatch.setattr(steady_clips, "is_one_decision", lambda samples: len(samples) // PIECE == 8)
    assert [one.name for one in steady_questions(2)] == ["7"], "fewer where there are no more"


def clip(number: int) -> CallerClip:
    return CallerClip("query", str(number), np.full((number + 1) * PIECE, 0.5, np.float32))


@pytest.fixture
def bench(monkeypatch):
    """A bench whose calls come back with what ``said`` lists, in order; keeps what was told."""

    class Listed:
        size, engine = 20, None

        def __init__(self) -> None:
            self.results: list[ClipOutcome] = []
            self.told: list[str] = []
            self.asked: list[tuple] = []

        def say_step(self, clip: CallerClip) -> CallerClip:
            return clip

        async def hold_calls(self, script) -> list:
            self.asked.append(script.steps)
            return [[]]

        def clip_outcomes(self, lines) -> list[ClipOutcome]:
            return [self.results.pop(0)]

        def tell(self, line: str) -> None:
            self.told.append(line)

    async def tokens(engine, text):
        return 2000

    monkeypatch.setattr(talk_phases, "_prompt_tokens", tokens)
    monkeypatch.setattr(talk_phases, "steady_questions", lambda count: [clip(number) for number in range(count)])
    return Listed()


def judged(seconds: float, deciding: int = 1) -> ClipOutcome:
    return ClipOutcome("q", 0.0, 1.0, asked=1.0, judged=1.0 + seconds, deciding=deciding)


async def test_warmth_is_the_share_of_a_cold_decision_that_a_warm_one_takes(bench):
    bench.results = [judged(2.0), judged(0.2), judged(4.0), judged(0.4)]
    figures = await talk_phases.measure_warmth(bench)
    assert figures["warmth_decisions"] == {"cold": 2, "warm": 2}
    assert figures["warm_cold_ratio"] == pytest.approx(0.1)
    assert len(bench.asked[1]) > len(bench.asked[0]), "the warm one lets the monitor read first"


async def test_a_clip_that_was_no_single_decision_is_replaced_and_costs_only_its_own_measurement(bench):
    bench.results = [
        judged(2.0),
        judged(9.0, deciding=2),
        judged(2.0),
        judged(0.2),
        ClipOutcome("q", 0, 1),
        judged(0.2),
    ]
    figures = await talk_phases.measure_warmth(bench)
    assert figures["warmth_decisions"] == {"cold": 2, "warm": 2}
    assert figures["warm_cold_ratio"] == pytest.approx(0.1)
    assert sum("another clip" in line for line in bench.told) == 2
