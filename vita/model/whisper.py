"""Hearing of VITA-Nano: Whisper's recogniser in the processor, soft words for the language model.

The processor decodes a sound greedily; every language-model token of the heard text becomes one audio token: its own
embedding, shifted by the recogniser's doubt. Row 0 of the features carries acoustic evidence instead of a word; the
tower turns it into a learned marker that says "this was heard". Weights: OpenAI Whisper tiny.en (MIT).
Knows neither vLLM nor the language model, only its embedding table.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
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
EVIDENCE = 394  # figures about a sound as such: ten, and the mean of the encoder's states


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
        suppressed: Sequence[int] = (),
        suppressed_first: Sequence[int] = (),
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
        self.start_token = start_token
        self.end_token = end_token
        self.no_speech_token = no_speech_token
        self.no_timestamps_token = no_timestamps_token
        self.suppressed = list(suppressed)
        self.suppressed_first = list(suppressed_first)
        self.weights = weights
        self.words = words
        super().__init__(**kwargs)


class Attention(nn.Module):
    """Whisper's multi-head attention: biases on query, value and output, none on the key."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)

    def project(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of [n, width], each [heads, n, width / heads]."""
        return self._split(self.key(x)), self._split(self.value(x))

    def forward(self, x: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """[n, width] attending to every key, [heads, m, d] -> [n, width]."""
        mixed = F.scaled_dot_product_attention(self._split(self.query(x)), keys, values)
        return self.out(mixed.transpose(0, 1).flatten(1))  # type: ignore[no-any-return]

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(1, (self.heads, -1)).transpose(0, 1)


class Block(nn.Module):
    """A pre-norm layer; the decoder's has a second attention, to the encoded sound."""

    def __init__(self, config: WhisperWordsConfig, cross: bool) -> None:
        super().__init__()
        self.attn = Attention(config.width, config.heads)
        self.attn_ln = nn.LayerNorm(config.width)
        self.cross = Attention(config.width, config.heads) if cross else None
        self.cross_ln = nn.LayerNorm(config.width) if cross else None
        self.fc1 = nn.Linear(config.width, config.feed_forward)
        self.fc2 = nn.Linear(config.feed_forward, config.width)
        self.mlp_ln = nn.LayerNorm(config.width)

    def feed(self, x: Tensor) -> Tensor:
        """The feed-forward half, [n, width] -> [n, width]."""
        return x + self.fc2(F.gelu(self.fc1(self.mlp_ln(x))))  # type: ignore[no-any-return]

    def forward(self, x: Tensor) -> Tensor:
        """An encoder layer, [n, width] -> [n, width]."""
        normed = self.attn_ln(x)
        return self.feed(x + self.attn(normed, *self.attn.project(normed)))


class Encoder(nn.Module):
    """Spectra to states, 50 a second; positions are cut to the sound, not the sound padded to 30 s."""

    def __init__(self, config: WhisperWordsConfig) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(config.mel_bins, config.width, 3, padding=1)
        self.conv2 = nn.Conv1d(config.width, config.width, 3, stride=2, padding=1)
        self.positions = nn.Parameter(torch.empty(config.source_positions, config.width))
        self.blocks = nn.ModuleList(Block(config, cross=False) for _ in range(config.layers))
        self.ln = nn.LayerNorm(config.width)

    def forward(self, mel: Tensor) -> Tensor:
        """[mel_bins, T] -> [(T + 1) // 2, width]."""
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel[None]))))[0].T
        x = x + self.positions[: len(x)]
        for block in self.blocks:
            x = block(x)
        return self.ln(x)  # type: ignore[no-any-return]


class Decoder(nn.Module):
    """One token at a time; the caches belong to the caller, so that threads share nothing but weights."""

    def __init__(self, config: WhisperWordsConfig) -> None:
        super().__init__()
        self.embed = nn.Embedding(config.vocab_size, config.width)
        self.positions = nn.Parameter(torch.empty(config.target_positions, config.width))
        self.blocks = nn.ModuleList(Block(config, cross=True) for _ in range(config.layers))
        self.ln = nn.LayerNorm(config.width)

    def start(self, encoded: Tensor) -> list[Cache]:
        """Empty caches over ``encoded`` [T, width], one for each layer."""
        return [Cache(*block.cross.project(encoded)) for block in self.blocks]

    def forward(self, token: int, position: int, caches: list[Cache]) -> Tensor:
        """Logits [vocab_size] of what follows ``token``; the caches grow by it."""
        x = self.embed.weight[token][None] + self.positions[position]
        for block, cache in zip(self.blocks, caches, strict=True):
            normed = block.attn_ln(x)
            x = x + block.attn(normed, *cache.append(*block.attn.project(normed)))
            x = x + block.cross(block.cross_ln(x), cache.cross_keys, cache.cross_values)
            x = block.feed(x)
        return self.embed.weight @ self.ln(x)[0]  # type: ignore[no-any-return]


@dataclass
class Cache:
    """Keys and values of one decoder layer, [heads, n, d]: of the sound, and of the tokens so far."""

    cross_keys: Tensor
    cross_values: Tensor
    keys: Tensor | None = None
    values: Tensor | None = None

    def append(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Everything so far, the new token's included."""
        self.keys = keys if self.keys is None else torch.cat((self.keys, keys), 1)
        self.values = values if self.values is None else torch.cat((self.values, values), 1)
        return self.keys, self.values


class Recogniser(nn.Module):
    """Whisper's encoder and decoder."""

    def __init__(self, config: WhisperWordsConfig) -> None:
        super().__init__()
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)


@dataclass(frozen=True)
class Heard:
    """What the recogniser made of a sound.

    Attributes:
        tokens: of Whisper, in order, without special ones.
        candidates: [n, CANDIDATES] the likeliest Whisper tokens in each place.
        shares: [n, CANDIDATES] their probabilities, which add up to 1.
        evidence: [EVIDENCE] of sound as such: no-speech probability, confidence, loudness, pace, encoder summary.
    """

    tokens: list[int]
    candidates: Tensor
    shares: Tensor
    evidence: Tensor


class WhisperWordsFrontEnd:
    """Sounds to soft words. Stateless after loading: many threads may call one object."""

    def __init__(self, config: Any, folder: Path) -> None:
        """Load the recogniser, the language model's embeddings and both tokenizers from the checkpoint's folder.

        Raises:
            CheckpointError: a file is absent.
        """
        self.config: WhisperWordsConfig = config.audio_config
        needed = [folder / name for name in (self.config.weights, self.config.words, "tokenizer.json")]
        if absent := [path.name for path in needed if not path.is_file()]:
            raise CheckpointError(f"{folder} lacks {', '.join(absent)}, which hearing needs; build it again.")
        self.words = Tokenizer.from_file(str(needed[1]))
        self.language = Tokenizer.from_file(str(needed[2]))
        self.recogniser, self.embeddings, self.meanings = _load(self.config, needed[0])
        self.filters = mel_filters(self.config.mel_bins)

    def __call__(self, samples: NDArray[np.float32]) -> Tensor:
        """Samples float32 [n] at 16 kHz -> float32 [1 + words, hidden]: evidence (padded with 0), then soft words."""
        heard = self._hear(samples)
        evidence = F.pad(torch.stack([one.evidence for one in heard]).mean(0), (0, self.config.hidden_size - EVIDENCE))
        rows = [evidence[None], *(self._soft_words(one) for one in heard)]
        return torch.cat(rows)[: self.max_tokens(len(samples) / SAMPLE_RATE)]

    def tokens(self, rows: int) -> int:
        """Audio tokens for so many rows of features: as many."""
        return rows

    def max_tokens(self, seconds: float) -> int:
        """Audio tokens of a sound of that length, at most."""
        return 2 + math.ceil(seconds * TOKENS_PER_SECOND)

    def transcribe(self, samples: NDArray[np.float32]) -> str:
        """The words heard in float32 [n] at 16 kHz; empty where there are none."""
        return " ".join(text for one in self._hear(samples) if (text := self._text(one)))

    def _text(self, heard: Heard) -> str:
        return str(self.words.decode(heard.tokens)).strip()

    def _hear(self, samples: NDArray[np.float32]) -> list[Heard]:
        with torch.inference_mode():
            return [hear(self.recogniser, self.config, log_mel(window, self.filters)) for window in windows(samples)]

    def _soft_words(self, heard: Heard) -> Tensor:
        """[n, hidden]: the text's language-model embeddings, each shifted by the doubt about the Whisper tokens under it.

        A token's doubt is the mean meaning of its candidates less its own meaning: nothing where the recogniser is sure.
        """
        text = self._text(heard)
        encoding = self.language.encode(text, add_special_tokens=False)
        if not encoding.ids:
            return torch.zeros(0, self.config.hidden_size)
        meant = torch.einsum("nc,nch->nh", heard.shares, self.meanings[heard.candidates].float())
        doubt = meant - self.meanings[torch.tensor(heard.tokens)].float()
        owner = self._owners(heard.tokens, text, encoding.offsets)
        return self.embeddings[torch.tensor(encoding.ids)].float() + doubt[owner]

    def _owners(self, tokens: list[int], text: str, offsets: list[tuple[int, int]]) -> list[int]:
        """For each span of ``text``, which Whisper token its last character came from."""
        ends: list[int] = []
        for count in range(1, len(tokens) + 1):
            ends.append(len(str(self.words.decode(tokens[:count])).strip()))
        return [min(bisect_left(ends, end), len(tokens) - 1) for _, end in offsets]


def hear(recogniser: Recogniser, config: WhisperWordsConfig, mel: Tensor) -> Heard:
    """Greedy recognition of one window's log-mel spectrum [mel_bins, T]."""
    encoded = recogniser.encoder(mel)
    caches = recogniser.decoder.start(encoded)
    opening = recogniser.decoder(config.start_token, 0, caches)
    silent = torch.softmax(opening, -1)[config.no_speech_token]
    limit = min(config.target_positions - 2, 4 + math.ceil(mel.shape[1] * HOP / SAMPLE_RATE * TOKENS_PER_SECOND))
    tokens: list[int] = []
    choices: list[tuple[Tensor, Tensor]] = []
    confidence: list[float] = []
    current = config.no_timestamps_token
    for position in range(1, limit):
        logits = recogniser.decoder(current, position, caches)
        logits[config.suppressed] = -torch.inf
        if not tokens:
            logits[config.suppressed_first] = -torch.inf
        top = torch.topk(logits, CANDIDATES)
        current = int(top.indices[0])
        confidence.append(float(top.values[0] - torch.logsumexp(logits, -1)))
        if current == config.end_token or _loops(tokens, current):
            break
        tokens.append(current)
        choices.append((top.indices, torch.softmax(top.values, -1)))
    evidence = _evidence(mel, encoded, float(silent), confidence)
    if not tokens:
        return Heard([], torch.zeros(0, CANDIDATES, dtype=torch.long), torch.zeros(0, CANDIDATES), evidence)
    return Heard(tokens, torch.stack([c for c, _ in choices]), torch.stack([s for _, s in choices]), evidence)


def _loops(tokens: list[int], token: int) -> bool:
    """Whether ``token`` would complete a passage said three times over."""
    said = [*tokens, token]
    return any(said[-n:] == said[-2 * n : -n] == said[-3 * n : -2 * n] for n in range(2, len(said) // 3 + 1))


def _evidence(mel: Tensor, encoded: Tensor, silent: float, confidence: list[float]) -> Tensor:
    """[EVIDENCE]: figures about the sound as such, each of the order of 1."""
    seconds = mel.shape[1] * HOP / SAMPLE_RATE
    worth = torch.tensor(confidence)
    figures = [
        silent,
        float(worth.mean()),
        float(worth.min()) / 4,
        float(worth[0]),
        (len(confidence) - 1) / seconds / 4,
        math.log(seconds),
        float(mel.mean()),
        float(mel.amax()),
        float(mel.mean(0).std()),
        float(mel.mean(1).std()),
    ]
    return torch.cat((torch.tensor(figures), encoded.mean(0)))


def windows(samples: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Pieces of at most LONGEST less TAIL samples, cut where the sound is quietest; silence fills what is too short."""
    longest = LONGEST - TAIL
    rest = np.asarray(samples, dtype=np.float32)
    if len(rest) < SHORTEST:
        rest = np.pad(rest, (0, SHORTEST - len(rest)))
    pieces: list[NDArray[np.float32]] = []
    while len(rest) > longest:
        energy = np.square(rest[longest - SEARCH : longest]).reshape(-1, SEARCH // 250).sum(1)  # 20 ms each
        cut = longest - SEARCH + int(energy.argmin()) * (SEARCH // 250)
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return [*pieces, rest]


def log_mel(samples: NDArray[np.float32], filters: Tensor) -> Tensor:
    """Whisper's log-mel spectrum [mel_bins, T] of float32 [n] at 16 kHz with TAIL samples of silence behind it.

    Source: openai/whisper, audio.py; there the clip is padded to 30 s.
    """
    padded = F.pad(torch.from_numpy(np.ascontiguousarray(samples)), (0, TAIL))
    spectrum = torch.stft(padded, WINDOW, HOP, window=torch.hann_window(WINDOW), return_complex=True)
    power = filters @ spectrum[:, :-1].abs().square()
    log = power.clamp(min=1e-10).log10()
    return (torch.maximum(log, log.max() - 8.0) + 4.0) / 4.0


def mel_filters(bins: int) -> Tensor:
    """Slaney's triangles, [bins, WINDOW // 2 + 1], each of unit area (as librosa makes them)."""
    edges = _mel_to_hertz(np.linspace(0.0, _hertz_to_mel(SAMPLE_RATE / 2), bins + 2))
    frequencies = np.linspace(0.0, SAMPLE_RATE / 2, WINDOW // 2 + 1)
    widths = np.diff(edges)
    ramps = edges[:, None] - frequencies[None]
    rising, falling = -ramps[:-2] / widths[:-1, None], ramps[2:] / widths[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling)) * (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return torch.from_numpy(triangles.astype(np.float32))


def _hertz_to_mel(hertz: float) -> float:
    """Slaney's scale for 1 kHz and above: linear below, logarithmic from there."""
    return 15.0 + 27.0 * math.log(hertz / 1000.0) / math.log(6.4)


def _mel_to_hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15.0, 200.0 * mel / 3.0, 1000.0 * 6.4 ** ((mel - 15.0) / 27.0))


def _load(config: WhisperWordsConfig, path: Path) -> tuple[Recogniser, Tensor, Tensor]:
    """The recogniser in float32, the language model's embeddings, and each Whisper token's meaning in that space."""
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    embeddings, meanings = tensors.pop("embeddings"), tensors.pop("meanings")
    with torch.device("meta"):
        recogniser = Recogniser(config)
    recogniser.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, assign=True)
    return recogniser.eval().requires_grad_(False), embeddings, meanings


class WhisperWordsTower(nn.Module):
    """Features to embeddings: the evidence becomes a marker, the soft words pass."""

    def __init__(self, config: Any) -> None:
        super().__init__()
        width = config.audio_config.hidden_size
        self.marker = nn.Parameter(torch.empty(width))
        self.evidence = nn.Linear(EVIDENCE, width, bias=False)

    def forward(self, sounds: Sequence[Tensor]) -> list[Tensor]:
        """List of [T_i, hidden] -> list of [T_i, hidden]."""
        return [torch.cat(((self.marker + self.evidence(x[0, :EVIDENCE]))[None], x[1:])) for x in sounds]
