"""From one piece of text to its sound, a segment at a time: tokenizer, embeddings, speech decoder, codec."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from vita.errors import CheckpointError
from vita.model.processing import load_tokenizer
from vita.speech.vita_voice.clause_text import prepare_piece
from vita.speech.vita_voice.code_windows import CHUNK_CODES, window_codes
from vita.speech.vita_voice.embedding_rows import EmbeddingRows
from vita.speech.vita_voice.speech_codec import SpeechCodec
from vita.speech.vita_voice.speech_decoder import CodeSampling, SpeechDecoder
from vita.speech.vita_voice.speech_fetch import SPEECH_FOLDER, speech_parent
from vita.speech.vita_voice.speech_loading import load_speech_networks


class SpeechSynthesis:
    """What speaks; made once, it keeps no state between pieces.

    Args:
        tokenizer: the checkpoint's; ``encode(text)`` gives ids.

    Raises:
        CheckpointError: the rows are no whole number of the decoder's vectors.
    """

    def __init__(self, tokenizer: Any, rows: EmbeddingRows, decoder: SpeechDecoder, codec: SpeechCodec) -> None:
        if rows.width % decoder.config.idim:
            raise CheckpointError(
                f"An embedding has {rows.width} values, which is no multiple of the speech decoder's "
                f"{decoder.config.idim}: they belong to different checkpoints."
            )
        self._tokenizer, self._rows, self._decoder, self._codec = tokenizer, rows, decoder, codec
        self.sampling_rate = codec.config.sampling_rate

    @property
    def device(self) -> torch.device:
        """Where the networks are."""
        return self._decoder.embedding.weight.device

    def text_vectors(self, prepared: str) -> torch.Tensor:
        """Embeddings of ``prepared`` as the decoder takes them: float32 [tokens * width / idim, idim]."""
        rows = self._rows.read_rows(self._tokenizer.encode(prepared))
        return rows.reshape(-1, self._decoder.config.idim).to(self.device)

    def speak_piece(
        self,
        piece: str,
        sampling: CodeSampling,
        chunk: int = CHUNK_CODES,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Iterator[NDArray[np.float32]]:
        """Sound of ``piece`` in segments, float32 [n] in -1..1 at ``sampling_rate``; nothing where nothing is said.

        Args:
            chunk: codes that a segment sounds.
            stopped: asked at each code; once it is true nothing more is computed or given.
        """
        prepared = prepare_piece(piece)
        if not prepared:
            return
        for window in window_codes(self._codes_until(prepared, sampling, stopped), chunk):
            if stopped():
                return
            size = self._codec.config.samples_per_code
            sound = self._codec.decode_codes(window.codes)[window.kept.start * size : window.kept.stop * size]
            yield sound.cpu().numpy()

    def _codes_until(self, prepared: str, sampling: CodeSampling, stopped: Callable[[], bool]) -> Iterator[int]:
        for code in self._decoder.stream_codes(self.text_vectors(prepared), sampling):
            if stopped():
                return
            yield code


def load_synthesis(folder: Path, device: str) -> SpeechSynthesis:
    """What speaks with the checkpoint in ``folder``, computed on ``device``.

    Raises:
        CheckpointError: something of it is absent, damaged or of another shape.
    """
    decoder, codec = load_speech_networks(speech_parent(folder) / SPEECH_FOLDER, device)
    return SpeechSynthesis(load_tokenizer(folder), EmbeddingRows(folder), decoder, codec)
