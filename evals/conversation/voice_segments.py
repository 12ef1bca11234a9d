"""Where somebody speaks in a recording, by Silero with the settings that Full-Duplex-Bench leaves it at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import soxr
from numpy.typing import NDArray

from evals.scorers.full_duplex_metrics import Span
from vita.media import SAMPLE_RATE
from vita.speech.voice_activity import FRAME, SileroVad

Samples = NDArray[np.float32]
ON, OFF = 0.5, 0.35  # probabilities from which a frame is voice, and below which it may be no more
SPEECH, SILENCE, PAD = 0.25, 0.1, 0.03  # seconds: shortest voice, shortest gap, and what is added at both ends


def voice_spans(samples: Samples, rate: int = SAMPLE_RATE) -> tuple[Span, ...]:
    """Pieces of speech in float32 [n] at ``rate``, in order, not touching."""
    sound = np.asarray(soxr.resample(samples, rate, SAMPLE_RATE), np.float32) if rate != SAMPLE_RATE else samples
    silero = SileroVad()
    padded = np.pad(sound, (0, -len(sound) % FRAME)).astype(np.float32)
    found = list(_voiced_pieces([silero(frame) for frame in padded.reshape(-1, FRAME)], len(sound)))
    return tuple(_padded_spans(found, len(sound) / SAMPLE_RATE))


def _voiced_pieces(probabilities: Sequence[float], length: int) -> Iterator[Span]:
    """Voice with hysteresis; a gap shorter than SILENCE is none. ``length`` is in samples."""
    begin: int | None = None
    quiet: int | None = None  # where what may be a gap began
    for place, probability in enumerate(probabilities):
        at = place * FRAME
        if probability >= ON:
            begin, quiet = at if begin is None else begin, None
        elif begin is not None and probability < OFF:
            quiet = at if quiet is None else quiet
            if at - quiet >= SILENCE * SAMPLE_RATE:
                yield from _long_enough(begin, quiet)
                begin = quiet = None
    if begin is not None:
        yield from _long_enough(begin, length)


def _long_enough(begin: int, end: int) -> Iterator[Span]:
    if end - begin > SPEECH * SAMPLE_RATE:
        yield Span(begin / SAMPLE_RATE, end / SAMPLE_RATE)


def _padded_spans(found: Sequence[Span], seconds: float) -> Iterator[Span]:
    """A little longer at both ends; where two would meet, each gets half of the gap."""
    for place, span in enumerate(found):
        before = span.start - found[place - 1].end if place else 2 * span.start
        after = found[place + 1].start - span.end if place + 1 < len(found) else 2 * (seconds - span.end)
        yield Span(span.start - min(PAD, before / 2), span.end + min(PAD, after / 2))
