"""What lies in a checkpoint's folder: the folder itself, JSON files, safetensors headers. Knows no model."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from safetensors import SafetensorError, safe_open

from vita.errors import CheckpointError

# What a checkpoint needs; the last is the weights of its speech decoder.
PATTERNS = ["*.json", "*.model", "*.txt", "*.yaml", "*.safetensors", "*global_cmvn", "vita_tts_ckpt/*/final.pt"]
INDEX = "model.safetensors.index.json"

SHARD_NAME = re.compile(r"(?P<stem>.+)-\d+-of-(?P<count>\d+)\.safetensors")
POINTER = b"version https://git-lfs"  # how a file begins that Git LFS has not fetched yet

Shape = tuple[int, ...]


def find_checkpoint_folder(name: str | Path) -> Path:
    """The folder of a checkpoint, from a folder or a name on the Hub; downloads what is not there yet.

    The folder with config.json may also be one level down, as in repositories that publish several checkpoints.

    Raises:
        CheckpointError: there is no such checkpoint, or it cannot be fetched.
    """
    root = Path(name).expanduser()
    return _folder_with_config(root if root.is_dir() else _download_checkpoint(str(name)))


def _folder_with_config(root: Path) -> Path:
    inside = [file.parent for file in sorted(root.glob("*/config.json")) if _has_all_parts(read_json(file))]
    for folder in (root, *inside):
        if (folder / "config.json").is_file() and weight_shards(folder):
            return folder
    raise CheckpointError(f"{root} is no checkpoint: it has no folder with both config.json and *.safetensors.")


def _has_all_parts(config: dict[str, Any]) -> bool:
    """Whether a config.json is of a whole VITA in any layout, not of its vision encoder alone."""
    return "text_config" in config or "mm_audio_encoder" in config


def _download_checkpoint(name: str) -> Path:
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


def weight_shards(folder: Path) -> list[Path]:
    """The safetensors files that make up the checkpoint, in order; those of the index where there is one.

    Raises:
        CheckpointError: a file is absent that the index names, or that the number in the others' names asks for.
    """
    if (folder / INDEX).is_file():
        try:
            names = sorted(set(read_json(folder / INDEX)["weight_map"].values()))
        except (KeyError, AttributeError, TypeError) as e:
            raise CheckpointError(f"{folder / INDEX} is no index of tensors; download it again.") from e
    else:
        names = [name for file in sorted(folder.glob("*.safetensors")) for name in _with_siblings(file.name)]
        names = list(dict.fromkeys(names))
    if absent := [name for name in names if not (folder / name).is_file()]:
        raise CheckpointError(f"{folder} lacks {', '.join(absent)}; download the checkpoint again.")
    return [folder / name for name in names]


def _with_siblings(name: str) -> list[str]:
    """The names of all shards where one is called "...-00001-of-00004.safetensors"; else the name alone."""
    numbered = SHARD_NAME.fullmatch(name)
    if not numbered:
        return [name]
    width = len(numbered["count"])
    numbers = range(1, int(numbered["count"]) + 1)
    return [f"{numbered['stem']}-{number:0{width}}-of-{numbered['count']}.safetensors" for number in numbers]


def tensor_shapes(folder: Path) -> dict[str, Shape]:
    """Name and shape of every tensor, from the headers alone.

    Raises:
        CheckpointError: a shard is absent, damaged or no more than a pointer, or two have the same tensor.
    """
    found: dict[str, Shape] = {}
    holders: dict[str, Path] = {}
    for shard in weight_shards(folder):
        for key, shape in _shapes_in(shard).items():
            if key in found:
                both = f"{holders[key].name} and {shard.name}"
                raise CheckpointError(f"{folder} has {key} twice, in {both}; keep the files of one checkpoint only.")
            found[key], holders[key] = shape, shard
    return found


def _shapes_in(shard: Path) -> dict[str, Shape]:
    try:
        with safe_open(shard, framework="pt") as tensors:
            return {key: tuple(tensors.get_slice(key).get_shape()) for key in tensors.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as e:
        if _is_pointer(shard):
            raise CheckpointError(f"{shard} is a Git LFS pointer and no weights; run git lfs pull.") from e
        raise CheckpointError(f"{shard} cannot be read: {e}") from e


def _is_pointer(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(len(POINTER)) == POINTER
    except OSError:
        return False
