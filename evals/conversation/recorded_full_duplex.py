"""Full-Duplex-Bench v1.0 and v1.5 over recordings: one folder an item, what the user said and what the model did.

Source: https://github.com/DanielLin94144/Full-Duplex-Bench @d7336bda; data from its Google Drive, v1.0 CC BY-NC 4.0,
synthetic v1.0 and v1.5 MIT. An item's folder holds, as the peer's programs write them,
``output.json`` {"text": …, "chunks": [{"text": "Well", "timestamp": [2.0, 2.4]}]}, and by kind ``turn_taking.json`` or
``interrupt.json`` [{"timestamp": [start, end]}]. Ours beside them: ``speech.json`` {"user": [[start, end]], "model":
[[start, end]], "seconds": 12.5}, the speech that a voice activity detector found, or that a client saw and heard.

The rating of answers and the behaviour tags of v1.5 need a judge and are not here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.scorers import full_duplex_metrics
from evals.scorers.full_duplex_metrics import Span, Word
from evals.scorers.sample_statistics import mean_of, standard_error
from evals.task import Metric
from vita.errors import InputError


@dataclass(frozen=True)
class Recording:
    """One item, times in seconds.

    Attributes:
        words: what the model said, recognised.
        marks: where the user's turn or interruption lies.
        user, model: pieces of speech.
        people: how people's backchannels spread over this item; empty where not given.
    """

    id: str
    words: tuple[Word, ...]
    marks: tuple[Span, ...] = ()
    user: tuple[Span, ...] = ()
    model: tuple[Span, ...] = ()
    duration: float = 0.0
    people: tuple[float, ...] = ()


def read_recordings(folder: Path, people: Path | None = None) -> list[Recording]:
    """All items below a folder, in the order of their numbers.

    Args:
        people: the peer's ``icc_gt_distribution.json``.

    Raises:
        InputError: there is none, or a file is not as it should be.
    """
    folders = sorted((path.parent for path in folder.glob("*/output.json")), key=lambda path: path.name.zfill(8))
    if not folders:
        raise InputError(f"There is no */output.json below {folder}; give the folder of one of the bench's sets.")
    spread = json.loads(people.read_text(encoding="utf-8")) if people else {}
    try:
        return [_read_recording(path, tuple(spread.get(path.name, ()))) for path in folders]
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(f"A file below {folder} is not as Full-Duplex-Bench writes it: {error!r}.") from error


def _read_recording(folder: Path, people: tuple[float, ...]) -> Recording:
    chunks = _read_json(folder / "output.json", {"chunks": []})["chunks"]
    timed = [(*chunk["timestamp"], chunk["text"]) for chunk in chunks if None not in chunk["timestamp"]]
    words = [Word(start, end, text) for start, end, text in timed]
    marks = _read_json(folder / "turn_taking.json", None) or _read_json(folder / "interrupt.json", [])
    speech = _read_json(folder / "speech.json", {})
    return Recording(
        id=folder.name,
        words=tuple(words),
        marks=tuple(Span(*mark["timestamp"]) for mark in marks),
        user=tuple(Span(*span) for span in speech.get("user", ())),
        model=tuple(Span(*span) for span in speech.get("model", ())),
        duration=float(speech.get("seconds", 0.0)),
        people=people,
    )


def _read_json(path: Path, absent: Any) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else absent


def pause_handling(items: Sequence[Recording]) -> dict[str, Metric]:
    """Share of pauses of the user's that the model took for the end; lower is better."""
    return {
        "tor": _share_metric([full_duplex_metrics.takes_turn(item.words) for item in items], higher_is_better=False)
    }


def smooth_turn_taking(items: Sequence[Recording]) -> dict[str, Metric]:
    """Share of turns that were taken, and how long after the user's end."""
    waits = [full_duplex_metrics.turn_latency(item.words, item.marks[0].start) for item in items if item.marks]
    return _turn_metrics(waits)


def user_interruption(items: Sequence[Recording]) -> dict[str, Metric]:
    """Share of interruptions that were answered, and how long after their end; the rest of a word counts."""
    waits = [full_duplex_metrics.interruption_latency(item.words, item.marks[0].end) for item in items if item.marks]
    return _turn_metrics(waits)


def user_interruption_fresh_words(items: Sequence[Recording]) -> dict[str, Metric]:
    """As ``user_interruption``, over words that were begun after the interruption's end."""
    waits = [full_duplex_metrics.fresh_words_latency(item.words, item.marks[0].end) for item in items if item.marks]
    return _turn_metrics(waits)


def _turn_metrics(waits: Sequence[float | None]) -> dict[str, Metric]:
    taken = [wait is not None for wait in waits]
    return {"tor": _share_metric(taken), "latency": _seconds_metric([wait for wait in waits if wait is not None])}


def backchannel_metrics(items: Sequence[Recording]) -> dict[str, Metric]:
    """Turns wrongly taken, nods a second, and the distance of their spread to people's."""
    judged = [
        full_duplex_metrics.judge_backchannels(item.model, item.words, item.duration, item.people or (1.0,))
        for item in items
        if item.duration > 0
    ]
    found = {
        "tor": _share_metric([one.took_turn for one in judged], higher_is_better=False),
        "frequency": Metric(mean_of([one.frequency for one in judged]), unit="per second", n=len(judged)),
    }
    if judged and all(item.people for item in items if item.duration > 0):
        distances = [one.divergence for one in judged]
        found["jsd"] = Metric(
            mean_of(distances), standard_error(distances), "points", len(judged), higher_is_better=False
        )
    return found


def overlap_metrics(items: Sequence[Recording]) -> dict[str, Metric]:
    """v1.5: how long the model talks on when spoken into, and how long until it answers."""
    stops = [wait for item in items for wait in full_duplex_metrics.stop_latencies(item.user, item.model)]
    responses = [wait for item in items for wait in full_duplex_metrics.response_latencies(item.user, item.model)]
    return {"stop_latency": _seconds_metric(stops), "response_latency": _seconds_metric(responses)}


def _share_metric(flags: Sequence[bool], higher_is_better: bool = True) -> Metric:
    values = [float(flag) for flag in flags]
    return Metric(mean_of(values), standard_error(values), "fraction", len(values), higher_is_better)


def _seconds_metric(waits: Sequence[float]) -> Metric:
    return Metric(mean_of(waits), standard_error(waits), "seconds", len(waits), higher_is_better=False)


KINDS: Mapping[str, Callable[[Sequence[Recording]], dict[str, Metric]]] = {
    "pause_handling": pause_handling,
    "smooth_turn_taking": smooth_turn_taking,
    "user_interruption": user_interruption,
    "user_interruption_fresh_words": user_interruption_fresh_words,
    "backchannel": backchannel_metrics,
    "overlap": overlap_metrics,
}
