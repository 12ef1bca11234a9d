"""Items of Full-Duplex-Bench's kinds: sentences of ours in real time, with pauses, nods, asides and interruptions.

The user is read by Piper's voice joe (CC0), other people by espeak-ng, more quietly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from evals.bundled.make_sounds import Samples, speak_by_espeak, speak_by_piper
from vita.media import SAMPLE_RATE

Rows = list[dict[str, Any]]
ANSWER, REST = 5.0, 6.0  # seconds left for an answer before something else is said, and at the end
FAR = 0.3  # loudness of other people


@dataclass(frozen=True)
class SpokenPiece:
    """A sentence of the user's, or of somebody else in the room."""

    text: str
    by_other: bool = False


Piece = SpokenPiece | float  # a sentence or seconds of silence
STORY = "Please tell me a long story about a fox."
HISTORY = "Please tell me a long story about a king."
DIALOGUES: dict[str, tuple[Piece, ...]] = {
    "pause_lake": (
        0.5,
        SpokenPiece("I would like to know if we can go to the"),
        1.0,
        SpokenPiece("lake on Sunday."),
        0.2,
    ),
    "pause_train": (
        0.5,
        SpokenPiece("When I was a child I often took the"),
        1.3,
        SpokenPiece("train to my grandmother."),
        0.2,
    ),
    "turn_capital": (0.5, SpokenPiece("What is the capital of France?"), REST),
    "turn_planet": (0.5, SpokenPiece("Which planet is the largest in our solar system?"), REST),
    "listen_garden": (
        0.5,
        SpokenPiece("In spring I work in the garden every morning."),
        0.5,
        SpokenPiece("First I water the flowers, and then I cut the grass."),
        0.5,
        SpokenPiece("After that I sit down and have a cup of tea."),
        0.2,
    ),
    "listen_boat": (
        0.5,
        SpokenPiece("Last year we bought a small boat."),
        0.5,
        SpokenPiece("We painted it blue and gave it a name."),
        0.5,
        SpokenPiece("On Sundays we take it out."),
        0.2,
    ),
    "break_in_boil": (
        0.5,
        SpokenPiece(STORY),
        ANSWER,
        SpokenPiece("Stop, please. What is the capital of France?"),
        REST,
    ),
    "break_in_sky": (0.5, SpokenPiece(HISTORY), ANSWER, SpokenPiece("Wait. What colour is the sky?"), REST),
    "nod_fox": (0.5, SpokenPiece(STORY), ANSWER, SpokenPiece("Mm hmm."), REST),
    "nod_king": (0.5, SpokenPiece(HISTORY), ANSWER, SpokenPiece("I see."), REST),
    "aside_door": (0.5, SpokenPiece(STORY), ANSWER, SpokenPiece("Anna, please close the door."), REST),
    "aside_dinner": (0.5, SpokenPiece(HISTORY), ANSWER, SpokenPiece("Tom, dinner is ready in a minute."), REST),
    "room_train": (
        0.5,
        SpokenPiece(STORY),
        ANSWER,
        SpokenPiece("The train to the coast leaves from platform two.", True),
        REST,
    ),
    "room_news": (0.5, SpokenPiece(HISTORY), ANSWER, SpokenPiece("Here is the news of the day.", True), REST),
}
SETS: dict[str, tuple[str, str]] = {  # by task: the dialogues' first letters, and what is marked in them
    "pause": ("pause_", "pause"),
    "pause_candor": ("pause_", "pause"),
    "turn_taking": ("turn_", "end"),
    "backchannel": ("listen_", ""),
    "interruption": ("break_in_", "last"),
    "overlap_interruption": ("break_in_", "last"),
    "overlap_backchannel": ("nod_", "last"),
    "overlap_aside": ("aside_", "last"),
    "overlap_background": ("room_", "last"),
}


def sound_of(piece: Piece) -> Samples:
    """A sentence or a silence, float32 [n] at SAMPLE_RATE."""
    if isinstance(piece, float):
        return np.zeros(round(piece * SAMPLE_RATE), np.float32)
    return FAR * speak_other(piece.text) if piece.by_other else speak_user(piece.text)


@cache
def speak_user(text: str) -> Samples:
    """The user, see ``sounds.speak``."""
    return speak_by_piper(text)


def speak_other(text: str) -> Samples:
    """Somebody else, see ``sounds.espeak``."""
    return speak_by_espeak(text, "en-gb+f3", 150)


def piece_spans(pieces: tuple[Piece, ...]) -> list[tuple[Piece, float, float]]:
    """Each piece with its beginning and end in seconds."""
    ends = np.cumsum([len(sound_of(piece)) for piece in pieces]) / SAMPLE_RATE
    begins = [0.0, *ends[:-1]]
    return [(piece, round(float(a), 3), round(float(b), 3)) for piece, a, b in zip(pieces, begins, ends, strict=True)]


def dialogue_marks(name: str, kind: str) -> list[list[float]]:
    """What the bench notes of an item: its pauses, the end of its turn, or the last thing that was said."""
    parts = piece_spans(DIALOGUES[name])
    sentences = [(begin, end) for piece, begin, end in parts if isinstance(piece, SpokenPiece)]
    if kind == "pause":
        return [[begin, end] for piece, begin, end in parts[1:-1] if isinstance(piece, float)]
    if kind == "end":
        return [[sentences[-1][1], sentences[-1][1]]]
    return [list(sentences[-1])] if kind == "last" else []


def dialogue_recordings() -> Iterator[tuple[str, Samples]]:
    """Every dialogue by its file's name."""
    for name, pieces in DIALOGUES.items():
        yield f"duplex_{name}", np.concatenate([sound_of(piece) for piece in pieces])


def dialogue_rows() -> dict[str, Rows]:
    """Items by task."""
    return {
        f"full_duplex_{task}": [
            {"id": name, "audio": f"duplex_{name}", "marks": dialogue_marks(name, kind)}
            for name in DIALOGUES if name.startswith(start)
        ]
        for task, (start, kind) in SETS.items()
    }  # fmt: skip
