"""The Whale speech encoder and its adapter: from fbank features to audio tokens. No I/O, no device choice.

Attention is called relative upstream but is not: a key's position score depends on its absolute position alone, and
nothing is shifted. Upstream's vLLM code always attends fully, its transformers code in static chunks where train.yaml
says so; here the configuration decides, and full attention is its default.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vita.model.configuration import VITAConfig
from vita.model.tower_configs import WhaleConfig

SHORTEST = 7  # frames of fbank that give one token
# Frames of fbank, padding counted, that are encoded at once, and encoder frames that are subsampled at once. With the
# published sizes a minute of sound holds 82 MiB of tensors beside the weights in half precision (459 in one piece),
# however many sounds a step has: less than a clip, which is what vLLM reserves memory for (``docs/gpu.md``).
FRAMES_AT_ONCE, SUBSAMPLED_AT_ONCE = 6_400, 256


def encoder_frames(frames: int) -> int:
    """Frames out of the encoder for ``frames`` of fbank: two unpadded convolutions of width 3 and stride 2."""
    return ((frames - 1) // 2 - 1) // 2


def token_count(frames: int) -> int:
    """Audio tokens for ``frames`` of fbank: 12.5 a second, 24 for 2 s; 0 where there are too few frames."""
    return (encoder_frames(frames) - 1) // 2 + 1 if frames >= SHORTEST else 0


class CMVN(nn.Module):
    """Normalise each mel bin by mean and inverse deviation that come with the checkpoint."""

    mean: Tensor
    istd: Tensor

    def __init__(self, bins: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(bins))
        self.register_buffer("istd", torch.ones(bins))

    def forward(self, x: Tensor) -> Tensor:
        """[.., bins] -> [.., bins]; computed in float32, where features of any loudness keep their detail."""
        return ((x.float() - self.mean.float()) * self.istd.float()).to(self.mean.dtype)


class Subsampling(nn.Module):
    """Two unpadded convolutions of stride 2 over time and frequency, then a linear layer.

    The maps between them have half the frames, half the bins and all channels: 230 MiB in half precision for a minute.
    A frame out needs seven frames in, so a long sound is subsampled part by part, which changes no figure.
    """

    def __init__(self, config: WhaleConfig) -> None:
        super().__init__()
        size, bins = config.hidden_size, encoder_frames(config.input_dim)
        self.conv = nn.Sequential(
            nn.Conv2d(1, size, kernel_size=3, stride=2),
            nn.ReLU(),
            nn.Conv2d(size, size, kernel_size=3, stride=2),
            nn.ReLU(),
        )
        self.out = nn.Sequential(nn.Linear(size * bins, size))

    def forward(self, x: Tensor) -> Tensor:
        """[b, T, bins] -> [b, T', D]; channels outside, frequencies inside, before the linear layer."""
        count = encoder_frames(x.shape[1])
        starts = range(0, count, max(1, SUBSAMPLED_AT_ONCE // len(x)))
        ends = [*starts[1:], count]
        parts = [x[:, 4 * start : 4 * end + SHORTEST - 4] for start, end in zip(starts, ends, strict=True)]
        return torch.cat([self.out(self.conv(part.unsqueeze(1)).transpose(1, 2).flatten(2)) for part in parts], dim=1)


def sinusoid_positions(count: int, size: int, device: torch.device | None = None) -> Tensor:
    """Sinusoids [count, size], sine and cosine interleaved, position 0 first. float32."""
    rates = torch.exp(torch.arange(0, size, 2, device=device).float() * -(math.log(10_000.0) / size))
    angles = torch.arange(count, device=device).float()[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


class WhaleAttention(nn.Module):
    """Self-attention with a learned score for each key's absolute position.

    Upstream's score of query i and key j, (q_i + u) k_j + (q_i + v) p_j, is q_i (k_j + p_j) and a bias u k_j + v p_j
    that no query changes: so it is plain attention with a bias for each key, and no scores need to be held.
    """

    def __init__(self, config: WhaleConfig) -> None:
        super().__init__()
        size, self.heads = config.hidden_size, config.num_attention_heads
        self.linear_q, self.linear_k = nn.Linear(size, size), nn.Linear(size, size)
        self.linear_v, self.linear_out = nn.Linear(size, size), nn.Linear(size, size)
        self.linear_pos = nn.Linear(size, size, bias=False)
        self.pos_bias_u = nn.Parameter(torch.zeros(self.heads, size // self.heads))
        self.pos_bias_v = nn.Parameter(torch.zeros(self.heads, size // self.heads))

    def forward(self, x: Tensor, places: Tensor, mask: Tensor) -> Tensor:
        """[b, t, D], positions [t, D], mask [b, 1 or t, t] (True: sees it) -> [b, t, D]."""
        q, k, v = (self._split_heads(linear(x)) for linear in (self.linear_q, self.linear_k, self.linear_v))
        p = self._split_heads(self.linear_pos(places))
        bias = (self.pos_bias_u[:, None] * k).sum(-1) + (self.pos_bias_v[:, None] * p).sum(-1)
        unseen = torch.finfo(x.dtype).min / 2  # not -inf: padding behind the last chunk sees nothing, and is no number
        scores = (bias / math.sqrt(q.shape[-1]))[:, :, None].masked_fill(~mask[:, None], unseen)
        mixed: Tensor = F.scaled_dot_product_attention(q, k + p, v, attn_mask=scores)
        out: Tensor = self.linear_out(mixed.transpose(1, 2).flatten(2))
        return out

    def _split_heads(self, x: Tensor) -> Tensor:
        """[.., t, D] -> [.., heads, t, D / heads]."""
        return x.view(*x.shape[:-1], self.heads, -1).transpose(-3, -2)


class FeedForward(nn.Module):
    """Linear, ReLU, Linear."""

    def __init__(self, config: WhaleConfig) -> None:
        super().__init__()
        self.w_1 = nn.Linear(config.hidden_size, config.intermediate_size)
        self.w_2 = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        """[.., D] -> [.., D]."""
        out: Tensor = self.w_2(F.relu(self.w_1(x)))
        return out


class WhaleLayer(nn.Module):
    """Pre-norm attention and feed-forward."""

    def __init__(self, config: WhaleConfig) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.self_attn = WhaleAttention(config)
        self.norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.feed_forward = FeedForward(config)

    def forward(self, x: Tensor, places: Tensor, mask: Tensor) -> Tensor:
        """[b, t, D], positions [t, D], mask [b, 1 or t, t] -> [b, t, D]."""
        x = x + self.self_attn(self.norm1(x), places, mask)
        out: Tensor = x + self.feed_forward(self.norm2(x))
        return out


def chunk_mask(count: int, size: int, left: int, device: torch.device | None = None) -> Tensor:
    """Which frames each frame sees, bool [count, count]: its own chunk of ``size`` and ``left`` chunks before it.

    Args:
        size: 0 or less: everything sees everything, and one row [1, count] says so.
        left: negative: all chunks before.
    """
    if size <= 0:
        return torch.ones(1, count, dtype=torch.bool, device=device)
    chunks = torch.arange(count, device=device) // size
    back = chunks[:, None] - chunks
    return (back >= 0) & (back <= left) if left >= 0 else back >= 0


class WhaleEncoder(nn.Module):
    """Subsampling to a quarter of the frames, then a transformer whose input carries no positions."""

    def __init__(self, config: WhaleConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self.config = config
        self.subsampling = Subsampling(config)
        self.embed = nn.Sequential(nn.Linear(size, size), nn.LayerNorm(size, eps=config.layer_norm_eps), nn.ReLU())
        self.layers = nn.ModuleList(WhaleLayer(config) for _ in range(config.num_hidden_layers))
        self.after_norm = nn.LayerNorm(size, eps=config.layer_norm_eps)

    def forward(self, x: Tensor, valid: Tensor) -> Tensor:
        """Normalised fbank [b, T, bins], valid frames out [b, T'] -> [b, T', D]."""
        x = self.embed(self.subsampling(x)) * math.sqrt(self.config.hidden_size)
        places = sinusoid_positions(x.shape[1], x.shape[2], x.device).to(x.dtype)
        chunks = chunk_mask(x.shape[1], self.config.chunk_size, self.config.left_chunks, x.device)
        mask = chunks & valid[:, None]
        for layer in self.layers:
            x = layer(x, places, mask)
        out: Tensor = self.after_norm(x)
        return out


class Adapter(nn.Module):
    """Halve the frames once more and project them to the language model's embeddings.

    The convolution is padded on the right, so every second frame in gives one out.
    """

    def __init__(self, config: WhaleConfig, hidden: int) -> None:
        super().__init__()
        size, self.width = config.hidden_size, config.adapter_kernel_size
        self.conv = nn.Conv1d(size, 2 * size, kernel_size=self.width, stride=2)
        self.norm = nn.LayerNorm(2 * size, eps=config.adapter_norm_eps)
        self.project = nn.Linear(2 * size, hidden)

    def forward(self, x: Tensor, valid: Tensor) -> Tensor:
        """[b, T', D], valid frames [b, T'] -> [b, (T' - 1) // 2 + 1, hidden]."""
        x = x.masked_fill(~valid[..., None], 0.0).transpose(1, 2)
        x = self.conv(F.pad(x, (0, self.width - 1))).transpose(1, 2)
        out: Tensor = self.project(F.gelu(self.norm(x)))
        return out


class AudioTower(nn.Module):
    """CMVN, encoder, adapter; sounds of unequal length in one batch.

    Upstream's transformers code for 1.0 splices the shorter sound with its padding rows, that for 1.5 and the vLLM code
    without them; without is right, and what this returns. Its demo also rounds lengths to half precision, which loses
    the last frames of sounds over 20 s; here they are whole numbers.
    """

    def __init__(self, config: VITAConfig) -> None:
        super().__init__()
        self.cmvn = CMVN(config.audio_config.input_dim)
        self.encoder = WhaleEncoder(config.audio_config)
        self.adapter = Adapter(config.audio_config, config.text_config.hidden_size)

    def forward(self, sounds: Sequence[Tensor]) -> list[Tensor]:
        """Raw fbank, one [T_i, bins] a sound -> one [n_i, hidden] a sound; FRAMES_AT_ONCE bounds what it takes."""
        encoded: dict[int, Tensor] = {}
        for group in group_by_frames([len(sound) for sound in sounds]):
            encoded.update(zip(group, self._encode_group([sounds[number] for number in group]), strict=True))
        return [encoded[number] for number in range(len(sounds))]

    def _encode_group(self, sounds: Sequence[Tensor]) -> list[Tensor]:
        """``forward`` for sounds that are padded to the longest of them."""
        lengths = [len(sound) for sound in sounds]
        batch = nn.utils.rnn.pad_sequence(list(sounds), batch_first=True)
        steps = torch.arange(encoder_frames(batch.shape[1]), device=batch.device)
        valid = torch.stack([steps < encoder_frames(length) for length in lengths])
        tokens = self.adapter(self.encoder(self.cmvn(batch), valid), valid)
        return [row[: token_count(length)] for row, length in zip(tokens, lengths, strict=True)]


def group_by_frames(lengths: Sequence[int], most: int | None = None) -> Iterator[list[int]]:
    """Numbers of sounds that are encoded together: of like length, and no more frames than ``most``, padding counted.

    Args:
        lengths: frames of each sound; a longer one than ``most`` is a group of its own.
        most: FRAMES_AT_ONCE where it is None.
    """
    most = FRAMES_AT_ONCE if most is None else most
    group: list[int] = []
    for number in sorted(range(len(lengths)), key=lambda number: -lengths[number]):
        if group and lengths[group[0]] * (len(group) + 1) > most:
            yield group
            group = []
        group.append(number)
    if group:
        yield group
