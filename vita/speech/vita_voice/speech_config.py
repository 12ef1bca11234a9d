"""``vita_tts_ckpt/{decoder,codec}/model.json``: what the networks need of it, checked."""

from __future__ import annotations

from math import prod
from typing import Annotated, Literal

from pydantic import BaseModel, Field, PositiveInt, model_validator

Sizes = Annotated[list[PositiveInt], Field(min_length=1)]


class DecoderConfig(BaseModel):
    """The third entry of the decoder's model.json; the names are upstream's.

    Attributes:
        idim: length of a text vector; a token of the language model is several of them.
        odim: codes that are sound.
    """

    idim: PositiveInt
    odim: PositiveInt
    transformer_attention_dim: PositiveInt
    transformer_linear_units: PositiveInt
    transformer_num_blocks: Annotated[int, Field(ge=2)]
    transformer_attention_heads: PositiveInt
    encoder_output_dim: PositiveInt

    @model_validator(mode="after")
    def _check_sizes(self) -> DecoderConfig:
        if not self.idim == self.transformer_attention_dim == self.encoder_output_dim:
            raise ValueError(
                f"idim {self.idim}, transformer_attention_dim {self.transformer_attention_dim} and encoder_output_dim "
                f"{self.encoder_output_dim} must be equal"
            )
        if self.idim % (2 * self.transformer_attention_heads):
            raise ValueError(f"{self.transformer_attention_heads} heads do not divide idim {self.idim} evenly")
        return self


class CodecConfig(BaseModel):
    """The codec's model.json; the names are upstream's, ``residul_layer`` too.

    Attributes:
        global_tokens: codes of the speaker, one for each of ``global_code_num`` code books.
    """

    resblock: Literal["1", "2"]
    upsample_rates: Sizes
    upsample_kernel_sizes: Sizes
    upsample_initial_channel: PositiveInt
    resblock_kernel_sizes: Sizes
    resblock_dilation_sizes: Annotated[list[Sizes], Field(min_length=1)]
    n_codes: PositiveInt
    n_code_groups: Literal[1]
    residul_layer: Literal[1] = 1
    global_code_num: PositiveInt
    global_tokens: list[Annotated[int, Field(ge=0)]]
    sampling_rate: PositiveInt

    @property
    def samples_per_code(self) -> int:
        """Samples of sound that one code becomes."""
        return prod(self.upsample_rates)

    @property
    def stage_channels(self) -> list[int]:
        """Channels after each upsampling."""
        return [self.upsample_initial_channel >> stage for stage in range(1, len(self.upsample_rates) + 1)]

    @model_validator(mode="after")
    def _check_sizes(self) -> CodecConfig:
        problems = []
        if len(self.upsample_rates) != len(self.upsample_kernel_sizes):
            problems.append("upsample_rates and upsample_kernel_sizes must be equally long")
        for rate, kernel in zip(self.upsample_rates, self.upsample_kernel_sizes, strict=False):
            if kernel < rate or (kernel - rate) % 2:
                problems.append(f"upsample kernel {kernel} does not fit rate {rate}")
        if len(self.resblock_kernel_sizes) != len(self.resblock_dilation_sizes):
            problems.append("resblock_kernel_sizes and resblock_dilation_sizes must be equally long")
        if any(kernel % 2 == 0 for kernel in self.resblock_kernel_sizes):
            problems.append("resblock_kernel_sizes must be odd")
        if self.upsample_initial_channel % (1 << len(self.upsample_rates)):
            problems.append(f"upsample_initial_channel {self.upsample_initial_channel} cannot be halved at each stage")
        if len(self.global_tokens) != self.global_code_num:
            problems.append(f"there are {len(self.global_tokens)} global_tokens for {self.global_code_num} code books")
        if any(code >= self.n_codes for code in self.global_tokens):
            problems.append(f"global_tokens must be below n_codes {self.n_codes}")
        if problems:
            raise ValueError("; ".join(problems))
        return self
