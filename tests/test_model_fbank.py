"""Filter bank features against upstream's, which come from Kaldi's code in torchaudio."""

import numpy as np
import pytest
import torch

from tests.golden_data import V10, arrays, checkpoint, close, sound
from vita.model.configuration import VITAConfig
from vita.model.fbank import FFT, HOP, SHORTEST_SAMPLES, WINDOW, FbankFrontEnd, frame_count, kaldi_fbank, mel_filters
from vita.model.whale_encoder import SHORTEST


@pytest.fixture(scope="module")
def front_end():
    return FbankFrontEnd(VITAConfig.from_checkpoint(checkpoint(V10)), checkpoint(V10))


@pytest.mark.parametrize("name", ["audio_3s", "audio_1p3s"])
def test_features_of_a_recording_are_upstreams(front_end, name):
    close(front_end(sound(name).samples), arrays(V10, "fbank")[name], tolerance=1e-3)


def test_constants_follow_from_milliseconds_at_16_khz():
    assert (WINDOW, HOP, FFT) == (400, 160, 512)


@pytest.mark.parametrize(("samples", "frames"), [(0, 0), (399, 0), (400, 1), (559, 1), (560, 2), (16_000, 98)])
def test_frame_count_leaves_out_a_rest_that_fills_no_window(samples, frames):
    assert frame_count(samples) == frames
    if frames:
        assert len(kaldi_fbank(torch.zeros(samples), mel_filters(80))) == frames


@pytest.mark.parametrize("samples", [0, 1, 399, SHORTEST_SAMPLES - 1])
def test_a_sound_too_short_for_a_token_is_filled_with_silence(front_end, samples):
    features = front_end(np.ones(samples, np.float32))
    assert len(features) == SHORTEST
    assert len(front_end.token_ids(features)) == 1
    assert torch.isfinite(features).all()


def test_silence_is_the_logarithm_of_the_floor(front_end):
    close(front_end(np.zeros(1600, np.float32)), torch.full((8, 80), float(np.log(np.finfo(np.float32).eps))))


def test_a_higher_tone_lights_a_higher_filter(front_end):
    time = np.arange(16_000) / 16_000
    peaks = [
        int(front_end(np.sin(2 * np.pi * hertz * time).astype(np.float32)).mean(0).argmax())
        for hertz in (100, 400, 1_000, 3_000, 7_000)
    ]
    assert peaks == sorted(set(peaks))


def test_the_features_do_not_touch_the_samples_or_change_from_call_to_call(front_end):
    samples = sound("audio_1p3s").samples
    before = samples.copy()
    assert torch.equal(front_end(samples), front_end(samples))
    assert np.array_equal(samples, before)


@pytest.mark.parametrize(("seconds", "tokens"), [(0.01, 1), (1.0, 12), (2.0, 24), (3.0, 37), (10.0, 124)])
def test_largest_number_of_tokens_is_that_of_the_sounds_length(front_end, seconds, tokens):
    assert front_end.max_tokens(seconds) == tokens
    samples = np.zeros(int(seconds * 16_000), np.float32)
    assert len(front_end.token_ids(front_end(samples))) == tokens
