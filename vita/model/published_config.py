"""Read the configuration of a checkpoint folder as upstream publishes it, or ours.

Two layouts of config.json are about: the text model's fields with VITA's own among them (``vita-mixtral``,
``vita-Qwen2``), and one with ``text_config``, ``vision_config`` and ``audio_config`` (``mixtral_multimodal`` and
``qwen2_multimodal``, from the demo; the second leaves its ``model_type`` to the code that ``auto_map`` names, which is
never run). The first names folders of the training machine for the two encoders, see ``encoder_folders``. What no file
tells follows from the shapes of the tensors.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transformers import CONFIG_MAPPING

from vita.errors import CheckpointError
from vita.model.checkpoint_files import Shape, read_json, tensor_shapes
from vita.model.encoder_folders import AUDIO_NAME, VISION_NAME, named_fields, static_chunks, vision_settings
from vita.model.tower_configs import MODEL_TYPE, UPSTREAM_MODEL_TYPES, InternViTConfig, WhaleConfig
from vita.tokens import Family

TEXT_TYPES = {  # of the language model, by the model type of the whole
    "vita-mixtral": "mixtral",
    "vita-Qwen2": "qwen2",
    "vita-fo-Qwen2": "qwen2",
    "mixtral_multimodal": "mixtral",
    "qwen2_multimodal": "qwen2",
}
ARCHITECTURES = {"mixtral": "MixtralForCausalLM", "qwen2": "Qwen2ForCausalLM", "llama": "LlamaForCausalLM"}
FAMILIES = {"mixtral": Family.VITA_1_0, "qwen2": Family.VITA_1_5, "llama": Family.NANO}
ROPE_FIELDS = {"rope_theta", "rope_scaling"}  # given as fields in files older than transformers 5

VISION_PREFIX = "model.vision_tower.vision_tower."
AUDIO_PREFIX = "model.audio_encoder."
HEAD_SIZE = 64  # of every InternViT


@contextmanager
def explain_config_errors(folder: Path) -> Iterator[None]:
    """Raise CheckpointError, naming the file, for what is wrong with the contents of a config.json."""
    file = folder / "config.json"
    try:
        yield
    except KeyError as e:
        raise CheckpointError(f"{file} is not as VITA's are: it has no {e}.") from e
    except (TypeError, ValueError, AttributeError) as e:
        raise CheckpointError(f"{file} is not as VITA's are: {e}.") from e


def read_config_fields(folder: Path) -> dict[str, Any]:
    """The fields of the ``VITAConfig`` in ``folder``, whichever layout it has; within ``explain_config_errors``.

    Raises:
        CheckpointError: config.json is of no layout that we know.
    """
    data = read_json(folder / "config.json")
    if data.get("model_type") == MODEL_TYPE:
        return data
    text_type = _text_type(data, folder)
    data = named_fields(folder, data)
    if data.get("audio_prompt_finetune"):
        raise CheckpointError(f"{folder} has trained audio prompts (audio_prompt_finetune), which are not supported.")
    if text := _object_field(data, "text_config"):
        return _assemble_config(text_type, text, folder, data)
    return _assemble_config(text_type, _text_fields(data, text_type), folder, {**data, **_demo_config(folder)})


def _object_field(data: dict[str, Any], name: str) -> dict[str, Any]:
    """The object of that name; an empty one where it is absent."""
    part = data.get(name)
    if not isinstance(part, dict | None):
        raise TypeError(f"its {name} is no object")
    return part or {}


def _text_type(data: dict[str, Any], folder: Path) -> str:
    """Which language model it is: by the model type of the whole, by its architecture where that is absent."""
    model_type, names = data.get("model_type"), data.get("architectures") or []
    if model_type is None:
        model_type = next((UPSTREAM_MODEL_TYPES[name] for name in names if name in UPSTREAM_MODEL_TYPES), None)
    if model_type not in TEXT_TYPES:
        raise CheckpointError(
            f"{folder / 'config.json'} describes no VITA model (model_type {model_type!r}, architectures {names})."
        )
    text_type = TEXT_TYPES[model_type]
    stated = _object_field(data, "text_config").get("model_type", text_type)
    if stated != text_type:
        raise CheckpointError(f"{folder / 'config.json'} joins {model_type} with a text model of type {stated!r}.")
    return text_type


def _text_fields(data: dict[str, Any], text_type: str) -> dict[str, Any]:
    """The fields of the language model among all of a flat config.json."""
    known = {field.name for field in dataclasses.fields(CONFIG_MAPPING[text_type])} | ROPE_FIELDS
    return {key: value for key, value in data.items() if key in known}


def _assemble_config(text_type: str, text: dict[str, Any], folder: Path, data: dict[str, Any]) -> dict[str, Any]:
    """A configuration's fields: of the language model ``text``, and of all of ``data`` for the rest."""
    dtype = data.get("torch_dtype") or data.get("dtype") or text.get("torch_dtype") or text.get("dtype")
    extra = {"quantization_config": data["quantization_config"]} if "quantization_config" in data else {}
    found = tensor_shapes(folder)
    vision = (
        _object_field(data, "vision_config") or vision_settings(folder, data.get(VISION_NAME)) or _vision_sizes(found)
    )
    audio = {
        **_audio_sizes(found),
        **_declared_fields(WhaleConfig, _object_field(data, "audio_config")),
        **static_chunks(folder, data.get(AUDIO_NAME)),
    }
    parts = {"model_type": text_type, "architectures": [ARCHITECTURES[text_type]], "torch_dtype": dtype}
    return {
        "family": FAMILIES[text_type].value,
        "text_config": {**text, **parts},
        "vision_config": InternViTConfig(**_declared_fields(InternViTConfig, vision)),
        "audio_config": WhaleConfig(**audio),
        "downsample_ratio": data.get("downsample_ratio", 0.5),
        "min_tiles": data.get("min_dynamic_patch", 1),
        "max_tiles": data.get("max_dynamic_patch", 12),
        "use_thumbnail": data.get("use_thumbnail", True),
        "torch_dtype": dtype,
        **extra,
    }


def _declared_fields(config: type[Any], data: dict[str, Any]) -> dict[str, Any]:
    """The fields that the class itself declares; upstream's files name many that no code reads."""
    return {key: value for key, value in data.items() if key in config.__annotations__}


def _demo_config(folder: Path) -> dict[str, Any]:
    """The demo's config.json where its files lie in a folder of their own."""
    file = folder / "demo_files" / "config.json"
    return read_json(file) if file.is_file() else {}


def _layer_count(found: dict[str, Shape], prefix: str) -> int:
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
        "num_hidden_layers": _layer_count(found, layers),
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
        "num_hidden_layers": _layer_count(found, layers),
        "intermediate_size": found[f"{layers}0.feed_forward.w_1.weight"][0],
        "input_dim": found[f"{AUDIO_PREFIX}encoder.global_cmvn.mean"][0],
        "adapter_kernel_size": found[f"{AUDIO_PREFIX}adpter.conv1d2.weight"][2],
    }
