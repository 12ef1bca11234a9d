"""Chinese writing -> the phonemes that Kokoro-82M was trained on, by pypinyin and pinyin-to-ipa (both MIT).

As misaki's ``zh`` writes them (Apache-2.0, Kokoro's own front end, which does not install on Python 3.13): one sign for
an affricate, an arrow for a tone.
"""

from __future__ import annotations

import re

from pinyin_to_ipa import pinyin_to_ipa
from pypinyin import Style, lazy_pinyin
from pypinyin.seg import mmseg

SIGNS = {
    "ʈʂ": "ꭧ", "ts": "ʦ", "tɕ": "ʨ", "ɻ̩": "ɨ", "ɹ̩": "ɨ", "˧˩˧": "↓", "˧˥": "↗", "˥˩": "↘", "˥": "→", "\u032f": "",
}  # fmt: skip
MARKS = str.maketrans({"，": ",", "、": ",", "。": ".", "！": "!", "？": "?", "：": ":", "；": ";"})

_HAN = re.compile(r"[\u4e00-\u9fff]+")


def mandarin_phonemes(text: str) -> str:
    """``text`` in Kokoro's signs; what is not written in Chinese stays as it is, but for the marks."""
    return _HAN.sub(lambda match: _han_phonemes(match[0]), text).translate(MARKS)


def _han_phonemes(han: str) -> str:
    return " ".join(_word_phonemes(word) for word in mmseg.seg.cut(han))


def _word_phonemes(word: str) -> str:
    syllables = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")
    return "".join(_syllable_phonemes(syllable) for syllable in syllables)


def _syllable_phonemes(pinyin: str) -> str:
    try:
        phonemes = "".join(pinyin_to_ipa(pinyin)[0])
    except ValueError:  # an interjection that has no vowel
        return ""
    for theirs, ours in SIGNS.items():
        phonemes = phonemes.replace(theirs, ours)
    return phonemes
