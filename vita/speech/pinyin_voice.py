"""espeak-ng's Mandarin from pinyin: of Chinese characters Debian's espeak-ng 1.51 reads the tones' numbers aloud."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pypinyin import Style, lazy_pinyin

from vita.speech.synthesis import EspeakVoice


class PinyinVoice:
    """espeak-ng's voice ``cmn-latn-pinyin``, given the syllables of Chinese writing with their tones."""

    name = "espeak-ng cmn"

    def __init__(self) -> None:
        self._espeak = EspeakVoice("cmn-latn-pinyin")

    def speak(self, text: str, speed: float = 1.0) -> AsyncIterator[bytes]:
        """See Voice."""
        return self._espeak.speak(write_pinyin(text), speed)


def write_pinyin(text: str) -> str:
    """Each Chinese character as a syllable with its tone's number, "ni3 hao3"; the rest stays."""
    return " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True))
