"""What VITA-Nano must hear: voices, templates, words and seeds that nothing was trained on, and what is right."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path

import jiwer
import numpy as np
import soundfile
import soxr

from evals.synthetic.noises import NOISES, Samples, make_noise, mix_at_snr
from evals.synthetic.speech_programs import EVALUATION, speak_by_program
from evals.synthetic.utterances import aside_sentences, query_sentences
from vita.conversation import Part
from vita.media import SAMPLE_RATE, Sound
from vita.tokens import State

QUESTIONS = Path(__file__).with_name("questions.txt")  # "question|a fact, or another way to say it" a line
REPEAT = "Repeat what I said."
SNR = 10.0  # decibels, of every second utterance whose state is asked
SEED = 30_000

Answer = Callable[..., str]


def plain_words(text: str) -> str:
    """Lower-case words without punctuation, as both sides of a word error rate."""
    return " ".join(re.sub(r"[^a-z0-9' ]", " ", text.lower().replace("mr.", "mister").replace("-", " ")).split())


def word_errors(said: Sequence[str], heard: Sequence[str]) -> float:
    """Word error rate over all sentences together."""
    return float(jiwer.wer([plain_words(text) for text in said], [plain_words(text) for text in heard]))


def spoken_sentences(size: int) -> list[tuple[str, Samples]]:
    """Clearly spoken sentences, half of them questions, with what they say."""
    texts = query_sentences("test", size - size // 2, SEED) + aside_sentences("test", size // 2, SEED)
    return [(text, speak_by_program(text, voice)) for text, voice in zip(texts, cycle(EVALUATION), strict=False)]


def people_recordings(folder: Path) -> list[tuple[str, Samples]]:
    """What the folder's transcripts.csv lists (columns file, transcript), with the samples."""
    with (folder / "transcripts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        samples, rate = soundfile.read(folder / row["file"], dtype="float32", always_2d=True)
        heard = np.asarray(soxr.resample(samples.mean(1), rate, SAMPLE_RATE), dtype=np.float32)
        found.append((row["transcript"], heard))
    return found


def repeat_error_rate(answer: Answer, spoken: Sequence[tuple[str, Samples]]) -> float:
    """Word error rate of the model's answer to "repeat what I said"."""
    said = [answer(REPEAT, Sound(samples), length=10 + 2 * len(text.split())) for text, samples in spoken]
    return word_errors([text for text, _ in spoken], [text.strip('"') for text in said])


def recognition_error_rate(transcribe: Callable[[Samples], str], spoken: Sequence[tuple[str, Samples]]) -> float:
    """Word error rate of the recogniser's own words."""
    return word_errors([text for text, _ in spoken], [transcribe(samples) for _, samples in spoken])


def state_metrics(decide: Callable[[Sequence[Part]], State], size: int) -> dict[str, float]:
    """Accuracy of the state token on ``size`` utterances, and a quarter as many noises and typed questions.

    ``false_wake`` is the part of what needs no answer that would get one, ``missed_query`` the part of spoken
    questions that would get none.
    """
    addressed = [decide([Sound(samples)]) for samples in _noisy_speech(query_sentences("test", size // 2, SEED + 1))]
    others = [decide([Sound(samples)]) for samples in _noisy_speech(aside_sentences("test", size // 2, SEED + 1))]
    lengths = np.linspace(0.5, 4, size // 4)
    others += [decide([Sound(make_noise(NOISES[n % 6], float(s), SEED + n))]) for n, s in enumerate(lengths)]
    typed = [decide([text]) for text in query_sentences("test", size // 4, SEED + 2)]
    right = addressed.count(State.AUDIO_QUERY) + others.count(State.NOISE) + typed.count(State.TEXT_QUERY)
    return {
        "state_accuracy": right / (len(addressed) + len(others) + len(typed)),
        "false_wake": 1 - others.count(State.NOISE) / len(others),
        "missed_query": addressed.count(State.NOISE) / len(addressed),
    }


def _noisy_speech(texts: Sequence[str]) -> list[Samples]:
    """Each text in a voice, every second one with a noise behind it."""
    spoken = []
    for number, (text, voice) in enumerate(zip(texts, cycle(EVALUATION), strict=False)):
        samples = speak_by_program(text, voice, 140 + number % 5 * 10)
        if number % 2:
            samples = mix_at_snr(samples, make_noise(NOISES[number // 2 % 5], 3.0, SEED + number), SNR)
        spoken.append(samples)
    return spoken


def spoken_questions() -> list[tuple[str, tuple[str, ...]]]:
    """Questions, each with the ways to state the fact that answers it."""
    lines = [line.split("|") for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    return [(question, tuple(facts.split(", "))) for question, facts in lines]


def states_fact(text: str, facts: Sequence[str]) -> bool:
    """Whether an answer has one of the facts as words of its own."""
    return any(re.search(rf"\b{re.escape(fact)}\b", text.lower()) for fact in facts)


def same_meaning(one: str, other: str, facts: Sequence[str]) -> bool:
    """Whether both answers state the fact, or neither does and they share half of their content words."""
    if states_fact(one, facts) != states_fact(other, facts):
        return False
    if states_fact(one, facts):
        return True
    first, second = ({word for word in plain_words(text).split() if len(word) > 3} for text in (one, other))
    return len(first & second) >= 0.5 * min(len(first), len(second)) > 0


def answers_speech(answer: Answer, size: int) -> float:
    """Part of spoken questions whose answer means the same as the answer to the question typed."""
    asked = [pair for pair, _ in zip(cycle(spoken_questions()), range(size), strict=False)]
    voices = [EVALUATION[(n + n // len(spoken_questions())) % len(EVALUATION)] for n in range(len(asked))]
    same = [
        same_meaning(answer(question), answer(Sound(speak_by_program(question, voice))), facts)
        for (question, facts), voice in zip(asked, voices, strict=True)
    ]
    return sum(same) / len(same)


def stated_facts_ratio(answer: Answer, original: Answer, size: int) -> float:
    """Facts stated in answers to typed questions, over those that the original language model states."""
    asked = spoken_questions()[:: max(1, len(spoken_questions()) // size)][:size]
    ours = sum(states_fact(answer(question), facts) for question, facts in asked)
    return ours / max(1, sum(states_fact(original(question), facts) for question, facts in asked))
