"""A checkpoint whose language model is stored in 8-bit integers, as llm-compressor writes it (compressed-tensors)."""

import json
import shutil
from importlib import import_module

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.golden_data import V15, arrays, checkpoint
from tests.test_vllm_plugin import asked_of
from vita.errors import CheckpointError
from vita.model.checkpoint_loading import check_checkpoint, load_model
from vita.model.configuration import VITAConfig

# What stays as it is, under its published names: a layer, and all parts of two that vLLM joins.
LEFT_OUT = ["model.layers.1.mlp.down_proj"]
LEFT_OUT += [f"model.layers.0.self_attn.{part}_proj" for part in "qkv"]
LEFT_OUT += [f"model.layers.0.mlp.{part}_proj" for part in ("gate", "up")]
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
    "ignore": ["lm_head", *LEFT_OUT],
}


def quantized(name):
    layer = name.removesuffix(".weight")
    return name.startswith("model.layers.") and layer.endswith("_proj") and layer not in LEFT_OUT


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


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # of torch, when vLLM imports it
@pytest.mark.parametrize(
    ("joined", "parts"),
    [("self_attn.qkv_proj", ["q_proj", "k_proj", "v_proj"]), ("mlp.gate_up_proj", ["gate_proj", "up_proj"])],
)
def test_layers_that_vllm_joins_are_found_in_lists_of_published_names(joined, parts):
    layers = import_module("vllm.model_executor.layers.quantization")
    of_tensors = import_module(f"{layers.__name__}.compressed_tensors.compressed_tensors").CompressedTensorsConfig
    gptq = import_module(f"{layers.__name__}.auto_gptq").AutoGPTQConfig
    model = import_module("vita.vllm_plugin.vllm_model").VITAForConditionalGeneration
    configure = import_module("vllm.model_executor.model_loader.utils").configure_quant_config
    block, layer = joined.split(".")[0], f"language_model.model.layers.3.{joined}"
    names = [f"model.layers.3.{block}.{part}" for part in parts]

    tensors = of_tensors.from_config({**FORMAT, "ignore": names})
    configure(tensors, model)
    ignored = import_module(f"{layers.__name__}.compressed_tensors.utils").should_ignore_layer
    assert ignored(layer, tensors.ignore, tensors.packed_modules_mapping)
    assert not ignored(layer.replace("3", "4"), tensors.ignore, tensors.packed_modules_mapping)

    listed = {"bits": 4, "group_size": 32, "desc_act": False, "modules_in_block_to_quantize": names}
    packed = gptq.from_config({**listed, "sym": True, "quant_method": "gptq", "lm_head": False})
    configure(packed, model)
    is_quantized = import_module(f"{layers.__name__}.utils.gptq_utils").is_layer_gptq_quantized
    chosen = packed.modules_in_block_to_quantize
    assert is_quantized(layer, chosen, packed.packed_modules_mapping)
    assert not is_quantized(layer.replace("3", "4"), chosen, packed.packed_modules_mapping)


def test_towers_of_a_quantized_checkpoint_are_checked(folder, tmp_path):
    broken = shutil.copytree(folder, tmp_path / "broken")
    check_checkpoint(broken, VITAConfig.from_checkpoint(broken))
    tensors = load_file(broken / "model.safetensors")
    del tensors["model.mm_projector.0.bias"]
    save_file(tensors, broken / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"Missing \(1\): vision_tower.projector.0.bias"):
        check_checkpoint(broken, VITAConfig.from_checkpoint(broken))


def test_transformers_does_not_compute_with_integers_as_if_they_were_weights(folder):
    with pytest.raises(CheckpointError, match="only vLLM can compute with it"):
        load_model(folder)
