"""Numbers, formulas, yes and no, containment, means: beyond the golden items."""

from __future__ import annotations

import math
import runpy
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.scorers import numbers, stats, text, yesno
from vita.tokens import State


@given(st.integers(-(10**9), 10**9))
def test_any_whole_number_is_found_and_right(value):
    answer = f"so #### {value:,}"
    assert numbers.gsm8k_equal(numbers.gsm8k_flexible(f"It is {value}."), answer)
    assert numbers.gsm8k_equal(numbers.gsm8k_strict(f"#### {value}"), answer)


LM_EVAL: Any = SimpleNamespace(  # by its file: the package of its tasks imports what only they need
    **runpy.run_path(str(Path(find_spec("lm_eval").origin).parent / "tasks/agieval/utils.py"))
)
PIECES = (
    "$", "\\frac{1}{2}", "\\frac12", "\\boxed{", "}", "=", "x", " ", "3", "0.5", ".5", "\\sqrt3", "-", ".", "1/2", "\n",
    "\\text{ cm}", "(1,2)", "答案是", "\\%",
)  # fmt: skip
FORMULAS = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


@given(FORMULAS, FORMULAS.filter(lambda text: text and "\n" not in text))
def test_a_formula_in_dollars_is_compared_as_lm_eval_does_wherever_it_can_read_one_of_both(said, gold):
    gold = f"${gold}$"
    if LM_EVAL.parse_math_answer(said) is None and LM_EVAL.parse_math_answer(gold) is None:
        assert LM_EVAL.is_equiv(said, gold), "any two texts that it cannot read are equal to it"
        return
    assert numbers.cloze_equal(said, gold) == LM_EVAL.is_equiv(said, gold)


@given(st.text())
def test_no_text_breaks_an_extraction(said):
    for extract in (numbers.gsm8k_flexible, numbers.gsm8k_strict, numbers.gsm8k_opencompass):
        assert extract(said)
    assert numbers.math_equal(numbers.cloze(said), None) is False


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("So \\boxed{x=\\frac{3}{4}}", "\\frac{3}{4}"), ("it is $a=2$ and $b=5$", "5"), ("1 + 1 = 2.", "2"),
        ("答案是 56", "56"), ("The answer is therefore 7", "7"), ("\\boxed{1", None), ("nothing", None),
        ("about 12 apples", "12"),
    ],
)  # fmt: skip
def test_answers_to_gaps(said, answer):
    assert numbers.cloze(said) == answer


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("\\dfrac{1}{2}", "0.5", True), ("1/2", "\\frac12", True), ("\\sqrt3", "\\sqrt{3}", True), ("x=5", "5", True),
        ("90^\\circ", "90", True), ("5 \\text{ cm}", "5", True), ("1/3", "2/6", False), (None, None, False),
        ("\\frac", "\\frac", True), ("\\frac", "1", False), (".5", "0.5", True), ("long=5", "5", False),
    ],
)  # fmt: skip
def test_formulas_written_in_other_ways(one, other, equal):
    assert numbers.math_equal(one, other) is equal


def test_mathvista_reads_the_last_number_in_its_type():
    assert numbers.typed("It is 3, no, 1,204", "integer", None) == "1204"
    assert numbers.typed("2.46 dollars", "float", 1) == "2.5"
    assert numbers.typed("none", "integer", None) == ""
    assert numbers.typed(" left ", "text", None) == "left"


@pytest.mark.parametrize(
    ("said", "lmms", "vlmevalkit"),
    [
        ("Not sure", "no", "Unknown"), ("Yes or no", "yes", "Unknown"), ("y", "yes", "Unknown"),
        ("It is. Yes", "other", "Yes"),
        ("", "other", "Unknown"), ("NO", "no", "No"), ("yes!", "yes", "Yes"), ("I say no, sir", "other", "No"),
    ],
)  # fmt: skip
def test_yes_and_no_where_peers_differ(said, lmms, vlmevalkit):
    assert yesno.mme_label(said) == lmms
    assert yesno.vlmevalkit_label(said) == vlmevalkit


def test_a_pair_that_is_half_there_never_counts_as_a_pair():
    assert yesno.mme_categories([("count", "a", 1.0)]) == {"count": 100.0}
    assert yesno.mme_categories([("count", "a", 1.0), ("count", "a", 1.0)]) == {"count": 200.0}
    assert yesno.mme_sums({"count": 200.0, "code_reasoning": 50.0, "unheard of": 9.0}) == (200.0, 50.0)
    assert yesno.share_all_right([]) == 0.0


@pytest.mark.parametrize(
    ("said", "state", "rest"),
    [
        ("<1>Yes", State.AUDIO_QUERY, "Yes"), (" ☟ ", State.NOISE, ""), ("☜B", State.TEXT_QUERY, "B"),
        ("<4>B", None, "<4>B"),
        ("<3> (C)", State.TEXT_QUERY, "(C)"), ("a <1>", None, "a <1>"), ("", None, ""),
    ],
)  # fmt: skip
def test_state_tokens_go_before_scoring(said, state, rest):
    assert text.split_state(said) == (state, rest)


def test_full_width_letters_are_folded_only_on_request():
    assert not text.contains("ＳＴＯＰ", ["stop"], formula=False)
    assert text.contains("ＳＴＯＰ", ["stop"], formula=False, fold_full_width=True)
    assert not text.contains("X", ["x"], formula=True)


@given(st.floats(0, 1), st.integers(1, 10_000))
def test_the_interval_of_a_share_holds_it_and_stays_within_bounds(share, n):
    low, high = stats.share_interval(share, n)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1


def test_percentiles_and_errors_of_few_values():
    assert stats.percentile([1, 2, 3, 4], 0.5) == 2.5
    assert math.isnan(stats.percentile([], 0.5))
    assert stats.stderr([1.0]) is None
    assert stats.stderr([0.0, 1.0]) == pytest.approx(0.5)
    assert stats.mean([]) == 0.0
    assert stats.normal_interval(10.0, 1.0) == pytest.approx((8.04, 11.96))
