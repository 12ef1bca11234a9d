"""The row of ``<2>`` once more: turned until what is overheard behind earlier exchanges is told from questions there.

``states`` fits its rows to first turns, nearly all of them. In a conversation every sound that could end an answer is
behind a history, often behind an answer that it breaks off, and asides and nods looked like questions there. Only the
row of ``<2>`` is changed, so that nothing changes where a question is typed.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from vita.conversation import Turn
from vita.media import SAMPLE_RATE, Sound
from vita.nano.build import TRAINED, build
from vita.nano.train.export import export
from vita.nano.train.inside import Inside
from vita.nano.train.requests import NODS
from vita.nano.train.states import Conversation, said, sound
from vita.nano.utterances import asides, queries
from vita.tokens import State

log = logging.getLogger(__name__)

SEED, BANK_SEED = 23, 999
BANK, BATCH, ANSWER = 40, 8, 120  # questions whose answers make histories, at once, and tokens of an answer
EXCHANGES = (0, 1, 1, 1, 2, 3)  # before a sound, each as likely
BY_VOICE = 0.35  # of the histories begin with a spoken question
DECAY = 0.03

Exchange = tuple[str, str]  # a typed question and its answer


@dataclass(frozen=True)
class Overheard:
    """A conversation whose last turn is a sound, and whether that is a question."""

    turns: Conversation
    asked: bool


def bank(inside: Inside) -> list[Exchange]:
    """Questions with what the model itself answers, those of some length."""
    asked = queries("train", BANK, BANK_SEED)
    answers: list[list[int]] = []
    for begin in range(0, BANK, BATCH):
        with torch.inference_mode():
            answers += inside.answers([(Turn("user", (text,)),) for text in asked[begin : begin + BATCH]], ANSWER)
    decode = inside.processor.tokenizer.decode
    texts = [str(decode(answer, skip_special_tokens=True)).strip() for answer in answers]
    return [(text, answer) for text, answer in zip(asked, texts, strict=True) if len(answer.split()) > 3]


def examples(size: int, exchanges: Sequence[Exchange]) -> list[Overheard]:
    """``size`` spoken questions, as many asides, three eighths as many nods and an eighth as many noises; shuffled."""
    rng = np.random.default_rng(SEED)
    texts: list[tuple[str, bool]] = [(text, True) for text in queries("train", size, SEED)]
    texts += [(text, False) for text in asides("train", size, SEED)]
    texts += [(NODS[number % len(NODS)], False) for number in range(size * 3 // 8)]
    texts += [("", False)] * (size // 8)
    made = [_example(rng, *texts[int(number)], exchanges) for number in rng.permutation(len(texts))]
    spoken = [one.turns[-1] for one, _ in made if one.asked]
    return [_by_voice(one, spoken[int(rng.integers(len(spoken)))]) if by_voice else one for one, by_voice in made]


def _example(rng: np.random.Generator, text: str, asked: bool, exchanges: Sequence[Exchange]) -> tuple[Overheard, bool]:
    """One of them, and whether the first of its earlier questions is to be a spoken one."""
    heard = as_received(rng, said(rng, text)) if text else sound(rng)
    turns: list[Turn] = []
    for _ in range(int(rng.choice(EXCHANGES))):
        question, answer = exchanges[int(rng.integers(len(exchanges)))]
        words = answer.split()
        broken_off = " ".join(words[: int(rng.integers(3, len(words) + 1))])
        turns += [Turn("user", (question,)), Turn("assistant", (broken_off,), State.TEXT_QUERY)]
    by_voice = bool(turns) and rng.random() < BY_VOICE
    return Overheard((*turns, Turn("user", (heard,))), asked), by_voice


def as_received(rng: np.random.Generator, sound: Sound) -> Sound:
    """``sound`` as a conversation cuts it out: a little of the room before it and behind it."""
    return Sound(np.concatenate([_room(rng, 0.3), sound.samples, _room(rng, rng.uniform(0.05, 0.15))]))


def _room(rng: np.random.Generator, seconds: float) -> Any:
    hush = rng.standard_normal(int(seconds * SAMPLE_RATE)) * rng.uniform(1e-4, 1e-3)
    return hush.astype(np.float32)


def _by_voice(one: Overheard, question: Turn) -> Overheard:
    _, answer, *rest = one.turns
    return Overheard((question, Turn("assistant", answer.parts, State.AUDIO_QUERY), *rest), one.asked)


def turned(rows: Tensor, hidden: Tensor, asked: Tensor, decay: float = DECAY) -> Tensor:
    """Rows [3, hidden] with another one of ``<2>``, by which the states [n, hidden] are told as ``asked`` [n] says."""
    query, noise = (list(State).index(state) for state in (State.AUDIO_QUERY, State.NOISE))
    scale = hidden.std(0)
    x, base, wanted = hidden / scale, hidden @ (rows[query] - rows[noise]), asked.float()
    weight = torch.where(asked, 0.5 / asked.sum(), 0.5 / (~asked).sum())
    change = torch.zeros(hidden.shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS([change], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Any:
        optimiser.zero_grad()
        errors = F.binary_cross_entropy_with_logits(x @ change + base, wanted, reduction="none")
        value = (weight * errors).sum() + decay * change.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    better = rows.clone()
    better[noise] -= (change / scale).detach()
    return better


def train_overheard(runs: Path, size: int) -> None:
    """Turn the rows of the checkpoint as it is built now, and write them; goes on where it was killed."""
    folder = build()
    inside = Inside.of(folder)
    path = runs / f"overheard-{size}-{folder.name}.pt"
    runs.mkdir(parents=True, exist_ok=True)
    every = examples(size, bank(inside))
    states: list[Tensor] = torch.load(path) if path.is_file() else []
    for one in tqdm(every[len(states) :], desc="overheard", unit="sound"):
        with torch.inference_mode():
            states.append(inside.hidden([inside.embed(one.turns)])[0][-1].clone())
        torch.save(states, path.with_suffix(".draft"))
        path.with_suffix(".draft").rename(path)
    kept = load_file(TRAINED / "states.safetensors")
    asked = torch.tensor([one.asked for one in every])
    rows = turned(kept["state.outputs"].float(), torch.stack(states), asked)
    export({"state.outputs": rows, "state.inputs": kept["state.inputs"]}, "states")
