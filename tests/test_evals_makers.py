"""The bundled items' own answers are right: sums worked out again, drawings measured, options consistent."""

from __future__ import annotations

import ast
import re
from collections import Counter

import numpy as np
import pytest
from scipy import ndimage

from evals.bundled import make, make_drawings, make_sounds, make_texts
from evals.scorers.ifeval_checks import followed_instructions
from evals.tasks import PUBLIC


def pixels(name: str) -> np.ndarray:
    """uint8 [height, width, 3]."""
    return np.asarray(make_drawings.PICTURES[name].convert("RGB"))


def filled(name: str, colour: tuple[int, int, int]) -> float:
    """How much of its own bounding box a single shape fills: 1 a square, 0.79 a circle, 0.5 a triangle."""
    mask = (pixels(name) == colour).all(-1)
    rows, columns = np.nonzero(mask)
    box = (np.ptp(rows) + 1) * (np.ptp(columns) + 1)
    return float(mask.sum() / box)


def test_shapes_are_what_the_questions_call_them():
    assert filled("red_circle", (255, 0, 0)) == pytest.approx(np.pi / 4, abs=0.03)
    assert filled("blue_square", (0, 0, 255)) == pytest.approx(1.0, abs=0.01)
    assert filled("green_triangle", (0, 128, 0)) == pytest.approx(0.5, abs=0.05)


def test_there_are_three_circles_of_one_size():
    picture = pixels("three_circles")
    patches, count = ndimage.label((picture != 255).any(-1))
    assert count == 3, "asked: three, not six"
    widths = [int(np.ptp(np.nonzero(patches == number)[1])) for number in range(1, count + 1)]
    assert max(widths) - min(widths) <= 1, "the middle one is larger by a rounded pixel at most"


def test_the_square_is_on_the_left_and_the_circle_on_the_right():
    picture = pixels("square_left_of_circle")
    inked = (picture != 255).any(-1)
    patches, count = ndimage.label(inked)
    assert count == 2
    left, right = sorted((np.nonzero(patches == number)[1].mean(), number) for number in (1, 2))
    shares = []
    for _, number in (left, right):
        rows, columns = np.nonzero(patches == number)
        shares.append(len(rows) / ((np.ptp(rows) + 1) * (np.ptp(columns) + 1)))
    assert shares[0] > 0.98, "a square fills its box"
    assert shares[1] < 0.85, "a circle does not"


def test_flat_bars_are_flat():
    heights = Counter(np.nonzero((pixels("flat_bars") == (0, 128, 128)).all(-1))[1].tolist())
    assert heights
    assert max(heights.values()) - min(heights.values()) <= 1


@pytest.mark.parametrize("row", make_texts.gsm8k_rows(), ids=lambda row: row["question"][:20])
def test_every_sum_of_the_word_problems_is_right(row):
    [(left, sign, right, said)] = re.findall(r"<<(\d+)([+\-*/])(\d+)=(\d+)>>", row["answer"])
    worked = {"+": int.__add__, "-": int.__sub__, "*": int.__mul__, "/": int.__floordiv__}[sign](int(left), int(right))
    assert worked == int(said) == int(row["answer"].split("#### ")[1].replace(",", ""))
    numbers = {word.lower() for word in re.findall(r"\w+", row["question"])} | {"four"}
    assert left in numbers
    assert right in numbers or right == "4"


def test_chinese_and_english_questions_ask_the_same_with_the_same_answers():
    english, chinese = make_texts.mmlu_rows()[:4], make_texts.ceval_rows()[:4]
    digits = {"六": 6, "七": 7, "八": 8, "九": 9, "三": 3, "四": 4, "五": 5, "十一": 11, "十二": 12, "十四": 14}
    for ours, theirs in zip(english, chinese, strict=True):
        assert int(ours["choices"][ours["answer"]]) == digits[theirs[theirs["answer"]]]


def test_equations_of_agieval_have_their_solution_marked():
    for row in make_texts.agieval_rows():
        if found := re.search(r"x ?\+ ?(\d) ?= ?(\d)", row["query"]):
            assert row["choices"][row["gold"][0]].endswith(str(int(found[2]) - int(found[1])))


@pytest.mark.parametrize("task", ["mmbench_en", "mmbench_cn"])
def test_the_right_option_moves_through_all_letters_and_stays_the_same(task):
    groups: dict[int, list[dict]] = {}
    for row in make.rows_by_task()[task]:
        groups.setdefault(row["index"] % 1_000_000, []).append(row)
    for rows in groups.values():
        assert len({row[row["answer"]] for row in rows}) == 1
        assert len({row["answer"] for row in rows}) == len(rows)
        assert all(sum(row[letter] != "nan" for letter in "ABCD") == len(rows) for row in rows)


@pytest.mark.parametrize("task", sorted(make.rows_by_task()))
def test_options_are_no_two_alike_and_no_item_comes_twice(task):
    rows = make.rows_by_task()[task]
    assert len({str(row) for row in rows}) == len(rows)
    for row in rows:
        options = row.get("choices") or row.get("options") or []
        options = ast.literal_eval(options) if isinstance(options, str) else options
        assert len(set(options)) == len(options)
        target = PUBLIC[task].target(make.with_paths(row))
        assert isinstance(target, str)


def test_spoken_choices_have_the_right_letter_and_asked_words_are_all_used():
    rows = make_sounds.voicebench_rows()
    for task in ("voicebench_mmsu", "voicebench_openbookqa"):
        for row in rows[task]:
            letters = dict(re.findall(r"([A-D]), (\w+)", row["prompt"]))
            assert len(letters) == 4
            assert letters[row["reference"]] in {"four", "ice", "eagle"}
    used = {row["prompt"] for several in rows.values() for row in several} | {make_sounds.ASKED["platform"]}
    assert set(make_sounds.ASKED.values()) == used


@pytest.mark.parametrize(
    ("place", "obedient", "stubborn"),
    [(0, "It was a quiet day and I read a book.", "First, I read."), (1, "rain falls on the roof.", "Rain falls.")],
)
def test_spoken_instructions_can_be_followed_and_broken(place, obedient, stubborn):
    row = make_sounds.voicebench_rows()["voicebench_ifeval"][place]
    assert followed_instructions(obedient, row["instruction_id_list"], row["kwargs"], row["prompt"]) == [True]
    assert followed_instructions(stubborn, row["instruction_id_list"], row["kwargs"], row["prompt"]) == [False]
