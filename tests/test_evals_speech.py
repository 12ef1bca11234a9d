"""Error rates and Chinese numbers, beyond the golden items."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.scorers import error_rates
from evals.scorers.chinese_text import cardinal_in_chinese, digits_in_chinese, spoken_chinese

TOKENS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=6)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2021年3月5日", "二零二一年三月五日"), ("1月10号", "一月十号"), ("5000元", "五千元"), ("200个", "两百个"),
        ("22个", "二十二个"), ("1050个", "一千零五十个"), ("12.5%", "百分之十二点五"), ("3/4", "四分之三"),
        ("13812345678", "一三八一二三四五六七八"), ("010-12345678", "零一零一二三四五六七八"),
        ("第1234号", "第一二三四号"),
        ("P2P", "P2P"), ("你好，吗？", "你好 吗 "), ("10", "十"), ("", ""), ("0.5", "零点五"), ("007", "零七"),
    ],
)  # fmt: skip
def test_chinese_numbers_as_they_are_said(written, said):
    assert spoken_chinese(written) == said


def test_cardinals_and_digits():
    assert [cardinal_in_chinese(number) for number in ("0", "10", "110", "2000", "20002", "100000000", "105")] == [
        "零", "十", "一百一十", "两千", "两万零二", "一亿", "一百零五",
    ]  # fmt: skip
    assert digits_in_chinese("2021") == "二零二一"


@given(st.text(st.sampled_from(list("0123456789年月日点元%./-我A ")), max_size=12))
def test_no_text_breaks_the_normaliser(text):
    assert not any(char.isascii() and char.isdigit() for char in spoken_chinese(text).replace("2", ""))


def test_wenet_tokens_are_ideographs_or_runs_in_upper_case():
    assert error_rates.wenet_tokens("我用iphone 12，<unk>好") == ["我", "用", "IPHONE", "12", "好"]
    assert error_rates.wenet_tokens("<noise>你") == ["你"]
    assert error_rates.mixed_tokens("我用iPhone12 3天") == ["我", "用", "iPhone12", "天"]


@given(TOKENS, TOKENS)
def test_edits_count_what_changes_one_into_the_other(reference, heard):
    edits = error_rates.count_edits(reference, heard)
    assert edits.total_edits == distance(reference, heard)
    assert edits.length == len(reference)
    assert len(heard) == edits.length - edits.deletions + edits.insertions


def distance(one: list[str], other: list[str]) -> int:
    """The textbook's."""
    row = list(range(len(other) + 1))
    for index, left in enumerate(one, 1):
        row, above = [index], row
        for place, right in enumerate(other, 1):
            row.append(min(above[place] + 1, row[-1] + 1, above[place - 1] + (left != right)))
    return row[-1]


def test_an_empty_reference_makes_insertions_and_no_division_by_zero():
    assert error_rates.count_edits([], ["a"]) == error_rates.Edits(0, 0, 1, 0)
    assert error_rates.corpus_rate([error_rates.count_edits([], ["a"])]) == 0.0
    assert error_rates.mixed_rate(error_rates.count_edits([], []), 0) == 0.0
    assert error_rates.mixed_rate(error_rates.count_edits(["a"], ["a", "b"]), 2) == 0.5


def test_tags_fillers_and_marks_do_not_count_as_words():
    assert error_rates.english_words("<|en|> Um, hello -- world!") == ["hello", "world"]
    assert error_rates.chinese_characters("<|zh|>你 好，A") == ["你", "好", "a"]
