"""The list of runs as HTML: each with its name, state, date and tasks, a link that shows it and one that compares it.

Links name what they show in the page's address; ``static/page/main.js`` follows them without loading the page again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from demos.evaluation.run_views import Phase
from demos.i18n.translation import Language, say_in

MOST = 4  # runs side by side
NAMED = 3  # tasks that a row names


@dataclass(frozen=True)
class RunRow:
    """A run as the list shows it.

    Attributes:
        when: as text, see ``run_stamp``.
        tasks: their titles.
        data: "bundled", "real", or both, see ``run_settings``.
        progress: share of its items that are done; None where that is not counted.
    """

    id: str
    title: str
    phase: Phase
    when: str
    tasks: Sequence[str]
    data: str
    note: str = ""
    progress: float | None = None


def run_list_html(rows: Sequence[RunRow], chosen: Sequence[str], language: Language) -> str:
    """All runs; those that are shown are marked, the first of them as the main one."""
    if not rows:
        return ""
    items = "".join(_row_html(row, chosen, language) for row in rows)
    return f'<ol class="ev-list" aria-label="{escape(say_in("runs.list", language), quote=True)}">{items}</ol>'


def _row_html(row: RunRow, chosen: Sequence[str], language: Language) -> str:
    is_shown = row.id in chosen
    mark = ' aria-current="true"' if is_shown else ""
    kind = "main" if chosen and row.id == chosen[0] else "shown" if is_shown else ""
    named = ", ".join(row.tasks[:NAMED])
    more = say_in("runs.more", language, count=len(row.tasks) - NAMED) if len(row.tasks) > NAMED else ""
    data = say_in("run.bundled", language) if row.data == "bundled" else ""
    facts = " · ".join(escape(fact) for fact in (row.when, f"{named}{more}", data, row.note.split("\n")[0]) if fact)
    bar = "" if row.progress is None else f'<span class="ev-bar"><b style="width:{100 * row.progress:.1f}%"></b></span>'
    return (
        f'<li class="ev-row {kind}"><a class="ev-pick" {run_link([row.id])}{mark}>{escape(row.title)}</a>'
        f'<span class="ev-chip {row.phase}">{escape(say_in(f"run.is.{row.phase}", language))}</span>'
        f"<small>{facts}</small>{_compare_link(row, chosen, language)}{bar}</li>"
    )


def _compare_link(row: RunRow, chosen: Sequence[str], language: Language) -> str:
    """Adds a run to those that are shown, or takes it out; nothing where it is the only one, or there is no room."""
    if row.id in chosen:
        key, runs = "runs.leave", [id for id in chosen if id != row.id]
    else:
        key, runs = "runs.compare", [*chosen, row.id]
    if not runs or len(runs) > MOST or runs == [row.id]:
        return ""
    name = escape(f"{say_in(key, language)}: {row.title}", quote=True)
    return f'<a class="ev-with" {run_link(runs)} aria-label="{name}">{escape(say_in(key, language))}</a>'


def run_link(ids: Sequence[str], **more: str) -> str:
    """The attributes of a link to these runs, and to what else ``more`` names of the address."""
    query = urlencode([("tab", "evaluate"), *(("runs", id) for id in ids), *more.items()], safe="/:")
    return f'href="?{escape(query, quote=True)}" data-address'
