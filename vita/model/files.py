"""What lies in a checkpoint's folder: the folder itself, JSON files, safetensors headers. Knows no model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from safetensors import SafetensorError, safe_open

from vita.errors import CheckpointError

# What a checkpoint needs; the last is the weights of its speech decoder.
PATTERNS = ["*.json", "*.model", "*.txt", "*.yaml", "*.safetensors", "*global_cmvn", "vita_tts_ckpt/*/final.pt"]
INDEX = "model.safetensors.index.json"

Shape = tuple[int, ...]


def find(name: str | Path) -> Path:
    """The folder of a checkpoint, from a folder or a name on the Hub; downloads what is not there yet.

    The folder with config.json may also be one level down, as in repositories that publish several checkpoints.

    Raises:
        CheckpointError: there is no such checkpoint, or it cannot be fetched.
    """
    root = Path(name).expanduser()
    return _folder_with_config(root if root.is_dir() else _download(str(name)))


def _folder_with_config(root: Path) -> Path:
    inside = [file.parent for file in sorted(root.glob("*/config.json")) if _has_all_parts(read_json(file))]
    for folder in (root, *inside):
        if (folder / "config.json").is_file() and shards(folder):
            return folder
    raise CheckpointError(f"{root} is no checkpoint: it has no folder with both config.json and *.safetensors.")


def _has_all_parts(config: dict[str, Any]) -> bool:
    """Whether a config.json is of a whole VITA in any layout, not of its vision encoder alone."""
    return "text_config" in config or "mm_audio_encoder" in config


def _download(name: str) -> Path:
    try:
        return Path(snapshot_download(name, allow_patterns=PATTERNS))
    except HFValidationError as e:
        raise CheckpointError(f"{name} is neither a folder nor a name on the Hub.") from e
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as e:
        raise CheckpointError(f"{name} is no folder, and the Hub did not give it: {e}") from e


def read_json(file: Path) -> dict[str, Any]:
    """The object in a JSON file.

    Raises:
        CheckpointError: it is absent, or holds no JSON object.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise CheckpointError(f"{file} cannot be read: {e}") from e
    if not isinstance(data, dict):
        raise CheckpointError(f"{file} holds no JSON object.")
    return data


def shards(folder: Path) -> list[Path]:
    """The safetensors files that make up the checkpoint, in order; those of the index where there is one."""
    if (folder / INDEX).is_file():
        return [folder / name for name in sorted(set(read_json(folder / INDEX)["weight_map"].values()))]
    return sorted(folder.glob("*.safetensors"))


def shapes(folder: Path) -> dict[str, Shape]:
    """Name and shape of every tensor, from the headers alone.

    Raises:
        CheckpointError: a shard is absent or damaged.
    """
    found: dict[str, Shape] = {}
    for shard in shards(folder):
        try:
            with safe_open(shard, framework="pt") as tensors:
                found.update({key: tuple(tensors.get_slice(key).get_shape()) for key in tensors.keys()})  # noqa: SIM118
        except (OSError, SafetensorError) as e:
            raise CheckpointError(f"{shard} cannot be read: {e}") from e
    return found
