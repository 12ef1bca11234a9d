"""Runs and results as HTML. Pure; colours come from the page's variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from demos.evaluation.finished_runs import run_stamp
from demos.evaluation.run_manager import RunView, TaskView
from demos.i18n.translation import Language, say_in, translated_error
from evals.report.comparable import published_beside
from evals.report.text_tables import tiles_text
from evals.result_files import Content, bundled_part
from evals.scorers.sample_statistics import percentile_of
from evals.task import Task
from evals.tasks import TASKS


def note_html(key: str, language: Language, **values: object) -> str:
    """One sentence where there is nothing else to show."""
    return f'<p class="ev-note">{escape(say_in(key, language, **values))}</p>'


def empty_html(language: Language) -> str:
    """In place of a run where there is none."""
    title, todo = escape(say_in("evaluate.none", language)), escape(say_in("evaluate.none.todo", language))
    return f'<div class="ev-run ev-empty"><h4>{title}</h4><p>{todo}</p></div>'


def progress_html(view: RunView, language: Language) -> str:
    """A run: its model, phase, pace, and a bar for each task with its score so far."""
    key = f"run.is.{view.phase}"
    head = f'<b>{escape(view.model)}</b> <span class="ev-when">{escape(run_stamp(view.id))}</span>'
    if any(TASKS[task.name].bundled for task in view.tasks):
        head += f' <span class="ev-mark">{escape(say_in("run.bundled", language))}</span>'
    chip = f'<span class="ev-chip {view.phase}">{escape(say_in(key, language))}</span>'
    done, total = sum(task.done for task in view.tasks), sum(task.total for task in view.tasks)
    facts = [say_in("run.done", language, done=done, total=total or "?")]
    if view.phase == "running" and view.rate:
        facts.append(say_in("run.rate", language, rate=f"{view.rate:.2g}" if view.rate < 10 else f"{view.rate:.0f}"))
        if view.seconds_left is not None:
            facts.append(say_in("run.left", language, left=clock_time(view.seconds_left)))
    if failed := sum(task.failed for task in view.tasks):
        facts.append(say_in("run.failed", language, failed=failed))
    line = "".join(f"<span>{escape(fact)}</span>" for fact in facts)
    trouble = f'<p class="ev-trouble">{escape(translated_error(view.error, language))}</p>' if view.error else ""
    if view.phase in ("stopped", "failed", "elsewhere"):
        trouble += note_html(f"run.{view.phase}.todo", language)
    rows = "".join(_task_html(task, language) for task in view.tasks)
    return (
        f'<div class="ev-run" data-phase="{view.phase}"><div class="ev-head">{head}{chip}</div>'
        f'<div class="facts ev-facts">{line}</div>{trouble}<div class="ev-tasks">{rows}</div></div>'
    )


def _task_html(task: TaskView, language: Language) -> str:
    percent = 100 * task.done / task.total if task.total else 0
    count = f"{task.done}/{task.total}" if task.total else str(task.done)
    failed = f" <em>{escape(say_in('run.failed', language, failed=task.failed))}</em>" if task.failed else ""
    left = f" · {clock_time(task.seconds_left)}" if task.seconds_left and task.done < task.total else ""
    score = "–" if task.score is None else format_number(task.score)
    title = (
        f' title="{format_number(task.interval[0])} … {format_number(task.interval[1])} (95 %)"'
        if task.interval
        else ""
    )
    return (
        f'<div class="ev-task"><span class="ev-name">{escape(short_title(TASKS[task.name].title))}</span>'
        f'<span class="ev-count">{count}{left}{failed}</span><span class="ev-score"{title}>{score}</span>'
        f'<span class="ev-bar"><b style="width:{percent:.1f}%"></b></span></div>'
    )


def short_title(title: str) -> str:
    """A task's title where the place says already that its items are bundled."""
    return title.removesuffix(" (bundled)")


def clock_time(seconds: float) -> str:
    """``0:04:38``, or ``4:38`` below an hour."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def format_number(value: float) -> str:
    """Points without decimals, percents with one."""
    return f"{value:.0f}" if abs(value) >= 200 else f"{value:.1f}"


def needs_html(tasks: Sequence[Task], sizes: Mapping[str, int], language: Language) -> str:
    """What will run: each task's data, items and terms, and how to get what cannot be had freely.

    Args:
        sizes: items of each task under the limit; 0 where that is not known.
    """
    if not tasks:
        return note_html("evaluate.needs.none", language)
    known = all(sizes.get(task.name) for task in tasks)
    key = "evaluate.needs.sum" if known else "evaluate.needs.some"
    total = say_in(key, language, tasks=len(tasks), items=f"{sum(sizes.values()):,}")
    rows = "".join(_need_html(task, sizes.get(task.name, 0), language) for task in tasks)
    title = escape(say_in("evaluate.needs", language))
    return f'<details class="ev-needs"><summary>{title} <small>{escape(total)}</small></summary>{rows}</details>'


def _need_html(task: Task, size: int, language: Language) -> str:
    source = task.source
    if task.bundled:
        where = escape(say_in("evaluate.needs.bundled", language))
    elif not source.hub:
        where = escape(say_in("evaluate.needs.folder", language))
    elif "*" in source.hub:
        where = escape(source.hub)
    else:
        address = f"https://huggingface.co/datasets/{source.hub}"
        where = f'<a href="{escape(address, quote=True)}" target="_blank" rel="noopener">{escape(source.hub)}</a>'
    facts = [where, escape(say_in("evaluate.needs.items", language, items=f"{size:,}")) if size else ""]
    facts += [] if task.bundled else [escape(source.licence), escape(source.how_to_get)]
    facts.append(escape(task.note))
    return f"<p><b>{escape(short_title(task.title))}</b> {' · '.join(fact for fact in facts if fact)}</p>"


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
    cells = "".join(f"<th>{escape(text)}</th>" for text in head)
    rows = "".join(_result_row(task, kept, bundled, shows_tiles) for task in tasks)
    mark = note_html("results.bundled" if bundled else "results.public", language)
    body = f"<thead><tr>{cells}</tr></thead><tbody>{rows}</tbody>"
    kind = "bundled" if bundled else "public"
    return (
        f'<div class="ev-part {kind}">{mark}<div class="ev-scroll"><table class="ev-table">{body}</table></div></div>'
    )


def _result_row(task: str, contents: Sequence[Content], bundled: bool, shows_tiles: bool) -> str:
    having = [content for content in contents if task in content["headlines"]]
    first = having[0]
    headline: Mapping[str, Any] = first["headlines"][task]
    lower = not first["higher_is_better"][task].get(headline["metric"], True)
    cells = [escape(f"{short_title(headline['title'])}{' ↓' if lower else ''}")]
    cells += [_score_cell(content["headlines"].get(task)) for content in contents]
    cells += [str(first["n-samples"][task]["effective"])]
    if shows_tiles:
        cells += [escape(" / ".join(dict.fromkeys(tiles_text(task, content) for content in having)))]
    cells += ["/".join(str(content["failures"][task]) for content in having), escape(headline["scorer"])]
    if not bundled:
        others = {number.model: f"{number.value:g}" for number in reversed(published_beside(task, contents))}
        cells += [others.get("VITA", ""), others.get("VITA-1.5", "")]
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _score_cell(headline: Mapping[str, Any] | None) -> str:
    if headline is None:
        return "–"
    interval = headline["interval"]
    spread = f"<small>{format_number(interval[0])}–{format_number(interval[1])}</small>" if interval else ""
    return f"<b>{format_number(headline['value'])}</b>{spread}"


@dataclass(frozen=True)
class RunSpeed:
    """How fast a run was.

    Attributes:
        seconds: that each item took; firsts: until its first token. Empty where samples were not kept.
    """

    name: str
    content: Content
    seconds: Sequence[float]
    firsts: Sequence[float]


def speed_table(runs: Sequence[RunSpeed], language: Language) -> str:
    """Latency and throughput of each run, over all of its items."""
    keys = ("p50", "p95", "first", "items", "tokens")
    head = "".join(f"<th>{escape(say_in(f'speed.{key}', language))}</th>" for key in keys)
    rows = "".join(map(_speed_row, runs))
    return f'<div class="ev-scroll"><table class="ev-table"><thead><tr><th></th>{head}</tr></thead>{rows}</table></div>'


def _speed_row(run: RunSpeed) -> str:
    speeds = [run.content["speed"][task] for task in run.content["headlines"]]
    waits = ((run.seconds, 0.5), (run.seconds, 0.95), (run.firsts, 0.5))
    cells = [f"{percentile_of(times, share):.2f} s" if times else "–" for times, share in waits]
    rates = ("items_per_second", "completion_tokens_per_second")  # each task's share of one clock
    cells += [f"{sum(speed.get(rate) or 0.0 for speed in speeds):.2f}" for rate in rates]
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in (escape(run.name), *cells)) + "</tr>"
