"""Where an answer is cut for the voice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vita.speech.clause_splitter import LONGEST, ClauseSplitter


def split(text: str, size: int = 1) -> list[str]:
    """``text`` fed in pieces of ``size`` characters."""
    splitter = ClauseSplitter()
    clauses = [clause for n in range(0, len(text), size) for clause in splitter.feed_text(text[n : n + size])]
    return [clause.strip() for clause in clauses + splitter.flush_rest() if clause.strip()]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Hello. How are you?", ["Hello.", "How are you?"]),
        ("Well, yes.", ["Well, yes."]),
        ("The largest animal, by far, is the whale.", ["The largest animal,", "by far, is the whale."]),
        ("Pi is 3.14 and e is 2.72. Good.", ["Pi is 3.14 and e is 2.72.", "Good."]),
        ("Dr. Smith met Mr. J. Brown. They talked.", ["Dr. Smith met Mr. J. Brown.", "They talked."]),
        ('He said "Go!" and went. Then he came.', ['He said "Go!"', "and went.", "Then he came."]),
        ("Use a fox, e.g. a red one. Fine.", ["Use a fox, e.g. a red one.", "Fine."]),
        ("1. Mix it.\n2. Bake it.", ["1. Mix it.", "2. Bake it."]),
        ("- one\n- two\n", ["- one", "- two"]),
        ("今天天气很好，我们去公园吧。好吗？", ["今天天气很好，", "我们去公园吧。", "好吗？"]),
        ("See:\n```python\nprint(1. )\n```\nDone.", ["See:", "```python\nprint(1. )\n```", "Done."]),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_an_answer_is_cut_where_a_speaker_would_breathe(text, clauses, size):
    assert split(text, size) == clauses


def test_the_first_clause_is_there_before_the_sentence_is():
    assert ClauseSplitter().feed_text("The largest animal, by ") == ["The largest animal,"]


def test_later_commas_end_no_short_clause():
    splitter = ClauseSplitter()
    assert splitter.feed_text("Yes. Red, green, blue, and pink ") == ["Yes."]


def test_a_sentence_without_punctuation_is_cut_at_a_space():
    clauses = split("word " * 100)
    assert len(clauses) > 1
    assert all(clause.endswith("word") and len(clause) <= LONGEST[-1] for clause in clauses)


def test_a_long_first_sentence_is_begun_before_it_is_known_to_its_end():
    clauses = ClauseSplitter().feed_text("The sun is a very large and hot star that is in the middle of all ")
    assert clauses == ["The sun is a very large "]


@given(st.lists(st.text(alphabet="ab .,!?\n`1。，中", max_size=12)))
def test_the_clauses_joined_are_the_text(pieces):
    splitter = ClauseSplitter()
    clauses = [clause for piece in pieces for clause in splitter.feed_text(piece)] + splitter.flush_rest()
    assert "".join(clauses) == "".join(pieces)
    assert all(clauses)


@given(st.text(alphabet="abc de.,\n", max_size=900))
def test_no_clause_outside_code_is_longer_than_can_be_thrown_away(text):
    assert all(len(clause) <= LONGEST[-1] + 5 for clause in split(text))
