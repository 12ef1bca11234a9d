"""VITA-1.5's speech decoder against the published computation, and how its codes are drawn."""

from __future__ import annotations

import pytest
import torch

from tests.speech_golden import ARRAYS, SPEECH, TEXTS
from vita.speech.vita_voice.speech_decoder import CodeSampling, draw_code
from vita.speech.vita_voice.speech_loading import load_speech_networks


@pytest.fixture(scope="module")
def decoder():
    return load_speech_networks(SPEECH)[0]


def vectors(name):
    return ARRAYS[f"{name}__hidden"][0]


def logits_along(decoder, name, tokens):
    """Logits of each step where the answers are ``tokens``."""
    codes, steps = [decoder.sound_start], []
    for step, logits in enumerate(decoder.stream_logits(vectors(name), codes, len(tokens) + 1)):
        steps.append(logits)
        codes += tokens[step : step + 1]
    return torch.stack(steps)


@pytest.mark.parametrize("name", TEXTS)
def test_what_the_codes_are_conditioned_on_is_the_published_values(decoder, name):
    expected = ARRAYS[f"{name}__pre_nn"][0]
    with torch.inference_mode():
        actual = decoder.encode_text(vectors(name))
    assert float((actual - expected).abs().max()) <= 1e-5 * float(expected.abs().max())


@pytest.mark.parametrize("name", TEXTS)
def test_logits_of_every_step_are_the_published_ones(decoder, name):
    torch.testing.assert_close(
        logits_along(decoder, name, TEXTS[name]["tokens"]), ARRAYS[f"{name}__logits"], atol=1e-3, rtol=0
    )


@pytest.mark.parametrize("name", TEXTS)
def test_greedy_codes_are_exactly_the_published_ones(decoder, name):
    assert list(decoder.stream_codes(vectors(name), CodeSampling(top_k=1))) == TEXTS[name]["tokens"]


@pytest.mark.parametrize("name", TEXTS)
def test_repetition_is_penalised_as_published(decoder, name):
    expected = TEXTS[name]["tokens_penalty_1.1_window_20"]
    sampling = CodeSampling(top_k=1, penalty=1.1, window=20)
    assert list(decoder.stream_codes(vectors(name), sampling, 60))[: len(expected)] == expected


@pytest.mark.parametrize("name", TEXTS)
def test_drawn_codes_are_among_the_two_likeliest_and_the_same_for_the_same_seed(decoder, name):
    drawn = list(decoder.stream_codes(vectors(name), CodeSampling(seed=3), 60))
    likeliest = logits_along(decoder, name, drawn)[: len(drawn)].topk(2).indices.tolist()
    assert all(code in pair for code, pair in zip(drawn, likeliest, strict=True))
    assert drawn == list(decoder.stream_codes(vectors(name), CodeSampling(seed=3), 60))


def test_other_seeds_draw_other_codes(decoder):
    drawn = {tuple(decoder.stream_codes(vectors("sentence"), CodeSampling(seed=seed), 40)) for seed in range(5)}
    assert len(drawn) == 5


def test_no_text_has_no_codes_and_a_limit_ends_them(decoder):
    assert list(decoder.stream_codes(torch.empty(0, 16), CodeSampling())) == []
    assert len(list(decoder.stream_codes(vectors("sentence"), CodeSampling(top_k=1), 5))) == 5


def test_codes_are_made_only_as_they_are_asked_for(decoder):
    steps = []
    count = decoder.norm.register_forward_hook(lambda *_: steps.append(1))
    stream = decoder.stream_codes(vectors("sentence"), CodeSampling(top_k=1))
    assert [next(stream), next(stream)] == TEXTS["sentence"]["tokens"][:2]
    stream.close()
    count.remove()
    assert len(steps) == 2


def test_a_penalty_divides_once_for_each_time_that_a_code_stands_in_the_window():
    sampling = CodeSampling(top_k=1, penalty=2.0, window=3)
    generator = torch.Generator()
    assert draw_code(torch.tensor([4.0, 1.5, -9.0]), [0, 2, 0], sampling, generator) == 1  # 4 / 2 / 2 = 1 < 1.5
    assert draw_code(torch.tensor([4.0, 1.5, -9.0]), [0, 0, 2, 1, 2], sampling, generator) == 0  # out of the window
    rising = CodeSampling(top_k=1, penalty=2.0, window=1)
    assert draw_code(torch.tensor([-4.0, -3.0]), [0], rising, generator) == 0  # -4 / 2 > -3


def test_a_special_code_is_never_given_for_sound(decoder):
    bias = decoder.out_fnn.bias.clone()
    with torch.no_grad():
        for special in (decoder.text_begin, decoder.sound_start, decoder.padding):
            decoder.out_fnn.bias[special] += 1_000
    drawn = list(decoder.stream_codes(vectors("short"), CodeSampling(), 20))
    with torch.no_grad():
        decoder.out_fnn.bias.copy_(bias)
    assert drawn
    assert max(drawn) < decoder.config.odim
