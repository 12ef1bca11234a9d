"""What runs are called: their own name or their model, what is unusual in their settings, and when they began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from demos.i18n.translation import Language, say_in
from evals.report.run_settings import marked_settings
from evals.run_labels import RunLabel

LONG = 24  # characters of a setting that a title repeats; of longer ones it says only that they are there


def run_start(id: str) -> datetime | None:
    """When a run began, from its file's or folder's name; None where that does not say."""
    name = Path(id).stem if id.endswith(".json") else Path(id).name
    text = name.removeprefix("results_").removeprefix("run_")[:19]
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H-%M-%S")
    except ValueError:
        return None


def run_stamp(id: str) -> str:
    """``2026-11-21 23:15:02``, in no language, for lists."""
    moment = run_start(id)
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else Path(id).stem


def settings_marks(settings: Mapping[str, str], language: Language) -> list[str]:
    """What is unusual in a run's settings, in few words each: "0-shot", "5 items a task"."""
    return [
        say_in(f"mark.{name}", language, value=value if len(value) <= LONG else "…")
        for name, value in marked_settings(settings).items()
    ]


def run_title(label: RunLabel, settings: Mapping[str, str], language: Language) -> str:
    """The run's own name, or its model; with what is unusual in its settings."""
    return " · ".join([label.name or settings.get("model", ""), *settings_marks(settings, language)])


def distinct_titles(titles: Sequence[str], ids: Sequence[str]) -> list[str]:
    """What runs that are shown together are called: the title, its time where two have it, and a number at last."""
    names = [
        f"{title} · {run_stamp(id)}" if titles.count(title) > 1 else title
        for title, id in zip(titles, ids, strict=True)
    ]
    return [
        f"{name} · {names[: place + 1].count(name)}" if names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]
