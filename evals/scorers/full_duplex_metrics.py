"""Full-Duplex-Bench v1.0 and v1.5: who takes the turn, how late, and how soon a speaker stops. Times in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_WINDOW = 0.2  # seconds of a bin in the distribution of backchannels
_TURN = 3.0  # seconds; longer speech is a turn whatever is said
_EPSILON = 1e-10


@dataclass(frozen=True)
class Span:
    """A piece of time, seconds from the start of the recording."""

    start: float
    end: float


@dataclass(frozen=True)
class Word(Span):
    """A recognised word and when it was said."""

    text: str = ""


@dataclass(frozen=True)
class Backchannel:
    """What one answer to a listener's task was: a turn taken, how often per second it nodded, distance to people."""

    took_turn: bool
    frequency: float
    divergence: float


def takes_turn(words: Sequence[Word]) -> bool:
    """Anything but silence and at most three words within less than a second."""
    return bool(words) and not (words[-1].end - words[0].start < 1 and len(words) <= 3)


def turn_latency(words: Sequence[Word], user_end: float) -> float | None:
    """From the user's end to the first word, 0 where it was early; None where no turn was taken."""
    return max(0.0, words[0].start - user_end) if takes_turn(words) else None


def interruption_latency(words: Sequence[Word], interrupt_end: float) -> float | None:
    """As ``turn_latency``, over what was said after the user's interruption ended.

    The peer recognises the model's sound from there on (``get_transcript/asr.py --task user_interruption``): of a word
    that was under way it hears the rest, which counts as begun there.
    """
    rest = [Word(max(word.start, interrupt_end), word.end, word.text) for word in words if word.end > interrupt_end]
    return turn_latency(rest, interrupt_end)


def fresh_words_latency(words: Sequence[Word], interrupt_end: float) -> float | None:
    """As ``interruption_latency``, but a word that was under way is no answer: only words begun afterwards count."""
    return turn_latency([word for word in words if word.start >= interrupt_end], interrupt_end)


def judge_backchannels(
    segments: Sequence[Span], words: Sequence[Word], duration: float, people: Sequence[float]
) -> Backchannel:
    """Judge the speech of a listener.

    The peer's reset is kept: a later short segment forgives an earlier turn, but not one longer than three seconds.

    Args:
        segments: speech by a voice activity detector.
        duration: length of the recording.
        people: how people's backchannels spread over the same recording, any number of bins.
    """
    nods: list[Span] = []
    took_turn = False
    for segment in segments:
        if segment.end - segment.start > _TURN:
            took_turn = True
            break
        said = sum(_overlaps_segment(word, segment) for word in words)
        took_turn = said > 2 or segment.end - segment.start >= 1
        nods = [] if took_turn else [*nods, segment]
    return Backchannel(took_turn, len(nods) / duration, _timing_divergence(nods, duration, people))


def _overlaps_segment(word: Word, segment: Span) -> bool:
    inside = word.start >= segment.start and word.end <= segment.end
    leaves = word.start <= segment.end < word.end
    return inside or leaves or word.start <= segment.start < word.end


def _timing_divergence(nods: Sequence[Span], duration: float, people: Sequence[float]) -> float:
    """Jensen-Shannon distance of the nods' spread to the people's, 1 without any nod."""
    if not nods:
        return 1.0
    counts = np.zeros(int(duration / _WINDOW) + 1)
    for nod in nods:
        counts[int(nod.start / _WINDOW) : int(nod.end / _WINDOW) + 1] += 1
    spread = (counts + _EPSILON) / (counts + _EPSILON).sum()
    wanted = np.interp(np.linspace(0, 1, len(spread)), np.linspace(0, 1, len(people)), np.asarray(people, float))
    return jensen_shannon(spread, wanted)


def jensen_shannon(one: np.ndarray, other: np.ndarray) -> float:
    """Square root of the Jensen-Shannon divergence in nats of two histograms [n], normalised first."""
    one, other = one / one.sum(), other / other.sum()
    middle = (one + other) / 2
    return float(np.sqrt(max(0.0, (_relative_entropy(one, middle) + _relative_entropy(other, middle)) / 2)))


def _relative_entropy(one: np.ndarray, other: np.ndarray) -> float:
    there = one > 0
    return float((one[there] * np.log(one[there] / other[there])).sum())


def merge_spans(spans: Sequence[Span], gap: float) -> list[Span]:
    """Spans in order of time, those at most ``gap`` apart joined. v1.5 joins 0.6 for users, 0.5 for models."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if joined and span.start - joined[-1].end <= gap:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(Span(span.start, span.end))
    return joined


def stop_latencies(user: Sequence[Span], model: Sequence[Span]) -> list[float]:
    """How long the model talked on, each time that the user spoke into it (v1.5)."""
    user, model = merge_spans(user, 0.6), merge_spans(model, 0.5)
    both = [(max(u.start, m.start), min(u.end, m.end)) for u in user for m in model]
    return [end - start for start, end in both if end > start]


def response_latencies(user: Sequence[Span], model: Sequence[Span]) -> list[float]:
    """From the user's ends to the model's next starts (v1.5); of several ends before one start the last counts."""
    user, model = merge_spans(user, 0.6), merge_spans(model, 0.5)
    ends: dict[float, float] = {}
    for span in user:
        start = next((answer.start for answer in model if answer.start > span.end), None)
        if start is not None:
            ends[start] = span.end
    return [start - end for start, end in ends.items()]
