"""Teaching the recogniser: the batched pass is the decoder's own, and changes begin as none."""

import numpy as np
import pytest
import torch

from evals.synthetic.speech_programs import EVALUATION, TRAINING
from evals.synthetic.utterances import words_of
from recipes.nano.train import train_recognizer
from recipes.nano.train.train_recognizer import (
    EncoderChanges,
    Spoken,
    add_low_rank,
    decode_logits,
    recognition_loss,
    untaught_recogniser,
)
from vita.model.configuration import VITAConfig
from vita.nano import build_checkpoint as nano
from vita.nano.model.log_mel import mel_filters

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def config():
    return VITAConfig.from_checkpoint(nano.build_nano()).audio_config


@pytest.fixture
def recogniser(config):
    return untaught_recogniser(config)


@torch.inference_mode()
def test_reading_all_words_at_once_gives_what_one_at_a_time_does(config, recogniser):
    encoded = torch.randn(20, config.width)
    tokens = [config.start_token, config.no_timestamps_token, 1867, 318]
    at_once = decode_logits(recogniser.decoder, encoded, torch.tensor(tokens))
    caches = recogniser.decoder.new_caches(encoded)
    single = [recogniser.decoder(token, place, caches)[0] for place, token in enumerate(tokens)]
    torch.testing.assert_close(at_once, torch.stack(single), atol=1e-3, rtol=1e-3)


def test_a_step_makes_the_words_that_were_said_likelier_and_is_merged_by_name(config, recogniser):
    part = [Spoken(np.random.default_rng(n).normal(0, 0.1, 8000).astype(np.float32), [1867 + n]) for n in range(2)]
    changes, filters = EncoderChanges(add_low_rank(recogniser.encoder)), mel_filters(config.mel_bins)
    before = recognition_loss(recogniser, config, filters, part)
    before.backward()
    with torch.no_grad():
        for parameter in changes.parameters():
            if parameter.grad is not None:
                parameter -= 0.01 * parameter.grad / (parameter.grad.norm() + 1e-9)
    assert recognition_loss(recogniser, config, filters, part) < before
    tensors = changes.change_tensors()
    source = {f"{name.removeprefix(nano.ADAPTED).removesuffix('.down')}.weight" for name in tensors if "down" in name}
    assert source <= {f"encoder.{name.replace('linear.', '')}" for name in recogniser.encoder.state_dict()}


def test_no_word_or_voice_of_the_evaluation_is_learnt_from():
    said = " ".join(train_recognizer.training_sentences(200)).lower()
    assert not {word for word in words_of("test") if f" {word} " in f" {said} "}
    assert not set(TRAINING) & set(EVALUATION)


def test_the_same_seed_gives_the_same_sentences():
    assert train_recognizer.training_sentences(50) == train_recognizer.training_sentences(50)
