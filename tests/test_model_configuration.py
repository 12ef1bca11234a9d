"""Configurations of published layouts, from whole folders and from what is left of them."""

import json
import pickle
import shutil

import pytest
import torch
from transformers import AutoConfig

from tests.golden_data import V10, V15, checkpoint
from tests.layouts import demo_checkpoint
from vita.errors import CheckpointError
from vita.model.checkpoint_files import find_checkpoint_folder
from vita.model.configuration import VITAConfig
from vita.model.published_config import TEXT_TYPES
from vita.model.tower_configs import UPSTREAM_MODEL_TYPES


def parts(config):
    """What the layouts must agree on."""
    vision, audio, text = config.vision_config, config.audio_config, config.text_config
    return {
        "family": config.family,
        "vision": {key: getattr(vision, key) for key in type(vision).__annotations__ if key != "num_attention_heads"},
        "audio": {key: getattr(audio, key) for key in type(audio).__annotations__},
        "text": (text.model_type, text.hidden_size, text.vocab_size, text.rms_norm_eps, text.rope_parameters),
        "tiles": (config.min_tiles, config.max_tiles, config.use_thumbnail),
        "ids": (config.image_token_id, config.video_token_id, config.audio_token_id),
        "dtype": config.dtype,
    }


@pytest.fixture(params=[V10, V15])
def folder(request, tmp_path):
    """A checkpoint that a test may change, with no neighbours."""
    return shutil.copytree(checkpoint(request.param), tmp_path / "models" / "ckpt")


def edit(folder, **changes):
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_flat_layout_gives_all_parts(folder):
    config = VITAConfig.from_checkpoint(folder)
    tiny = config.vision_config
    assert (tiny.image_size, tiny.patch_size, tiny.num_hidden_layers) == (56, 14, 2)
    assert config.audio_config.hidden_size == tiny.hidden_size
    assert config.get_text_config() is config.text_config
    assert config.name_or_path == str(folder)
    assert config.dtype == torch.float32


def test_demo_layout_means_the_same(folder):
    flat = parts(VITAConfig.from_checkpoint(folder))
    shutil.copy(folder / "demo_files" / "config.json", folder / "config.json")
    assert parts(VITAConfig.from_checkpoint(folder)) == flat


def test_folder_of_upstreams_demo_means_the_same(folder, tmp_path):
    family = VITAConfig.from_checkpoint(folder).family
    found, published = map(VITAConfig.from_checkpoint, (demo_checkpoint(family, tmp_path / "demo"), folder))
    assert parts(found) == parts(published)
    assert found.vision_config.num_attention_heads == published.vision_config.num_attention_heads


@pytest.mark.parametrize("architecture", UPSTREAM_MODEL_TYPES)
def test_a_model_type_that_is_left_out_follows_from_the_architecture(folder, architecture):
    whole = VITAConfig.from_checkpoint(folder)
    text_type = TEXT_TYPES[UPSTREAM_MODEL_TYPES[architecture]]
    edit(folder, model_type=None, architectures=[architecture])
    found = VITAConfig.from_checkpoint(folder)
    assert found.text_config.model_type == text_type
    assert (parts(found) == parts(whole)) == (text_type == whole.text_config.model_type)


@pytest.mark.parametrize("absent", ["vision_config", "audio_config"])
def test_parts_that_the_demo_layout_leaves_out_follow_from_folders_and_tensors(folder, absent):
    whole = parts(VITAConfig.from_checkpoint(folder))
    demo = json.loads((folder / "demo_files" / "config.json").read_text())
    shutil.rmtree(folder / "demo_files")
    del demo[absent]
    (folder / "config.json").write_text(json.dumps(demo))
    assert parts(VITAConfig.from_checkpoint(folder)) == whole


def test_trained_audio_prompts_are_refused_in_the_demo_layout_too(tmp_path):
    folder = demo_checkpoint(V15, tmp_path / "demo")
    origin = json.loads((folder / "origin_config.json").read_text())
    (folder / "origin_config.json").write_text(json.dumps({**origin, "audio_prompt_finetune": True}))
    with pytest.raises(CheckpointError, match="audio_prompt_finetune"):
        VITAConfig.from_checkpoint(folder)


def test_sizes_follow_from_tensors_where_sub_folders_are_absent(folder):
    whole = parts(VITAConfig.from_checkpoint(folder))
    for name in ("demo_files", "InternViT-tiny", "audio-encoder-tiny"):
        shutil.rmtree(folder / name)
    edit(folder, mm_vision_tower="/absent/InternViT-300M-448px", mm_audio_encoder="/absent/audio-encoder")
    assert parts(VITAConfig.from_checkpoint(folder)) == whole


def test_heads_of_the_vision_tower_come_from_its_folder(folder):
    shutil.rmtree(folder / "demo_files")
    named = json.loads((folder / "InternViT-tiny" / "config.json").read_text())["num_attention_heads"]
    assert VITAConfig.from_checkpoint(folder).vision_config.num_attention_heads == named > 1


def test_encoders_beside_the_checkpoints_folder_are_found(folder):
    shutil.rmtree(folder / "demo_files")
    for name in ("InternViT-tiny", "audio-encoder-tiny"):
        (folder / name).rename(folder.parent / name)
    yaml = folder.parent / "audio-encoder-tiny" / "train.yaml"
    yaml.write_text(yaml.read_text().replace("chunk_size: -1", "chunk_size: 4"))
    config = VITAConfig.from_checkpoint(folder)
    assert config.vision_config.num_attention_heads > 1
    assert config.audio_config.chunk_size == 4


def test_auto_config_knows_published_model_types(folder):
    assert AutoConfig.from_pretrained(folder).to_dict() == VITAConfig.from_checkpoint(folder).to_dict()


def test_auto_config_passes_on_what_it_was_told(folder):
    config, unused = AutoConfig.from_pretrained(folder, max_tiles=3, nonsense=1, return_unused_kwargs=True)
    assert config.max_tiles == 3
    assert unused["nonsense"] == 1


def test_auto_config_knows_the_demos_model_type(tmp_path):
    folder = shutil.copytree(checkpoint(V10), tmp_path / "ckpt")
    shutil.copy(folder / "demo_files" / "config.json", folder / "config.json")
    config = AutoConfig.from_pretrained(folder)
    assert (config.model_type, config.architectures) == ("vita", ["VITAForConditionalGeneration"])


def test_our_own_layout_survives_saving_and_pickling(folder, tmp_path):
    config = VITAConfig.from_checkpoint(folder)
    config.save_pretrained(tmp_path / "saved")
    for copy in (AutoConfig.from_pretrained(tmp_path / "saved"), pickle.loads(pickle.dumps(config))):
        assert parts(copy) == parts(config)
        assert isinstance(copy, VITAConfig)
    (folder / "config.json").write_text((tmp_path / "saved" / "config.json").read_text())
    assert parts(VITAConfig.from_checkpoint(folder)) == parts(config)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_type": "bert"}, "describes no VITA model"),
        ({"model_type": "vita", "vision_config": {"model_type": "resnet"}}, "No part of the model is of type 'resnet'"),
        ({"model_type": "other", "text_config": {"model_type": "mixtral"}}, "describes no VITA model"),
        ({"model_type": None, "architectures": ["LlavaForConditionalGeneration"]}, "no VITA model.*Llava"),
        ({"model_type": None, "architectures": None}, "describes no VITA model"),
        ({"text_config": {"model_type": "llama"}}, "with a text model of type 'llama'"),
        ({"text_config": ["qwen2"]}, "its text_config is no object"),
        ({"model_type": "vita", "text_config": {}}, "has no 'model_type'"),
        ({"audio_prompt_finetune": True}, "not supported"),
    ],
)
def test_other_configurations_are_refused_by_name(folder, changes, message):
    edit(folder, **changes)
    with pytest.raises(CheckpointError, match=message):
        VITAConfig.from_checkpoint(folder)


def test_a_broken_config_is_a_checkpoint_error(folder):
    (folder / "config.json").write_text("[]")
    with pytest.raises(CheckpointError, match="no JSON object"):
        VITAConfig.from_checkpoint(folder)


def test_a_checkpoint_one_level_down_is_found_beside_a_whole_vision_encoder(folder):
    (folder / "InternViT-tiny").rename(folder.parent / "InternViT-tiny")
    shutil.copy(folder / "model.safetensors", folder.parent / "InternViT-tiny")
    assert find_checkpoint_folder(folder.parent) == folder


def test_a_folder_without_weights_is_no_checkpoint(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match="no checkpoint"):
        find_checkpoint_folder(tmp_path)


def test_a_name_that_can_be_no_repository_is_said_so():
    with pytest.raises(CheckpointError, match="neither a folder nor a name"):
        find_checkpoint_folder("/absent/folder")
