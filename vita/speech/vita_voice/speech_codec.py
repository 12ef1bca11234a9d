"""The codec's decoder (TiCodec's HiFi-GAN): codes -> sound. Its encoder is not needed to speak."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from vita.speech.vita_voice.speech_config import CodecConfig

SLOPE = 0.1  # of every leaky ReLU, the last one's too
EDGE_KERNEL = 7  # of the first and the last convolution


class SpeechResidualBlock(nn.Module):
    """A residual block of HiFi-GAN. Kind "1" has two convolutions a dilation, kind "2" one."""

    def __init__(self, kind: str, channels: int, kernel: int, dilations: Sequence[int]) -> None:
        super().__init__()
        if kind == "1":
            self.convs1 = same_convolutions(channels, kernel, dilations)
            self.convs2 = same_convolutions(channels, kernel, [1] * len(dilations))
        else:
            self.convs = same_convolutions(channels, kernel, dilations)
        self.kind = kind

    def forward(self, sound: Tensor) -> Tensor:
        """[1, channels, n] -> the same shape."""
        steps = zip(self.convs1, self.convs2, strict=True) if self.kind == "1" else ((conv,) for conv in self.convs)
        for convolutions in steps:
            change = sound
            for convolution in convolutions:
                change = convolution(functional.leaky_relu(change, SLOPE))
            sound = sound + change
        return sound


class SpeechGenerator(nn.Module):
    """HiFi-GAN's generator: vectors of codes -> sound, the speaker's vector added at the stage of its width."""

    def __init__(self, config: CodecConfig, code_dim: int) -> None:
        super().__init__()
        width, channels = config.upsample_initial_channel, config.stage_channels
        blocks = list(zip(config.resblock_kernel_sizes, config.resblock_dilation_sizes, strict=True))
        scales = zip(config.upsample_rates, config.upsample_kernel_sizes, strict=True)
        self.blocks_per_stage = len(blocks)
        self.conv_pre = nn.Conv1d(code_dim, width, EDGE_KERNEL, padding=EDGE_KERNEL // 2)
        self.ups = nn.ModuleList(
            nn.ConvTranspose1d(before, after, kernel, rate, padding=(kernel - rate) // 2)
            for (before, after), (rate, kernel) in zip(pairwise([width, *channels]), scales, strict=True)
        )
        self.resblocks = nn.ModuleList(
            SpeechResidualBlock(config.resblock, stage, kernel, dilations)
            for stage in channels
            for kernel, dilations in blocks
        )
        self.conv_post = nn.Conv1d(channels[-1], 1, EDGE_KERNEL, padding=EDGE_KERNEL // 2)

    def forward(self, vectors: Tensor, speaker: Tensor) -> Tensor:
        """[1, code_dim, n] and [speaker_dim] -> [1, 1, n * samples_per_code]."""
        sound: Tensor = self.conv_pre(vectors)
        for stage, upsample in enumerate(self.ups):
            sound = upsample(functional.leaky_relu(sound, SLOPE))
            begin = stage * self.blocks_per_stage
            blocks = self.resblocks[begin : begin + self.blocks_per_stage]
            sound = torch.stack([block(sound) for block in blocks]).mean(0)
            if sound.shape[1] == len(speaker):
                sound = sound + speaker[:, None]
        return torch.tanh(self.conv_post(functional.leaky_relu(sound, SLOPE)))


class SpeechCodec(nn.Module):
    """Upstream's ``VQVAE`` from codes to sound. Parameters have the published names, weight norms multiplied out.

    Args:
        code_dim: length of a code's vector.
        speaker_dim: length of the speaker's vector, joined from one code of each code book of speakers.
    """

    code_vectors: Tensor
    speaker: Tensor

    def __init__(self, config: CodecConfig, code_dim: int, speaker_dim: int) -> None:
        super().__init__()
        self.config = config
        self.generator = SpeechGenerator(config, code_dim)
        self.register_buffer("code_vectors", torch.zeros(config.n_codes, code_dim))
        self.register_buffer("speaker", torch.zeros(speaker_dim))

    @torch.inference_mode()
    def decode_codes(self, codes: Sequence[int]) -> Tensor:
        """Codes [n], at least one, -> sound in -1..1, float32 [n * samples_per_code] at ``config.sampling_rate``."""
        vectors = self.code_vectors[torch.tensor(codes, device=self.code_vectors.device)]
        sound: Tensor = self.generator(vectors.T[None], self.speaker)
        return sound[0, 0]


def same_convolutions(channels: int, kernel: int, dilations: Sequence[int]) -> nn.ModuleList:
    """Convolutions that keep channels and length."""
    return nn.ModuleList(
        nn.Conv1d(channels, channels, kernel, dilation=dilation, padding=(kernel - 1) * dilation // 2)
        for dilation in dilations
    )


def join_weight_norm(scale: Tensor, direction: Tensor) -> Tensor:
    """``weight_g`` [out, 1, 1] and ``weight_v`` -> the weight: g * v / |v|, the norm over all axes but the first."""
    norm = torch.linalg.vector_norm(direction, dim=tuple(range(1, direction.dim())), keepdim=True)
    joined: Tensor = scale * direction / norm
    return joined
