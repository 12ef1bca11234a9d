"""From a caller's lines to what became of each watch, and to figures. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evals.conversation.caller_log import Line, percentile_or_none


@dataclass(frozen=True)
class WatchOutcome:
    """What became of one clip. Times are seconds after the thing began to come in.

    Attributes:
        wanted: what came is what was watched for.
        recognised: the model names it when it is shown its still picture; None where nobody asked.
        refused: the watch could not be set.
        seconds: that it was watched without the thing: until it came, or all of the clip.
        began: when the answer that tells of it began; None where none did.
        sounded: when its first sound came.
        early: an answer began before the thing came in, or in a clip without it.
        looked, skipped: frames.
    """

    wanted: bool
    recognised: bool | None = None
    refused: bool = False
    seconds: float = 0.0
    began: float | None = None
    sounded: float | None = None
    early: bool = False
    looked: int = 0
    skipped: int = 0


def read_watch(lines: Sequence[Line], wanted: bool, comes: float, recognised: bool | None = None) -> WatchOutcome:
    """What became of a clip, from what happened in its conversation.

    Args:
        comes: seconds after the first frame, at which the thing begins to come in.
    """
    frames = [line["t"] for line in lines if line["kind"] == "frame"]
    if any(line["kind"] == "error" for line in lines) or not frames:
        return WatchOutcome(wanted, recognised, refused=True)
    entered, end = frames[0] + comes, frames[-1] + 1.0
    seen = next((line for line in lines if line["kind"] == "vita.watch_seen"), None)
    looks = [line["data"] for line in lines if line["kind"] in ("vita.watch_looked", "vita.watch_ended")]
    looked, skipped = (looks[-1]["looked"], looks[-1]["skipped"]) if looks else (0, 0)
    early = seen is not None and (not wanted or seen["t"] < entered)
    watched = (min(seen["t"], end) if seen and early else entered if wanted else end) - frames[0]
    if seen is None or early:
        return WatchOutcome(wanted, recognised, False, watched, None, None, early, looked, skipped)
    begun = _first_after(lines, seen["t"], "response.created")
    heard = _first_after(lines, seen["t"], "response.output_audio.delta")
    began, sounded = (None if time is None else time - entered for time in (begun, heard))
    return WatchOutcome(wanted, recognised, False, watched, began, sounded, False, looked, skipped)


def watch_figures(outcomes: Sequence[WatchOutcome]) -> dict[str, Any]:
    """Delay, misses and false alarms of all."""
    kept = [one for one in outcomes if not one.refused]
    wanted = [one for one in kept if one.wanted and not one.early]
    known = [one for one in wanted if one.recognised]
    began = [one.began for one in wanted if one.began is not None]
    sounded = [one.sounded for one in wanted if one.sounded is not None]
    minutes = sum(one.seconds for one in kept) / 60
    looked, skipped = sum(one.looked for one in kept), sum(one.skipped for one in kept)
    return {
        "watch_delay_s": percentile_or_none(began, 50),
        "watch_delay_s_p95": percentile_or_none(began, 95),
        "watch_sound_s": percentile_or_none(sounded, 50),
        "watch_sound_s_p95": percentile_or_none(sounded, 95),
        "watch_missed_rate": _share(sum(one.began is None for one in wanted), len(wanted)),
        "watch_missed_known_rate": _share(sum(one.began is None for one in known), len(known)),
        "watch_false_alarms_min": sum(one.early for one in kept) / minutes if minutes else None,
        "watch_skipped_rate": _share(skipped, looked + skipped),
        "watch_minutes": minutes,
        "watch_clips": {"wanted": len(wanted), "known": len(known), "others": sum(not one.wanted for one in kept)},
        "watch_refused": sum(one.refused for one in outcomes),
    }


def _first_after(lines: Sequence[Line], at: float, kind: str) -> float | None:
    return next((line["t"] for line in lines if line["kind"] == kind and line["t"] >= at), None)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
