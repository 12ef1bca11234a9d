"""Notices as our own events ``vita.*``, beyond the protocol, for clients that ask with ``?vita_events=1``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from vita.duplex import client_notices as n
from vita.duplex import watch_notices as w
from vita.realtime import server_events as r
from vita.speech.sample_rates import INPUT_SAMPLES_PER_MS


def vita_event(notice: n.ClientNotice, frame_items: list[str]) -> r.VitaEvent | None:
    """The ``vita.*`` event of a notice; None where there is none.

    Args:
        frame_items: the client's items whose pictures ride along with the item that ``notice`` commits, or of which
            it tells.
    """
    named = _name_and_data(notice, frame_items)
    return r.VitaEvent(type=f"vita.{named[0]}", data=named[1]) if named else None


def _name_and_data(notice: n.ClientNotice, frame_items: list[str]) -> tuple[str, dict[str, Any]] | None:
    match notice:
        case n.DuckPlayback() | n.RestoreVolume():
            return "duck", {"on": isinstance(notice, n.DuckPlayback)}
        case n.PlaybackStopped(answer, item):
            return "cut", {"answer": answer, "item_id": item}
        case n.TurnDecision(_, state, engine, seconds):
            return "state", {"state": state.name if state else None, "engine": engine, "seconds": seconds}
        case n.DecisionStarted(decision, engine_number, item):
            return "deciding", {"decision": decision, "engine": engine_number, "item_id": item}
        case n.PrefillStarted(engine_number):
            return "warming", {"engine": engine_number}
        case n.PhaseChanged(phase, voice, at):
            return "phase", {"phase": phase.value, "voice": voice, "at_ms": at // INPUT_SAMPLES_PER_MS}
        case n.UtteranceDismissed(item, why):
            return "dismissed", {"item_id": item, "why": why}
        case n.AnswerStarted(answer, item, _, _, engine, monitor):
            return "roles", {"generator": engine, "monitor": monitor, "answer": answer, "item_id": item}
        case n.AnswerHeard(told):
            return "heard", {"item_id": told.id, "heard": told.heard, "text": told.text, "samples": told.limit}
        case n.TurnTiming():
            return "timing", asdict(notice)
        case w.WatchStarted() | w.FrameLooked() | w.WatchedThingSeen() | w.WatchEnded():
            return watch_event(notice, frame_items)
        case n.ItemCommitted() if frame_items:
            return "frames", {"item_id": notice.item.id, "frames": frame_items}
    return None


def watch_event(
    notice: w.WatchStarted | w.FrameLooked | w.WatchedThingSeen | w.WatchEnded, frame_items: list[str]
) -> tuple[str, dict[str, Any]]:
    """Name and data of what is told of a watch."""
    frame = frame_items[0] if frame_items else None
    match notice:
        case w.WatchStarted(watch, plan):
            told = {"watch_for": plan.goal.text, "repeat": plan.repeat, "seconds": plan.seconds}
            return "watch_set", {"watch": watch, **told}
        case w.FrameLooked(watch, _, said, verdict, looked, skipped):
            found = {"said": said, "shows": verdict.shows, "already": verdict.already}
            return "watch_looked", {"watch": watch, "frame": frame, **found, "looked": looked, "skipped": skipped}
        case w.WatchedThingSeen(watch, item):
            return "watch_seen", {"watch": watch, "frame": frame, "item_id": item.id if item else None}
        case w.WatchEnded(watch, why, looked, skipped):
            return "watch_ended", {"watch": watch, "why": why, "looked": looked, "skipped": skipped}
