"""A conversation as a measuring caller records it: what the user said and what the loudspeaker gave, at one clock."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
import websockets
from numpy.typing import NDArray

from evals.conversation import voice_segments
from evals.conversation.caller import FRAME, Caller
from evals.conversation.caller_script import Say
from evals.conversation.simulated_player import RATE, Player
from evals.scorers.full_duplex_metrics import Span, Word
from vita.errors import EngineDeadError, EngineNotReadyError
from vita.media import SAMPLE_RATE

Samples = NDArray[np.float32]
Line = dict[str, Any]
GREETING, PATIENCE = 60.0, 30.0  # seconds until the server greets, and beyond the recording until it is given up
SOUND, TEXT, WHOLE = (f"response.output_audio{kind}" for kind in (".delta", "_transcript.delta", "_transcript.done"))


class LoudspeakerTape(Player):
    """A player that keeps what it played.

    Attributes:
        frames: each float32 [FRAME]; places: after each, the item that was played last and how many samples of it.
    """

    def __init__(self, tell: Any) -> None:
        super().__init__(tell)
        self.frames: list[Samples] = []
        self.places: list[tuple[str, int]] = []
        self._last = ""

    def pull_samples(self, count: int) -> Samples:
        """See Player."""
        out = super().pull_samples(count)
        self.frames.append(out)
        self.places.append((self._last, self._played))
        return out

    def _begin_item(self, item: str) -> None:
        self._last = item
        super()._begin_item(item)


class RecordingCaller(Caller):
    """A caller that plays one recording, and keeps both sides.

    Attributes:
        began: frame of the tape with which the recording began.
    """

    def __init__(self, socket: websockets.ClientConnection) -> None:
        super().__init__(socket, echo=0.0)
        self._player = self.tape = LoudspeakerTape(self._log_played)
        self.began = 0

    def log_event(self, kind: str, **more: Any) -> None:
        """See Caller."""
        if kind == "voice":
            self.began = len(self.tape.frames)
        super().log_event(kind, **more)


@dataclass(frozen=True)
class RecordedConversation:
    """A conversation.

    Attributes:
        user, model: float32 [n] each at RATE, of the same length and beginning.
        words: the server's transcript of what the model said, as far as it was heard.
    """

    user: Samples
    model: Samples
    spoken: tuple[Span, ...]
    answered: tuple[Span, ...]
    words: tuple[Word, ...]

    def as_row(self) -> dict[str, Any]:
        """As a task's row has it, times in seconds."""
        return {
            "words": [[round(word.start, 3), round(word.end, 3), word.text] for word in self.words],
            "user": [[round(span.start, 3), round(span.end, 3)] for span in self.spoken],
            "model": [[round(span.start, 3), round(span.end, 3)] for span in self.answered],
            "seconds": round(len(self.user) / RATE, 3),
        }

    def save_stereo(self, path: Path) -> None:
        """Write both sides, the user on the left."""
        path.parent.mkdir(parents=True, exist_ok=True)
        both = np.clip(np.stack([self.user, self.model], axis=1), -1, 1)
        soundfile.write(path, both, RATE, format="OGG", subtype="VORBIS")


async def record_conversation(address: str, samples: Samples) -> RecordedConversation:
    """Say ``samples``, float32 [n] at SAMPLE_RATE, to a server in real time and record its answers until they end.

    Raises:
        EngineDeadError: nobody answers at the address, or it hung up. EngineNotReadyError: it has no place now.
    """
    user = np.asarray(soxr.resample(samples, SAMPLE_RATE, RATE), np.float32)
    url = f"{address}/v1/realtime?model=vita&vita_events=1"
    try:
        async with (
            asyncio.timeout(GREETING + len(user) / RATE + PATIENCE),
            websockets.connect(url, max_size=None, close_timeout=1) as socket,
        ):
            recorder = RecordingCaller(socket)
            _wait_greeting(recorder, json.loads(await socket.recv()))
            with tempfile.TemporaryDirectory() as scratch:
                path = Path(scratch) / "said.wav"
                soundfile.write(path, np.clip(user, -1, 1), RATE)
                await recorder.run_script((Say(str(path), "said"),))
    except (OSError, websockets.WebSocketException) as error:
        raise EngineDeadError(
            "The server at {address} does not answer or hung up: {reason}", address=address, reason=error
        ) from error
    return await asyncio.to_thread(_recorded_conversation, user, recorder)


def _wait_greeting(recorder: RecordingCaller, first: Line) -> None:
    if first["type"] == "error":
        raise EngineNotReadyError(
            "The server takes no conversation now: {reason}", reason=first["error"].get("message")
        )
    kind = first.pop("type")
    recorder.log_event(kind, **first)


def _recorded_conversation(user: Samples, recorder: RecordingCaller) -> RecordedConversation:
    tape, began = recorder.tape, recorder.began
    heard = np.concatenate([*tape.frames[began:], np.zeros(len(user), np.float32)])[: len(user)]
    answered = voice_segments.voice_spans(heard, RATE)
    places = tape.places[began:]
    words = [
        word for item in _answer_items(recorder.lines) for word in _spread_words(recorder.lines, item, places, answered)
    ]
    return RecordedConversation(user, heard, voice_segments.voice_spans(user, RATE), answered, tuple(words))


def _answer_items(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(line["item_id"] for line in lines if line["kind"] == SOUND))


def _spread_words(
    lines: Sequence[Line], item: str, places: Sequence[tuple[str, int]], answered: Sequence[Span]
) -> Iterator[Word]:
    """An answer's words, spread by their letters over the voiced time in which its sound was played."""
    mine = [line for line in lines if line.get("item_id") == item]
    whole = next((line["transcript"] for line in mine if line["kind"] == WHOLE), "")
    texts = (whole or "".join(line["delta"] for line in mine if line["kind"] == TEXT)).split()
    sent = sum(line["samples"] for line in mine if line["kind"] == SOUND)
    frames = [(frame, played) for frame, (name, played) in enumerate(places) if name == item]
    if not (texts and sent and frames):
        return
    begin, end = (frames[place][0] * FRAME / RATE for place in (0, -1))
    played = _spans_inside(answered, Span(begin, end + FRAME / RATE))
    seconds = sum(span.end - span.start for span in played) * sent / max(frames[-1][1], 1)  # had all been played
    letters, done = sum(map(len, texts)), 0
    for text in texts:
        start = _voiced_time(played, seconds * done / letters)
        done += len(text)
        if start is None:
            return
        stop = _voiced_time(played, seconds * done / letters)
        yield Word(start, played[-1].end if stop is None else stop, text)


def _spans_inside(spans: Sequence[Span], whole: Span) -> list[Span]:
    cut = [Span(max(span.start, whole.start), min(span.end, whole.end)) for span in spans]
    return [span for span in cut if span.end > span.start]


def _voiced_time(spans: Sequence[Span], seconds: float) -> float | None:
    """The time at which so many seconds of the spans have passed; None where they are shorter."""
    for span in spans:
        if seconds < span.end - span.start:
            return span.start + seconds
        seconds -= span.end - span.start
    return None
