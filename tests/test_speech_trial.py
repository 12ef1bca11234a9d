"""The trial of voices: what is measured, and the phonemes of Mandarin."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from vita.media.pcm import BYTES_PER_SAMPLE
from vita.speech.mandarin_phonemes import mandarin_phonemes
from vita.speech.pinyin_voice import PinyinVoice, write_pinyin
from vita.speech.sample_rates import VOICE_RATE
from vita.speech.voice_trial import __main__ as trial
from vita.speech.voice_trial.trial_measures import compare_sentences, error_rate, say_sentence


class Beeping:
    """Says two chunks of a tenth of a second, whatever the text."""

    name = "beeping"

    async def speak(self, text: str, speed: float = 1.0):
        for _ in range(2):
            yield np.full(2_400, 8_000, "<i2").tobytes()


@pytest.mark.parametrize(
    ("said", "heard", "rate"),
    [
        (["Sixteen divided by four."], ["16 divided by 4"], 0.0),
        (["a red bicycle here"], ["a bread bicycle here"], 0.25),
        (["世界上最大的动物是蓝鲸。"], ["世界上最大的動物是藍鯨"], 0.0),
        (["火车七点出发"], ["火车7点出发"], 0.0),
        (["你好"], ["你们"], 0.5),
        (["你好"], [""], 1.0),
    ],
)
def test_errors_are_counted_in_words_or_syllables_however_they_are_written(said, heard, rate):
    assert error_rate(said, heard) == pytest.approx(rate)


async def test_a_sentence_is_timed_and_resampled_for_the_recogniser():
    spoken = await say_sentence(Beeping(), "Hello.")
    assert spoken.seconds == pytest.approx(0.2)
    assert 0 < spoken.first <= spoken.wall
    figures, heard = compare_sentences(["Hello."], [spoken], lambda samples: "Hello!")
    assert heard == ["Hello!"]
    assert figures.errors == 0
    assert figures.factor == pytest.approx(spoken.wall / 0.2)


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("法国", "fa↓ kwo↗"),
        ("知道吗？", "ꭧɨ→tau↘ ma?"),
        ("二，三", "ɚ↘,sa→n"),
        ("VITA 你好", "VITA ni↓xau↓"),
        ("", ""),
    ],
)
def test_chinese_becomes_the_signs_that_kokoro_knows(text, phonemes):
    assert mandarin_phonemes(text) == phonemes


def test_the_trial_prints_a_line_for_each_voice_and_names_those_that_are_not_here(monkeypatch, capsys):
    def build(name, model):
        if name == "beeping":
            return Beeping()
        raise trial.CheckpointError("It is not here.")

    monkeypatch.setattr(trial, "build_voice", build)
    monkeypatch.setattr(trial, "_embedded_recogniser", lambda: lambda samples: "Yes.")
    monkeypatch.setattr(sys, "argv", ["trial", "beeping", "absent", "--sentences", "2", "--heard"])
    assert trial.main() == 0
    printed = capsys.readouterr()
    assert "English  beeping: error rate" in printed.out
    assert "processor seconds a second" in printed.out
    assert "-> Yes." in printed.out
    assert "absent: It is not here." in printed.err


def test_espeak_is_given_syllables_for_it_would_read_tone_numbers_aloud():
    assert write_pinyin("今天天气很好") == "jin1 tian1 tian1 qi4 hen3 hao3"
    assert write_pinyin("VITA 你好。") == "VITA  ni3 hao3 。"


async def test_espeak_says_a_mandarin_sentence_as_long_as_a_person_would():
    said = b"".join([chunk async for chunk in PinyinVoice().speak("世界上最大的动物是蓝鲸。")])
    assert 2.0 < len(said) / BYTES_PER_SAMPLE / VOICE_RATE < 3.9  # 4.1 s with the numbers
