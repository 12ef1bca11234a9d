"""The tower that VITA-Nano hears with, in every kind of numbers that an engine may compute with."""

import pytest
import torch

from vita.model.configuration import VITAConfig
from vita.model.whisper import WhisperWordsTower
from vita.nano.build import build


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_features_in_float32_become_embeddings_of_the_models_own_kind(dtype):
    config = VITAConfig.from_checkpoint(build())
    tower = WhisperWordsTower(config).to(dtype)
    torch.nn.init.ones_(tower.markers)
    sounds = [torch.full((rows, config.audio_config.hidden_size), 0.25) for rows in (1, 4)]
    embeddings = tower(sounds)
    assert [tuple(one.shape) for one in embeddings] == [tuple(sound.shape) for sound in sounds]
    assert {one.dtype for one in embeddings} == {dtype}
    assert embeddings[1][1:].float().equal(sounds[1][1:])
