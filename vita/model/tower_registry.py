"""Which classes make up a part of the model, by the ``model_type`` of its configuration. The only such table.

Classes are named, not imported: a checkpoint with a Whale encoder never imports Whisper.

What each class must offer:

- config: a PreTrainedConfig.
- tower: an ``nn.Module`` made from a VITAConfig. Vision: pixels [tiles, 3, S, S] -> [tiles, tokens, hidden].
  Audio: list of [T_i, F] -> list of [n_i, hidden].
- processor: made from a VITAConfig and the checkpoint's folder, runs on the CPU. Vision: ``(picture, max_tiles)`` ->
  float32 [tiles, 3, S, S], ``frames(pictures)`` -> float32 [n, 3, S, S], and ``tokens_per_tile``.
  Audio: ``(samples)`` -> float32 [T, F], ``token_ids(features)`` -> a placeholder for each embedding that the tower
  gives for them, and ``max_tokens(seconds)`` -> the most that a sound of that length can have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from vita.errors import CheckpointError


@dataclass(frozen=True)
class TowerPart:
    """Where the classes of a part are, as ``module:name``."""

    config: str
    tower: str
    processor: str


VISION: Mapping[str, TowerPart] = {
    "intern_vit_6b": TowerPart(
        config="vita.model.tower_configs:InternViTConfig",
        tower="vita.model.internvit:VisionTower",
        processor="vita.model.tile_processor:ImageProcessor",
    ),
    "efficientnet-captions": TowerPart(
        config="vita.nano.model.captioning_tower:CaptionsConfig",
        tower="vita.nano.model.captioning_tower:CaptionTower",
        processor="vita.nano.model.captioning_tower:CaptionedImages",
    ),
}
AUDIO: Mapping[str, TowerPart] = {
    "whale": TowerPart(
        config="vita.model.tower_configs:WhaleConfig",
        tower="vita.model.whale_encoder:AudioTower",
        processor="vita.model.fbank:FbankFrontEnd",
    ),
    "whisper-words": TowerPart(
        config="vita.nano.model.whisper_tower:WhisperWordsConfig",
        tower="vita.nano.model.whisper_tower:WhisperWordsTower",
        processor="vita.nano.model.whisper_tower:WhisperWordsFrontEnd",
    ),
}


def tower_part(table: Mapping[str, TowerPart], model_type: str) -> TowerPart:
    """The part of that type.

    Raises:
        CheckpointError: no part has that type.
    """
    if model_type not in table:
        raise CheckpointError(f"No part of the model is of type {model_type!r}; known are {', '.join(sorted(table))}.")
    return table[model_type]


def load_class(path: str) -> Any:
    """The class that ``module:name`` names."""
    module, name = path.split(":")
    return getattr(import_module(module), name)
