"""The output rows of the state tokens: a linear reading of the last hidden state where an answer begins.

A fourth choice is any other token of the vocabulary, right everywhere but there, so that no row fires inside an
answer. Half of what is said is behind earlier exchanges, often behind an answer that it breaks off: in a conversation
every sound is that could end an answer.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from evals.synthetic.noises import NOISES, Samples, make_noise, mix_at_snr
from evals.synthetic.speech_programs import TRAINING, speak_by_program
from evals.synthetic.utterances import query_sentences
from recipes.nano.train.export import export_weights
from recipes.nano.train.hidden_states import HiddenStateProbe, KeptTurn
from recipes.nano.train.train_device_directed import asked_and_other_texts
from vita.conversation import Turn
from vita.media import Picture, Sound
from vita.model.processing import state_token_ids
from vita.nano.build_checkpoint import build_nano
from vita.tokens import Family, State

log = logging.getLogger(__name__)

SEED, BANK_SEED = 11, 999
BANK, BATCH, LONGEST = 40, 8, 120  # questions whose answers make histories, at once, and tokens of an answer
EXCHANGES = (0, 0, 0, 1, 1, 2, 4)  # before what is said, each as likely
BY_VOICE = 0.4  # of the questions in them
CHUNK = 32  # prompts between two savings
ANSWER = 32  # tokens of the model's own answers, in none of which a state token belongs
INSIDE = 4  # places inside each prompt, where none belongs either
ELSEWHERE = len(State)  # the class of any other token
DECAY = 2e-3
# Of the fitted rows' size: at 1 a state token wins at 94 % of new beginnings and at 0.3 % of the places inside answers,
# at 0.8 at 1 % and at none. Engines restrict the first token anyway, so that only what is inside counts.
STRENGTH = 0.8
MARK = "\n"  # whose embedding the state tokens have as input: an answer behind it reads as without it
REQUESTS = ("Say it again.", "Please write down what you hear.", "What was said?", "Put this into other words.")

Conversation = tuple[Turn, ...]
Exchange = tuple[str, str]  # a typed question and its answer


@dataclass(frozen=True)
class StateExample:
    """A conversation and the state of the answer to it."""

    turns: Conversation
    state: State


def question_bank(inside: HiddenStateProbe) -> list[Exchange]:
    """Questions with what the model itself answers, those of some length."""
    asked = query_sentences("train", BANK, BANK_SEED)
    answers: list[list[int]] = []
    for begin in range(0, BANK, BATCH):
        with torch.inference_mode():
            answers += inside.greedy_answers(
                [(Turn("user", (text,)),) for text in asked[begin : begin + BATCH]], LONGEST
            )
    decode = inside.processor.tokenizer.decode
    told = [str(decode(answer, skip_special_tokens=True)).strip() for answer in answers]
    return [(text, answer) for text, answer in zip(asked, told, strict=True) if len(answer.split()) > 3]


def random_history(rng: np.random.Generator, exchanges: Sequence[Exchange]) -> Conversation:
    """Some of ``exchanges``, their answers broken off somewhere."""
    turns: list[Turn] = []
    for _ in range(int(rng.choice(EXCHANGES))):
        question, answer = exchanges[int(rng.integers(len(exchanges)))]
        words = answer.split()
        broken_off = " ".join(words[: int(rng.integers(3, len(words) + 1))])
        by_voice = rng.random() < BY_VOICE
        asked = spoken_sound(rng, question) if by_voice else question
        state = State.AUDIO_QUERY if by_voice else State.TEXT_QUERY
        turns += [Turn("user", (asked,)), Turn("assistant", (broken_off,), state)]
    return tuple(turns)


def state_examples(size: int, exchanges: Sequence[Exchange]) -> list[StateExample]:
    """``size`` spoken questions and requests, as much that is not asked, about as many of everything else; shuffled."""
    rng = np.random.default_rng(SEED)
    asked, aside = asked_and_other_texts(2 * size)
    made = [
        StateExample((*random_history(rng, exchanges), *_user_part(spoken_sound(rng, text))), State.AUDIO_QUERY)
        for text in asked[:size]
    ]
    made += [
        StateExample((*random_history(rng, exchanges), *_user_part(spoken_sound(rng, text))), State.NOISE)
        for text in aside[:size]
    ]
    typed = [*asked[size : size + size // 2], *aside[size : size + size // 4]]
    made += [StateExample(_user_part(text), State.TEXT_QUERY) for text in typed]
    few = size // 8
    for text, other, chat in zip(asked[-few:], asked[-2 * few :], aside[-few:], strict=False):
        before = random_history(rng, exchanges)
        made += [
            StateExample((*before, *_user_part(random_sound(rng))), State.NOISE),
            StateExample((*before, *_user_part(text, random_sound(rng))), State.TEXT_QUERY),
            StateExample((*before, *_user_part(text)), State.TEXT_QUERY),
            StateExample(_user_part(other, spoken_sound(rng, text)), State.AUDIO_QUERY),
            StateExample(_user_part(random_picture(rng), text), State.TEXT_QUERY),
            StateExample(_user_part(random_picture(rng), spoken_sound(rng, text)), State.AUDIO_QUERY),
            StateExample(_user_part(random_picture(rng), spoken_sound(rng, chat)), State.NOISE),
        ]
    made = [made[index] for index in rng.permutation(len(made))]
    requests = cycle(REQUESTS)
    return made + [
        StateExample(_user_part(next(requests), spoken_sound(rng, text)), State.AUDIO_QUERY)
        for text in aside[-3 * few :]
    ]


def _user_part(*parts: str | Picture | Sound) -> Conversation:
    return (Turn("user", parts),)


def spoken_sound(rng: np.random.Generator, text: str) -> Sound:
    """``text`` in a voice, half of the time with a noise behind it, at any loudness."""
    samples = speak_by_program(text, TRAINING[rng.integers(len(TRAINING))], int(rng.integers(130, 190)))
    if rng.random() < 0.5:
        samples = mix_at_snr(samples, _random_noise(rng, 3.0), rng.uniform(8, 20))
    return Sound(np.asarray(samples * rng.uniform(0.2, 1.0), dtype=np.float32))


def random_sound(rng: np.random.Generator) -> Sound:
    """Noise, music or silence."""
    return Sound(_random_noise(rng, rng.uniform(0.4, 4)))


def _random_noise(rng: np.random.Generator, seconds: float) -> Samples:
    return make_noise(NOISES[rng.integers(len(NOISES))], seconds, int(rng.integers(1 << 30)))


def random_picture(rng: np.random.Generator) -> Picture:
    """Blots of random colours: what is shown does not matter here."""
    image = Image.new("RGB", (224, 224), tuple(rng.integers(0, 256, 3).tolist()))
    for _ in range(rng.integers(1, 5)):
        x, y, size = rng.integers(20, 200, 3).tolist()
        ImageDraw.Draw(image).ellipse((x, y, x + size // 2, y + size // 2), tuple(rng.integers(0, 256, 3).tolist()))
    return Picture(image)


@dataclass(frozen=True)
class LogitPlaces:
    """Hidden states [n, hidden], the log-sum of the vocabulary's logits over each [n], and the classes [n]."""

    hidden: Tensor
    rest: Tensor
    classes: Tensor

    @classmethod
    def join_places(cls, several: Sequence[LogitPlaces]) -> LogitPlaces:
        """All of them in one."""
        return cls(*(torch.cat([getattr(one, name) for one in several]) for name in ("hidden", "rest", "classes")))


@torch.inference_mode()
def collect_places(inside: HiddenStateProbe, part: Sequence[StateExample], number: int) -> LogitPlaces:
    """The places of some examples: where answers begin, some places before, and all places of some answers."""
    rng = np.random.default_rng((SEED, number))
    ids = state_token_ids(inside.processor.tokenizer, Family.NANO)
    answering = [one for one in part if one.state is not State.NOISE][:8]
    answers = dict(
        zip(map(id, answering), inside.greedy_answers([one.turns for one in answering], ANSWER), strict=True)
    )
    found, classes = [], []
    for one in part:
        hidden = inside.hidden_states(inside.embed_answer(one.turns, [ids[one.state], *answers.get(id(one), [])]))
        start = len(hidden) - 2 - len(answers.get(id(one), []))  # the state token is the next one's
        places = [start, *rng.integers(0, start, INSIDE).tolist(), *range(start + 1, len(hidden))]
        found.append(hidden[places])
        classes += [list(State).index(one.state)] + [ELSEWHERE] * (len(places) - 1)
    hidden = torch.cat(found)
    plain = inside.model.get_input_embeddings().weight[: min(ids.values())]  # rows of the state tokens are not yet ours
    return LogitPlaces(hidden, (hidden @ plain.T).logsumexp(-1), torch.tensor(classes))


def gathered_places(inside: HiddenStateProbe, size: int, folder: Path) -> Iterator[LogitPlaces]:
    """The places of all examples, from ``folder`` where a killed run has left them."""
    folder.mkdir(parents=True, exist_ok=True)
    every = state_examples(size, question_bank(inside))
    for number, start in enumerate(tqdm(range(0, len(every), CHUNK), desc="states", unit="chunk")):
        path = folder / f"states-{size}-{number:03}.pt"
        if not path.is_file():
            places = collect_places(inside, every[start : start + CHUNK], number)
            torch.save(vars(places), path.with_suffix(".draft"))
            path.with_suffix(".draft").rename(path)
        yield LogitPlaces(**torch.load(path, weights_only=True))


def fit_state_rows(places: LogitPlaces, decay: float = DECAY) -> Tensor:
    """Rows [3, hidden] whose logits, beside those of the vocabulary, tell the classes apart."""
    scale = places.hidden.std(0)
    x = places.hidden / scale
    starts = places.classes != ELSEWHERE
    weight = torch.where(starts, 0.5 / starts.sum(), 0.5 / (~starts).sum())  # as much for beginnings as for the rest
    rows = torch.zeros(len(State), x.shape[1], requires_grad=True)
    optimiser = torch.optim.LBFGS([rows], max_iter=300, line_search_fn="strong_wolfe")

    def state_loss() -> Any:
        optimiser.zero_grad()
        logits = torch.cat((x @ rows.T, places.rest[:, None]), 1)
        value = (weight * F.cross_entropy(logits, places.classes, reduction="none")).sum() + decay * rows.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(state_loss)  # type: ignore[no-untyped-call]
    return (rows / scale).detach()


def report_states(rows: Tensor, places: LogitPlaces) -> dict[str, float]:
    """Fractions: right state where one belongs, a state wins where one belongs, none wins elsewhere."""
    logits = places.hidden @ rows.T
    starts = places.classes != ELSEWHERE
    wins = logits.amax(1) > places.rest
    return {
        "right": float((logits[starts].argmax(1) == places.classes[starts]).float().mean()),
        "begins": float(wins[starts].float().mean()),
        "quiet": float((~wins[~starts]).float().mean()),
    }


def train_states(runs: Path, size: int) -> None:
    """Fit, or go on gathering what to fit to; writes the rows for the checkpoint as it is built now."""
    folder = build_nano()
    inside = HiddenStateProbe.of(folder)
    hearing = (folder / inside.processor.config.audio_config.weights).read_bytes()
    kept = runs / f"sounds-{hashlib.blake2b(hearing, digest_size=6).hexdigest()}"
    inside.processor.sounds = KeptTurn(inside.processor.sounds, kept)
    places = LogitPlaces.join_places(list(gathered_places(inside, size, runs / folder.name)))
    rows = STRENGTH * fit_state_rows(places)
    log.info("of what they were fitted to: %s", report_states(rows, places))
    mark = inside.processor.tokenizer.encode(MARK, add_special_tokens=False)
    inputs = inside.model.get_input_embeddings().weight[mark].detach().mean(0).expand(len(rows), -1)
    export_weights({"state.outputs": rows, "state.inputs": inputs}, "states")
