"""One configuration for the three checkpoint families; ``published_config`` reads the published layouts.

Importing this module teaches transformers' AutoConfig the model types of all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from transformers import CONFIG_MAPPING, AutoConfig, PretrainedConfig

from vita.model.checkpoint_files import find_checkpoint_folder
from vita.model.published_config import explain_config_errors, read_config_fields
from vita.model.tower_configs import MODEL_TYPE
from vita.model.tower_registry import AUDIO, VISION, load_class, tower_part

PLACEHOLDERS = 3  # vocabulary rows at the very end that stand for an image's, a video's and a sound's tokens


class VITAConfig(PretrainedConfig):
    """Text, vision and audio parts, and what joins them.

    Attributes:
        family: a value of ``vita.tokens.Family``.
        downsample_ratio: side of the visual token grid, as a part of the patch grid's, after the pixel shuffle.
        visual_scale: factor on the visual features before the pixel shuffle (upstream's ``scale_pix_shuffle``).
        min_tiles, max_tiles: tiles an image may be cut into, the thumbnail not counted.
        use_thumbnail: append the whole image to the tiles of one that was cut.
        state_token_ids: the state tokens in the order of ``vita.tokens.State``, of a checkpoint that is held to them:
            its answers begin with one that fits the question. Empty for upstream's, which write them by themselves.
        image_token_id, video_token_id, audio_token_id: placeholders; -1: one of the last rows of the vocabulary,
            which are padding that no text can produce.
        verdict_token_ids: rows of the same kind for the first token of a sound whose front end classifies it, see
            ``vita.model.sound_verdicts``. Empty where the checkpoint's does not.
        penalizes_earlier_answers: whether going on word for word as an earlier answer is made less likely, which small
            models need.
        languages: what it understands and speaks, ISO 639-1 codes.
    """

    model_type = MODEL_TYPE
    sub_configs: ClassVar[dict[str, Any]] = {"text_config": AutoConfig}
    has_no_defaults_at_init = True

    family: str = ""
    text_config: Any = None
    vision_config: Any = None
    audio_config: Any = None
    downsample_ratio: float = 0.5
    visual_scale: float = 0.5
    min_tiles: int = 1
    max_tiles: int = 12
    use_thumbnail: bool = True
    state_token_ids: Sequence[int] = ()
    image_token_id: int = -1
    video_token_id: int = -1
    audio_token_id: int = -1
    verdict_token_ids: Sequence[int] = ()
    penalizes_earlier_answers: bool = False
    languages: Sequence[str] = ("en", "zh")
    tie_word_embeddings: bool = False

    def __post_init__(self, **kwargs: Any) -> None:
        """Make configurations of the parts that came as plain dicts, and place the placeholders."""
        if isinstance(self.text_config, dict):
            self.text_config = CONFIG_MAPPING[self.text_config["model_type"]](**self.text_config)
        self.vision_config = _part_config(VISION, self.vision_config)
        self.audio_config = _part_config(AUDIO, self.audio_config)
        if self.text_config is not None:
            self._place_tokens(self.text_config.vocab_size)
        self.architectures = ["VITAForConditionalGeneration"]
        super().__post_init__(**kwargs)

    @property
    def sound_token_ids(self) -> list[int]:
        """All that can stand for a token of a sound."""
        return [self.audio_token_id, *self.verdict_token_ids]

    @property
    def sight_names(self) -> dict[str, frozenset[str]] | None:
        """What pictures may be watched for by name, where the model cannot be asked yes or no; None where it can."""
        names: dict[str, frozenset[str]] | None = self.vision_config.sight_names()
        return names

    def _place_tokens(self, vocab_size: int) -> None:
        if self.image_token_id < 0:
            self.image_token_id = vocab_size - 1
        if self.video_token_id < 0:
            self.video_token_id = vocab_size - 2
        if self.audio_token_id < 0:
            self.audio_token_id = vocab_size - PLACEHOLDERS

    @classmethod
    def from_checkpoint(cls, folder: str | Path) -> VITAConfig:
        """The configuration of a checkpoint in any of the published layouts or in ours.

        Args:
            folder: the checkpoint's folder or its name on the Hub.

        Raises:
            CheckpointError: it cannot be found or read, or is of no family that we know.
        """
        folder = find_checkpoint_folder(folder)
        with explain_config_errors(folder):
            config = VITAConfig(**read_config_fields(folder))
        config.name_or_path = str(folder)
        return config


def _part_config(table: Any, config: Any) -> Any:
    if not isinstance(config, dict):
        return config
    return load_class(tower_part(table, config["model_type"]).config)(**config)


class _PublishedConfig(VITAConfig):
    """What AutoConfig finds for a published ``model_type``: it gives a VITAConfig."""

    @classmethod
    def from_dict(cls, config_dict: dict[str, Any], **kwargs: Any) -> Any:
        """Read the whole folder again, for sub-folders tell what config.json leaves out."""
        config = VITAConfig.from_checkpoint(kwargs.pop("name_or_path", None) or config_dict["_name_or_path"])
        overrides = {key: value for key, value in kwargs.items() if hasattr(config, key)}
        for key, value in overrides.items():
            setattr(config, key, value)
        if kwargs.get("return_unused_kwargs"):
            return config, {key: value for key, value in kwargs.items() if key not in overrides}
        return config


class VITAMixtralConfig(_PublishedConfig):
    """VITA-1.0 as published for transformers."""

    model_type = "vita-mixtral"


class VITAQwen2Config(_PublishedConfig):
    """VITA-1.5 as published for transformers."""

    model_type = "vita-Qwen2"


class VITAFOQwen2Config(_PublishedConfig):
    """VITA-1.5 by upstream's class with a predictor of turns, which is off in every published model."""

    model_type = "vita-fo-Qwen2"


class MixtralMultiModalConfig(_PublishedConfig):
    """VITA-1.0 with the configuration of upstream's demo."""

    model_type = "mixtral_multimodal"


class Qwen2MultiModalConfig(_PublishedConfig):
    """VITA-1.5 with the configuration of upstream's demo, whose config.json leaves the model type out."""

    model_type = "qwen2_multimodal"


for _config in (VITAConfig, *_PublishedConfig.__subclasses__()):
    AutoConfig.register(_config.model_type, _config, exist_ok=True)
