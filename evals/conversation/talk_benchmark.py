"""The benchmark of conversations: real sound against a live server over both engines, measured at the client.

The server is the page's own (``build_session_manager`` behind uvicorn); the client is a process of its own
(``talk_caller``) and speaks in real time. What it says is synthesised, see ``talk_sounds``.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.conversation.talk_phases import PHASES
from evals.conversation.talk_server import TalkBench
from evals.provenance import git_revision, machine_line, package_versions
from vita.engine.engine_factory import build_pool
from vita.engine.transcription import build_transcriber
from vita.realtime.session_manager import build_session_manager
from vita.realtime.standalone_server import serve_sessions
from vita.settings import Settings

Figures = dict[str, Any]


@dataclass(frozen=True)
class TalkPlan:
    """What to measure.

    Attributes:
        size: clips of each kind.
        most: conversations at once that are tried.
        parts: names of PHASES.
        pictures: folder of photos for the part that watches; None for the repository's own pictures.
    """

    size: int = 60
    most: int = 8
    parts: tuple[str, ...] = tuple(PHASES)
    pictures: Path | None = None


def starting_figures(plan: TalkPlan, before: Mapping[str, Any]) -> Figures:
    """What a run starts with: the figures of an earlier run that was the same in all but its parts, else none."""
    pictures = plan.pictures.name if plan.pictures else None
    about = {
        "size": plan.size,
        "pictures": pictures,
        "versions": package_versions(),
        "git": git_revision(),
        "machine": machine_line(),
    }
    same = all(before.get(name) == value for name, value in about.items())
    return {**about, "parts": [], **(before if same else {})}


async def measure_conversations(
    plan: TalkPlan,
    figures: Figures,
    tell: Callable[[str], None],
    save: Callable[[Mapping[str, Any]], None],
    keep: Path | None,
) -> Figures:
    """All figures.

    Args:
        figures: what ``starting_figures`` gives; the parts that it has are not measured again.
        tell: hears of the progress, a line at a time.
        save: gets what there is after each part, so that a run that is ended leaves what it has measured.
        keep: folder that clips, plans and logs of the callers stay in.

    Raises:
        EngineError: no engine starts, or the caller failed.
    """
    left = [part for part in plan.parts if part not in figures["parts"]]
    if not left:
        return figures
    tell("loading the engines")
    settings = Settings()
    pool = build_pool(settings)
    talk = build_session_manager(pool, settings.model, build_transcriber(settings))
    try:
        await pool.start()
        talk.start_services()
        with tempfile.TemporaryDirectory() as scratch:
            folder = keep or Path(scratch)
            folder.mkdir(parents=True, exist_ok=True)
            async with serve_sessions(talk) as address:
                told = _with_minutes(tell)
                bench = TalkBench(pool.engines[0], talk, address, folder, plan.size, plan.most, told, plan.pictures)
                for number, part in enumerate(left, start=1):
                    bench.tell(f"{part}: part {number} of {len(left)}")
                    figures |= await PHASES[part](bench)
                    figures["parts"] = [*figures["parts"], part]
                    save(figures)
    finally:
        await pool.close()
    return figures


def _with_minutes(tell: Callable[[str], None]) -> Callable[[str], None]:
    """``tell`` with the minutes since now in front of each line."""
    since = time.monotonic()
    return lambda line: tell(f"{(time.monotonic() - since) / 60:5.1f} min  {line}")
