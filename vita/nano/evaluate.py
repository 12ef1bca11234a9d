"""How well VITA-Nano hears and knows when it is addressed, on sentences, voices and people it was not trained on.

Names of the figures are fractions; errors and false alarms are better when small.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import jiwer
import numpy as np
import soundfile
import soxr
import torch

from vita.conversation import Part, Turn, render
from vita.media import SAMPLE_RATE, Sound
from vita.model import checkpoint
from vita.model.processing import Processor, state_token_ids
from vita.nano.sounds import NOISES, Samples, mix, noise, speak
from vita.nano.utterances import asides, queries
from vita.tokens import Family, State

VOICES = ("en-gb-scotland", "en-us+f5", "en-029", "en-gb-x-rp+m3")  # none of them in training
SNR = 10.0  # decibels, of every second utterance
SEED = 20_000

Decide = Callable[[Sequence[Part]], State]


class Nano:
    """The checkpoint in transformers: its processor and its model."""

    def __init__(self, folder: Path) -> None:
        """Load both from the checkpoint's folder."""
        self.processor = Processor.from_checkpoint(folder)
        self.model = checkpoint.load(folder)
        self.states = state_token_ids(self.processor.tokenizer, Family.NANO)

    def transcribe(self, samples: Samples) -> str:
        """The words heard."""
        return str(self.processor.sounds.transcribe(samples))

    def decide(self, parts: Sequence[Part]) -> State:
        """The likeliest of the state tokens for one user's turn."""
        prompt = self.processor(render([Turn("user", tuple(parts))], Family.NANO))
        media = {f"{kind}s": prompt.values(kind) for kind in ("image", "video")} | {"sounds": prompt.values("audio")}
        with torch.inference_mode():
            logits = self.model(torch.tensor([prompt.token_ids]), **media).logits[0, -1]
        return max(self.states, key=lambda state: float(logits[self.states[state]]))


def plain(text: str) -> str:
    """Lower-case words without punctuation, as both sides of a word error rate."""
    return " ".join(re.sub(r"[^a-z0-9' ]", " ", text.lower().replace("mr.", "mister").replace("-", " ")).split())


def word_errors(said: Sequence[str], heard: Sequence[str]) -> float:
    """Word error rate over all sentences together."""
    return float(jiwer.wer([plain(text) for text in said], [plain(text) for text in heard]))


def utterances(count: int) -> list[tuple[str, Samples, bool]]:
    """Spoken sentences (text, samples, addressed to the model), half of each kind, half of them with noise."""
    half = count // 2
    texts = [(text, True) for text in queries("test", half, SEED)]
    texts += [(text, False) for text in asides("test", half, SEED)]
    spoken = []
    for number, (text, addressed) in enumerate(texts):
        samples = speak(text, VOICES[number % len(VOICES)], 140 + number % 5 * 10)
        if number % 2:
            samples = mix(samples, noise(NOISES[number // 2 % 5], 3.0, SEED + number), SNR)
        spoken.append((text, samples, addressed))
    return spoken


def states(decide: Decide, size: int) -> dict[str, float]:
    """Accuracy of the state token on utterances, noises and typed questions; false wakes, missed queries."""
    spoken = utterances(size)
    addressed = [decide([Sound(samples)]) for _, samples, wanted in spoken if wanted]
    others = [decide([Sound(samples)]) for _, samples, wanted in spoken if not wanted]
    seconds = np.linspace(0.5, 4, size // 4)
    others += [decide([Sound(noise(NOISES[n % 6], float(s), SEED + n))]) for n, s in enumerate(seconds)]
    typed = [decide([text]) for text in queries("test", size // 4, SEED + 1)]
    right = addressed.count(State.AUDIO_QUERY) + others.count(State.NOISE) + typed.count(State.TEXT_QUERY)
    return {
        "state_accuracy": right / (len(addressed) + len(others) + len(typed)),
        "false_wake": 1 - others.count(State.NOISE) / len(others),
        "missed_query": addressed.count(State.NOISE) / len(addressed),
    }


def people(transcribe: Callable[[Samples], str], folder: Path) -> float:
    """Word error rate on the recordings that ``folder``'s transcripts.csv lists (columns file, transcript)."""
    with (folder / "transcripts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    heard = []
    for row in rows:
        samples, rate = soundfile.read(folder / row["file"], dtype="float32", always_2d=True)
        heard.append(transcribe(np.asarray(soxr.resample(samples.mean(1), rate, SAMPLE_RATE), dtype=np.float32)))
    return word_errors([row["transcript"] for row in rows], heard)


def evaluate(folder: Path, size: int, recordings: Path | None) -> dict[str, float]:
    """The figures by name.

    Args:
        size: spoken sentences for each figure.
        recordings: a folder of recordings of people; None leaves their figure out.
    """
    nano = Nano(folder)
    spoken = utterances(size)
    heard = [nano.transcribe(samples) for _, samples, _ in spoken]
    figures = {"hears_wer": word_errors([text for text, _, _ in spoken], heard)}
    if recordings:
        figures["hears_people_wer"] = people(nano.transcribe, recordings)
    return figures | states(nano.decide, size)
