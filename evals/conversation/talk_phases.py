"""What the benchmark of conversations does, part by part: each holds conversations and gives figures."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.conversation import caller_sounds as sounds
from evals.conversation.caller_log import (
    ClipOutcome,
    Line,
    count_underruns,
    false_cut_figures,
    interruption_figures,
    percentile_or_none,
)
from evals.conversation.caller_script import Cancel, Rest, Script, Step, Type, Until, Wait
from evals.conversation.caller_sounds import CallerClip
from evals.conversation.isolated_parts import IsolatedParts, measure_alone, median_parts
from evals.conversation.steady_clips import steady_questions
from evals.conversation.talk_server import TalkBench
from evals.conversation.watch_phase import measure_watching
from evals.synthetic.utterances import aside_sentences
from vita.conversation import Turn
from vita.engine.engine_protocol import Engine, Request, Sampling
from vita.realtime.session_manager import SessionManager
from vita.speech.synthesis import Voice

STORIES = ("dragon", "fox", "river", "king", "ship", "forest", "castle", "robot")
SOUND = ("response.output_audio.delta",)
AFTER = 2.5  # s behind a sound in which it may still end an answer
PATIENCE = 20.0  # s
IN_A_ROW = 4  # clips into one conversation
AT_ONCE = 2  # conversations where no time is measured
ROUNDS = 5  # a clip that met no answer is played again so often
EVERY, TURNS = 20.0, 3  # s, and turns of each of many conversations at once
HISTORY_WORDS = 1_500  # about 2,000 tokens
SPARE_CLIPS = 4  # beyond those that warmth measures
READING = 15.0  # s in which a monitor reads them beside an engine that answers


async def first_sounds(bench: TalkBench) -> dict[str, Any]:
    """Questions into silence: how long until the first sound, beside its parts alone."""
    ratios, waits, parts = [], [], []
    clips = sounds.question_clips(max(3, bench.size // 3))
    for number, clip in enumerate(clips):
        steps = (Rest(1.0), bench.say_step(clip), Wait(SOUND, PATIENCE), Cancel(), Rest(0.3))
        (lines,) = await bench.hold_calls(Script(steps))
        (said,) = bench.clip_outcomes(lines)
        apart = await measure_alone(bench.engine, _voice_of(bench.talk), clip.samples)
        if said.first_sound is not None and apart:
            waits.append(said.first_sound)
            parts.append(apart)
            ratios.append(said.first_sound / apart.total_seconds)
        bench.tell(f"questions {number + 1}/{len(clips)}: {_progress_line(said, apart)}")
    return {
        "first_sound_ratio": percentile_or_none(ratios, 50),
        "first_sound_ratio_p95": percentile_or_none(ratios, 95),
        "first_sound_s": percentile_or_none(waits, 50),
        "first_sound_s_p95": percentile_or_none(waits, 95),
        "alone_s": median_parts(parts),
        "questions": len(clips),
        "questions_answered": len(waits),
    }


def _voice_of(talk: SessionManager) -> Voice:
    assert talk.base.voice is not None
    return talk.base.voice


def _progress_line(said: ClipOutcome, apart: IsolatedParts | None) -> str:
    took = "no answer" if said.first_sound is None else f"{said.first_sound:.2f} s"
    return f"{took}, alone {apart.total_seconds:.2f} s" if apart else took


def _story_request(number: int) -> Step:
    return Type(f"Tell me a long story about a {STORIES[number % len(STORIES)]}.")


async def measure_interruptions(bench: TalkBench) -> dict[str, Any]:
    """Questions into a long answer."""

    def call_around(clip: CallerClip) -> tuple[Step, ...]:
        return Rest(1.5), bench.say_step(clip), Wait(("player.began",), PATIENCE), Rest(0.5)

    said = await _into_answers(bench, sounds.question_clips(bench.size), Playing(call_around, again=True))
    return interruption_figures(said)


async def measure_disturbances(bench: TalkBench) -> dict[str, Any]:
    """Sounds that are no questions into a long answer, and its own echo. What counts is no time."""

    def call_around(clip: CallerClip) -> tuple[Step, ...]:
        return Rest(0.5), bench.say_step(clip), Rest(AFTER)

    kinds = {
        "noise": sounds.noise_clips,
        "backchannel": sounds.backchannel_clips,
        "background": sounds.background_clips,
    }
    playing = Playing(call_around, at_once=AT_ONCE)
    found = {kind: await _into_answers(bench, make(bench.size), playing) for kind, make in kinds.items()}
    return {**false_cut_figures(found), **await _measure_echo(bench, max(2, bench.size // 10))}


@dataclass(frozen=True)
class Playing:
    """How clips are played into answers.

    Attributes:
        around: a clip's steps.
        again: ask for a new answer before each clip, not only before IN_A_ROW of them.
        at_once: conversations.
    """

    around: Callable[[CallerClip], tuple[Step, ...]]
    again: bool = False
    at_once: int = 1


async def _into_answers(bench: TalkBench, clips: Sequence[CallerClip], playing: Playing) -> list[ClipOutcome]:
    """Play every clip into an answer that is being spoken, again where none was: what came of each time."""
    said: list[ClipOutcome] = []
    left, stories = list(clips), itertools.count()
    for _ in range(ROUNDS):
        rows, missed = [left[begin : begin + IN_A_ROW] for begin in range(0, len(left), IN_A_ROW)], []
        for begin in range(0, len(rows), playing.at_once):
            together = rows[begin : begin + playing.at_once]
            logs = await bench.hold_calls(*(_interruption_script(row, playing, stories) for row in together))
            for row, lines in zip(together, logs, strict=True):
                plays = bench.clip_outcomes(lines)
                missed += [clip for clip, one in zip(row, plays, strict=True) if not one.overlapped]
                said += plays
            met, cut = sum(bool(one.overlapped) for one in said), sum(one.cut is not None for one in said)
            bench.tell(f"{clips[0].kind}: {met}/{len(clips)} into an answer, {cut} ended it")
        left = missed
    return said


def _interruption_script(clips: Sequence[CallerClip], playing: Playing, stories: Iterator[int]) -> Script:
    """A conversation in which these clips are played into an answer, each into its own or all into one."""
    steps: list[Step] = []
    for number, clip in enumerate(clips):
        if playing.again or number == 0:
            steps += [Cancel(), Rest(0.3), _story_request(next(stories)), Wait(("player.began",), PATIENCE)]
        steps += playing.around(clip)
    return Script(tuple(steps))


async def _measure_echo(bench: TalkBench, count: int) -> dict[str, Any]:
    """Long answers that the microphone hears, 26 dB quieter, as a browser's echo cancellation leaves them."""
    cut, ducks = 0, 0
    for number in range(count):
        steps = (_story_request(number), Wait(("player.began",), PATIENCE), Wait(("player.ended",), 15.0), Cancel())
        (lines,) = await bench.hold_calls(Script(steps, echo=0.05))
        cut += any(line["kind"] == "vita.cut" for line in lines[: _first_index(lines, "cancel")])
        ducks += sum(line["kind"] == "vita.duck" and line["data"]["on"] for line in lines)
        bench.tell(f"echo: {number + 1}/{count}, {cut} ended by itself, {ducks} times ducked")
    return {"echo_cut_rate": cut / count, "echo_ducks": ducks, "echo_answers": count}


def _first_index(lines: Sequence[Line], kind: str) -> int:
    return next((n for n, line in enumerate(lines) if line["kind"] == kind), len(lines))


async def measure_warmth(bench: TalkBench) -> dict[str, Any]:
    """A decision behind about 2,000 tokens: where the monitor has read them before, and where it has not.

    A clip that causes several decisions after all, though it was chosen for causing one, is replaced by another.
    """
    count = max(2, bench.size // 20)
    took: dict[str, list[float]] = {"cold": [], "warm": []}
    for number, clip in enumerate(await asyncio.to_thread(steady_questions, count + SPARE_CLIPS)):
        for kind, times in took.items():
            if len(times) == count:
                continue
            (lines,) = await bench.hold_calls(Script(_after_history(bench.say_step(clip), number, kind)))
            seconds = decision_seconds(bench.clip_outcomes(lines)[0])
            if seconds is not None:
                times.append(seconds)
            told = "no single decision; another clip" if seconds is None else f"{seconds:.2f} s"
            bench.tell(f"history {number + 1}: {kind} {told}")
    warm, cold = (percentile_or_none(took[kind], 50) for kind in ("warm", "cold"))
    return {
        "warm_cold_ratio": warm / cold if warm and cold else None,
        "warm_decision_s": warm,
        "cold_decision_s": cold,
        "warmth_decisions": {kind: len(times) for kind, times in took.items()},
        "history_tokens": await _prompt_tokens(bench.engine, _fresh_history(0, "cold")),
    }


def _after_history(question: Step, number: int, kind: str) -> tuple[Step, ...]:
    """A question behind a history; "warm" where the monitor reads that beside an answer, "cold" where nobody has."""
    steps: list[Step] = [Type(_fresh_history(number, kind), ask=False), Rest(0.5)]
    if kind == "warm":  # the monitor reads the history once the answer sounds
        steps += [Type("Say hello."), Wait(("player.began",), 60.0), Rest(READING), Cancel(), Rest(0.5)]
    return (*steps, question, Wait(("vita.state",), 30.0), Rest(0.2), Cancel())


def decision_seconds(said: ClipOutcome) -> float | None:
    """Seconds from the beginning of a clip's decision to its verdict; None where there was not exactly one."""
    if said.asked is None or said.judged is None or said.deciding != 1:
        return None
    return said.judged - said.asked


async def _prompt_tokens(engine: Engine, text: str) -> int:
    """Of a prompt with that text."""
    request = Request((Turn("user", (text,)),), Sampling(max_tokens=1))
    return max([delta.usage.prompt_tokens async for delta in engine.generate(request) if delta.usage], default=0)


def _fresh_history(number: int, kind: str) -> str:
    """Sentences that no other conversation has had, so that nothing is in a cache."""
    seed = random.Random(f"{kind} {number}").randrange(1 << 30)
    words = " ".join(aside_sentences("test", HISTORY_WORDS, seed)).split()
    return " ".join(words[:HISTORY_WORDS])


async def measure_crowds(bench: TalkBench) -> dict[str, Any]:
    """More and more conversations at once, each a turn every 20 s, until the player of one runs dry."""
    held, rows, lag = 0, [], {"p95": 0.0}
    for count in range(1, bench.most + 1):
        clips = sounds.question_clips(count * TURNS)
        scripts = []
        for number in range(count):
            steps: list[Step] = [Rest(1.0)]
            for clip in clips[number * TURNS : (number + 1) * TURNS]:
                steps += [bench.say_step(clip), Until(EVERY)]
            scripts.append(Script(tuple(steps), after=number * EVERY / count))
        logs = await bench.hold_calls(*scripts)
        dry = sum(count_underruns(lines) for lines in logs)
        said = [one for lines in logs for one in bench.clip_outcomes(lines)]
        waits = [one.first_sound for one in said if one.first_sound is not None]
        lag = {f"p{percent}": 1000 * bench.talk.loop_lag.percentile(percent) for percent in (50, 95, 100)}
        rows.append(
            {
                "conversations": count,
                "underruns": dry,
                "turns": len(said),
                "answered": len(waits),
                "first_sound_s": percentile_or_none(waits, 50),
                "first_sound_s_p95": percentile_or_none(waits, 95),
                "loop_lag_ms": lag,
            }
        )
        bench.tell(f"{count} at once: {dry} underruns, {len(waits)}/{len(said)} answered")
        if dry:
            break
        held = count
    return {"conversations": held, "crowds": rows, "loop_lag_ms_p95": lag["p95"]}


PHASES: Mapping[str, Callable[[TalkBench], Awaitable[dict[str, Any]]]] = {
    "questions": first_sounds,
    "interruptions": measure_interruptions,
    "disturbances": measure_disturbances,
    "warmth": measure_warmth,
    "crowds": measure_crowds,
    "watch": measure_watching,
}
