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

from evals.scorers import number_answers, sample_statistics, text_answers, yes_no_answers
from vita.tokens import State


@given(st.integers(-(10**9), 10**9))
def test_any_whole_number_is_found_and_right(value):
    answer = f"so #### {value:,}"
    assert number_answers.gsm8k_equal(number_answers.gsm8k_flexible(f"It is {value}."), answer)
    assert number_answers.gsm8k_equal(number_answers.gsm8k_strict(f"#### {value}"), answer)


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
    assert number_answers.cloze_equal(said, gold) == LM_EVAL.is_equiv(said, gold)


@given(st.text())
def test_no_text_breaks_an_extraction(said):
    for extract in (number_answers.gsm8k_flexible, number_answers.gsm8k_strict, number_answers.gsm8k_opencompass):
        assert extract(said)
    assert number_answers.math_equal(number_answers.agieval_cloze(said), None) is False


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("So \\boxed{x=\\frac{3}{4}}", "\\frac{3}{4}"), ("it is $a=2$ and $b=5$", "5"), ("1 + 1 = 2.", "2"),
        ("答案是 56", "56"), ("The answer is therefore 7", "7"), ("\\boxed{1", None), ("nothing", None),
        ("about 12 apples", "12"),
    ],
)  # fmt: skip
def test_answers_to_gaps(said, answer):
    assert number_answers.agieval_cloze(said) == answer


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("\\dfrac{1}{2}", "0.5", True), ("1/2", "\\frac12", True), ("\\sqrt3", "\\sqrt{3}", True), ("x=5", "5", True),
        ("90^\\circ", "90", True), ("5 \\text{ cm}", "5", True), ("1/3", "2/6", False), (None, None, False),
        ("\\frac", "\\frac", True), ("\\frac", "1", False), (".5", "0.5", True), ("long=5", "5", False),
    ],
)  # fmt: skip
def test_formulas_written_in_other_ways(one, other, equal):
    assert number_answers.math_equal(one, other) is equal


def test_mathvista_reads_the_last_number_in_its_type():
    assert number_answers.mathvista_typed("It is 3, no, 1,204", "integer", None) == "1204"
    assert number_answers.mathvista_typed("2.46 dollars", "float", 1) == "2.5"
    assert number_answers.mathvista_typed("none", "integer", None) == ""
    assert number_answers.mathvista_typed(" left ", "text", None) == "left"


@pytest.mark.parametrize(
    ("said", "lmms", "vlmevalkit"),
    [
        ("Not sure", "no", "Unknown"), ("Yes or no", "yes", "Unknown"), ("y", "yes", "Unknown"),
        ("It is. Yes", "other", "Yes"),
        ("", "other", "Unknown"), ("NO", "no", "No"), ("yes!", "yes", "Yes"), ("I say no, sir", "other", "No"),
    ],
)  # fmt: skip
def test_yes_and_no_where_peers_differ(said, lmms, vlmevalkit):
    assert yes_no_answers.mme_label(said) == lmms
    assert yes_no_answers.vlmevalkit_label(said) == vlmevalkit


def test_a_pair_that_is_half_there_never_counts_as_a_pair():
    assert yes_no_answers.mme_categories([("count", "a", 1.0)]) == {"count": 100.0}
    assert yes_no_answers.mme_categories([("count", "a", 1.0), ("count", "a", 1.0)]) == {"count": 200.0}
    assert yes_no_answers.mme_sums({"count": 200.0, "code_reasoning": 50.0, "unheard of": 9.0}) == (200.0, 50.0)
    assert yes_no_answers.share_all_right([]) == 0.0


@pytest.mark.parametrize(
    ("said", "state", "rest"),
    [
        ("<1>Yes", State.AUDIO_QUERY, "Yes"), (" ☟ ", State.NOISE, ""), ("☜B", State.TEXT_QUERY, "B"),
        ("<4>B", None, "<4>B"),
        ("<3> (C)", State.TEXT_QUERY, "(C)"), ("a <1>", None, "a <1>"), ("", None, ""),
    ],
)  # fmt: skip
def test_state_tokens_go_before_scoring(said, state, rest):
    assert text_answers.split_state(said) == (state, rest)


def test_full_width_letters_are_folded_only_on_request():
    assert not text_answers.contains_target("ＳＴＯＰ", ["stop"], formula=False)
    assert text_answers.contains_target("ＳＴＯＰ", ["stop"], formula=False, fold_full_width=True)
    assert not text_answers.contains_target("X", ["x"], formula=True)


@given(st.floats(0, 1), st.integers(1, 10_000))
def test_the_interval_of_a_share_holds_it_and_stays_within_bounds(share, n):
    low, high = sample_statistics.share_interval(share, n)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1


def test_percentiles_and_errors_of_few_values():
    assert sample_statistics.percentile_of([1, 2, 3, 4], 0.5) == 2.5
    assert math.isnan(sample_statistics.percentile_of([], 0.5))
    assert sample_statistics.standard_error([1.0]) is None
    assert sample_statistics.standard_error([0.0, 1.0]) == pytest.approx(0.5)
    assert sample_statistics.mean_of([]) == 0.0
    assert sample_statistics.normal_interval(10.0, 1.0) == pytest.approx((8.04, 11.96))
