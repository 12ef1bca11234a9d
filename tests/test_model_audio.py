"""The Whale encoder and adapter, stage by stage, against upstream's."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.golden_data import V10, V15, arrays, checkpoint, close, values
from tests.peak_tensors import PeakTensors
from vita.model import whale_encoder
from vita.model.checkpoint_loading import load_model
from vita.model.whale_encoder import chunk_mask, encoder_frames, group_by_frames, sinusoid_positions, token_count


@pytest.fixture(scope="module")
def tower():
    return load_model(checkpoint(V10)).audio_tower.requires_grad_(False)


@pytest.fixture
def sounds():
    stored = arrays(V10, "fbank")
    return [stored["audio_3s"], stored["audio_1p3s"]]


@pytest.fixture
def chunked(tower):
    """A way to set chunks, undone after the test."""
    config = tower.encoder.config

    def set_chunks(size, left):
        config.chunk_size, config.left_chunks = size, left

    yield set_chunks
    config.chunk_size, config.left_chunks = -1, -1


def encode(tower, features):
    valid = torch.ones(1, encoder_frames(len(features)), dtype=torch.bool)
    return tower.encoder(tower.cmvn(features[None]), valid), valid


def test_cmvn_is_upstreams(tower, sounds):
    close(tower.cmvn(sounds[0][None])[:, :6], arrays(V10, "audio_single")["cmvn"])
    close(tower.cmvn(sounds[0])[:6], arrays(V10, "audio_web_demo")["cmvn_features"])


def test_subsampling_and_embedding_are_upstreams(tower, sounds):
    stored = arrays(V10, "audio_single")
    x = tower.encoder.subsampling(tower.cmvn(sounds[0][None]))
    close(x, stored["subsample"])
    close(tower.encoder.embed(x)[:, :8], stored["embed"])


def test_first_layer_is_upstreams(tower, sounds):
    x = tower.encoder.embed(arrays(V10, "audio_single")["subsample"]) * 8.0  # the square root of 64 features
    mask = torch.ones(1, 73, 73, dtype=torch.bool)
    close(tower.encoder.layers[0](x, sinusoid_positions(73, 64), mask), arrays(V10, "audio_single")["layer0"])


def test_encoder_and_adapter_are_upstreams_of_training_and_of_the_demo(tower, sounds):
    encoded, valid = encode(tower, sounds[0])
    close(encoded, arrays(V10, "audio_single")["encoder_out"])
    close(encoded, arrays(V10, "audio_web_demo")["encoder_out"])
    close(tower.adapter(encoded, valid), arrays(V10, "audio_single")["adapter_out"])


def test_sounds_of_unequal_length_give_what_each_gives_alone(tower, sounds):
    stored = arrays(V10, "audio_batch")
    together = tower(sounds)
    for row, mask, mine, alone in zip(
        stored["adapter_out"], stored["adapter_mask"], together, [tower([sound])[0] for sound in sounds], strict=True
    ):
        close(mine, row[mask])
        close(mine, alone)
    close(together[1], stored["second_alone"][0])


def test_sounds_in_groups_and_subsampled_in_parts_give_what_each_gives_whole(tower, sounds, monkeypatch):
    many = [sounds[0], sounds[1], sounds[0][:40], sounds[1][:7], sounds[0]]
    whole = [tower([sound])[0] for sound in many]
    monkeypatch.setattr(whale_encoder, "FRAMES_AT_ONCE", 300)
    monkeypatch.setattr(whale_encoder, "SUBSAMPLED_AT_ONCE", 10)
    for mine, alone in zip(tower(many), whole, strict=True):
        close(mine, alone)


@given(st.lists(st.integers(7, 6_000), max_size=12), st.integers(7, 10_000))
def test_groups_hold_every_sound_once_and_no_more_frames_than_allowed(lengths, most):
    groups = list(group_by_frames(lengths, most))
    assert sorted(number for group in groups for number in group) == list(range(len(lengths)))
    for group in groups:
        assert len(group) == 1 or max(lengths[number] for number in group) * len(group) <= most


def test_eight_long_sounds_take_hardly_more_memory_than_one(tower):
    def peak(count):
        with PeakTensors() as tensors:
            tower([torch.zeros(whale_encoder.FRAMES_AT_ONCE, 80)] * count)
        return tensors.peak

    assert peak(8) < 1.5 * peak(1)


def test_whole_encoder_of_version_1_5_is_upstreams(sounds):
    tower = load_model(checkpoint(V15)).audio_tower.requires_grad_(False)
    close(tower(sounds[:1])[0], arrays(V15, "encoders")["audio_3s"][0])


@pytest.mark.parametrize(("left", "name"), [(16, "enc_chunk4_left16"), (2, "enc_chunk4_left2")])
def test_static_chunks_are_upstreams(tower, sounds, chunked, left, name):
    chunked(4, left)
    encoded, valid = encode(tower, sounds[0])
    close(encoded, arrays(V10, "audio_chunked")[name])
    if left == 16:
        close(tower.adapter(encoded, valid), arrays(V10, "audio_chunked")["adapter_chunk4_left16"])


def test_every_length_gives_as_many_frames_and_tokens_as_upstream():
    rows = values(V10, "audio_lengths")["rows"]
    assert len(rows) >= 70
    for fbank_frames, frames, tokens, valid in rows:
        assert encoder_frames(fbank_frames) == frames
        assert token_count(fbank_frames) == tokens == valid


def test_tower_gives_as_many_embeddings_as_were_counted(tower):
    sounds = [torch.zeros(frames, 80) for frames in (7, 8, 15, 30, 98)]
    assert [len(tokens) for tokens in tower(sounds)] == [token_count(len(sound)) for sound in sounds]


def test_too_few_frames_give_no_token():
    assert [token_count(frames) for frames in (0, 1, 6)] == [0, 0, 0]


def test_chunks_see_themselves_and_what_they_may_of_the_past():
    seen = chunk_mask(6, 2, 1).int().tolist()
    assert seen == [[1, 1, 0, 0, 0, 0]] * 2 + [[1, 1, 1, 1, 0, 0]] * 2 + [[0, 0, 1, 1, 1, 1]] * 2


def test_chunks_with_negative_past_see_all_of_it_and_no_chunks_see_everything():
    assert chunk_mask(4, 2, -1).int().tolist() == [[1, 1, 0, 0]] * 2 + [[1, 1, 1, 1]] * 2
    assert chunk_mask(3, -1, 5).all()
    assert chunk_mask(3, 0, -1).all()


def test_positions_interleave_sine_and_cosine():
    table = sinusoid_positions(3, 4)
    close(table[0], [0.0, 1.0, 0.0, 1.0])
    close(table[2], [0.909297, -0.416147, 0.019999, 0.999800])
