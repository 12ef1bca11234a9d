"""Which voices there are, by name."""

from __future__ import annotations

import shutil
from pathlib import Path

from vita.errors import CheckpointError
from vita.speech.kokoro_voice import KokoroVoice
from vita.speech.synthesis import EspeakVoice, PiperVoice, SilentVoice, Voice, VoiceByScript

VOICES = ("auto", "piper", "kokoro", "espeak", "none")


def build_voice(name: str = "auto") -> Voice:
    """A voice by name, one of VOICES, or a Piper voice's .onnx file; "auto" is Piper, and espeak-ng for Chinese.

    Raises:
        CheckpointError: that voice is not here.
    """
    espeak = shutil.which("espeak-ng")
    if name == "none":
        return SilentVoice()
    if name == "espeak":
        if not espeak:
            raise CheckpointError("The voice espeak needs the program espeak-ng; install it.")
        return VoiceByScript(EspeakVoice("en-us"), EspeakVoice("cmn"))
    if name == "kokoro":
        return VoiceByScript(KokoroVoice(), EspeakVoice("cmn") if espeak else None)
    if name not in ("auto", "piper") and not Path(name).is_file():
        raise CheckpointError(f"There is no voice {name!r}; choose {', '.join(VOICES)} or a Piper .onnx file.")
    piper = PiperVoice(None if name in ("auto", "piper") else Path(name))
    return VoiceByScript(piper, EspeakVoice("cmn") if espeak and name != "piper" else None)
