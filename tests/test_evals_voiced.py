"""Where somebody speaks, as Silero's own program finds it."""

from __future__ import annotations

import numpy as np
import pytest
import silero_vad
import torch

from evals.bundled.make_dialogues import DIALOGUES
from evals.conversation.voice_segments import _padded_spans, _voiced_pieces, voice_spans
from evals.scorers.full_duplex_metrics import Span
from evals.task import BUNDLED
from vita.media import SAMPLE_RATE, load_sound
from vita.speech.voice_activity import FRAME

NAMES = ["asked_capital", "asked_lock", "noise_tune", "duplex_listen_garden", "duplex_nod_fox", "duplex_room_news"]


@pytest.fixture(scope="module")
def peer():
    return silero_vad.load_silero_vad(onnx=True)


@pytest.mark.parametrize("name", NAMES)
def test_speech_is_where_the_packages_own_program_finds_it(peer, name):
    samples = load_sound(BUNDLED / f"media/{name}.ogg").samples
    theirs = silero_vad.get_speech_timestamps(torch.from_numpy(samples), peer, sampling_rate=SAMPLE_RATE)
    expected = [(span["start"] / SAMPLE_RATE, span["end"] / SAMPLE_RATE) for span in theirs]
    found = [(span.start, span.end) for span in voice_spans(samples)]
    assert np.array(found).reshape(-1, 2) == pytest.approx(np.array(expected).reshape(-1, 2), abs=0.04)


def test_a_short_gap_is_none_and_a_short_sound_is_no_speech():
    second = SAMPLE_RATE // FRAME
    voice, gap = [1.0] * second, [0.0] * 2
    assert len(list(_voiced_pieces(voice + gap + voice, len(voice + gap + voice) * FRAME))) == 1
    assert len(list(_voiced_pieces(voice + [0.0] * 6 + voice, 70 * FRAME))) == 2
    assert list(_voiced_pieces([0.0] * 9 + [1.0] * 4 + [0.0] * 9, 22 * FRAME)) == []
    wavering = [0.6] + [0.4] * second
    assert len(list(_voiced_pieces(wavering, len(wavering) * FRAME))) == 1, "what has begun goes on at less"


def test_neighbours_share_the_gap_between_them():
    first, second = _padded_spans([Span(0.0, 1.0), Span(1.02, 2.0)], 2.01)
    assert (first.start, first.end) == (0.0, pytest.approx(1.01))
    assert (second.start, second.end) == (pytest.approx(1.01), pytest.approx(2.01))


def test_silence_and_nothing_have_no_speech():
    assert voice_spans(np.zeros(SAMPLE_RATE, np.float32)) == ()
    assert voice_spans(np.zeros(0, np.float32)) == ()


def test_another_rate_gives_the_same_places():
    samples = load_sound(BUNDLED / "media/asked_capital.ogg").samples
    [here], [there] = voice_spans(samples), voice_spans(np.repeat(samples, 2), 2 * SAMPLE_RATE)
    assert (there.start, there.end) == pytest.approx((here.start, here.end), abs=0.05)


def test_every_dialogue_ships():
    assert {path.stem for path in (BUNDLED / "media").glob("duplex_*.ogg")} == {f"duplex_{name}" for name in DIALOGUES}
