"""Ask one contestant about one item and write down what happened. Errors of the item are part of the record."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from evals.run_journal import ItemRecord
from evals.scorers.text_answers import split_state
from evals.task import ModelAnswer, Row, Scorer, Task
from evals.task_data import TaskExample, open_media, plain_row
from vita.conversation import Turn
from vita.engine.engine_protocol import Delta, Engine, Request, Sampling
from vita.errors import EngineDeadError, EngineNotReadyError, VitaError
from vita.media import Clip, Picture, Sound, await_decoding
from vita.tokens import State

log = logging.getLogger(__name__)
_FOLDERS = re.compile(r"(?<![\w:/])/(?:[^\s/'\":,;()]+/)+")  # of absolute paths; not those of addresses
Clock = Callable[[], float]
Mode = Literal["generate", "letters"]


@dataclass(frozen=True)
class AskingOptions:
    """How every item is asked.

    Attributes:
        gen_kwargs: temperature, top_p, max_gen_toks in place of the task's own.
        states: whether a checkpoint that is held to its state tokens is; else the first token is free.
        mode: "letters" asks single choices for one token, the likeliest of their letters, which is what peers that
            compare likelihoods take; only engines here can.
    """

    seed: int = 0
    system: str | None = None
    gen_kwargs: dict[str, Any] = field(default_factory=dict)
    states: bool = True
    mode: Mode = "generate"

    def sampling_for(self, task: Task, row: Row | None = None) -> Sampling:
        """Greedy unless told otherwise; the same seed for every item.

        Args:
            row: the item, which decides whether there are letters to choose from.
        """
        given = self.gen_kwargs
        letters = task.letters(row) if self.mode == "letters" and task.letters and row is not None else ()
        if letters:
            return Sampling(max_tokens=1, seed=self.seed, repetition_penalty=1.0, states=(), choices=letters)
        return Sampling(
            temperature=float(given.get("temperature", 0.0)),
            top_p=float(given.get("top_p", 1.0)),
            max_tokens=int(given.get("max_gen_toks", given.get("max_tokens", task.max_tokens))),
            seed=self.seed,
            repetition_penalty=float(given.get("repetition_penalty", 1.0)),
            states=None if self.states else (),
        )


async def ask_item(
    engine: Engine,
    task: Task,
    example: TaskExample,
    asking: AskingOptions,
    judge: AnswerJudge | None = None,
    clock: Clock = time.monotonic,
) -> ItemRecord:
    """One item from row to record.

    Raises:
        EngineDeadError, EngineNotReadyError: nothing more can be asked; the item has not been done.
    """
    record = ItemRecord(task.name, example.index, {}, "", "", shots=len(example.shots))
    try:
        record = replace(record, doc=await asyncio.to_thread(plain_row, example, task.source.media))
        record = replace(record, target=task.target(record.doc))
        row = await await_decoding(open_media, example.row, task.source.media)
        turns = task.prompt(row, example.shots)
        record = replace(record, prompt=shown_prompt(turns))
        request = Request(turns, asking.sampling_for(task, record.doc), asking.system, task.tiles)
        record = await _answered_record(engine, request, record, task, clock)
        return await judge.judge_record(task, record) if judge else record
    except (EngineDeadError, EngineNotReadyError):
        raise
    except Exception as error:  # an item's failure must not be the run's
        if not isinstance(error, VitaError):
            log.exception("%s, item %d failed", task.name, example.index)
        return replace(record, answer=None, error=error_sentence(error, example))


def error_sentence(error: Exception, example: TaskExample) -> str:
    """What went wrong, without the folders of this machine: a file is named by its place in the data or its name."""
    text = f"{type(error).__name__}: {error}"
    return _FOLDERS.sub("", text.replace(f"{example.root}/", "") if example.root else text)


async def _answered_record(
    engine: Engine, request: Request, record: ItemRecord, task: Task, clock: Clock
) -> ItemRecord:
    start = clock()
    first = 0.0
    deltas: list[Delta] = []
    async with aclosing(engine.generate(request)) as stream:
        async for delta in stream:
            first = first or clock() - start
            deltas.append(delta)
    text = "".join(delta.text for delta in deltas)
    states = [delta.state for delta in deltas if delta.state is not None]
    last = deltas[-1] if deltas else Delta()
    usage = last.usage
    names = ("prompt_tokens", "image_tokens", "video_tokens", "audio_tokens", "cached_tokens", "completion_tokens")
    return replace(
        record,
        answer=cut_at_stops(text, task.until),
        state=states[0].name.lower() if states else None,
        finish=last.finish or "",
        seconds=clock() - start,
        first_token_seconds=first,
        tokens={name: getattr(usage, name) for name in names} if usage else {"completion_tokens": len(deltas)},
    )


def cut_at_stops(text: str, until: tuple[str, ...]) -> str:
    """``text`` before the first of ``until``."""
    places = [place for stop in until if (place := text.find(stop)) >= 0]
    return text[: min(places)] if places else text


def answer_of(record: ItemRecord) -> ModelAnswer | None:
    """What is to be scored, its state token taken off; None for an item that failed."""
    if record.answer is None:
        return None
    state, text = split_state(record.answer)
    named = State[record.state.upper()] if record.state else None
    return ModelAnswer(text, named or state, record.verdict)


def shown_prompt(turns: tuple[Turn, ...]) -> str:
    """The prompt for people: text as it is, media as marks, roles where there are several turns."""
    texts = ["".join(part if isinstance(part, str) else _media_mark(part) for part in turn.parts) for turn in turns]
    if len(turns) == 1:
        return texts[0]
    return "\n".join(f"{turn.role}: {text}" for turn, text in zip(turns, texts, strict=True))


def _media_mark(medium: Picture | Clip | Sound) -> str:
    if isinstance(medium, Picture):
        return f"<picture {medium.image.width}x{medium.image.height}>\n"
    if isinstance(medium, Clip):
        return f"<video {medium.duration:.1f} s, {len(medium.frames)} frames>\n"
    return f"<sound {medium.duration:.1f} s>\n"


@dataclass(frozen=True)
class AnswerJudge:
    """A model that is asked about answers, for the scorers that need one."""

    engine: Engine
    scorers: dict[str, Scorer]

    async def judge_record(self, task: Task, record: ItemRecord) -> ItemRecord:
        """The record with the judge's verdict, where the task's scorer asks for one."""
        scorer, answer = self.scorers.get(task.name), answer_of(record)
        if scorer is None or scorer.ask is None or answer is None:
            return record
        question = Request(
            (Turn("user", (scorer.ask(record.doc, answer),)),), Sampling(max_tokens=16, seed=0, states=())
        )
        async with aclosing(self.engine.generate(question)) as stream:
            said = "".join([delta.text async for delta in stream])
        return replace(record, verdict=said)
