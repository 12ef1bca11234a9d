"""Hearing of VITA-Nano: Whisper's recogniser in the processor, soft words for the language model.

The processor decodes a sound greedily; every language-model token of the heard text becomes one audio token: its own
embedding, shifted by the recogniser's doubt. Row 0 of the features carries acoustic evidence instead of a word; the
tower turns it into a learned marker that says "this was heard". Weights: OpenAI Whisper tiny.en (MIT).
Knows neither vLLM nor the language model, only its embedding table.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PretrainedConfig

from vita.errors import CheckpointError

SAMPLE_RATE = 16_000  # Hz
WINDOW = 400  # samples of one spectrum, 25 ms
HOP = 160  # samples between spectra, 10 ms
TAIL = SAMPLE_RATE // 2  # silence behind a clip, so that its last word is not cut off
LONGEST = 30 * SAMPLE_RATE  # samples, Whisper's own context
SEARCH = 5 * SAMPLE_RATE  # a longer sound is cut at the quietest moment of so much of a window's end
SHORTEST = SAMPLE_RATE // 10  # samples; anything shorter is padded with silence
TOKENS_PER_SECOND = 8  # nobody speaks faster; beyond it the decoder is in a loop
CANDIDATES = 32  # words that share the doubt about one token


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
        weights: str = "hearing.safetensors",
        words: str = "hearing-tokenizer.json",
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
        self.weights = weights
        self.words = words
        super().__init__(**kwargs)
