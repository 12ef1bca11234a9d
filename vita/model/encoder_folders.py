"""The encoders' folders that a published checkpoint names, and what its train.yaml says of attention.

A config.json names them by paths of the training machine; upstream's demo asks to rename that file to
origin_config.json. They lie in the checkpoint's folder or beside it, under the last part of that path. A folder of
another name is another version's and is not looked into.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import yaml  # type: ignore[import-untyped]

from vita.errors import CheckpointError
from vita.model.checkpoint_files import read_json

VISION_NAME, AUDIO_NAME = "mm_vision_tower", "mm_audio_encoder"  # fields of config.json
ORIGIN = "origin_config.json"  # what upstream's demo has config.json renamed to before it copies its own

Settings = dict[str, Any]


def named_fields(folder: Path, config: Settings) -> Settings:
    """The fields of config.json, and those of origin_config.json that it lacks.

    Raises:
        CheckpointError: origin_config.json cannot be read.
    """
    origin = folder / ORIGIN
    return {**(read_json(origin) if origin.is_file() else {}), **config}


def vision_settings(folder: Path, name: str | None) -> Settings:
    """config.json of the vision encoder's folder that ``name`` (a path or a name on the Hub) leads to, else empty.

    Raises:
        CheckpointError: it cannot be read, or there are several that differ and none is named.
    """
    return _settings_of(_encoder_files(folder, name, "InternViT*/config.json"), read_json, name, VISION_NAME)


def static_chunks(folder: Path, name: str | None) -> dict[str, int]:
    """``chunk_size`` and ``left_chunks`` that the audio encoder's train.yaml asks for; empty: attend fully.

    Full attention also where the file is absent, as in upstream's vLLM code, which never reads it, and where it asks
    for chunks of random size, which upstream's transformers code would draw at inference too.

    Raises:
        CheckpointError: train.yaml cannot be read, or there are several that differ and none is named.
    """
    return _settings_of(_encoder_files(folder, name, "audio-encoder*/train.yaml"), _chunks_of, name, AUDIO_NAME)


def _encoder_files(folder: Path, name: str | None, pattern: str) -> list[Path]:
    """The file where a named encoder may lie; of one that nothing names, all in the checkpoint's folder that fit."""
    if name is None:
        return sorted(folder.glob(pattern))
    path = PurePosixPath(name.replace("\\", "/"))
    places = [Path(path)] if path.is_absolute() else []
    places += [folder / path.name, folder.parent / path.name] if path.name else []
    return [file for place in places if (file := place / PurePosixPath(pattern).name).is_file()]


def _settings_of(files: list[Path], read: Callable[[Path], Settings], name: str | None, field: str) -> Settings:
    found = [read(file) for file in (files[:1] if name else files)]
    if any(other != found[0] for other in found):
        several = ", ".join(file.parent.name for file in files)
        raise CheckpointError(
            f'{files[0].parents[1]} has several encoders ({several}); say which one in config.json as "{field}".'
        )
    return found[0] if found else {}


def _chunks_of(file: Path) -> dict[str, int]:
    """What one train.yaml says, by the rules of upstream's ``whaleEncoder``: ``-`` and ``_`` are alike in keys."""
    try:
        settings = _transformer_settings(_underscored(yaml.safe_load(file.read_text(encoding="utf-8")))["encoder_conf"])
        if settings.get("transformer_dynamic_chunks", True) is True:
            return {}
        size, left = (int(settings.get(f"transformer_{key}", -1)) for key in ("chunk_size", "left_chunks"))
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as e:
        raise CheckpointError(f"{file} cannot be read: {e}") from e
    except KeyError as e:
        raise CheckpointError(f"{file} is no train.yaml of VITA's audio encoder: it has no {e}.") from e
    except (TypeError, ValueError, AttributeError) as e:
        raise CheckpointError(f"{file} is no train.yaml of VITA's audio encoder: {e}.") from e
    return {"chunk_size": size, "left_chunks": left} if size > 0 else {}


def _transformer_settings(encoder: Settings) -> Settings:
    """The settings that the transformer is made with: the overview's, then those of each layer up to it, in order."""
    settings: Settings = dict(encoder.get("overview_conf") or {})
    for layer in settings.get("encoder_layer_config", "subsampling-transformer").split("-"):
        settings |= encoder["para_conf"][layer]
        if layer.split("_")[0] == "transformer":
            break
    return settings


def _underscored(value: Any) -> Any:
    """Mappings at any depth with ``_`` for every ``-`` in their keys."""
    if not isinstance(value, dict):
        return value
    return {str(key).replace("-", "_"): _underscored(inner) for key, inner in value.items()}
