"""Whether there is speech at all: logistic regression on what the recogniser says of a sound as such."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from vita.model.configuration import VITAConfig
from vita.model.whisper import WhisperWordsFrontEnd
from vita.nano.build import build
from vita.nano.sounds import NOISES, Samples, mix, noise
from vita.nano.train.export import export
from vita.nano.utterances import asides, queries
from vita.nano.voices import TRAINING, speak

log = logging.getLogger(__name__)

SEED = 12
CHUNK = 32  # sounds between two savings
DECAY = 1e-2
MARKS = {"heard.noise": "♪", "heard.speech": " voice"}  # texts whose embeddings stand before what was heard


def sound(number: int, text: str) -> tuple[Samples, bool]:
    """The ``number``-th sound and whether it is speech, which two of three are; half of the speech is in noise."""
    rng = np.random.default_rng((SEED, number))
    other = noise(NOISES[rng.integers(len(NOISES))], float(rng.uniform(0.4, 4)), int(rng.integers(1 << 30)))
    if number % 3 == 0:
        return other, False
    samples = speak(text, TRAINING[rng.integers(len(TRAINING))], int(rng.integers(130, 190)))
    if number % 2:
        samples = mix(samples, other, float(rng.uniform(5, 20)))
    return np.asarray(samples * rng.uniform(0.1, 1.0), dtype=np.float32), True


def gathered(front: WhisperWordsFrontEnd, size: int, folder: Path) -> Iterator[tuple[Tensor, Tensor]]:
    """Evidence [n, EVIDENCE] and 1 for speech [n] of ``size`` sounds, from ``folder`` where a killed run left them."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [
        text for pair in zip(queries("train", size, SEED), asides("train", size, SEED), strict=True) for text in pair
    ]
    for start in tqdm(range(0, size, CHUNK), desc="hearing", unit="chunk"):
        path = folder / f"hearing-{size}-{start:05}.pt"
        if not path.is_file():
            sounds = [sound(number, texts[number]) for number in range(start, min(start + CHUNK, size))]
            evidence = torch.stack([front.evidence(samples) for samples, _ in sounds])
            speech = torch.tensor([float(speech) for _, speech in sounds])
            torch.save((evidence, speech), path.with_suffix(".draft"))
            path.with_suffix(".draft").rename(path)
        yield torch.load(path, weights_only=True)


def fit(evidence: Tensor, speech: Tensor, decay: float = DECAY) -> tuple[Tensor, Tensor]:
    """Weight [EVIDENCE] and bias [] of the chance of speech."""
    mean, scale = evidence.mean(0), evidence.std(0) + 1e-3
    x = (evidence - mean) / scale
    weight = torch.zeros(x.shape[1], requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Any:
        optimiser.zero_grad()
        value = F.binary_cross_entropy_with_logits(x @ weight + bias, speech) + decay * weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    weight = (weight / scale).detach()
    return weight, bias.detach()[0] - weight @ mean


def train_hearing(runs: Path, size: int) -> None:
    """Fit, or go on gathering what to fit to; writes the weights."""
    folder = build()
    front = WhisperWordsFrontEnd(VITAConfig.from_checkpoint(folder), folder)
    parts = list(gathered(front, size, runs))
    evidence, speech = torch.cat([one for one, _ in parts]), torch.cat([one for _, one in parts])
    weight, bias = fit(evidence, speech)
    right = ((evidence @ weight + bias > 0) == (speech > 0)).float().mean()
    log.info("speech or not: %.1f %% of what it was fitted to", 100 * right)
    export({"gate.weight": weight, "gate.bias": bias} | {name: _mark(front, MARKS[name]) for name in MARKS}, "hearing")


def _mark(front: WhisperWordsFrontEnd, text: str) -> Tensor:
    """Mean embedding [hidden] of a text's tokens."""
    return front.embeddings[torch.tensor(front.language.encode(text, add_special_tokens=False).ids)].float().mean(0)
