"""Say sentences with a voice, let a recogniser write them down, and compare. No output."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cn2an
import jiwer
import numpy as np
import soxr
from numpy.typing import NDArray
from pypinyin import Style, lazy_pinyin
from whisper_normalizer.english import EnglishTextNormalizer

from vita.media import SAMPLE_RATE
from vita.media.pcm import decode_pcm16
from vita.speech.sample_rates import VOICE_RATE
from vita.speech.synthesis import Voice

_ENGLISH = EnglishTextNormalizer()
_HAN = re.compile(r"[\u4e00-\u9fff]")

Recognise = Callable[[NDArray[np.float32]], str]


@dataclass(frozen=True)
class SpokenSentence:
    """One sentence as a voice said it.

    Attributes:
        sound: float32 [n] at SAMPLE_RATE.
        first: seconds until its first chunk.
        busy: seconds that this process computed, over all its threads; programs that it starts are not in it.
        wall: seconds until its last chunk.
    """

    sound: NDArray[np.float32]
    first: float
    busy: float
    wall: float

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return len(self.sound) / SAMPLE_RATE


@dataclass(frozen=True)
class VoiceFigures:
    """A voice over all sentences.

    Attributes:
        errors: share of words (of syllables, in Chinese) that the recogniser heard otherwise.
        factor: seconds from asking to the last chunk, for each second of sound.
        busy: processor seconds for each second of sound.
        first: median seconds to the first chunk.
    """

    errors: float
    factor: float
    busy: float
    first: float


async def say_sentence(voice: Voice, text: str) -> SpokenSentence:
    """``text`` by ``voice``, timed."""
    began, computed, first, pcm = time.perf_counter(), time.process_time(), 0.0, b""
    async for chunk in voice.speak(text):
        first = first or time.perf_counter() - began
        pcm += chunk
    wall, busy = time.perf_counter() - began, time.process_time() - computed
    samples = decode_pcm16(pcm)
    return SpokenSentence(np.asarray(soxr.resample(samples, VOICE_RATE, SAMPLE_RATE), np.float32), first, busy, wall)


def compare_sentences(
    texts: Sequence[str], spoken: Sequence[SpokenSentence], recognise: Recognise
) -> tuple[VoiceFigures, list[str]]:
    """The figures of a voice that said ``texts``, and what was heard."""
    heard = [recognise(sentence.sound) for sentence in spoken]
    seconds = sum(sentence.seconds for sentence in spoken)
    figures = VoiceFigures(
        errors=error_rate(texts, heard),
        factor=sum(sentence.wall for sentence in spoken) / seconds,
        busy=sum(sentence.busy for sentence in spoken) / seconds,
        first=float(np.median([sentence.first for sentence in spoken])),
    )
    return figures, heard


def error_rate(said: Sequence[str], heard: Sequence[str]) -> float:
    """Word error rate over all sentences, as published ones are normalised; of Chinese the syllable error rate."""
    return float(jiwer.wer([normal_words(text) for text in said], [normal_words(text) for text in heard]))


def normal_words(text: str) -> str:
    """Words without punctuation, numbers written in one way; of Chinese the syllables, with tones, of the characters.

    Characters are not compared: recognisers write simplified and traditional ones, and homophones sound right.
    """
    if _HAN.search(text):
        han = "".join(_HAN.findall(cn2an.transform(text, "an2cn")))
        return " ".join(lazy_pinyin(han, style=Style.TONE3, neutral_tone_with_five=True))
    return str(_ENGLISH(text))
