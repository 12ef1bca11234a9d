"""Text on its way to VITA-1.5's speech decoder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vita.speech.vita_voice.clause_text import MARKS, SHORTEST_PIECE, prepare_piece, split_pieces


@given(st.text(alphabet="ab 1你好,，.。?！\n、", max_size=60))
def test_pieces_joined_are_the_text_and_end_at_marks(text):
    pieces = split_pieces(text)
    assert "".join(pieces) == text
    assert all(piece for piece in pieces)
    assert all(piece[-1] in MARKS and len(piece) >= SHORTEST_PIECE for piece in pieces[:-1])


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hello! I am VITA, an open model.", ["Hello!", " I am VITA,", " an open model."]),
        ("你好，我是一个机器人。你呢？", ["你好，我是一个机器人。", "你呢？"]),
        ("Yes.", ["Yes."]),
        ("It is 3.14, about.", ["It is 3.14,", " about."]),
        ("", []),
    ],
)
def test_text_is_cut_behind_marks_once_a_piece_is_long_enough(text, pieces):
    assert split_pieces(text) == pieces


@pytest.mark.parametrize(
    ("piece", "prepared"),
    [
        ("Hello!", "hello!"),
        ("☞Hi<|im_end|> there<unk>", "hi there"),
        ("**Bold** words", " bold  words"),
        ("x+y=3", "x加y等于3"),
        ("a >= b != c", "a 大于等于 b 不等于 c"),
        ("it is -5 here", "it is 负5 here"),
        ("sin x", " sine  x"),
        ("using a cosmic tangle", "using a cosmic tangle"),
        ("a well-known and/or old one", "a well-known and/or old one"),
        ("Π and α", "派  and alpha "),
        ("x^2", "x的2次方"),
        ("3(4)", "3乘4"),
        ("你好", "你好"),
        (" ... !", ""),
        ("☞", ""),
    ],
)
def test_a_piece_is_written_as_the_decoder_was_trained_on_it(piece, prepared):
    assert prepare_piece(piece) == prepared
