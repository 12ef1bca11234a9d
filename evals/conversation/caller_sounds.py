"""What the benchmark of conversations plays into a microphone: questions, noises, nods and other people. Seeded.

Voices are those of ``evals.synthetic.speech_programs`` that nothing was trained with, sentences those of its test
split; noises, music, coughs and rooms are computed. All of it is simulated: nobody was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.synthetic.noises import make_noise
from evals.synthetic.speech_programs import EVALUATION, speak_by_program
from evals.synthetic.utterances import aside_sentences, query_sentences
from vita.media import SAMPLE_RATE

Samples = NDArray[np.float32]

SEED = 70_000
NODS = (
    "Mm-hm.", "Uh-huh.", "Yeah.", "Right.", "Okay.", "I see.", "Oh.", "Wow.", "Sure.", "Hmm.", "Yes.", "Ah, okay.",
)  # fmt: skip
NOISES = ("white", "brown", "hum", "clicks", "music", "cough")
NEAR, FAR = 0.5, 0.12  # peak of a voice at the microphone, and of one across the room
QUIET = 0.02  # of its peak: what is fainter is before or behind a voice
STEP = SAMPLE_RATE // 100  # samples, 10 ms, over which loudness is taken


@dataclass(frozen=True, eq=False)
class CallerClip:
    """A sound, float32 [n] at 16 kHz.

    Attributes:
        kind: "query", "noise", "backchannel" or "background".
        name: the words and the voice, or the sort of noise and its number; of one kind no two are the same.
    """

    kind: str
    name: str
    samples: Samples

    @property
    def audible_span(self) -> tuple[float, float]:
        """Seconds at which it begins and ceases to be heard."""
        count = len(self.samples) // STEP
        loud = np.abs(self.samples[: count * STEP]).reshape(count, STEP).max(1)
        heard = np.flatnonzero(loud >= QUIET * loud.max())
        return float(heard[0]) * STEP / SAMPLE_RATE, float(heard[-1] + 1) * STEP / SAMPLE_RATE


def question_clips(count: int) -> list[CallerClip]:
    """Questions and requests to VITA."""
    return _spoken_clips("query", query_sentences("test", count, SEED), NEAR)


def noise_clips(count: int) -> list[CallerClip]:
    """Noise, hum, clicks, music and coughs of half a second to two and a half."""
    random = np.random.default_rng(SEED)
    found = []
    for number, kind in zip(range(count), cycle(NOISES), strict=False):
        seconds = random.uniform(0.5, 2.5)
        made = make_cough(SEED + number) if kind == "cough" else make_noise(kind, seconds, SEED + number)
        found.append(CallerClip("noise", f"{kind} {number + 1}", _at_peak(made, float(random.uniform(FAR, NEAR)))))
    return found


def backchannel_clips(count: int) -> list[CallerClip]:
    """What people say to show that they listen."""
    return _spoken_clips("backchannel", [text for text, _ in zip(cycle(NODS), range(count), strict=False)], NEAR)


def background_clips(count: int) -> list[CallerClip]:
    """People who talk to each other across the room."""
    clips = _spoken_clips("background", aside_sentences("test", count, SEED), NEAR)
    return [
        CallerClip(clip.kind, clip.name, _at_peak(across_room(clip.samples, SEED + n), FAR))
        for n, clip in enumerate(clips)
    ]


def _spoken_clips(kind: str, texts: list[str], peak: float) -> list[CallerClip]:
    voiced = zip(texts, cycle(EVALUATION), strict=False)
    return [
        CallerClip(kind, f"{text} ({voice})", _at_peak(speak_by_program(text, voice), peak)) for text, voice in voiced
    ]


def make_cough(seed: int) -> Samples:
    """One to three bursts of breath through a throat: noise with three resonances, sharp at first. Simulated."""
    random = np.random.default_rng(seed)
    bursts = []
    for _ in range(random.integers(1, 4)):
        count = int(random.uniform(0.2, 0.35) * SAMPLE_RATE)
        time = np.arange(count) / SAMPLE_RATE
        throat = sum(
            np.sin(2 * np.pi * pitch * time) * np.exp(-time * 90) for pitch in (650, 1250, 2600)
        )  # its response to a click
        breath = random.standard_normal(count) * np.exp(-time / 0.07) * np.minimum(time / 0.005, 1)
        bursts += [np.convolve(breath, throat)[:count], np.zeros(int(random.uniform(0.05, 0.2) * SAMPLE_RATE))]
    return np.asarray(np.concatenate(bursts), np.float32)


def across_room(samples: Samples, seed: int) -> Samples:
    """``samples`` as heard from across a room: most of it by way of the walls."""
    time = np.arange(int(0.3 * SAMPLE_RATE)) / SAMPLE_RATE
    walls = np.random.default_rng(seed).standard_normal(len(time)) * np.exp(-time / 0.06) * 0.08
    walls[0] = 1.0
    return np.asarray(np.convolve(samples, walls), np.float32)


def _at_peak(samples: NDArray[Any], peak: float) -> Samples:
    return np.asarray(samples / (np.abs(samples).max() + 1e-9) * peak, np.float32)
