"""VITA for vLLM: our towers, which the HF model shares, in front of vLLM's own language models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import ClassVar

import torch
from torch import nn
from vllm.config import VllmConfig
from vllm.model_executor.models.interfaces import MultiModalEmbeddings, SupportsMultiModal, SupportsPP
from vllm.model_executor.models.module_mapping import MultiModelKeys
from vllm.model_executor.models.utils import AutoWeightsLoader, WeightsMapper, init_vllm_registered_model, maybe_prefix
from vllm.model_executor.models.vision import run_dp_sharded_vision_model
from vllm.multimodal import MULTIMODAL_REGISTRY
from vllm.sequence import IntermediateTensors

from vita.model.checkpoint_files import find_checkpoint_folder
from vita.model.checkpoint_loading import check_checkpoint
from vita.model.tensor_names import PREFIXES, is_harmless, our_tensor_name
from vita.model.tower_registry import AUDIO, VISION, load_class, tower_part
from vita.vllm_plugin.multimodal_inputs import (
    AUDIO_FIELD,
    IMAGE,
    VIDEO,
    VITADummyInputsBuilder,
    VITAMultiModalProcessor,
    VITAProcessingInfo,
)
from vita.vllm_plugin.weight_progress import watched


@MULTIMODAL_REGISTRY.register_processor(
    VITAMultiModalProcessor, info=VITAProcessingInfo, dummy_inputs=VITADummyInputsBuilder
)
class VITAForConditionalGeneration(nn.Module, SupportsMultiModal, SupportsPP):
    """Towers give embeddings, vLLM puts them in their places, the language model reads them.

    The language model brings tensor and pipeline parallelism and quantization; the towers are whole on every rank,
    and as precise as they were: they are no layers of vLLM's, which alone are quantized. So each rank encodes all
    media, or, with ``mm_encoder_tp_mode="data"``, its share of the tiles and frames of a step; sounds, and the pictures
    of a tower that tells a clip as a whole, are encoded by all ranks in either mode.
    """

    # How a quantized checkpoint's lists of layers name what vLLM has joined: of Qwen2, Llama and Mixtral. Mixtral's
    # experts are looked up by their published names (w1, w2, w3) and need no entry.
    hf_to_vllm_mapper = WeightsMapper(orig_to_new_prefix=dict(PREFIXES))
    packed_modules_mapping: ClassVar[dict[str, list[str]]] = {
        "qkv_proj": ["q_proj", "k_proj", "v_proj"],
        "gate_up_proj": ["gate_proj", "up_proj"],
    }
    supports_encoder_tp_data = True

    # SupportsMultiModal's; the type checker sees only nn.Module.__getattr__
    _mark_tower_model: Callable[..., AbstractContextManager[None]]
    _mark_language_model: Callable[..., AbstractContextManager[None]]

    @classmethod
    def get_placeholder_str(cls, modality: str, i: int) -> str | None:
        """None: media have a place in the ids of a prompt, not in its text."""
        return None

    def __init__(self, *, vllm_config: VllmConfig, prefix: str = "") -> None:
        super().__init__()
        self.config = vllm_config.model_config.hf_config
        self.checkpoint = vllm_config.model_config.model
        self.progress = vllm_config.additional_config
        self.shares_tiles = vllm_config.model_config.get_multimodal_config().mm_encoder_tp_mode == "data"
        with self._mark_tower_model(vllm_config, {"image", "video"}):
            self.vision_tower: nn.Module = load_class(tower_part(VISION, self.config.vision_config.model_type).tower)(
                self.config
            )
        with self._mark_tower_model(vllm_config, "audio"):
            self.audio_tower: nn.Module = load_class(tower_part(AUDIO, self.config.audio_config.model_type).tower)(
                self.config
            )
        with self._mark_language_model(vllm_config):
            self.language_model = init_vllm_registered_model(
                vllm_config=vllm_config,
                hf_config=self.config.text_config,
                prefix=maybe_prefix(prefix, "language_model"),
            )
        self.make_empty_intermediate_tensors = self.language_model.make_empty_intermediate_tensors

    def embed_multimodal(self, **kwargs: Iterable[torch.Tensor]) -> MultiModalEmbeddings:
        """Embeddings [n_i, hidden] of each medium, in the order given.

        Keyword arguments are those of ``multimodal_inputs.FIELDS``, one modality or several: pixels of each image
        [tiles, 3, S, S] and of each clip [frames, 3, S, S], features of each sound [T, F].
        """
        embeddings: list[torch.Tensor] = []
        for name, items in kwargs.items():
            if name in (IMAGE, VIDEO):
                embeddings += self._see(list(items))
            elif name == AUDIO_FIELD:
                embeddings += self.audio_tower(list(items))
        return tuple(embeddings)

    def _see(self, pixels: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Pixels of each medium [tiles_i, 3, S, S] -> [tiles_i * tokens, hidden]."""
        tiles = torch.cat(list(pixels))
        shared = self.shares_tiles and getattr(self.vision_tower, "has_independent_tiles", False)
        tokens = run_dp_sharded_vision_model(tiles, self.vision_tower) if shared else self.vision_tower(tiles)
        return [one.flatten(0, 1) for one in tokens.split([len(item) for item in pixels])]

    def forward(
        self,
        input_ids: torch.Tensor | None,
        positions: torch.Tensor,
        intermediate_tensors: IntermediateTensors | None = None,
        inputs_embeds: torch.Tensor | None = None,
        **kwargs: object,
    ) -> torch.Tensor | IntermediateTensors:
        """Hidden states [tokens, hidden] of a flat batch; between pipeline stages, what the next one needs."""
        if intermediate_tensors is not None:
            inputs_embeds = None
        return self.language_model.model(input_ids, positions, intermediate_tensors, inputs_embeds=inputs_embeds)

    def compute_logits(self, hidden_states: torch.Tensor) -> torch.Tensor | None:
        """Logits [n, vocab]; None on all ranks but the one that gathers them."""
        logits: torch.Tensor | None = self.language_model.compute_logits(hidden_states)
        return logits

    def load_weights(self, weights: Iterable[tuple[str, torch.Tensor]]) -> set[str]:
        """Load a published checkpoint as it streams in; its headers are checked before a single tensor is read.

        Raises:
            CheckpointError: tensors are missing, unexpected or of another shape; the message lists them all.
        """
        check_checkpoint(find_checkpoint_folder(self.checkpoint), self.config)
        weights = watched(weights, self.progress)
        named = ((our_tensor_name(name), tensor) for name, tensor in weights if not is_harmless(name))
        loaded: set[str] = AutoWeightsLoader(self).load_weights(named)
        return loaded

    def get_mm_mapping(self) -> MultiModelKeys:
        """Which modules are what, for LoRA."""
        return MultiModelKeys.from_string_field(
            language_model="language_model", tower_model=["vision_tower", "audio_tower"]
        )
