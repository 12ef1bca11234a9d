"""Read the configuration of a checkpoint folder as upstream publishes it, or ours.

Two layouts of config.json are about: the text model's fields with VITA's own among them (``vita-mixtral``,
``vita-Qwen2``), and one with ``text_config``, ``vision_config`` and ``audio_config`` (``mixtral_multimodal``, from
the demo). The first names folders of the training machine for the two encoders; those folders, or copies of the demo's
config.json, may lie in the checkpoint's. Where they do not, the sizes follow from the shapes of the tensors.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from transformers import CONFIG_MAPPING

from vita.errors import CheckpointError
from vita.model.checkpoint_files import Shape, read_json, shapes
from vita.model.configuration import InternViTConfig, VITAConfig, WhaleConfig
from vita.tokens import Family

TEXT_TYPES = {"vita-mixtral": "mixtral", "vita-Qwen2": "qwen2"}
ARCHITECTURES = {"mixtral": "MixtralForCausalLM", "qwen2": "Qwen2ForCausalLM", "llama": "LlamaForCausalLM"}
FAMILIES = {"mixtral": Family.VITA_1_0, "qwen2": Family.VITA_1_5, "llama": Family.NANO}
ROPE_FIELDS = {"rope_theta", "rope_scaling"}  # given as fields in files older than transformers 5

VISION_PREFIX = "model.vision_tower.vision_tower."
AUDIO_PREFIX = "model.audio_encoder."
HEAD_SIZE = 64  # of every InternViT


def read_config(folder: Path) -> VITAConfig:
    """The configuration in ``folder``, whichever layout it has.

    Raises:
        CheckpointError: config.json is of no layout that we know.
    """
    file = folder / "config.json"
    data = read_json(file)
    try:
        config = _read(data, folder)
    except (KeyError, TypeError, ValueError) as e:
        raise CheckpointError(f"{file} is not as VITA's are: {e!r}.") from e
    config.name_or_path = str(folder)
    return config


def _read(data: dict[str, Any], folder: Path) -> VITAConfig:
    model_type = data.get("model_type")
    if model_type == VITAConfig.model_type:
        return VITAConfig(**data)
    if data.get("audio_prompt_finetune"):
        raise CheckpointError(f"{folder} has trained audio prompts (audio_prompt_finetune), which are not supported.")
    if model_type in TEXT_TYPES:
        return _flat(data, folder)
    if "text_config" in data:
        return _nested(data, folder)
    raise CheckpointError(f"{folder / 'config.json'} describes no VITA model (model_type {model_type!r}).")


def _flat(data: dict[str, Any], folder: Path) -> VITAConfig:
    text_type = TEXT_TYPES[data["model_type"]]
    known = {field.name for field in dataclasses.fields(CONFIG_MAPPING[text_type])} | ROPE_FIELDS
    text = {key: value for key, value in data.items() if key in known}
    demo = _demo_config(folder)
    return _assemble(
        text_config={**text, "model_type": text_type},
        vision=demo.get("vision_config") or _vision_folder(folder) or _vision_sizes(shapes(folder)),
        audio=demo.get("audio_config") or {},
        folder=folder,
        data={**data, **demo},
    )


def _nested(data: dict[str, Any], folder: Path) -> VITAConfig:
    return _assemble(data["text_config"], data["vision_config"], data["audio_config"], folder, data)


def _assemble(
    text_config: dict[str, Any], vision: dict[str, Any], audio: dict[str, Any], folder: Path, data: dict[str, Any]
) -> VITAConfig:
    text_type = text_config["model_type"]
    dtype = data.get("torch_dtype") or data.get("dtype") or text_config.get("torch_dtype")
    extra = {"quantization_config": data["quantization_config"]} if "quantization_config" in data else {}
    return VITAConfig(
        family=FAMILIES[text_type].value,
        text_config={**text_config, "architectures": [ARCHITECTURES[text_type]], "torch_dtype": dtype},
        vision_config=InternViTConfig(**_fields(InternViTConfig, vision)),
        audio_config=WhaleConfig(**{**_audio_sizes(shapes(folder)), **_fields(WhaleConfig, audio), **_chunks(folder)}),
        downsample_ratio=data.get("downsample_ratio", 0.5),
        min_tiles=data.get("min_dynamic_patch", 1),
        max_tiles=data.get("max_dynamic_patch", 12),
        use_thumbnail=data.get("use_thumbnail", True),
        torch_dtype=dtype,
        **extra,
    )


def _fields(config: type[Any], data: dict[str, Any]) -> dict[str, Any]:
    """The fields that the class itself declares; upstream's files name many that no code reads."""
    return {key: value for key, value in data.items() if key in config.__annotations__}


def _near(folder: Path, *patterns: str) -> Iterable[Path]:
    """Files in ``folder``; and beside it, where a repository keeps the encoders next to the checkpoint's folder."""
    for place in (folder, folder.parent):
        for pattern in patterns:
            yield from sorted(place.glob(pattern))


def _demo_config(folder: Path) -> dict[str, Any]:
    for file in sorted(folder.glob("demo_files/config.json")):
        return read_json(file)
    return {}


def _vision_folder(folder: Path) -> dict[str, Any]:
    for file in _near(folder, "InternViT*/config.json"):
        return read_json(file)
    return {}


def _chunks(folder: Path) -> dict[str, int]:
    """The static attention chunks that train.yaml asks for; none where it is absent or draws them at random.

    VITA-1.5's config.json names another repository for that file. It is not fetched: upstream's vLLM code attends
    fully without reading it.
    """
    for file in _near(folder, "audio-encoder*/train.yaml"):
        try:
            settings = yaml.safe_load(file.read_text(encoding="utf-8"))["encoder_conf"]["para_conf"]["transformer"]
        except (yaml.YAMLError, OSError) as e:
            raise CheckpointError(f"{file} cannot be read: {e}") from e
        if not settings.get("transformer-dynamic-chunks", True):
            size, left = settings.get("transformer-chunk_size", -1), settings.get("transformer-left_chunks", -1)
            return {"chunk_size": size, "left_chunks": left}
    return {}


def _layers(found: dict[str, Shape], prefix: str) -> int:
    pattern = re.compile(re.escape(prefix) + r"(\d+)\.")
    return 1 + max(int(match[1]) for match in map(pattern.match, found) if match)


def _vision_sizes(found: dict[str, Shape]) -> dict[str, Any]:
    embeddings, layers = f"{VISION_PREFIX}embeddings.", f"{VISION_PREFIX}encoder.layers."
    if f"{embeddings}patch_embedding.weight" not in found:
        return {}
    hidden, channels, patch, _ = found[f"{embeddings}patch_embedding.weight"]
    side = math.isqrt(found[f"{embeddings}position_embedding"][1] - 1)
    return {
        "hidden_size": hidden,
        "num_channels": channels,
        "patch_size": patch,
        "image_size": side * patch,
        "num_hidden_layers": _layers(found, layers),
        "intermediate_size": found[f"{layers}0.mlp.fc1.weight"][0],
        "num_attention_heads": max(1, hidden // HEAD_SIZE),
    }


def _audio_sizes(found: dict[str, Shape]) -> dict[str, Any]:
    layers = f"{AUDIO_PREFIX}encoder.enc.1.encoders."
    if f"{layers}0.self_attn.pos_bias_u" not in found:
        return {}
    heads, head_size = found[f"{layers}0.self_attn.pos_bias_u"]
    return {
        "hidden_size": heads * head_size,
        "num_attention_heads": heads,
        "num_hidden_layers": _layers(found, layers),
        "intermediate_size": found[f"{layers}0.feed_forward.w_1.weight"][0],
        "input_dim": found[f"{AUDIO_PREFIX}encoder.global_cmvn.mean"][0],
        "adapter_kernel_size": found[f"{AUDIO_PREFIX}adpter.conv1d2.weight"][2],
    }
