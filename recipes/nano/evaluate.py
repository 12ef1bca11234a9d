"""The table of what VITA-Nano can do, on what it was not trained on. Fractions; errors and false alarms fall."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from recipes.nano import hearing_evaluation, seeing_evaluation
from recipes.nano.answer_cache import AnswerCache
from recipes.nano.direct_model import DirectNano

LARGEST = {"hears_wer": 300, "answers_speech": 200, "states": 400, "talks": 100} | seeing_evaluation.SIZES


def evaluate_abilities(
    folder: Path, size: int, people: Path | None, abilities: Sequence[str], journal: Path | None = None
) -> Iterator[tuple[str, float, int]]:
    """Names, figures and numbers of items, one after the other as they are found.

    Args:
        size: items for each figure, at most as many as LARGEST says.
        people: a folder of recordings of people; None leaves their figures out.
        abilities: those to measure: hears, people, answers, states, sees or talks.
        journal: a file that keeps the answers, so that a run that was killed goes on from there.
    """
    nano = AnswerCache(lambda: DirectNano(folder), journal, folder.name)
    counts = {name: min(size, largest) for name, largest in LARGEST.items()}
    for ability in abilities:
        nano.bar.set_description(ability)
        if ability == "people":
            yield from _people_figures(nano, people)
        else:
            yield from _MEASURES[ability](nano, counts)
    nano.bar.close()


Figures = Iterator[tuple[str, float, int]]


def _hearing_figures(nano: AnswerCache, counts: dict[str, int]) -> Figures:
    spoken = hearing_evaluation.spoken_sentences(counts["hears_wer"])
    yield "recognises_wer", hearing_evaluation.recognition_error_rate(nano.transcribe, spoken), len(spoken)
    yield "hears_wer", hearing_evaluation.repeat_error_rate(nano.answer, spoken), len(spoken)


def _people_figures(nano: AnswerCache, people: Path | None) -> Figures:
    if people:
        recorded = hearing_evaluation.people_recordings(people)
        yield (
            "recognises_people_wer",
            hearing_evaluation.recognition_error_rate(nano.transcribe, recorded),
            len(recorded),
        )
        yield "hears_people_wer", hearing_evaluation.repeat_error_rate(nano.answer, recorded), len(recorded)


def _answer_figures(nano: AnswerCache, counts: dict[str, int]) -> Figures:
    count = counts["answers_speech"]
    yield "answers_speech", hearing_evaluation.answers_speech(nano.answer, count), count


def _state_figures(nano: AnswerCache, counts: dict[str, int]) -> Figures:
    count = counts["states"]
    for name, figure in hearing_evaluation.state_metrics(nano.decide, count).items():
        yield name, figure, count


def _seeing_figures(nano: AnswerCache, counts: dict[str, int]) -> Figures:
    for name, measure in (
        ("sees", seeing_evaluation.names_objects),
        ("sees_details", seeing_evaluation.sees_details),
        ("watches", seeing_evaluation.watches_clips),
    ):
        yield name, measure(nano.ask, counts[name])[0], counts[name]


def _talking_figures(nano: AnswerCache, counts: dict[str, int]) -> Figures:
    yield (
        "talks",
        hearing_evaluation.stated_facts_ratio(nano.answer, nano.original_answer, counts["talks"]),
        counts["talks"],
    )


_MEASURES = {
    "hears": _hearing_figures,
    "answers": _answer_figures,
    "states": _state_figures,
    "sees": _seeing_figures,
    "talks": _talking_figures,
}
