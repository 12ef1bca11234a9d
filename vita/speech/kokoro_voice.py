"""Kokoro-82M, a finer voice than Piper and about ten times slower: used where its weights lie at hand.

Files, in ``~/.cache/vita-playground/kokoro``: an ONNX export (``kokoro*.onnx``), the voices (``voices*.npz`` or
``voices*.bin``) and the phonemes' numbers (``vocab.json`` or ``config.json``), as hexgrad/Kokoro-82M and kokoro-onnx
publish them (Apache-2.0, MIT). Phonemes come from the espeak-ng inside piper-tts.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from vita.errors import CheckpointError
from vita.speech.synthesis import less_urgent, pcm_chunks, quiet_session, to_pcm

FOLDER = Path("~/.cache/vita-playground/kokoro")
RATE = 24_000  # Hz
LONGEST = 510  # phonemes at once
SPEAKER = "af_heart"  # the best of the published ones
MANDARIN_SPEAKER = "zf_xiaoxiao"
HAN = re.compile(r"[\u4e00-\u9fff]")
# From espeak-ng's signs to those that Kokoro was trained on: diphthongs and affricates are one sign each.
SIGNS = {
    "eɪ": "A", "aɪ": "I", "aʊ": "W", "ɔɪ": "Y", "oʊ": "O", "əʊ": "O", "dʒ": "ʤ", "tʃ": "ʧ", "ɜː": "ɜɹ", "ɚ": "əɹ",
    "ɐ": "ə", "r": "ɹ", "ː": "", "e": "ɛ",
}  # fmt: skip


class KokoroVoice:
    """English and Mandarin by Kokoro.

    Args:
        folder: where its files are.

    Raises:
        CheckpointError: one is absent.
    """

    name = "kokoro"

    def __init__(self, folder: Path = FOLDER) -> None:
        here = folder.expanduser()
        self._model = _find_file(here, "kokoro*.onnx", "model*.onnx")
        self._speakers = _find_file(here, "voices*.npz", "voices*.bin")
        self._signs: dict[str, int] = json.loads(_find_file(here, "vocab.json", "config.json").read_text("utf-8"))[
            "vocab"
        ]
        self._pool = ThreadPoolExecutor(1, "voice", less_urgent)

    async def speak(self, text: str, speed: float = 1.0) -> AsyncIterator[bytes]:
        """See Voice."""
        loop = asyncio.get_running_loop()
        han = HAN.search(text) is not None
        speaker = MANDARIN_SPEAKER if han else SPEAKER
        phonemes = self._mandarin_ids if han else self._phoneme_ids
        for sentence in await loop.run_in_executor(self._pool, phonemes, text):
            pcm = await loop.run_in_executor(self._pool, self._synthesise_sentence, sentence, speed, speaker)
            for chunk in pcm_chunks(pcm):
                yield chunk

    def close(self) -> None:
        """End its thread."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _phoneme_ids(self, text: str) -> list[list[int]]:
        """The numbers of each sentence's phonemes."""
        sentences = ["".join(signs) for signs in self._espeak_phonemizer.phonemize("en-us", text)]
        for theirs, ours in SIGNS.items():
            sentences = [sentence.replace(theirs, ours) for sentence in sentences]
        numbers = [[self._signs[sign] for sign in sentence if sign in self._signs] for sentence in sentences]
        return [found[:LONGEST] for found in numbers if found]

    def _mandarin_ids(self, text: str) -> list[list[int]]:
        """Likewise, of Chinese writing."""
        from vita.speech.mandarin_phonemes import mandarin_phonemes

        sentences = re.split(r"(?<=[.!?])", mandarin_phonemes(text))
        numbers = [[self._signs[sign] for sign in sentence if sign in self._signs] for sentence in sentences]
        return [found[:LONGEST] for found in numbers if found]

    def _synthesise_sentence(self, phonemes: list[int], speed: float, speaker: str = SPEAKER) -> bytes:
        style = self._style_vectors(speaker)[len(phonemes) - 1]
        inputs = {
            "tokens": np.array([[0, *phonemes, 0]], np.int64),
            "style": style.reshape(1, -1),
            "speed": np.array([speed], np.float32),
        }
        samples = self._onnx_session.run(None, inputs)[0]
        return to_pcm(np.asarray(samples, np.float32).reshape(-1), RATE)

    @cached_property
    def _espeak_phonemizer(self) -> Any:
        from piper.phonemize_espeak import EspeakPhonemizer

        return EspeakPhonemizer()

    @cached_property
    def _onnx_session(self) -> onnxruntime.InferenceSession:
        return quiet_session(self._model)

    @cache  # noqa: B019 - a voice lives as long as the process
    def _style_vectors(self, speaker: str) -> NDArray[np.float32]:
        """By the number of phonemes, float32 [510, 1, 256]."""
        with np.load(self._speakers) as speakers:
            chosen = speaker if speaker in speakers.files else speakers.files[0]
            return np.asarray(speakers[chosen], np.float32)


def _find_file(folder: Path, *patterns: str) -> Path:
    found = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
    if not found:
        raise CheckpointError(f"The voice kokoro needs {' or '.join(patterns)} in {folder}.")
    return found[0]
