"""Hearing of VITA-Nano: Whisper's recogniser in the processor, its words for the language model.

The processor decodes a sound greedily; every language-model token of the heard text becomes one audio token, whose
embedding is the token's own. So what is heard right is answered like what is typed. Row 0 of the features is not for
the language model: its first figures say how likely the sound is asked of it, said to somebody else, or no speech, and
choose the first placeholder (``vita.nano.model.device_directed``).
"""

from __future__ import annotations

import math
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
from vita.nano.model.device_directed import KINDS, NAME, DeviceDirectedClassifier, is_silent, nearest_verdict
from vita.nano.model.greedy_decoding import TOKENS_PER_SECOND, Heard, recognise_window
from vita.nano.model.log_mel import SAMPLE_RATE, cut_windows, log_mel, mel_filters
from vita.nano.model.narrow_weights import narrow_recogniser
from vita.nano.model.whisper_layers import Recogniser, WhisperWordsConfig
from vita.tokens import disarm

NO_WORDS = "..."  # what the language model reads of a sound that says nothing
REMEMBERED = 8  # sounds whose words are kept: a transcript is asked for when the model has just been given them

__all__ = ["WhisperWordsConfig", "WhisperWordsFrontEnd", "WhisperWordsTower"]


class WhisperWordsFrontEnd:
    """Sounds to words. Many threads may call one object; what it heard last is remembered.

    The weights are read with the first sound: vLLM makes a front end in each of its processes, and only one listens.
    """

    def __init__(self, config: Any, folder: Path) -> None:
        """Look for the recogniser, the language model's embeddings and both tokenizers in the checkpoint's folder.

        Raises:
            CheckpointError: a file is absent.
        """
        self.config: WhisperWordsConfig = config.audio_config
        self._placeholder, self._verdicts = config.audio_token_id, config.verdict_token_ids
        needed = [folder / name for name in (self.config.weights, self.config.words, "tokenizer.json")]
        if absent := [path.name for path in needed if not path.is_file()]:
            raise CheckpointError(f"{folder} lacks {', '.join(absent)}, which hearing needs; build it again.")
        self._weights, self._words, self._language = needed
        self.filters = mel_filters(self.config.mel_bins)
        self._heard = lru_cache(REMEMBERED)(self._recognised_windows)

    def __call__(self, samples: NDArray[np.float32]) -> Tensor:
        """Samples float32 [n] at 16 kHz -> float32 [1 + words, hidden]; one that says so where there are no words."""
        text = disarm(self.transcribe(samples)) or NO_WORDS
        ids = self.language.encode(text, add_special_tokens=False).ids[: self.max_tokens(len(samples) / SAMPLE_RATE)]
        judged = torch.zeros(1, self.config.hidden_size)
        judged[0, : len(KINDS)] = self._device_directed_chances(self._recognise_sound(samples))
        return torch.cat([judged, self.loaded[1]["embeddings"][torch.tensor(ids)].float()])

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
        """The recogniser, and by name the embeddings of words and what turns its evidence into a verdict."""
        return _load_recogniser(self.config, self._weights)

    @property
    def recogniser(self) -> Recogniser:
        """What hears."""
        return self.loaded[0]

    def token_ids(self, features: Tensor) -> list[int]:
        """Placeholders of features [1 + words, hidden], the first of which is the judge's verdict."""
        chances = features[0, : len(KINDS)]
        return [self._verdicts[nearest_verdict(chances)], *[self._placeholder] * (len(features) - 2)]

    def max_tokens(self, seconds: float) -> int:
        """Audio tokens of a sound of that length, at most."""
        return 1 + math.ceil(seconds * TOKENS_PER_SECOND)

    def transcribe(self, samples: NDArray[np.float32]) -> str:
        """The words heard in float32 [n] at 16 kHz; empty where there are none."""
        heard = self._recognise_sound(samples)
        return (
            " ".join(text for one in heard if (text := self._transcript_text(one)))
            if not is_silent(self._device_directed_chances(heard))
            else ""
        )

    def sound_evidence(self, samples: NDArray[np.float32]) -> Tensor:
        """What the judge reads of the first window of float32 [n] at 16 kHz, see ``Heard.evidence``."""
        return self._recognise_sound(samples)[0].evidence

    def _device_directed_chances(self, heard: Sequence[Heard]) -> Tensor:
        """How likely the sound of these windows is each of KINDS, [len(KINDS)]."""
        return DeviceDirectedClassifier.of(self.loaded[1])(torch.stack([one.evidence for one in heard]))

    def _transcript_text(self, heard: Heard) -> str:
        return str(self.words.decode(heard.tokens)).strip()

    def _recognise_sound(self, samples: NDArray[np.float32]) -> list[Heard]:
        return self._heard(samples.astype(np.float32, copy=False).tobytes())

    def _recognised_windows(self, data: bytes) -> list[Heard]:
        samples = np.frombuffer(data, np.float32).copy()  # writable, as torch wants it
        with torch.inference_mode(), _one_thread():
            return [
                recognise_window(self.recogniser, self.config, log_mel(window, self.filters))
                for window in cut_windows(samples)
            ]


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


@torch.inference_mode(mode=False)  # whoever hears first, the tensors are such as any mode may use
def _load_recogniser(config: WhisperWordsConfig, path: Path) -> tuple[Recogniser, dict[str, Tensor]]:
    """The recogniser in float32, and by name the tensors that are not its own."""
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    names = ("embeddings", *(name for name in tensors if name.startswith(NAME)))
    other = {name: tensors.pop(name) for name in names}
    with torch.device("meta"):
        recogniser = Recogniser(config)
    recogniser.load_state_dict({name: tensor.float() for name, tensor in tensors.items()}, assign=True)
    return narrow_recogniser(recogniser.eval().requires_grad_(False)), other


class WhisperWordsTower(nn.Module):
    """Features to embeddings: the words are such already."""

    def __init__(self, config: Any) -> None:
        super().__init__()

    def forward(self, sounds: Sequence[Tensor]) -> list[Tensor]:
        """List of [1 + n_i, hidden] -> list of [n_i, hidden], in float32, whatever the model computes with."""
        return [features[1:] for features in sounds]
