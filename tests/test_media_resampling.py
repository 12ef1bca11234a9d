"""The resampler of VITA's training, against upstream's features and against the formula written out."""

import math

import numpy as np
import pytest
import soundfile
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.golden_data import INPUTS, V10, V15, arrays, checkpoint, close
from vita.errors import MediaError
from vita.media import SAMPLE_RATE, load_sound
from vita.media.resampling import RATES, SincResampler, filter_reach, reduced_ratio, resample_sound, sinc_weights
from vita.model.configuration import VITAConfig
from vita.model.fbank import FbankFrontEnd

COMMON = (8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000)
rates = st.sampled_from(COMMON) | st.integers(RATES.start, 100_000)
FILE = INPUTS / "audio_2s_24k.wav"


def white_noise(count, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, count).astype(np.float32)


def sum_written_out(samples, rate, target):
    """The sum over all input samples that torchaudio's documentation gives, in float64."""
    base = 0.99 * min(rate, target)
    into = np.arange(math.ceil(len(samples) * target / rate))[:, None] / target
    t = ((np.arange(len(samples)) / rate - into) * base).clip(-6, 6)
    return (np.sinc(t) * np.cos(t * np.pi / 12) ** 2 * base / rate) @ samples.astype(np.float64)


@pytest.mark.parametrize(
    ("family", "name", "key"), [(V10, "fbank", "audio_24k_correct"), (V15, "encoders", "fbank_24k")]
)
def test_features_of_a_file_at_another_rate_are_upstreams(family, name, key):
    front_end = FbankFrontEnd(VITAConfig.from_checkpoint(checkpoint(family)), checkpoint(family))
    close(front_end(load_sound(FILE).samples), arrays(family, name)[key], tolerance=1e-3)


def test_a_steeper_filter_would_shift_the_highest_mel_bins():
    import soxr

    samples, rate = soundfile.read(FILE, dtype="float32")
    front_end = FbankFrontEnd(VITAConfig.from_checkpoint(checkpoint(V10)), checkpoint(V10))
    steep = front_end(soxr.resample(samples, rate, SAMPLE_RATE))
    assert (steep - arrays(V10, "fbank")["audio_24k_correct"])[:, -1].abs().mean() > 0.5


@given(rates, rates, st.integers(1, 400), st.integers(0, 9))
@settings(max_examples=60)
def test_every_rate_becomes_every_other_by_the_formula(rate, target, count, seed):
    assume(rate != target)
    samples = white_noise(count, seed)
    with np.errstate(all="raise"):
        found = resample_sound(samples, rate, target)
    assert found.dtype == np.float32
    assert len(found) == -(-count * target // rate)
    np.testing.assert_allclose(found, sum_written_out(samples, rate, target), atol=2e-5)


@given(st.sampled_from(RATES), st.integers(0, 500))
@settings(max_examples=40)
def test_a_sound_keeps_its_length_in_seconds(rate, count):
    assert len(resample_sound(np.zeros(count, np.float32), rate)) == math.ceil(count * SAMPLE_RATE / rate)


@given(rates)
def test_a_constant_keeps_its_level(rate):
    up, down = reduced_ratio(rate, SAMPLE_RATE)
    count = 4 * (filter_reach(up, down) // up + 1) + 100
    level = resample_sound(np.full(count, 0.5, np.float32), rate)
    middle = level[len(level) // 3 : -len(level) // 3]
    np.testing.assert_allclose(middle, 0.5, rtol=3e-3)  # a window of 6 crossings ripples by so much


@given(rates, st.floats(0.05, 0.8), st.floats(0, 6.28))
@settings(max_examples=20)
def test_a_tone_below_the_cutoff_stays_where_it_is(rate, part, phase):
    hertz = part * min(rate, SAMPLE_RATE) / 2
    samples = np.sin(2 * np.pi * hertz * np.arange(rate // 20) / rate + phase).astype(np.float32)
    found = resample_sound(samples, rate)
    expected = np.sin(2 * np.pi * hertz * np.arange(len(found)) / SAMPLE_RATE + phase)
    middle = slice(len(found) // 4, -len(found) // 4)
    assert found[middle] @ expected[middle] > 0.999 * np.linalg.norm(found[middle]) * np.linalg.norm(expected[middle])


def test_at_its_own_rate_a_sound_is_left_as_it_is():
    samples = white_noise(100)
    assert resample_sound(samples, SAMPLE_RATE) is samples


def test_the_filter_ends_where_its_reach_says():
    up, down = reduced_ratio(24_000, SAMPLE_RATE)
    reach = filter_reach(up, down)
    weights = sinc_weights(np.arange(-reach - 2, reach + 3), up, down)
    assert np.flatnonzero(weights).tolist() == list(range(2, 2 * reach + 3))
    assert weights.argmax() == reach + 2


@pytest.mark.parametrize("rate", [0, -8_000, RATES.start - 1, RATES.stop])
def test_a_rate_of_no_recorder_is_refused_before_the_work(rate):
    with pytest.raises(MediaError, match="samples a second cannot be used"):
        resample_sound(white_noise(10), rate)


@given(st.data(), rates, st.integers(0, 3_000))
@settings(max_examples=60)
def test_blocks_of_any_length_give_what_the_whole_gives(data, rate, count):
    samples = np.random.default_rng(count).uniform(-1, 1, count).astype(np.float32)
    cuts = sorted(data.draw(st.lists(st.integers(0, count), max_size=6)))
    resampler = SincResampler(rate)
    blocks = [resampler.resample_block(block) for block in np.split(samples, cuts)]
    blocks.append(resampler.resample_block(np.zeros(0, np.float32), last=True))
    whole = SincResampler(rate).resample_block(samples, last=True)
    np.testing.assert_allclose(np.concatenate(blocks), whole, atol=1e-6)
