"""The voice ``vita``: VITA-1.5's own speech decoder as any other voice speaks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from vita.speech.synthesis import less_urgent, pcm_chunks, to_pcm
from vita.speech.vita_voice.clause_text import split_pieces
from vita.speech.vita_voice.code_windows import CHUNK_CODES, FIRST_CHUNK_CODES
from vita.speech.vita_voice.speech_fetch import fetch_speech, require_speech
from vita.speech.vita_voice.time_stretch import stretch_time

if TYPE_CHECKING:  # it brings torch, which the page need not wait for
    import numpy as np
    from numpy.typing import NDArray

    from vita.speech.vita_voice.synthesis import SpeechSynthesis


class VitaVoice:
    """English and Mandarin in the voice that VITA-1.5 was published with.

    The networks are loaded when something is said first, on a GPU where there is one, and shared by all conversations,
    whose segments take turns on one thread. What is said with equal text sounds equal.

    Args:
        model: the checkpoint, a folder or a name on the Hub.
        seed: of the codes that are drawn.

    Raises:
        CheckpointError: it has no speech decoder.
    """

    name = "vita"

    def __init__(self, model: str, seed: int = 0) -> None:
        require_speech(model)
        self._model, self._seed = model, seed
        self._pool = ThreadPoolExecutor(1, "voice", less_urgent)
        self._synthesis: SpeechSynthesis | None = None

    async def speak(self, text: str, speed: float = 1.0) -> AsyncIterator[bytes]:
        """See Voice. A segment is half a second or a second; its codes stop being made when the iterator is closed.

        Raises:
            CheckpointError: at the first words, where the speech decoder is damaged or cannot be fetched.
        """
        loop, stopped = asyncio.get_running_loop(), threading.Event()
        segments = self._speak_segments(text, speed, stopped.is_set)
        try:
            while (pcm := await loop.run_in_executor(self._pool, next, segments, None)) is not None:
                for chunk in pcm_chunks(pcm):
                    yield chunk
        finally:
            stopped.set()

    def close(self) -> None:
        """End its thread."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _speak_segments(self, text: str, speed: float, stopped: Callable[[], bool]) -> Iterator[bytes]:
        """PCM16 at VOICE_RATE, on the voice's thread."""
        synthesis = self._synthesis = self._synthesis or self._load_synthesis()
        sound = stretch_time(self._sound_pieces(synthesis, text, stopped), speed, synthesis.sampling_rate)
        for segment in sound:
            yield to_pcm(segment, synthesis.sampling_rate)

    def _sound_pieces(
        self, synthesis: SpeechSynthesis, text: str, stopped: Callable[[], bool]
    ) -> Iterator[NDArray[np.float32]]:
        from vita.speech.vita_voice.speech_decoder import CodeSampling

        for number, piece in enumerate(split_pieces(text)):
            if stopped():
                return
            chunk = CHUNK_CODES if number else FIRST_CHUNK_CODES
            yield from synthesis.speak_piece(piece, CodeSampling(seed=self._seed), chunk, stopped)

    def _load_synthesis(self) -> SpeechSynthesis:
        import torch

        from vita.speech.vita_voice.synthesis import load_synthesis

        return load_synthesis(fetch_speech(self._model), "cuda" if torch.cuda.is_available() else "cpu")
