"""Letters out of answers, beyond the golden ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.scorers import choice_letters, mmmu_answers

ANSWERS = st.lists(
    st.sampled_from(["A", "B", "C", "D", "Ｂ", "答案", "是", "为", "选", "：", ":", " ", "。", ".", "(", ")", "**",
                     "\n", "1", "The answer is", "Answer:", "because", "cat", "所以", "故"]),
    max_size=8,
).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "official", "vlmevalkit", "lmms"),
    [
        ("Answer: B.", "A", "B", "B"),  # the three peers disagree on these
        ("The best answer is A. Because B is a cat", "A", "A", "B"),
        ("Option: C", "C", "C", "C"),
        ("", "", "", ""),
        ("no idea", "", "", ""),
        ("  d", "", "", ""),
        ("D", "D", "D", "D"),
    ],
)
def test_videomme_letters_where_peers_differ(text, official, vlmevalkit, lmms):
    assert choice_letters.videomme_official(text) == official
    assert choice_letters.videomme_official(text, vlmevalkit=True) == vlmevalkit
    assert choice_letters.mcq_priority(text) == lmms


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("答案是 C", "C"), ("答案：D。", "D"), ("正确答案为B", "B"), ("故选A", "A"), ("经分析，A错误，因此C。", "C"),
        ("ANSWER: c then C", "C"), ("The answer is **B**", "B"), ("the correct option is: \\boxed{D}", "D"),
        ("选项 B 正确", "B"), ("D选项", "D"), ("", ""), ("无法判断", ""), ("E", ""), ("说法错误的是 B", "B"),
    ],
)  # fmt: skip
def test_first_option_follows_the_strongest_cue(text, letter):
    assert choice_letters.first_option(text) == letter


@given(ANSWERS)
def test_every_rule_gives_one_of_the_letters_or_nothing(text):
    for rule in (
        choice_letters.first_option,
        choice_letters.ceval_official,
        choice_letters.videomme_official,
        choice_letters.mcq_priority,
    ):
        assert rule(text) in {"", "A", "B", "C", "D"}


@given(st.sampled_from("ABCD"))
def test_a_bare_letter_is_that_letter_under_every_rule(letter):
    for rule in (
        choice_letters.first_option,
        choice_letters.first_capital,
        choice_letters.ceval_official,
        choice_letters.agieval_single,
        choice_letters.videomme_official,
        choice_letters.mcq_priority,
        choice_letters.mmlu_generative,
    ):
        assert rule(letter) == letter


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"), ("(B)", "B"), ("The answer is B.", "B"), ("B is what I see in this long picture here", ""),
        ("It is a hare", "B"), ("a hare or a fox", ""), ("Cannot determine the answer", "Z"), ("A or B", ""),
        ("This is a very long text about a hare " * 4, ""),
    ],
)  # fmt: skip
def test_inference_without_a_judge(text, letter):
    assert choice_letters.can_infer(text, {"A": "fox", "B": "hare", "C": "grass"}) == letter


def test_agieval_shots_change_what_is_read():
    assert choice_letters.agieval_single("Because A is wrong, the answer is G.", few_shot=True) == "G"
    assert choice_letters.agieval_single("因为A错，答案是C", few_shot=True, chinese=True) == "C"
    assert choice_letters.agieval_single("Because A is wrong, the answer is G.") == "B"
    assert choice_letters.agieval_multiple("(A)(C)") == ["A", "C"]


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("(A) or (B)", "B"), ("B.", "B"), ("I think B is right", "B"), ("The second one, Monet, was the painter", "A"),
        ("Monet", None), ("", None), ("neither of the two", None),
    ],
)  # fmt: skip
def test_mmmu_choices_are_never_drawn_at_random(text, letter):
    assert mmmu_answers.choice_letter(text, {"A": "Monet", "B": "Manet"}) == letter


@pytest.mark.parametrize(
    ("text", "targets", "right"),
    [
        ("The result is 1,234.5", ["1234.5"], True), ("x = 10", ["10"], True), ("So it is ten", ["ten"], True),
        ("about 9.99", ["10"], False), ("", ["10"], False), ("banana", ["a"], False), ("1e3", ["1000"], True),
        ("it is red or blue", ["green", "blue"], True),
    ],
)  # fmt: skip
def test_mmmu_open_answers(text, targets, right):
    assert mmmu_answers.open_is_right(text, targets) is right
