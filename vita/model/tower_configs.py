"""Configurations of the towers of VITA-1.0 and 1.5, and the model types that upstream publishes."""

from __future__ import annotations

from typing import ClassVar

from transformers import PretrainedConfig

MODEL_TYPE = "vita"  # of a configuration in our own layout
UPSTREAM_MODEL_TYPES: dict[str, str] = {  # upstream's name of an architecture: its model type, which a file may lack
    "VITAMixtralForCausalLM": "vita-mixtral",
    "VITAQwen2ForCausalLM": "vita-Qwen2",
    "VITAFOQwen2ForCausalLM": "vita-fo-Qwen2",
    "MixtralForConditionalGeneration": "mixtral_multimodal",
    "Qwen2ForConditionalGeneration": "qwen2_multimodal",
}


class InternViTConfig(PretrainedConfig):
    """InternViT; the defaults are those of InternViT-300M-448px. Sizes in pixels, others in features."""

    model_type = "intern_vit_6b"
    cuts_tiles: ClassVar[bool] = True  # whether an image is cut into tiles, or only its centre square is seen

    hidden_size: int = 1024
    intermediate_size: int = 4096
    num_hidden_layers: int = 24
    num_attention_heads: int = 16
    image_size: int = 448
    patch_size: int = 14
    num_channels: int = 3
    layer_norm_eps: float = 1e-6
    qkv_bias: bool = True
    qk_normalization: bool = False

    def sight_names(self) -> dict[str, frozenset[str]] | None:
        """None: what a picture shows can be asked by yes or no."""
        return None


class WhaleConfig(PretrainedConfig):
    """The Whale speech encoder and its adapter; the defaults are VITA's.

    Attributes:
        input_dim: mel bins.
        chunk_size: encoder frames that attend as one chunk; 0 or less: full attention.
        left_chunks: chunks before its own that a frame sees; negative: all. Ignored under full attention.
    """

    model_type = "whale"

    hidden_size: int = 1024
    intermediate_size: int = 4096
    num_hidden_layers: int = 24
    num_attention_heads: int = 16
    input_dim: int = 80
    layer_norm_eps: float = 1e-5
    chunk_size: int = -1
    left_chunks: int = -1
    adapter_kernel_size: int = 5
    adapter_norm_eps: float = 1e-3
