"""How fast and how large VITA-Nano is in vLLM, beside the plain language model that it is made from. Ratios of one run.

For each kind of numbers two engines are loaded. One of them answers while the other one rests, then both answer at
once; no question is asked twice, so that no cache answers it. Then the same with two engines of the plain model, which
get the very prompts of the typed questions.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from safetensors.torch import save_file

from evals.synthetic.speech_programs import speak_by_program
from recipes.nano.evaluation_pictures import labelled_photos
from vita.conversation import Part, Turn, render_prompt
from vita.engine.engine_protocol import Request, Sampling
from vita.engine.local_engine import LocalEngine
from vita.engine.machine_resources import GIB, memory_of
from vita.engine.plain_engine import PlainEngine
from vita.media import SAMPLE_RATE, Picture, Sound
from vita.model.configuration import VITAConfig
from vita.model.processing import load_tokenizer, prompt_ids
from vita.nano import weight_sources
from vita.nano.build_checkpoint import build_nano
from vita.settings import Settings
from vita.tokens import Family

DTYPES = ("float32", "bfloat16")
TYPED, SPOKEN, PHOTO, STORY = "typed", "spoken", "photo", "story"
TOKENS = {TYPED: 2, SPOKEN: 2, PHOTO: 2, STORY: 48}  # of an answer; a story's tell the pace
ROUNDS = 5  # of each engine
VOICE, SECONDS = "espeak:en-us", 3.0  # of a spoken question
LANDS = ("France", "Norway", "Japan", "Kenya", "Peru", "Egypt", "Italy", "Cuba", "Nepal", "Chile", "Ghana", "Spain",
         "Iran", "Poland", "Greece")  # fmt: skip
FIELDS = ("dtype", "engines at work", "typed, s", "spoken / typed", "photo / typed", "tokens/s", "plain tokens/s",
          "ours / plain", "GiB", "plain GiB")  # fmt: skip


class MeasuredEngine(Protocol):
    """What both kinds of engine have."""

    @property
    def processes(self) -> list[int]:
        """Ids of its processes."""

    async def start(self) -> None:
        """Load."""

    async def close(self) -> None:
        """Free everything."""


class Asker(Protocol):
    """Asks an engine of its kind."""

    kinds: tuple[str, ...]

    def write_question(self, kind: str, land: str) -> Any:
        """A question of that kind about ``land``, ready to be asked."""

    def ask_question(self, engine: Any, question: Any) -> AsyncIterator[int]:
        """Ask it; yields how many tokens came."""


@dataclass
class Figures:
    """What was measured of engines of one kind at work.

    Attributes:
        first: by kind of question, seconds until the first token, which is VITA's state token.
        pace: tokens a second behind the first.
    """

    first: dict[str, list[float]] = field(default_factory=dict)
    pace: list[float] = field(default_factory=list)

    def add_answer(self, kind: str, moments: Sequence[float], tokens: Sequence[int]) -> None:
        """An answer: the seconds since the question at which each piece came, and how many tokens it had."""
        self.first.setdefault(kind, []).append(moments[0])
        if kind == STORY:
            self.pace.append(sum(tokens[1:]) / (moments[-1] - moments[0]))

    def median_wait(self, kind: str) -> float:
        """Seconds to the first token, of all answers of that kind the middle one's."""
        return statistics.median(self.first[kind])


class VitaAsker:
    """All four kinds of questions."""

    kinds: tuple[str, ...] = (TYPED, SPOKEN, PHOTO, STORY)

    def write_question(self, kind: str, land: str) -> Request:
        """See Asker."""
        return Request((Turn("user", question_parts(kind, land)),), Sampling(max_tokens=TOKENS[kind]))

    async def ask_question(self, engine: Any, question: Request) -> AsyncIterator[int]:
        """See Asker."""
        async for delta in engine.generate(question):
            if delta.tokens:
                yield delta.tokens


class PlainAsker:
    """The typed questions and the stories, in the very ids that VITA gets."""

    kinds: tuple[str, ...] = (TYPED, STORY)

    def __init__(self, folder: Path) -> None:
        self.tokenizer, self.config = load_tokenizer(folder), VITAConfig.from_checkpoint(folder)
        self.penalty = json.loads((folder / "generation_config.json").read_text())["repetition_penalty"]

    def write_question(self, kind: str, land: str) -> tuple[list[int], int]:
        """See Asker."""
        pieces = render_prompt((Turn("user", question_parts(kind, land)),), Family.NANO)
        return prompt_ids(pieces, self.tokenizer, self.config), TOKENS[kind]

    async def ask_question(self, engine: Any, question: tuple[list[int], int]) -> AsyncIterator[int]:
        """See Asker."""
        async for tokens in engine.stream_lengths(*question, self.penalty):
            yield tokens


def question_parts(kind: str, land: str) -> tuple[Part, ...]:
    """What is typed, said (for SECONDS) or shown; nothing of one land is the beginning of another's."""
    text = f"{land}: what is the capital city of that country?"
    if kind == STORY:
        return (f"{land} is where my story plays. Tell it.",)
    if kind == SPOKEN:
        samples = np.zeros(int(SECONDS * SAMPLE_RATE), np.float32)
        said = speak_by_program(text, VOICE)[: len(samples)]
        samples[: len(said)] = said
        return (Sound(samples),)
    if kind == PHOTO:
        (photo, _), *_ = labelled_photos()
        shift = LANDS.index(land)
        return (Picture(photo.crop((shift, shift, 400 + shift, 300 + shift))), "What is this?")
    return (text,)


def measure_speed(dtypes: Sequence[str] = DTYPES) -> Iterator[dict[str, Any]]:
    """Two rows for each dtype, with one engine at work and with two."""
    folder = build_nano()
    with tempfile.TemporaryDirectory() as scratch:
        plain = write_plain(folder, Path(scratch))
        for dtype in dtypes:
            yield from asyncio.run(_compare_engines(Settings(dtype=dtype), folder, plain))


async def _compare_engines(settings: Settings, folder: Path, plain: Path) -> list[dict[str, Any]]:
    ours = [LocalEngine(f"engine-{number}", settings, lambda _: folder, number) for number in range(2)]
    found, size = await _at_work(ours, VitaAsker())
    theirs = [PlainEngine(f"plain-{number}", plain, settings, number) for number in range(2)]
    plain_found, plain_size = await _at_work(theirs, PlainAsker(folder))
    return [
        {"dtype": settings.dtype, "engines_at_work": number, **speed_ratios(found[number], plain_found[number]),
         "memory_gib": size, "plain_memory_gib": plain_size}
        for number in (1, 2)
    ]  # fmt: skip


def speed_ratios(ours: Figures, plain: Figures) -> dict[str, float]:
    """A spoken question and a photo over the typed one, and our pace over the plain model's."""
    pace, plain_pace = statistics.median(ours.pace), statistics.median(plain.pace)
    return {
        "typed_s": ours.median_wait(TYPED),
        "spoken_over_typed": ours.median_wait(SPOKEN) / ours.median_wait(TYPED),
        "photo_over_typed": ours.median_wait(PHOTO) / ours.median_wait(TYPED),
        "tokens_per_s": pace,
        "plain_tokens_per_s": plain_pace,
        "pace_over_plain": pace / plain_pace,
    }


async def _at_work(engines: Sequence[MeasuredEngine], asker: Asker) -> tuple[dict[int, Figures], float]:
    """Figures with one engine at work and with two, and the GiB of memory that the larger one then takes."""
    await asyncio.gather(*(engine.start() for engine in engines))
    try:
        lands = [LANDS[number * ROUNDS :][:ROUNDS] for number in range(1 + len(engines))]
        found = {1: Figures(), len(engines): Figures()}
        await _run_rounds(engines[0], asker, found[1], lands[0])
        working = partial(_run_rounds, asker=asker, figures=found[len(engines)])
        await asyncio.gather(*(working(engine, lands=share) for engine, share in zip(engines, lands[1:], strict=True)))
        return found, max(sum(map(memory_of, engine.processes)) / GIB for engine in engines)
    finally:
        await asyncio.gather(*(engine.close() for engine in engines))


async def _run_rounds(engine: MeasuredEngine, asker: Asker, figures: Figures, lands: Sequence[str]) -> None:
    for land in lands:
        for kind in asker.kinds:
            question = asker.write_question(kind, land)
            moments, tokens = [], []
            begun = time.perf_counter()
            async for count in asker.ask_question(engine, question):
                moments.append(time.perf_counter() - begun)
                tokens.append(count)
            figures.add_answer(kind, moments, tokens)


def write_plain(nano: Path, folder: Path) -> Path:
    """SmolLM2-135M-Instruct in transformers' layout, from its package, with VITA-Nano's tokenizer, in ``folder``."""
    weights, _ = weight_sources.read_language_model(weight_sources.LANGUAGE.locate_file())
    config = VITAConfig.from_checkpoint(nano).text_config.to_dict()
    rows = len(weights["embed_tokens.weight"])
    changes = {"vocab_size": rows, "tie_word_embeddings": True, "architectures": ["LlamaForCausalLM"]}
    (folder / "config.json").write_text(json.dumps({**config, **changes}), encoding="utf-8")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_bytes((nano / name).read_bytes())
    save_file({f"model.{name}": tensor for name, tensor in weights.items()}, folder / "model.safetensors")
    return folder


def markdown_row(values: Iterable[object]) -> str:
    """A row of a Markdown table."""
    cells = (f"{value:.2f}" if isinstance(value, float) else str(value) for value in values)
    return f"| {' | '.join(cells)} |"
