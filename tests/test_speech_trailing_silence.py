"""How long a voice has been quiet."""

from __future__ import annotations

import numpy as np

from vita.speech.trailing_silence import PIECE, TrailingSilence


def pieces(*loud: float) -> np.ndarray:
    return np.repeat(np.array(loud, np.float32), PIECE)


def test_quiet_is_counted_from_the_end_of_the_voice():
    hush = TrailingSilence(0.1)
    assert hush.feed_frame(pieces(0.5, 0.5, 0.01)) == PIECE
    assert hush.feed_frame(pieces(0.01, 0.01)) == 3 * PIECE
    assert hush.feed_frame(pieces(0.01, 0.4)) == 0


def test_what_is_loud_depends_on_the_voice():
    assert TrailingSilence(0.1).feed_frame(pieces(0.05, 0.01)) == 0
    assert TrailingSilence(0.1).feed_frame(pieces(0.5, 0.01)) == PIECE


def test_silence_before_the_voice_is_not_its_hush():
    assert TrailingSilence(0.1).feed_frame(pieces(0.0, 0.0)) == 0


def test_a_shout_is_forgotten():
    hush = TrailingSilence(0.1)
    hush.feed_frame(pieces(0.9))
    assert hush.feed_frame(pieces(0.08)) == PIECE
    hush.feed_frame(pieces(*[0.08] * 250))
    assert hush.feed_frame(pieces(0.08)) == 0
