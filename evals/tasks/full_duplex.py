"""Full-Duplex-Bench v1.0 and v1.5: conversations with a live ``/v1/realtime``, each item one recording of a user.

Source: https://github.com/DanielLin94144/Full-Duplex-Bench @d7336bda, data from its Google Drive. Licence: v1.0 of
Candor and ICC CC BY-NC 4.0, synthetic v1.0 and v1.5 MIT.
Row: {"id": "1", "audio": "…/input.wav", "marks": [[10.53, 13.14]], "people": [0.01, …]}; an asked one has besides
     {"recording": {"words": [[start, end, "Well"]], "user": [[start, end]], "model": [[start, end]], "seconds": 16.0}}

The peer transcribes what the model said with a recogniser; here its words are the server's own transcript, spread over
its voiced sound. The judged parts, ratings of answers and the behaviours of v1.5, are not here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from evals.conversation import recorded_full_duplex
from evals.conversation.recorded_full_duplex import Recording
from evals.scorers import full_duplex_metrics
from evals.scorers.full_duplex_metrics import Span, Word
from evals.scorers.sample_statistics import mean_of
from evals.task import DataSource, Judged, Metric, ModelAnswer, Row, Scored, Scorer, Task, user_turn

_GET = "Get the folders v1_0 and v1_5 from the bench's Google Drive, see its dataset/README.md, and give --data."
_MARKS = ("turn_taking.json", "interrupt.json", "pause.json")
Judge = Callable[[Recording], dict[str, float]]


def recording_of(row: Row) -> Recording:
    """What was recorded for a row. Raises KeyError where nothing was."""
    made = row["recording"]
    return Recording(
        id=str(row.get("id", "")),
        words=tuple(Word(start, end, text) for start, end, text in made["words"]),
        marks=_as_spans(row.get("marks", ())),
        user=_as_spans(made["user"]),
        model=_as_spans(made["model"]),
        duration=float(made["seconds"]),
        people=tuple(row.get("people", ())),
    )


def _as_spans(pairs: Sequence[Sequence[float]]) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in pairs)


def folder_reader(version: str, name: str) -> Callable[[Path], Iterator[Row]]:
    """A reader of the bench's own folders, ``[v1_0/]<name>/<number>/input.wav`` with what was noted of them."""

    def folder_rows(folder: Path) -> Iterator[Row]:
        root = next((path for path in (folder / version / name, folder / name) if path.is_dir()), folder)
        items = sorted(root.glob("*/input.wav"), key=lambda path: path.parent.name.zfill(8))
        people = _read_json(root / "icc_gt_distribution.json", {})
        for path in items:
            found = [_read_json(path.with_name(file), []) for file in _MARKS]
            marks = [mark["timestamp"] for several in found for mark in several]
            marks += filter(None, [_read_json(path.with_name("metadata.json"), {}).get("timestamps")])
            row = {"id": path.parent.name, "audio": str(path), "marks": marks}
            yield row | ({"people": people[path.parent.name]} if path.parent.name in people else {})

    return folder_rows


def _read_json(path: Path, absent: Any) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else absent


def judge_pauses(item: Recording) -> dict[str, float]:
    """Whether the model left the user's pauses alone."""
    return {"waited": float(not full_duplex_metrics.takes_turn(item.words))}


def judge_turn_taking(item: Recording) -> dict[str, float]:
    """Whether the model took the turn that it was given, and how late."""
    return _turn_metric(full_duplex_metrics.turn_latency(item.words, item.marks[0].start))


def answered_interruption(item: Recording) -> dict[str, float]:
    """Whether the model answered the interruption, and how late; by the peer's rule."""
    return _turn_metric(full_duplex_metrics.interruption_latency(item.words, item.marks[0].end))


def answered_by_fresh_words(item: Recording) -> dict[str, float]:
    """The same, where the rest of a word that was under way is no answer."""
    return _turn_metric(full_duplex_metrics.fresh_words_latency(item.words, item.marks[0].end))


def _turn_metric(wait: float | None) -> dict[str, float]:
    return {"took_turn": float(wait is not None)} | ({} if wait is None else {"latency": wait})


def judge_listening(item: Recording) -> dict[str, float]:
    """Whether the model left the user the turn, and how often it nodded."""
    found = full_duplex_metrics.judge_backchannels(item.model, item.words, item.duration, item.people or (1.0,))
    return {"listened": float(not found.took_turn), "nods_per_second": found.frequency}


def judge_overlap(item: Recording) -> dict[str, float]:
    """How often both spoke and how long the model went on, how often it answered and how late."""
    stops, answers = (
        full_duplex_metrics.stop_latencies(item.user, item.model),
        full_duplex_metrics.response_latencies(item.user, item.model),
    )
    found = {"overlaps": float(len(stops)), "responses": float(len(answers))}
    means = {"stop_latency": mean_of(stops)} if stops else {}
    return found | means | ({"response_latency": mean_of(answers)} if answers else {})


def _duplex_scorer(judge: Judge, kind: str, name: str = "full-duplex-bench", rule: str = "") -> Scorer:
    def score_row(row: Row, answer: ModelAnswer) -> Scored:
        item = recording_of(row)
        return Scored(" ".join(word.text for word in item.words), judge(item))

    def total_metrics(judged: Sequence[Judged]) -> dict[str, Metric]:
        return recorded_full_duplex.KINDS[kind]([recording_of(item.row) for item in judged])

    version = f"Full-Duplex-Bench @d7336bda{rule}; words from the server's transcript, voice by Silero"
    return Scorer(name, version, score_row, total_metrics, miss=lambda row: Scored("", {}))


_FRESH_WORDS = _duplex_scorer(
    answered_by_fresh_words,
    "user_interruption_fresh_words",
    "fresh-words",
    ", but only words begun after the interruption count",
)


def _duplex_task(
    name: str, title: str, place: tuple[str, str], judge: Judge, kind: str, others: tuple[Scorer, ...] = ()
) -> Task:
    metrics = {"overlap": "stop_latency"}
    version, folder = place
    licence = "CC BY-NC 4.0" if folder.startswith(("candor", "icc")) else "MIT"
    return Task(
        name=f"full_duplex_{name}",
        title=f"FDB {version[1:].replace('_', '.')} {title}",
        ability="interaction",
        source=DataSource(
            "", "test", licence, media={"audio": "sound"}, size=_SIZES[folder], how_to_get=_GET,
            read=folder_reader(version, folder),
        ),
        prompt=lambda row, shots: user_turn(row["audio"]),
        target=lambda row: "",
        scorers=(_duplex_scorer(judge, kind), *others),
        metric=metrics.get(kind, "tor"),
        scale=1.0 if kind == "overlap" else 100.0,
        live=True,
        note="Held in real time with a live /v1/realtime; words are the server's own transcript, not a recogniser's.",
    )  # fmt: skip


_SIZES: Mapping[str, int] = {
    "synthetic_pause_handling": 137, "candor_pause_handling": 216, "candor_turn_taking": 119, "icc_backchannel": 55,
    "synthetic_user_interruption": 200, "user_interruption": 200, "user_backchannel": 99, "talking_to_other": 100,
    "background_speech": 100,
}  # fmt: skip
TASKS = (
    _duplex_task("pause", "pauses", ("v1_0", "synthetic_pause_handling"), judge_pauses, "pause_handling"),
    _duplex_task("pause_candor", "pauses (Candor)", ("v1_0", "candor_pause_handling"), judge_pauses, "pause_handling"),
    _duplex_task("turn_taking", "turn taking", ("v1_0", "candor_turn_taking"), judge_turn_taking, "smooth_turn_taking"),
    _duplex_task("backchannel", "backchannels", ("v1_0", "icc_backchannel"), judge_listening, "backchannel"),
    _duplex_task(
        "interruption",
        "interruptions",
        ("v1_0", "synthetic_user_interruption"),
        answered_interruption,
        "user_interruption",
        (_FRESH_WORDS,),
    ),
    _duplex_task("overlap_interruption", "interruptions", ("v1_5", "user_interruption"), judge_overlap, "overlap"),
    _duplex_task(
        "overlap_backchannel", "the user's backchannels", ("v1_5", "user_backchannel"), judge_overlap, "overlap"
    ),
    _duplex_task("overlap_aside", "words to others", ("v1_5", "talking_to_other"), judge_overlap, "overlap"),
    _duplex_task("overlap_background", "background speech", ("v1_5", "background_speech"), judge_overlap, "overlap"),
)
