"""From media to what the model receives, and where in the prompt it goes: processing info, dummy inputs, processor.

A prompt arrives as token ids with one placeholder id for each medium; the processor widens every placeholder to as
many positions as the medium has embeddings. Placeholder ids are rows of the vocabulary that no text is tokenised to,
so nothing that a visitor writes can be taken for one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import BatchFeature
from vllm.config.multimodal import MultiModalDummyOptions
from vllm.exceptions import VLLMValidationError
from vllm.inputs import MultiModalDataDict
from vllm.multimodal.audio import MONO_AUDIO_SPEC, AudioResampler, normalize_audio
from vllm.multimodal.inputs import MultiModalFieldConfig, MultiModalKwargsItems
from vllm.multimodal.parse import MultiModalDataItems, MultiModalDataParser
from vllm.multimodal.processing import (
    BaseDummyInputsBuilder,
    BaseMultiModalProcessor,
    BaseProcessingInfo,
    ProcessorInputs,
    PromptReplacement,
)

from vita.errors import InputError
from vita.media import MOST_FRAMES, SAMPLE_RATE, Limits, load_picture
from vita.media.resampling import resample_sound
from vita.model.configuration import VITAConfig
from vita.model.processing import KINDS, load_processor, placeholder_id

IMAGE, VIDEO, AUDIO_FIELD = "pixel_values", "frame_values", "audio_features"
FIELDS = {"image": IMAGE, "video": VIDEO, "audio": AUDIO_FIELD}


class TrainingResampler(AudioResampler):
    """``vita.media.resampling`` in the place of vLLM's own methods; channels are averaged before."""

    def resample(self, audio: NDArray[Any], *, orig_sr: float) -> NDArray[np.float32]:
        """Samples [n], [n, channels] or [channels, n] at ``orig_sr`` Hz -> float32 [m] at SAMPLE_RATE.

        Raises:
            VLLMValidationError: a rate that no recorder uses.
        """
        mono = np.asarray(normalize_audio(audio, MONO_AUDIO_SPEC), np.float32)
        try:
            return resample_sound(mono, round(orig_sr))
        except InputError as e:
            raise VLLMValidationError(str(e), parameter="audio") from e


class VITAProcessingInfo(BaseProcessingInfo):
    """What the model takes, how much of it, and the processors that read it."""

    def get_hf_config(self) -> VITAConfig:
        """The checkpoint's configuration."""
        config: VITAConfig = self.ctx.get_hf_config(VITAConfig)
        return config

    @property
    def images(self) -> Any:
        """The image processor; loaded at first use."""
        return load_processor(self.model_id).images

    @property
    def sounds(self) -> Any:
        """The audio front end; loaded at first use."""
        return load_processor(self.model_id).sounds

    @cached_property
    def token_ids(self) -> Mapping[str, int]:
        """The placeholder id of each modality."""
        return {kind: placeholder_id(self.get_hf_config(), kind) for kind in KINDS.values()}

    def get_supported_mm_limits(self) -> Mapping[str, int | None]:
        """Any number of each; ``limit_mm_per_prompt`` sets the limits."""
        return {"image": None, "video": None, "audio": None}

    def get_data_parser(self) -> MultiModalDataParser:
        """vLLM's own, with sounds resampled as in training."""
        parser = MultiModalDataParser(target_sr=SAMPLE_RATE, target_channels=1)
        parser.audio_resampler = TrainingResampler(SAMPLE_RATE)
        return parser

    def get_supported_mm_processor_kwargs(self) -> dict[str, set[str]]:
        """None by scope: ``max_tiles`` stays a flat key."""
        return {}

    def get_mm_max_tokens_per_item(self, seq_len: int, mm_counts: Mapping[str, int]) -> Mapping[str, int]:
        """Tokens of the largest image, video and sound that room is reserved for."""
        config = self.get_hf_config()
        tiles = config.max_tiles + int(config.use_thumbnail and config.max_tiles > 1)
        per_tile = self.images.tokens_per_tile
        return {
            "image": tiles * per_tile,
            "video": MOST_FRAMES * per_tile,
            "audio": self.sounds.max_tokens(Limits().audio_seconds),
        }

    def max_tiles(self, kwargs: Mapping[str, object]) -> int:
        """``max_tiles`` of the request, else of the engine, else of the checkpoint, whose own is never exceeded.

        Raises:
            VLLMValidationError: it is no positive whole number.
        """
        config = self.get_hf_config()
        chosen = self.ctx.get_merged_mm_kwargs(kwargs).get("max_tiles")
        if chosen is None:
            return config.max_tiles
        if type(chosen) is not int or chosen < 1:
            raise VLLMValidationError(f"max_tiles must be a positive number, not {chosen!r}.", parameter="max_tiles")
        return min(chosen, config.max_tiles)


class VITADummyInputsBuilder(BaseDummyInputsBuilder[VITAProcessingInfo]):
    """The largest inputs there can be, for vLLM to measure memory with."""

    def get_dummy_text(self, mm_counts: Mapping[str, int]) -> str:
        """Empty: no text makes a placeholder; the processor's ``get_dummy_inputs`` writes ids."""
        return ""

    def get_dummy_mm_data(
        self, seq_len: int, mm_counts: Mapping[str, int], mm_options: Mapping[str, MultiModalDummyOptions]
    ) -> MultiModalDataDict:
        """A picture of as many tiles as allowed, the longest clip and the longest sound."""
        config = self.info.get_hf_config()
        side = config.vision_config.image_size
        return {
            "image": self._get_dummy_images(
                width=side * config.max_tiles,
                height=side,
                num_images=mm_counts.get("image", 0),
                overrides=mm_options.get("image"),
            ),
            "video": self._get_dummy_videos(
                width=side,
                height=side,
                num_frames=MOST_FRAMES,
                num_videos=mm_counts.get("video", 0),
                overrides=mm_options.get("video"),
            ),
            "audio": self._get_dummy_audios(
                length=int(Limits().audio_seconds * SAMPLE_RATE),
                num_audios=mm_counts.get("audio", 0),
                overrides=mm_options.get("audio"),
            ),
        }


class VITAMultiModalProcessor(BaseMultiModalProcessor[VITAProcessingInfo]):
    """Runs the checkpoint's processors on media and widens the placeholders."""

    def get_dummy_inputs(
        self, seq_len: int, mm_counts: Mapping[str, int], mm_options: Mapping[str, MultiModalDummyOptions]
    ) -> ProcessorInputs:
        """Dummy media and a prompt of their placeholders."""
        data = self.dummy_inputs.get_dummy_mm_data(seq_len, mm_counts, mm_options)
        prompt = [self.info.token_ids[modality] for modality, items in data.items() for _ in items]
        data = {modality: items for modality, items in data.items() if items}
        return ProcessorInputs(prompt=prompt, mm_data_items=self.info.parse_mm_data(data, validate=False))

    def _apply_hf_processor_main(self, mm_items: MultiModalDataItems, hf_kwargs: Mapping[str, object]) -> BatchFeature:
        """One tensor for each medium: pixels in the model's dtype, audio features in float32 (they are logarithms)."""
        read = {"image": self._tiles, "video": self._frames, "audio": self._features}
        try:
            return BatchFeature(
                {
                    FIELDS[modality]: [read[modality](item, hf_kwargs) for item in items.get_all()]
                    for modality, items in mm_items.items()
                }
            )
        except InputError as e:
            raise VLLMValidationError(str(e)) from e

    def _tiles(self, image: Any, kwargs: Mapping[str, object]) -> torch.Tensor:
        return self._cast(self.info.images(_picture(image), self.info.max_tiles(kwargs)))

    def _frames(self, video: Any, kwargs: Mapping[str, object]) -> torch.Tensor:
        return self._cast(self.info.images.frames([_picture(frame) for frame in video]))

    def _features(self, audio: Any, kwargs: Mapping[str, object]) -> torch.Tensor:
        features: torch.Tensor = self.info.sounds(np.asarray(audio, np.float32))
        return features

    def _cast(self, pixels: torch.Tensor) -> torch.Tensor:
        return pixels.to(self.info.ctx.model_config.dtype)

    def _get_mm_fields_config(
        self, hf_inputs: BatchFeature, hf_processor_mm_kwargs: Mapping[str, object]
    ) -> Mapping[str, MultiModalFieldConfig]:
        return {name: MultiModalFieldConfig.batched(modality) for modality, name in FIELDS.items()}

    def _get_prompt_updates(
        self,
        mm_items: MultiModalDataItems,
        hf_processor_mm_kwargs: Mapping[str, Any],
        out_mm_kwargs: MultiModalKwargsItems,
    ) -> Sequence[PromptReplacement]:
        return [
            PromptReplacement(
                modality=modality,
                target=[self.info.token_ids[modality]],
                replacement=partial(self._widened, modality, out_mm_kwargs),
            )
            for modality in mm_items
        ]

    def _widened(self, modality: str, processed: MultiModalKwargsItems, number: int) -> list[int]:
        """A placeholder id for each embedding of a medium, told by its tensor: tiles, frames or a sound's features."""
        values = processed[modality][number].get_data()[FIELDS[modality]]
        if modality == "audio":
            return list(self.info.sounds.token_ids(values))
        return [self.info.token_ids[modality]] * (len(values) * int(self.info.images.tokens_per_tile))

    def _apply_prompt_updates(self, token_ids: list[int], mm_prompt_updates: Mapping[str, Sequence[Any]]) -> Any:
        """As in vLLM, but no search in decoded text where places are missing: there a placeholder could be forged."""
        for modality, token_id in self.info.token_ids.items():
            places, given = token_ids.count(token_id), len(mm_prompt_updates.get(modality, ()))
            if places != given:
                raise VLLMValidationError(
                    f"The prompt has {places} places for {modality} inputs and {given} were given; "
                    f"put token id {token_id} once for each.",
                    parameter=modality,
                )
        return super()._apply_prompt_updates(token_ids, mm_prompt_updates)


def _picture(image: Any) -> Image.Image:
    """An RGB image, whatever form vLLM's parser left it in: PIL of any mode or uint8 [height, width, 3]."""
    if isinstance(image, Image.Image):
        return image if image.mode == "RGB" else load_picture(image).image
    return Image.fromarray(np.asarray(image)).convert("RGB")
