"""Hearing of VITA-Nano: Whisper's recogniser in the processor, soft words for the language model.

The processor decodes a sound greedily; every language-model token of the heard text becomes one audio token: its own
embedding, shifted by the recogniser's doubt. Row 0 of the features says in its first figures how likely the sound is
asked of the model, said to somebody else, or no speech; the tower turns them into a mixture of three markers.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from tokenizers import Tokenizer
from torch import Tensor, nn

from vita.errors import CheckpointError
from vita.model.judge import KINDS, NAME, Judge
from vita.model.logmel import SAMPLE_RATE, log_mel, mel_filters, windows
from vita.model.narrow import narrowed
from vita.model.recogniser import Recogniser, WhisperWordsConfig
from vita.model.transcript import TOKENS_PER_SECOND, Heard, hear

REMEMBERED = 8  # sounds whose words are kept: a transcript is asked for when the model has just been given them

__all__ = ["WhisperWordsConfig", "WhisperWordsFrontEnd", "WhisperWordsTower"]


class WhisperWordsFrontEnd:
    """Sounds to soft words. Many threads may call one object; what it heard last is remembered.

    The weights are read with the first sound: vLLM makes a front end in each of its processes, and only one listens.
    """

    def __init__(self, config: Any, folder: Path) -> None:
        """Look for the recogniser, the language model's embeddings and both tokenizers in the checkpoint's folder.

        Raises:
            CheckpointError: a file is absent.
        """
        self.config: WhisperWordsConfig = config.audio_config
        needed = [folder / name for name in (self.config.weights, self.config.words, "tokenizer.json")]
        if absent := [path.name for path in needed if not path.is_file()]:
            raise CheckpointError(f"{folder} lacks {', '.join(absent)}, which hearing needs; build it again.")
        self._weights, self._words, self._language = needed
        self.filters = mel_filters(self.config.mel_bins)
        self._heard = lru_cache(REMEMBERED)(self._recognised)

    def __call__(self, samples: NDArray[np.float32]) -> Tensor:
        """Samples float32 [n] at 16 kHz -> float32 [1 + words, hidden]; words only where there is speech."""
        heard = self._hear(samples)
        chances = self._judged(heard)
        marker = torch.zeros(1, self.config.hidden_size)
        marker[0, : len(KINDS)] = chances
        words = [self._soft_words(one) for one in heard] if _is_speech(chances) else []
        return torch.cat([marker, *words])[: self.max_tokens(len(samples) / SAMPLE_RATE)]

    @cached_property
    def words(self) -> Tokenizer:
        """The recogniser's tokenizer."""
        return Tokenizer.from_file(str(self._words))

    @cached_property
    def language(self) -> Tokenizer:
        """The language model's."""
        return Tokenizer.from_file(str(self._language))

    @cached_property
    def loaded(self) -> tuple[Recogniser, dict[str, Tensor]]:
        """The recogniser, and by name what turns its words into embeddings and its evidence into a verdict."""
        return _load(self.config, self._weights)

    @property
    def recogniser(self) -> Recogniser:
        """What hears."""
        return self.loaded[0]

    def tokens(self, rows: int) -> int:
        """Audio tokens for so many rows of features: as many."""
        return rows

    def max_tokens(self, seconds: float) -> int:
        """Audio tokens of a sound of that length, at most."""
        return 2 + math.ceil(seconds * TOKENS_PER_SECOND)

    def transcribe(self, samples: NDArray[np.float32]) -> str:
        """The words heard in float32 [n] at 16 kHz; empty where there are none."""
        heard = self._hear(samples)
        return " ".join(text for one in heard if (text := self._text(one))) if _is_speech(self._judged(heard)) else ""

    def evidence(self, samples: NDArray[np.float32]) -> Tensor:
        """What the judge reads of the first window of float32 [n] at 16 kHz, see ``Heard.evidence``."""
        return self._hear(samples)[0].evidence

    def _judged(self, heard: Sequence[Heard]) -> Tensor:
        """How likely the sound of these windows is each of KINDS, [len(KINDS)]."""
        return Judge.of(self.loaded[1])(torch.stack([one.evidence for one in heard]))

    def _text(self, heard: Heard) -> str:
        return str(self.words.decode(heard.tokens)).strip()

    def _hear(self, samples: NDArray[np.float32]) -> list[Heard]:
        return self._heard(samples.astype(np.float32, copy=False).tobytes())

    def _recognised(self, data: bytes) -> list[Heard]:
        samples = np.frombuffer(data, np.float32).copy()  # writable, as torch wants it
        with torch.inference_mode(), _one_thread():
            return [hear(self.recogniser, self.config, log_mel(window, self.filters)) for window in windows(samples)]

    def _soft_words(self, heard: Heard) -> Tensor:
        """[n, hidden]: the text's language-model embeddings, each shifted by the doubt about what Whisper heard there.

        The doubt is the candidates' mean meaning less the chosen one's: nothing where the recogniser is sure.
        """
        text = self._text(heard)
        encoding = self.language.encode(text, add_special_tokens=False)
        if not encoding.ids:
            return torch.zeros(0, self.config.hidden_size)
        embeddings, meanings = (self.loaded[1][name] for name in ("embeddings", "meanings"))
        meant = torch.einsum("nc,nch->nh", heard.shares, meanings[heard.candidates].float())
        doubt = meant - meanings[torch.tensor(heard.tokens)].float()
        owner = self._owners(heard.tokens, text, encoding.offsets)
        return embeddings[torch.tensor(encoding.ids)].float() + doubt[owner]

    def _owners(self, tokens: list[int], text: str, offsets: list[tuple[int, int]]) -> list[int]:
        """For each span of ``text``, which Whisper token its last character came from."""
        ends = [len(str(self.words.decode(tokens[: count + 1])).strip()) for count in range(len(tokens))]
        return [min(bisect_left(ends, end), len(tokens) - 1) for _, end in offsets]


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let torch compute in the calling thread alone: maps so small win nothing by more, which wait for each other.

    Measured on two cores at work: 107 ms for 3 s of speech by one thread, 102 to 147 by two.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _is_speech(chances: Tensor) -> bool:
    """Whether there are words to be read, by the chances of KINDS."""
    return bool(chances[-1] < 0.5)


@torch.inference_mode(mode=False)  # whoever hears first, the tensors are such as any mode may use
def _load(config: WhisperWordsConfig, path: Path) -> tuple[Recogniser, dict[str, Tensor]]:
    """The recogniser in float32, and by name the tensors that are not its own."""
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    names = ("embeddings", "meanings", *(name for name in tensors if name.startswith(NAME)))
    other = {name: tensors.pop(name) for name in names}
    with torch.device("meta"):
        recogniser = Recogniser(config)
    recogniser.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, assign=True)
    return narrowed(recogniser.eval().requires_grad_(False)), other


class WhisperWordsTower(nn.Module):
    """Features to embeddings: the chances of KINDS become a mixture of their markers, the soft words pass."""

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.markers = nn.Parameter(torch.empty(len(KINDS), config.audio_config.hidden_size))

    def forward(self, sounds: Sequence[Tensor]) -> list[Tensor]:
        """List of [T_i, hidden] -> list of [T_i, hidden]."""
        features = [x.to(self.markers.dtype) for x in sounds]  # float32, whatever the model computes with
        return [torch.cat(((x[0, : len(KINDS)] @ self.markers)[None], x[1:])) for x in features]
