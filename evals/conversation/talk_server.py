"""What the parts of the benchmark of conversations share: callers to a live server, processes of their own."""

from __future__ import annotations

import asyncio
import json
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
import soxr

from evals.conversation.caller_log import ClipOutcome, Line, all_said
from evals.conversation.caller_script import Say, Script, write_plan
from evals.conversation.caller_sounds import CallerClip
from evals.conversation.simulated_player import RATE
from vita.engine.engine_protocol import Engine
from vita.errors import EngineError
from vita.media import SAMPLE_RATE
from vita.realtime.session_manager import SessionManager


@dataclass
class TalkBench:
    """What the parts of the benchmark share.

    Attributes:
        engine: one of those that the server talks by, for measuring it alone.
        folder: where clips, plans and logs are put.
        size: clips of each kind.
        most: conversations at once that are tried.
        tell: hears of the progress, a line at a time.
        pictures: folder of photos for the part that watches; None for the repository's own pictures.
    """

    engine: Engine
    talk: SessionManager
    address: str
    folder: Path
    size: int
    most: int
    tell: Callable[[str], None]
    pictures: Path | None = None
    calls: int = 0
    _clips: dict[str, CallerClip] = field(default_factory=dict)

    def say_step(self, clip: CallerClip) -> Say:
        """A step that plays ``clip``."""
        name = f"{clip.kind}: {clip.name}"
        self._clips.setdefault(name, clip)
        content = zlib.crc32(clip.samples.tobytes())  # not its number: the folder may hold another run's clips
        path = self.folder / f"clip-{content:08x}.wav"
        if not path.exists():
            loud = np.clip(soxr.resample(clip.samples, SAMPLE_RATE, RATE), -1, 1)
            soundfile.write(path, loud, RATE)
        return Say(str(path), name)

    def clip_outcomes(self, lines: Sequence[Line]) -> list[ClipOutcome]:
        """What came of each clip in a conversation."""
        return all_said(lines, {name: clip.audible_span for name, clip in self._clips.items()})

    async def hold_calls(self, *scripts: Script) -> list[list[Line]]:
        """Hold these conversations at once; the lines of each.

        Raises:
            EngineError: the caller failed; its last words.
        """
        self.calls += 1
        plan, log = self.folder / f"plan{self.calls}.json", self.folder / f"log{self.calls}.json"
        plan.write_text(write_plan(scripts), encoding="utf-8")
        command = (sys.executable, "-m", "evals.conversation.caller", self.address, str(plan), str(log))
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        try:
            _, error = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise EngineError(f"The caller failed: {error.decode()[-2000:]}")
        lines: list[list[Line]] = json.loads(log.read_text(encoding="utf-8"))
        return lines
