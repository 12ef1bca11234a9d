"""VITA-1.5's codec against the published computation, whole and in windows."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tests.speech_golden import ARRAYS, EXPECTED, LONG, SPEECH, STREAMED
from vita.speech.vita_voice.code_windows import window_codes
from vita.speech.vita_voice.speech_codec import SpeechResidualBlock, join_weight_norm
from vita.speech.vita_voice.speech_loading import load_speech_networks

SAMPLES = 600  # a code


@pytest.fixture(scope="module")
def codec():
    return load_speech_networks(SPEECH)[1]


def join_windows(codec, codes, chunk):
    pieces = [
        codec.decode_codes(window.codes)[window.kept.start * SAMPLES : window.kept.stop * SAMPLES]
        for window in window_codes(codes, chunk)
    ]
    return torch.cat(pieces) if pieces else torch.zeros(0)


@pytest.mark.parametrize("stored", ["codec__wave", "codec__wave_1", "codec__wave_2", "codec__wave_5"])
def test_the_sound_of_codes_is_the_published_one(codec, stored):
    expected = ARRAYS[stored].flatten()
    codes = ARRAYS["codec__codes"][: len(expected) // SAMPLES].tolist()
    torch.testing.assert_close(codec.decode_codes(codes), expected, atol=1e-5, rtol=0)


def test_the_vectors_of_codes_and_of_the_speaker_are_the_published_ones(codec):
    quantized = ARRAYS["codec__quantized"][0].T
    codes = ARRAYS["codec__codes"][: len(quantized)]
    assert torch.equal(codec.code_vectors[codes], quantized)
    assert torch.equal(codec.speaker, ARRAYS["codec__global"][0])


@pytest.mark.parametrize("stream", EXPECTED["streams"], ids=lambda stream: f"{stream['wave']}")
def test_windows_joined_are_the_published_stream(codec, stream):
    joined = join_windows(codec, STREAMED[stream["tokens"]], stream["codec_chunk_size"])
    assert len(joined) == stream["samples"]
    if stream["wave"] in ARRAYS:
        torch.testing.assert_close(joined, ARRAYS[stream["wave"]].float(), atol=1e-3, rtol=0)
    elif stream["wave"]:  # of these only sums are stored: of squares of a kind, of magnitudes
        assert float(joined.abs().double().sum()) == pytest.approx(EXPECTED["wave_sums"][stream["wave"]][1], rel=1e-5)


def test_one_code_and_none_are_a_fortieth_of_a_second_and_nothing(codec):
    assert len(join_windows(codec, LONG[:1], 20)) == SAMPLES
    assert len(join_windows(codec, [], 20)) == 0


@given(st.lists(st.integers(0, 39), max_size=150), st.integers(1, 60), st.integers(0, 12))
def test_what_windows_keep_joined_is_all_codes_each_with_its_neighbours(codes, chunk, padding):
    windows = list(window_codes(codes, chunk, padding))
    place = 0
    for number, window in enumerate(windows):
        kept = window.codes[window.kept]
        assert window.codes == tuple(codes[place - window.left : place + len(kept) + window.right])
        assert window.left == min(place, padding)
        if number < len(windows) - 1:
            assert len(kept) == chunk
            assert window.right == padding
        place += len(kept)
    assert place == len(codes)
    assert not windows or windows[-1].right == 0 or padding == 0


def test_a_window_is_given_as_soon_as_its_last_code_is_there():
    arrived = []

    def codes():
        for code in range(200):
            arrived.append(code)
            yield code

    windows = window_codes(codes(), chunk=20, padding=10)
    seen = [(len(window.codes), len(arrived)) for window, _ in zip(windows, range(3), strict=False)]
    assert seen == [(30, 30), (40, 50), (40, 70)]


def test_the_second_kind_of_residual_block_has_one_convolution_a_dilation():
    torch.manual_seed(0)
    block = SpeechResidualBlock("2", 4, 3, [1, 3]).eval()
    sound = torch.randn(1, 4, 30)
    expected = sound
    for convolution in block.convs:
        expected = expected + convolution(nn.functional.leaky_relu(expected, 0.1))
    assert [convolution.dilation for convolution in block.convs] == [(1,), (3,)]
    torch.testing.assert_close(block(sound), expected)


@pytest.mark.parametrize("layer", [nn.Conv1d(4, 6, 3), nn.ConvTranspose1d(6, 4, 4)])
def test_weight_norms_are_multiplied_out_as_torch_does(layer):
    normed = nn.utils.parametrizations.weight_norm(layer)
    scale = torch.rand_like(normed.parametrizations.weight.original0)
    normed.parametrizations.weight.original0.data.copy_(scale)
    torch.testing.assert_close(
        join_weight_norm(scale, normed.parametrizations.weight.original1).detach(), normed.weight.detach()
    )
