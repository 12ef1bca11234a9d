"""A checkpoint whose language model is stored in 8-bit integers, as llm-compressor writes it (compressed-tensors)."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.golden_data import V15, arrays, checkpoint
from tests.test_vllm_plugin import asked_of
from vita.errors import CheckpointError
from vita.model.checkpoint import check, load
from vita.model.configuration import VITAConfig

LEFT_OUT = "model.layers.1.mlp.down_proj"  # stays as it is, under its published name
GROUP = {
    "targets": ["Linear"],
    "weights": {"num_bits": 8, "type": "int", "symmetric": True, "strategy": "channel", "dynamic": False},
    "input_activations": {"num_bits": 8, "type": "int", "symmetric": True, "strategy": "token", "dynamic": True},
}
FORMAT = {
    "quant_method": "compressed-tensors",
    "format": "int-quantized",
    "quantization_status": "compressed",
    "config_groups": {"group_0": GROUP},
    "ignore": ["lm_head", LEFT_OUT],
}


def quantized(name):
    return name.startswith("model.layers.") and name.endswith("_proj.weight") and LEFT_OUT not in name


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = shutil.copytree(checkpoint(V15), tmp_path_factory.mktemp("quantized") / "ckpt")
    tensors = load_file(folder / "model.safetensors")
    for name in filter(quantized, list(tensors)):
        scale = tensors[name].abs().amax(1, keepdim=True) / 127
        tensors[name] = (tensors[name] / scale).round().to(torch.int8)
        tensors[f"{name}_scale"] = scale
    save_file(tensors, folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "quantization_config": FORMAT}))
    return folder


@pytest.mark.engine
def test_logits_of_the_quantized_language_model_are_nearly_those_of_the_whole(folder, tmp_path):
    options = (f"model={folder}", "dtype=bfloat16")  # on CPUs with AMX its kernel takes no float32
    answers = asked_of("vllm_shared", V15, tmp_path / "answers.pt", *options)
    for name, answer in answers.items():
        whole = torch.as_tensor(arrays(V15, "llm")[f"{name}__gen_logits"][0]).float()
        error = (answer["logits"] - whole).abs().mean() / whole.std()
        assert 1e-3 < error < 0.05, name


def test_towers_of_a_quantized_checkpoint_are_checked(folder, tmp_path):
    broken = shutil.copytree(folder, tmp_path / "broken")
    check(broken, VITAConfig.from_checkpoint(broken))
    tensors = load_file(broken / "model.safetensors")
    del tensors["model.mm_projector.0.bias"]
    save_file(tensors, broken / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"Missing \(1\): vision_tower.projector.0.bias"):
        check(broken, VITAConfig.from_checkpoint(broken))


def test_transformers_does_not_compute_with_integers_as_if_they_were_weights(folder):
    with pytest.raises(CheckpointError, match="only vLLM can compute with it"):
        load(folder)
