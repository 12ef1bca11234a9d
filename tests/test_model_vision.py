"""InternViT, pixel shuffle and projector against upstream's."""

import pytest
import torch

from tests.golden_data import V10, V15, arrays, checkpoint, clip, close, picture
from tests.peak_tensors import PeakTensors
from vita.model import internvit
from vita.model.checkpoint_loading import load_model
from vita.model.configuration import VITAConfig
from vita.model.internvit import InternViT, pixel_shuffle
from vita.model.tile_processor import ImageProcessor
from vita.model.tower_configs import InternViTConfig


@pytest.fixture(scope="module")
def tower():
    return load_model(checkpoint(V10)).vision_tower.requires_grad_(False)


@pytest.fixture(scope="module")
def processor():
    return ImageProcessor(VITAConfig.from_checkpoint(checkpoint(V10)), checkpoint(V10))


@pytest.fixture
def stored():
    return arrays(V10, "vision_img3")


def test_embeddings_and_first_layer_are_upstreams(tower, processor, stored):
    x = tower.encoder.embeddings(processor(picture("img3").image))
    close(x, stored["embeddings"])
    close(tower.encoder.layers[0](x), stored["layer0"])


def test_encoder_has_no_final_norm(tower, processor, stored):
    last = tower.encoder(processor(picture("img3").image))
    close(last, stored["last_hidden"])
    close(last[:, 1:], stored["selected"])


def test_features_are_halved_and_shuffled_as_upstreams(tower, processor, stored):
    close(tower.patch_features(processor(picture("img3").image)), stored["pixel_shuffled"])


@pytest.mark.parametrize("name", ["img1", "img2", "img3", "video"])
def test_projected_tokens_of_pictures_and_frames_are_upstreams(tower, processor, name):
    pixels = processor.frames(clip().frames) if name == "video" else processor(picture(name).image)
    close(tower(pixels), arrays(V10, "vision_projected")[name])


def test_projected_tokens_of_version_1_5_are_upstreams(processor):
    tower = load_model(checkpoint(V15)).vision_tower.requires_grad_(False)
    close(tower(processor(picture("img3").image)), arrays(V15, "encoders")["img3"])


def test_more_tiles_than_are_encoded_at_once_give_what_each_gives_and_take_hardly_more_memory(tower, monkeypatch):
    tiles = torch.randn(9, 3, 56, 56, generator=torch.Generator().manual_seed(1))
    whole = tower(tiles)
    with PeakTensors() as unbounded:
        tower(tiles)
    monkeypatch.setattr(internvit, "TILES_AT_ONCE", 2)
    with PeakTensors() as bounded:
        close(tower(tiles), whole)
    assert bounded.peak < 0.5 * unbounded.peak


def test_pixel_shuffle_joins_squares_in_upstreams_order():
    stored = arrays(V10, "pixel_shuffle_index")
    assert torch.equal(pixel_shuffle(stored["inp"], 0.5), stored["out"])


def test_pixel_shuffle_keeps_every_value_at_any_ratio():
    x = torch.arange(2 * 9 * 9 * 2.0).view(2, 9, 9, 2)
    merged = pixel_shuffle(x, 1 / 3)
    assert merged.shape == (2, 3, 3, 18)
    assert torch.equal(merged.flatten().sort().values, x.flatten())
    assert torch.equal(merged[0, 0, 1, :6], x[0, 0, 3:6].flatten())


def test_encoder_with_normed_queries_and_keys_has_their_weights():
    config = InternViTConfig(
        hidden_size=8,
        intermediate_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=28,
        qk_normalization=True,
    )
    encoder = InternViT(config).requires_grad_(False)
    assert encoder.layers[0].attn.q_norm.weight.shape == (8,)
    assert torch.isfinite(encoder(torch.randn(1, 3, 28, 28, generator=torch.Generator().manual_seed(0)))).all()
