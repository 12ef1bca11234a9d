"""From a caller's lines to what happened at each thing that it said. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Line = Mapping[str, Any]

ACTS = ("type", "say", "cancel")
FRAME = 480  # samples, 20 ms at 24 kHz
GRACE = 0.6  # s behind a question in which a verdict that would cut an answer has not come too late


@dataclass(frozen=True)
class ClipOutcome:
    """One clip and what came of it. Times are seconds by the caller's clock.

    Attributes:
        begin, end: when the voice in it began and ended.
        overlapped: the item that was playing from its beginning until it was cut, or until the verdict on all of it, or
            until GRACE after its end; "" for none. An answer that ended by itself before that could not be cut any
            more: the clip is played again, into another one.
        ducked: when the caller was told to play quietly.
        cut: when it was told to stop that item.
        late: samples of the item that came after that.
        sound: when the first sound of another item came; None where none did.
        decision: what the verdict that cut, or else the last one, took in its engine.
        state: that verdict's state token.
        deciding: decisions that were begun before it.
        asked, judged: when the caller heard of the first of these and of the verdict.
    """

    name: str
    begin: float
    end: float
    overlapped: str = ""
    ducked: float | None = None
    cut: float | None = None
    late: int = 0
    sound: float | None = None
    decision: float | None = None
    state: str | None = None
    deciding: int = 0
    asked: float | None = None
    judged: float | None = None

    @property
    def after_end(self) -> float | None:
        """Seconds from the end of the voice to the cut; negative where it came before that."""
        return None if self.cut is None else self.cut - self.end

    @property
    def first_sound(self) -> float | None:
        """Seconds from the end of the voice to the first sound of the answer."""
        return None if self.sound is None else self.sound - self.end


def all_said(lines: Sequence[Line], spans: Mapping[str, tuple[float, float]]) -> list[ClipOutcome]:
    """Every clip of a conversation, in order.

    Args:
        spans: by a clip's name, the seconds in it at which its voice begins and ends.
    """
    starts = [number for number, line in enumerate(lines) if line["kind"] in ACTS] + [len(lines)]
    return [
        _said_in(lines, start, end, spans[lines[start]["name"]])
        for start, end in pairwise(starts)
        if lines[start]["kind"] == "say"
    ]


def _said_in(lines: Sequence[Line], start: int, stop: int, span: tuple[float, float]) -> ClipOutcome:
    part = lines[start:stop]
    at = next(line["at"] for line in part if line["kind"] == "voice")
    begin, end = at + span[0], at + span[1]
    playing = _playing_item(lines[:stop], begin)
    cut = next((line for line in part if line["kind"] == "vita.cut" and line["data"]["item_id"] == playing), None)
    verdicts = [line for line in part if line["kind"] == "vita.state" and (cut is None or line["t"] <= cut["t"])]
    judged = verdicts[-1] if verdicts else None
    asked = [line["t"] for line in part if line["kind"] == "vita.deciding" and (not judged or line["t"] < judged["t"])]
    sounds = [line for line in part if line["kind"] == "response.output_audio.delta"]
    return ClipOutcome(
        name=part[0]["name"],
        begin=begin,
        end=end,
        overlapped=playing if playing and (cut or _outlasts_verdict(lines[:stop], playing, end)) else "",
        ducked=next((line["t"] for line in part if line["kind"] == "vita.duck" and line["data"]["on"]), None),
        cut=cut["t"] if cut else None,
        late=sum(line["samples"] for line in sounds if cut and line["t"] > cut["t"] and line["item_id"] == playing),
        sound=next((line["t"] for line in sounds if line["item_id"] != playing and line["t"] > begin), None),
        decision=judged["data"]["seconds"] if judged else None,
        state=judged["data"]["state"] if judged else None,
        deciding=len(asked),
        asked=asked[0] if asked else None,
        judged=judged["t"] if judged else None,
    )


def _outlasts_verdict(lines: Sequence[Line], item: str, end: float) -> bool:
    """Whether ``item`` was still playing at the verdict on what ended then, or when there should have been one."""
    judged = (line["t"] for line in lines if line["kind"] == "vita.state" and line["t"] >= end)
    return _playing_item(lines, min([*judged, end + GRACE])) == item


def _playing_item(lines: Sequence[Line], at: float) -> str:
    """The item that was playing then; "" for none."""
    playing = ""
    for line in lines:
        if line["t"] > at:
            break
        if line["kind"] == "player.began":
            playing = str(line["item"])
        elif line["kind"] == "player.ended":
            playing = ""
    return playing


def count_underruns(lines: Sequence[Line]) -> int:
    """How often the player ran dry in the middle of an answer."""
    return sum(line["kind"] == "player.flowing" for line in lines)


def percentile_or_none(values: Sequence[float], percent: float) -> float | None:
    """The value that so many percent do not exceed; None of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round((len(ordered) - 1) * percent / 100))] if ordered else None


def interruption_figures(said: Sequence[ClipOutcome]) -> dict[str, Any]:
    """Of queries that were spoken into an answer: what the table of the benchmark names, medians where nothing else.

    ``cut_over_token_ms`` is from the end of the query to the cut, less what the decision took in its engine.
    ``interruptions_replayed`` are plays that met no answer for long enough, ``interruptions_left_out`` queries of which
    every play did so.
    """
    into = [one for one in said if one.overlapped]
    ducks = [1000 * (one.ducked - one.begin) for one in into if one.ducked is not None]
    cuts = [one for one in into if one.cut is not None and one.decision is not None]
    over = [1000 * ((one.after_end or 0.0) - (one.decision or 0.0)) for one in cuts]
    return {
        "duck_ms": percentile_or_none(ducks, 50),
        "duck_ms_p95": percentile_or_none(ducks, 95),
        "cut_over_token_ms": percentile_or_none(over, 50),
        "cut_over_token_ms_p95": percentile_or_none(over, 95),
        "cut_after_end_ms": percentile_or_none([1000 * (one.after_end or 0.0) for one in cuts], 50),
        "cut_after_end_ms_p95": percentile_or_none([1000 * (one.after_end or 0.0) for one in cuts], 95),
        "cut_before_end_rate": _true_share([(one.after_end or 0.0) < 0 for one in cuts]),
        "decision_ms": percentile_or_none([1000 * (one.decision or 0.0) for one in cuts], 50),
        "frames_after_cut": sum(-(-one.late // FRAME) for one in into),
        "missed_interruption_rate": _true_share([one.cut is None for one in into]),
        "interruption_answer_ms": percentile_or_none([1000 * one.first_sound for one in into if one.first_sound], 50),
        "interruptions": len(into),
        "interruptions_replayed": len(said) - len(into),
        "interruptions_left_out": len({one.name for one in said} - {one.name for one in into}),
        "interruptions_missed": [f"{one.name}: {one.state}" for one in into if one.cut is None],
    }


def false_cut_figures(by_kind: Mapping[str, Sequence[ClipOutcome]]) -> dict[str, Any]:
    """Of sounds that are no queries: answers that they ended, over all of them and by kind."""
    into = {kind: [one for one in said if one.overlapped] for kind, said in by_kind.items()}
    return {
        "false_cut_rate": _true_share([one.cut is not None for said in into.values() for one in said]),
        "false_cut_rates": {kind: _true_share([one.cut is not None for one in said]) for kind, said in into.items()},
        "false_cut_clips": {kind: len(said) for kind, said in into.items()},
        "false_cut_left_out": {
            kind: len({one.name for one in said} - {one.name for one in into[kind]}) for kind, said in by_kind.items()
        },
        "false_cut_names": {kind: [one.name for one in said if one.cut is not None] for kind, said in into.items()},
        "ducked_rates": {kind: _true_share([one.ducked is not None for one in said]) for kind, said in into.items()},
    }


def _true_share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None
