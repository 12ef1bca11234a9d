"""What a sound is to the model: a small network on what the recogniser makes of the sound as a whole.

Asked of the model, said to somebody else, or no speech at all; see ``vita.nano.model.device_directed``.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from tqdm import tqdm

from evals.synthetic.noises import NOISES, Samples, across_room, make_noise, mix_at_snr
from evals.synthetic.speech_programs import TRAINING, speak_by_program
from evals.synthetic.utterances import fill_templates, sentence_templates
from recipes.nano.train.export import export_weights
from recipes.nano.train.requests import NODS, ORDERS, REQUESTS
from vita.model.configuration import VITAConfig
from vita.nano.build_checkpoint import build_nano
from vita.nano.model.device_directed import KINDS, NAME
from vita.nano.model.whisper_tower import WhisperWordsFrontEnd

log = logging.getLogger(__name__)

VOICES = (
    *TRAINING,
    "flite:awb",
    "flite:kal16",
    "espeak:en-us+Michael",
    "espeak:en-us+Mike",
    "espeak:en-gb+victor",
    "espeak:en-us+steph2",
    "espeak:en-gb+f4",
    "espeak:en-us+m1",
    "espeak:en-gb+Andrea",
    "espeak:en-us+edward2",
)
SEED = 12
FAR = 0.4  # share of asides that are heard from across a room
KEPT = 4  # of so many lines of requests, orders and nods one is kept from the judge
CHUNK = 32  # sounds between two savings
TURNS = (0, 1, 0, 1, 2)  # kinds of the sounds, over and over
HIDDEN = 48
STEPS = 400
RATE = 3e-3
DECAY = 0.05
DROPPED = 0.4  # share of the evidence that is left out in a step, and of the inner figures
DOUBT = 0.05  # share of certainty that is taken from each label


def asked_and_other_texts(size: int) -> tuple[list[str], list[str]]:
    """``size`` texts that are asked, half of them with a question's words, and ``size`` that are not; shuffled."""
    asked = [(sentence_templates("query", "train"), size // 2), (taught_lines(REQUESTS), size - size // 2)]
    others = [
        (sentence_templates("aside", "train"), size // 2),
        (taught_lines(ORDERS), size // 4),
        (taught_lines(NODS), size - 3 * size // 4),
    ]
    mixed = []
    for parts in (asked, others):
        mixed.append([text for lines, count in parts for text in fill_templates(lines, "train", count, SEED)])
        random.Random(SEED).shuffle(mixed[-1])
    return mixed[0], mixed[1]


def taught_lines(lines: Sequence[str]) -> list[str]:
    """Of ``lines`` all but every KEPT-th: the judge never hears those, and what it makes of them can be measured."""
    return [line for number, line in enumerate(lines) if number % KEPT]


def labelled_sound(number: int, text: str) -> tuple[Samples, int]:
    """The ``number``-th sound and its kind; half of the speech is in noise, some of what is not asked far away."""
    rng = np.random.default_rng((SEED, number))
    other = make_noise(NOISES[rng.integers(len(NOISES))], float(rng.uniform(0.4, 4)), int(rng.integers(1 << 30)))
    kind = TURNS[number % len(TURNS)]
    if kind == KINDS.index("noise"):
        return other, kind
    samples = speak_by_program(text, VOICES[rng.integers(len(VOICES))], int(rng.integers(130, 190)))
    if kind == KINDS.index("aside") and rng.random() < FAR:
        samples = across_room(samples, rng)
    if rng.random() < 0.5:
        samples = mix_at_snr(samples, other, float(rng.uniform(5, 20)))
    return np.asarray(samples * rng.uniform(0.1, 1.0), dtype=np.float32), kind


def gathered_evidence(front: WhisperWordsFrontEnd, size: int, folder: Path) -> Iterator[tuple[Tensor, Tensor]]:
    """Evidence [n, evidence] and kinds [n] of ``size`` sounds, from ``folder`` where a killed run left them."""
    folder.mkdir(parents=True, exist_ok=True)
    asked, others = asked_and_other_texts(size)
    for start in tqdm(range(0, size, CHUNK), desc="hearing", unit="chunk"):
        path = folder / f"hearing-{size}-{start:05}.pt"
        if not path.is_file():
            numbers = range(start, min(start + CHUNK, size))
            sounds = [labelled_sound(n, (asked, others)[TURNS[n % len(TURNS)] % 2][n]) for n in numbers]
            evidence = torch.stack([front.sound_evidence(samples) for samples, _ in sounds])
            torch.save((evidence, torch.tensor([kind for _, kind in sounds])), path.with_suffix(".draft"))
            path.with_suffix(".draft").rename(path)
        yield torch.load(path, weights_only=True)


def fit_classifier(evidence: Tensor, kinds: Tensor) -> dict[str, Tensor]:
    """The judge's tensors by name, fitted to evidence [n, evidence] and kinds [n]."""
    torch.manual_seed(SEED)
    mean, scale = evidence.mean(0), evidence.std(0) + 1e-2
    x = (evidence - mean) / scale
    inner, outer = nn.Linear(x.shape[1], HIDDEN), nn.Linear(HIDDEN, len(KINDS))
    net = nn.Sequential(nn.Dropout(DROPPED), inner, nn.ReLU(), nn.Dropout(DROPPED), outer)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
    for _ in range(STEPS):
        optimiser.zero_grad()
        F.cross_entropy(net(x), kinds, label_smoothing=DOUBT).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    weight = (inner.weight / scale).detach()
    tensors = {"inner": weight, "inner_bias": inner.bias.detach() - weight @ mean}
    tensors |= {"outer": outer.weight.detach(), "outer_bias": outer.bias.detach()}
    return {f"{NAME}{name}": tensor for name, tensor in tensors.items()}


def train_hearing(runs: Path, size: int) -> None:
    """Fit, or go on gathering what to fit to; writes the weights for the recogniser as it is built now."""
    folder = build_nano()
    front = WhisperWordsFrontEnd(VITAConfig.from_checkpoint(folder), folder)
    parts = list(gathered_evidence(front, size, runs / folder.name))
    export_weights(
        fit_classifier(torch.cat([one for one, _ in parts]), torch.cat([one for _, one in parts])), "hearing"
    )
