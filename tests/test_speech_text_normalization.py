"""A table of written and said."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vita.speech.text_normalization import spoken_form

ENGLISH = [
    ("It is 42.", "It is forty two."),
    ("About 1,234 people.", "About one thousand two hundred and thirty four people."),
    ("Pi is 3.14.", "Pi is three point one four."),
    ("It was -5°C.", "It was minus five degrees Celsius."),
    ("1 km is 1000 m.", "one kilometer is one thousand meters."),
    ("It grew 30 % in a year.", "It grew thirty percent in a year."),
    ("That is $20.", "That is twenty dollars."),
    ("It cost €1.5 million.", "It cost one point five million euros."),
    ("The 3rd of May", "The third of May"),
    ("born in 1999", "born in nineteen ninety nine"),
    ("at 9:05", "at nine oh five"),
    ("at 14:00", "at fourteen o'clock"),
    ("pages 10-12", "pages ten to twelve"),
    ("2 + 2 = 4", "two plus two equals four"),
    ("7 - 3 = 4", "seven minus three equals four"),
    ("6 * 7 and 8 / 2", "six times seven and eight divided by two"),
    ("x² ≥ 0", "x squared is at least zero"),
    ("2^10", "two to the power of ten"),
    (r"$x = \frac{1}{2}$", "x equals one over two"),
    ("**Bold** and *slanted* and `code`", "Bold and slanted and code"),
    ("# A heading", "A heading"),
    ("- an item", "an item"),
    ("> quoted", "quoted"),
    ("[the page](https://example.org/a?b=1)", "the page"),
    ("See https://www.example.org/path?q=1", "See example.org"),
    ("![a fox](fox.png)", "a fox"),
    ("```python\nprint(1)\n```", ""),
    ("| a | b |", "a, b"),
    ("|---|---|", ""),
    ("Fine 👍", "Fine"),
    ("***", ""),
    ("snake_case and 5m", "snake case and five meters"),
    ("call 0800 12", "call zero eight zero zero twelve"),
]
CHINESE = [
    ("今天25度。", "今天二十五度。"),
    ("气温是-3°C", "气温是负三摄氏度"),
    ("涨了12.5%", "涨了百分之十二点五"),
    ("他生于1999年", "他生于一九九九年"),
    ("一共1,234人", "一共一千二百三十四人"),
    ("现在9:30", "现在九点三十分"),
    ("长5km", "长五公里"),
    ("**重点**：2+2=4", "重点：二加二等于四"),
]


@pytest.mark.parametrize(("written", "said"), ENGLISH + CHINESE)
def test_what_is_written_is_said_as_a_person_would(written, said):
    assert spoken_form(written) == said


@given(st.text(max_size=200))
def test_no_digit_and_no_markup_reaches_the_voice_whatever_is_written(text):
    said = spoken_form(text)
    assert not re.search(r"[0-9*#`|<>{}\\\[\]]", said)
    assert said == said.strip()


@given(st.integers(-(10**18), 10**18))
def test_every_whole_number_is_said(number):
    said = spoken_form(f"It is {number}.")
    assert said.startswith("It is minus ") == (number < 0)
    assert len(said) > len("It is .")
