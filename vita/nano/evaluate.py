"""The table of what VITA-Nano can do, on what it was not trained on. Fractions; errors and false alarms fall."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from vita.nano import hears, sees
from vita.nano.asking import Nano

LARGEST = {"hears_wer": 300, "answers_speech": 200, "states": 400, "talks": 100} | sees.SIZES


def evaluate(folder: Path, size: int, people: Path | None) -> Iterator[tuple[str, float]]:
    """Names and figures, one after the other as they are found.

    Args:
        size: items for each figure, at most as many as LARGEST says.
        people: a folder of recordings of people; None leaves their figures out.
    """
    nano = Nano(folder)
    counts = {name: min(size, largest) for name, largest in LARGEST.items()}
    spoken = hears.sentences(counts["hears_wer"])
    yield "recognises_wer", hears.recognises(nano.transcribe, spoken)
    yield "hears_wer", hears.repeats(nano.answer, spoken)
    if people:
        recorded = hears.recordings(people)
        yield "recognises_people_wer", hears.recognises(nano.transcribe, recorded)
        yield "hears_people_wer", hears.repeats(nano.answer, recorded)
    yield "answers_speech", hears.answers_speech(nano.answer, counts["answers_speech"])
    yield from hears.states(nano.decide, counts["states"]).items()
    for name, measure in (("sees", sees.sees), ("sees_details", sees.sees_details), ("watches", sees.watches)):
        yield name, measure(nano.ask, counts[name])[0]
    yield "talks", hears.talks(nano.answer, nano.original_answer, counts["talks"])
