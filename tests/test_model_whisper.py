"""The tower that VITA-Nano hears with, in every kind of numbers that an engine may compute with."""

import pytest
import torch

from vita.model.configuration import VITAConfig
from vita.nano.build_checkpoint import build_nano
from vita.nano.model.whisper_tower import WhisperWordsTower

pytestmark = pytest.mark.embedded


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_words_pass_as_they_are_and_the_verdict_stays_behind(dtype):
    config = VITAConfig.from_checkpoint(build_nano())
    sounds = [torch.full((rows, config.audio_config.hidden_size), 0.3) for rows in (2, 5)]
    embeddings = WhisperWordsTower(config).to(dtype)(sounds)
    assert all(one.equal(sound[1:]) for one, sound in zip(embeddings, sounds, strict=True))
