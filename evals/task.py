"""What a task is: where rows come from, how one becomes a prompt, how answers become numbers. Nothing runs here."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from vita.conversation import Turn
from vita.tokens import State

Row = Mapping[str, Any]
Kind = Literal["picture", "sound", "clip"]
Ability = Literal["language", "speech", "image", "video", "voice", "interaction"]
BUNDLED = Path(__file__).parent / "bundled"
BUNDLED_MARK = " (bundled)"  # behind the title of a task on its bundled rows
UPSTREAM_TILES = 6  # of a picture; what upstream's wrapper in VLMEvalKit evaluates with, but for MMMU and OCRBench


@dataclass(frozen=True)
class ModelAnswer:
    """What a contestant said, its state token taken off.

    Attributes:
        verdict: what a judge model said of it; None where none was asked.
    """

    text: str
    state: State | None = None
    verdict: str | None = None


@dataclass(frozen=True)
class Scored:
    """One answer under one scorer.

    Attributes:
        extracted: what the answer was taken to mean; "" where nothing could be read.
        values: numbers of this item by name, most of them 0 or 1.
        unread: nothing could be read where the peer draws at random; the item is wrong.
    """

    extracted: str
    values: Mapping[str, float]
    unread: bool = False


@dataclass(frozen=True)
class Judged:
    """A row, without its media, and its score."""

    row: Row
    scored: Scored


@dataclass(frozen=True)
class Metric:
    """A number over many items.

    Attributes:
        unit: "fraction" (0..1), "%" or "points".
        n: items it stands for.
    """

    value: float
    stderr: float | None = None
    unit: str = "fraction"
    n: int = 0
    higher_is_better: bool = True


@dataclass(frozen=True)
class Scorer:
    """One way to score a task's answers; its name is the filter in result files.

    Attributes:
        version: whose rules at which version, as results must say.
        score: one item; gets the row without media.
        total: many items.
        ask: the question to a judge model about an answer; a scorer that has one needs a judge.
        miss: what an item without any answer scores; None takes ``score`` of the empty text.
    """

    name: str
    version: str
    score: Callable[[Row, ModelAnswer], Scored]
    total: Callable[[Sequence[Judged]], dict[str, Metric]]
    ask: Callable[[Row, ModelAnswer], str] | None = None
    miss: Callable[[Row], Scored] | None = None

    def missed_score(self, row: Row) -> Scored:
        """The score of an item that got no answer."""
        return self.miss(row) if self.miss else self.score(row, ModelAnswer(""))


@dataclass(frozen=True)
class DataSource:
    """Where rows come from.

    Attributes:
        hub: id of a data set on the Hugging Face Hub; "" where only a folder can be given; a * stands for
            the configuration where each has its own data set.
        split: its split, or several with + between.
        configs: its configurations, walked through in turn, one row of each.
        revision: branch, tag or commit; the commit it resolved to is written into the results.
        shots: split that examples in the prompt come from.
        media: which columns are not text.
        read: rows of a folder that is laid out in a way of its own, in place of the layouts that ``rows`` knows.
        locate: given a row of the Hub and the folder of ``--data``, the row with the media that lie there.
        how_to_get: what to do where it cannot be downloaded freely.
        size: rows of all configurations, for the time left; 0 where not known.
    """

    hub: str
    split: str
    licence: str
    configs: tuple[str, ...] = ("",)
    revision: str = "main"
    shots: str = ""
    media: Mapping[str, Kind] = field(default_factory=dict)
    read: Callable[[Path], Iterator[Row]] | None = None
    locate: Callable[[Row, Path], Row] | None = None
    how_to_get: str = ""
    size: int = 0


@dataclass(frozen=True)
class Task:
    """A benchmark that answers are measured by.

    Attributes:
        prompt: turns for one row, given rows to show beforehand.
        target: the right answer, as text for people and logs.
        metric: the number that charts show, multiplied by ``scale`` to be in the published numbers' unit.
        scorers: the first is the default.
        until: an answer is cut before the first of these.
        group: rows that must stay together when there is a limit, such as MME's pairs.
        letters: the letters of which one answers a row; empty where it is answered otherwise. With ``--mode letters``
            the answer is the likeliest of them.
        max_tiles: tiles that one picture may be cut into, where the task has its own number; see ``tiles``.
        live: an item is a conversation with a server, recorded in real time; see ``evals.conversation.live_executor``.
        bundled: rows are our own few, and the numbers must never stand beside published ones.
        note: what a reader of the results has to know.
    """

    name: str
    title: str
    ability: Ability
    source: DataSource
    prompt: Callable[[Row, Sequence[Row]], tuple[Turn, ...]]
    target: Callable[[Row], str]
    scorers: tuple[Scorer, ...]
    metric: str
    scale: float = 100.0
    max_tokens: int = 64
    shots: int = 0
    until: tuple[str, ...] = ()
    group: Callable[[Row], Hashable] | None = None
    max_tiles: int | None = None
    letters: Callable[[Row], tuple[str, ...]] | None = None
    live: bool = False
    bundled: bool = False
    note: str = ""

    @property
    def tiles(self) -> int | None:
        """Tiles that one picture may be cut into, the thumbnail not counted; None where a task shows no pictures.

        The model's own bound holds beside it: see ``vita.model.configuration.VITAConfig.max_tiles``.
        """
        shows_pictures = "picture" in self.source.media.values()
        return (self.max_tiles or UPSTREAM_TILES) if shows_pictures else None

    def scorer_named(self, name: str) -> Scorer:
        """The scorer of that name. Raises KeyError."""
        return {scorer.name: scorer for scorer in self.scorers}[name]

    def on_bundled(self) -> Task:
        """This task over the few rows that ship with it, under another name."""
        return replace(self, name=f"{self.name}_bundled", title=f"{self.title}{BUNDLED_MARK}", bundled=True)


def plain_title(title: str) -> str:
    """A task's title where the place itself says that its items are bundled."""
    return title.removesuffix(BUNDLED_MARK)


def user_turn(*parts: Any) -> tuple[Turn, ...]:
    """One turn of the user's, empty text left out."""
    return (Turn("user", tuple(part for part in parts if not isinstance(part, str) or part)),)
