"""Whisper's encoder and decoder on sounds of any length up to 30 s, without padding them.

Weights: OpenAI Whisper tiny.en (MIT). Knows no audio files, no tokenizer and no language model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PretrainedConfig


class WhisperWordsConfig(PretrainedConfig):
    """Sizes of Whisper tiny.en, its special tokens, and where its weights lie in the checkpoint folder."""

    model_type = "whisper-words"

    def __init__(
        self,
        hidden_size: int = 576,
        width: int = 384,
        heads: int = 6,
        layers: int = 4,
        feed_forward: int = 1536,
        mel_bins: int = 80,
        vocab_size: int = 51864,
        source_positions: int = 1500,
        target_positions: int = 448,
        start_token: int = 50257,
        end_token: int = 50256,
        no_speech_token: int = 50361,
        no_timestamps_token: int = 50362,
        alignment_heads: Sequence[Sequence[int]] = ((1, 0), (2, 0), (2, 5), (3, 0), (3, 1), (3, 2), (3, 3), (3, 4)),
        sentence_ends: Sequence[int] = (0, 13, 30),
        suppressed: Sequence[int] = (),
        suppressed_first: Sequence[int] = (),
        weights: str = "hearing/recogniser.safetensors",
        words: str = "hearing/tokenizer.json",
        **kwargs: Any,
    ) -> None:
        self.hidden_size = hidden_size
        self.width = width
        self.heads = heads
        self.layers = layers
        self.feed_forward = feed_forward
        self.mel_bins = mel_bins
        self.vocab_size = vocab_size
        self.source_positions = source_positions
        self.target_positions = target_positions
        self.start_token = start_token
        self.end_token = end_token
        self.no_speech_token = no_speech_token
        self.no_timestamps_token = no_timestamps_token
        self.alignment_heads = [list(pair) for pair in alignment_heads]
        self.sentence_ends = list(sentence_ends)  # "!", "." and "?"
        self.suppressed = list(suppressed)
        self.suppressed_first = list(suppressed_first)
        self.weights = weights
        self.words = words
        super().__init__(**kwargs)


class WhisperAttention(nn.Module):
    """Whisper's multi-head attention: biases on query, value and output, none on the key."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def project_memory(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of [n, width], each [heads, n, width / heads]."""
        return self._split_heads(self.key(x)), self._split_heads(self.value(x))

    def forward(self, x: Tensor, keys: Tensor, values: Tensor, causal: bool = False) -> Tensor:
        """[n, width] attending to every key, or to those up to its own place, [heads, m, d] -> [n, width]."""
        mixed = F.scaled_dot_product_attention(self._split_heads(self.query(x)), keys, values, is_causal=causal)
        return self._join_heads(mixed)

    def attend_with_weights(self, x: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """As ``forward``, and the weights [heads, n, m] of the keys."""
        weights = torch.softmax(self._split_heads(self.query(x)) @ keys.transpose(1, 2) / math.sqrt(keys.shape[2]), -1)
        return self._join_heads(weights @ values), weights

    def _join_heads(self, mixed: Tensor) -> Tensor:
        return self.out(mixed.transpose(0, 1).flatten(1))  # type: ignore[no-any-return]

    def _split_heads(self, x: Tensor) -> Tensor:
        return x.view(len(x), self.heads, -1).transpose(0, 1)


class WhisperBlock(nn.Module):
    """A pre-norm layer; the decoder's has a second attention, to the encoded sound."""

    def __init__(self, config: WhisperWordsConfig, cross: bool) -> None:
        super().__init__()
        self.attn = WhisperAttention(config.width, config.heads)
        self.attn_ln = nn.LayerNorm(config.width)
        self.cross = WhisperAttention(config.width, config.heads) if cross else None
        self.cross_ln = nn.LayerNorm(config.width) if cross else None
        self.fc1 = nn.Linear(config.width, config.feed_forward)
        self.fc2 = nn.Linear(config.feed_forward, config.width)
        self.mlp_ln = nn.LayerNorm(config.width)

    def feed_forward(self, x: Tensor) -> Tensor:
        """The feed-forward half, [n, width] -> [n, width]."""
        return x + self.fc2(F.gelu(self.fc1(self.mlp_ln(x))))  # type: ignore[no-any-return]

    def forward(self, x: Tensor) -> Tensor:
        """An encoder layer, [n, width] -> [n, width]."""
        normed = self.attn_ln(x)
        return self.feed_forward(x + self.attn(normed, *self.attn.project_memory(normed)))

    def cross_attend(self, x: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """The decoder's attention to the sound: what it adds to [n, width], and the weights [heads, n, m]."""
        assert self.cross is not None
        assert self.cross_ln is not None
        return self.cross.attend_with_weights(self.cross_ln(x), keys, values)

    def project_memory(self, encoded: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of the encoded sound [m, width], each [heads, m, width / heads]."""
        assert self.cross is not None
        return self.cross.project_memory(encoded)


class WhisperEncoder(nn.Module):
    """Spectra to states, 50 a second; positions are cut to the sound, not the sound padded to 30 s."""

    def __init__(self, config: WhisperWordsConfig) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(config.mel_bins, config.width, 3, padding=1)
        self.conv2 = nn.Conv1d(config.width, config.width, 3, stride=2, padding=1)
        self.positions = nn.Parameter(torch.empty(config.source_positions, config.width))
        self.blocks = nn.ModuleList(WhisperBlock(config, cross=False) for _ in range(config.layers))
        self.ln = nn.LayerNorm(config.width)

    def forward(self, mel: Tensor) -> Tensor:
        """[mel_bins, T] -> [(T + 1) // 2, width]."""
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel[None]))))[0].T
        x = x + self.positions[: len(x)]
        for block in self.blocks:
            x = block(x)
        return self.ln(x)  # type: ignore[no-any-return]


class WhisperDecoder(nn.Module):
    """One token at a time; the caches belong to the caller, so that threads share nothing but weights."""

    def __init__(self, config: WhisperWordsConfig) -> None:
        super().__init__()
        self.embed = nn.Embedding(config.vocab_size, config.width)
        self.positions = nn.Parameter(torch.empty(config.target_positions, config.width))
        self.blocks = nn.ModuleList(WhisperBlock(config, cross=True) for _ in range(config.layers))
        self.ln = nn.LayerNorm(config.width)
        self.alignment_heads = [(layer, head) for layer, head in config.alignment_heads]
        self.read: Callable[[Tensor], Tensor] = self.tied_logits

    def tied_logits(self, state: Tensor) -> Tensor:
        """Logits by the embeddings themselves, [width] -> [vocab_size]."""
        return self.embed.weight @ state

    def layers(self) -> list[WhisperBlock]:
        """The blocks, with their type."""
        return [block for block in self.blocks if isinstance(block, WhisperBlock)]

    def new_caches(self, encoded: Tensor) -> list[KeyValueCache]:
        """Empty caches over ``encoded`` [T, width], one for each layer."""
        return [KeyValueCache(*block.project_memory(encoded)) for block in self.layers()]

    def forward(self, token: int, position: int, caches: list[KeyValueCache]) -> tuple[Tensor, Tensor, float]:
        """What follows ``token``; the caches grow by it.

        Returns:
            Logits [vocab_size], the state [width] that they are read from, and where in the sound the alignment heads
            look: their median state's index.
        """
        x = self.embed.weight[token][None] + self.positions[position]
        looks: list[Tensor] = []
        for block, cache in zip(self.layers(), caches, strict=True):
            normed = block.attn_ln(x)
            x = x + block.attn(normed, *cache.append_keys(*block.attn.project_memory(normed)))
            heard, weights = block.cross_attend(x, cache.cross_keys, cache.cross_values)
            looks.append(weights[:, 0])
            x = block.feed_forward(x + heard)
        look = torch.stack([looks[layer][head] for layer, head in self.alignment_heads]).mean(0)
        state = self.ln(x)[0]
        return self.read(state), state, float((look.cumsum(0) < 0.5).sum())


@dataclass
class KeyValueCache:
    """Keys and values of one decoder layer, [heads, n, d]: of the sound, and of the tokens so far."""

    cross_keys: Tensor
    cross_values: Tensor
    keys: Tensor | None = None
    values: Tensor | None = None

    def append_keys(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Everything so far, the new token's included."""
        self.keys = keys if self.keys is None else torch.cat((self.keys, keys), 1)
        self.values = values if self.values is None else torch.cat((self.values, values), 1)
        return self.keys, self.values


class Recogniser(nn.Module):
    """Whisper's encoder and decoder."""

    def __init__(self, config: WhisperWordsConfig) -> None:
        super().__init__()
        self.encoder = WhisperEncoder(config)
        self.decoder = WhisperDecoder(config)
