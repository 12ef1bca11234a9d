"""Which voices there are, by name."""

from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path

from vita.engine.machine_resources import gpu_count
from vita.errors import CheckpointError
from vita.speech.kokoro_voice import KokoroVoice
from vita.speech.pinyin_voice import PinyinVoice
from vita.speech.synthesis import EspeakVoice, PiperVoice, SilentVoice, Voice, VoiceByScript
from vita.speech.vita_voice.own_voice import VitaVoice

VOICES = ("auto", "vita", "piper", "kokoro", "espeak", "none")


def build_voice(name: str = "auto", model: str = "") -> Voice:
    """A voice by name, one of VOICES, or a Piper voice's .onnx file.

    "auto" is the checkpoint's own voice where it has one and a GPU is there, else Piper, with Kokoro or
    else espeak-ng for Chinese.

    Args:
        model: the checkpoint that is talked with, a folder or a name on the Hub; "vita" speaks with its voice.

    Raises:
        CheckpointError: that voice is not here.
    """
    if name == "vita":
        return _own_voice(model)
    if name == "auto" and (own := _own_voice_on_gpu(model)):
        return own
    espeak = shutil.which("espeak-ng")
    if name == "none":
        return SilentVoice()
    if name == "espeak":
        if not espeak:
            raise CheckpointError("The voice espeak needs the program espeak-ng; install it.")
        return VoiceByScript(EspeakVoice("en-us"), PinyinVoice())
    if name == "kokoro":
        return KokoroVoice()
    if name not in ("auto", "piper") and not Path(name).is_file():
        raise CheckpointError(f"There is no voice {name!r}; choose {', '.join(VOICES)} or a Piper .onnx file.")
    piper = PiperVoice(None if name in ("auto", "piper") else Path(name))
    return VoiceByScript(piper, None if name == "piper" else _mandarin_voice())


def _mandarin_voice() -> Voice | None:
    """For Chinese writing: Kokoro where its files are, which is understood better (docs/voices.md)."""
    try:
        return KokoroVoice()
    except CheckpointError:
        return PinyinVoice() if shutil.which("espeak-ng") else None


@lru_cache(maxsize=1)
def _own_voice(model: str) -> VitaVoice:
    """One for each model: its networks are loaded once, whether it is chosen by name or as the default."""
    return VitaVoice(model)


def _own_voice_on_gpu(model: str) -> VitaVoice | None:
    """The voice of ``model``; None without one, and without a GPU: on a CPU it is slower than speech."""
    try:
        own = _own_voice(model)
    except CheckpointError:
        return None
    return own if gpu_count() else None
