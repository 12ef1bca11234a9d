"""Tables of results as HTML: headline numbers of several runs, and how fast the runs were. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from demos.evaluation.evaluation_html import note_html, score_text
from demos.i18n.translation import Language, say_in
from evals.report.comparable import full_marks, headline_unit, is_scored, published_beside
from evals.report.text_tables import tiles_text
from evals.result_files import Content, bundled_part
from evals.scorers.sample_statistics import percentile_of
from evals.task import plain_title
from evals.tasks import TASKS


def results_table(names: Sequence[str], contents: Sequence[Content], bundled: bool, language: Language) -> str:
    """Headline numbers of several runs; beside those on real data what was published. "" where there are none."""
    kept = [bundled_part(content, bundled) for content in contents]
    tasks = list(dict.fromkeys(task for content in kept for task in content["headlines"]))
    if not tasks:
        return ""
    shows_tiles = any(tiles_text(task, content) for task in tasks for content in kept)
    columns = ("items", *(("tiles",) if shows_tiles else ()), "failed", "scorer")
    head = [
        say_in("results.head.task", language),
        *names,
        *(say_in(f"results.head.{name}", language) for name in columns),
    ]
    head += [] if bundled else ["VITA", "VITA-1.5"]
    cells = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    rows = "".join(_result_row(task, kept, bundled, shows_tiles) for task in tasks)
    mark = note_html("results.bundled" if bundled else "results.public", language)
    body = f"<thead><tr>{cells}</tr></thead><tbody>{rows}</tbody>"
    kind = "bundled" if bundled else "public"
    return (
        f'<div class="ev-part {kind}">{mark}<div class="ev-scroll" tabindex="0"><table class="ev-table">{body}</table>'
        "</div></div>"
    )


def _result_row(task: str, contents: Sequence[Content], bundled: bool, shows_tiles: bool) -> str:
    having = [content for content in contents if task in content["headlines"]]
    first = having[0]
    headline: Mapping[str, Any] = first["headlines"][task]
    lower = not first["higher_is_better"][task].get(headline["metric"], True)
    title = escape(f"{plain_title(headline['title'])}{' ↓' if lower else ''}")
    cells = [_score_cell(task, content) for content in contents]
    cells += [_joined(str(content["n-samples"][task]["effective"]) for content in having)]
    if shows_tiles:
        cells += [escape(" / ".join(dict.fromkeys(tiles_text(task, content) for content in having)))]
    cells += ["/".join(str(content["failures"][task]) for content in having)]
    cells += [escape(_joined(content["headlines"][task]["scorer"] for content in having))]
    if not bundled:
        others = {number.model: f"{number.value:g}" for number in reversed(published_beside(task, contents))}
        cells += [others.get("VITA", ""), others.get("VITA-1.5", "")]
    return f'<tr><th scope="row">{title}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _joined(values: Any) -> str:
    """What the runs have, once where it is the same for all."""
    return " / ".join(dict.fromkeys(values))


def _score_cell(task: str, content: Content) -> str:
    headline = content["headlines"].get(task)
    if headline is None or not is_scored(headline):
        return "–"
    unit, best = headline_unit(task, content), full_marks(task, content)
    interval = headline["interval"]
    spread = f"<small>{'–'.join(_bare_score(end, unit) for end in interval)}</small>" if interval else ""
    return f"<b>{escape(score_text(headline['value'], unit, best))}</b>{spread}"


def _bare_score(value: float, unit: str) -> str:
    return f"{value:.2f}" if unit == "s" else f"{value:.0f}" if abs(value) >= 200 else f"{value:.1f}"


@dataclass(frozen=True)
class RunSpeed:
    """How fast a run was.

    Attributes:
        seconds: that each item took, or its answer was waited for in a conversation; firsts: until its first token.
            Empty where samples were not kept, or there is no such moment.
    """

    name: str
    content: Content
    seconds: Sequence[float]
    firsts: Sequence[float]


def is_live_run(content: Content) -> bool:
    """Whether a run is of conversations."""
    return any(TASKS[task].live for task in content["headlines"] if task in TASKS)


def speed_table(runs: Sequence[RunSpeed], language: Language) -> str:
    """Latency and throughput of each run, over all of its items."""
    keys = ("p50", "p95", "first", "items", "tokens")
    head = "".join(f'<th scope="col">{escape(say_in(f"speed.{key}", language))}</th>' for key in keys)
    rows = "".join(map(_speed_row, runs))
    note = note_html("speed.live", language) if any(is_live_run(run.content) for run in runs) else ""
    return (
        f'{note}<div class="ev-scroll" tabindex="0"><table class="ev-table"><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def wait_text(seconds: float) -> str:
    """ "1.25 s", and "0.3 ms" where hundredths of a second would show as nothing."""
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1000 * seconds:.2g} ms"


def _speed_row(run: RunSpeed) -> str:
    speeds = [run.content["speed"][task] for task in run.content["headlines"]]
    waits = ((run.seconds, 0.5), (run.seconds, 0.95), (run.firsts, 0.5))
    cells = [wait_text(percentile_of(times, share)) if times else "–" for times, share in waits]
    rates = ("items_per_second", "completion_tokens_per_second")  # each task's share of one clock
    totals = [sum(speed.get(rate) or 0.0 for speed in speeds) for rate in rates]
    cells += ["–" if is_live_run(run.content) or not total else f"{total:.2f}" for total in totals]
    return f'<tr><th scope="row">{escape(run.name)}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
