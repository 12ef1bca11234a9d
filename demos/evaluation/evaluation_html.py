"""Runs and results as HTML. Pure; colours come from the page's variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from demos.evaluation.run_titles import run_stamp
from demos.evaluation.run_views import RunView, TaskView
from demos.i18n.translation import Language, say_in, translated_error
from evals.task import Task, plain_title
from evals.tasks import TASKS


def note_html(key: str, language: Language, **values: object) -> str:
    """One sentence where there is nothing else to show."""
    return f'<p class="ev-note">{escape(say_in(key, language, **values))}</p>'


def empty_html(language: Language) -> str:
    """In place of a run where there is none."""
    title, todo = escape(say_in("evaluate.none", language)), escape(say_in("evaluate.none.todo", language))
    return f'<div class="ev-run ev-empty"><h4>{title}</h4><p>{todo}</p></div>'


def progress_html(view: RunView, title: str, note: str, language: Language) -> str:
    """A run: its name, phase, pace, and a bar for each task with its score so far.

    Args:
        title: see ``run_title``.
        note: what somebody noted of it.
    """
    key = f"run.is.{view.phase}"
    head = f'<b>{escape(title)}</b> <span class="ev-when">{escape(run_stamp(view.id))}</span>'
    if any(TASKS[task.name].bundled for task in view.tasks):
        head += f' <span class="ev-mark">{escape(say_in("run.bundled", language))}</span>'
    chip = f'<span class="ev-chip {view.phase}">{escape(say_in(key, language))}</span>'
    line = "".join(f"<span>{escape(fact)}</span>" for fact in _progress_facts(view, language))
    trouble = f'<p class="ev-trouble">{escape(translated_error(view.error, language))}</p>' if view.error else ""
    if view.phase in ("stopped", "failed", "elsewhere"):
        trouble += note_html(f"run.{view.phase}.todo", language)
    noted = f'<p class="ev-noted">{escape(note)}</p>' if note else ""
    rows = "".join(_task_html(task, language) for task in view.tasks)
    return (
        f'<div class="ev-run" data-phase="{view.phase}"><div class="ev-head">{head}{chip}</div>'
        f'<div class="facts ev-facts">{line}</div>{noted}{trouble}<div class="ev-tasks">{rows}</div></div>'
    )


def _progress_facts(view: RunView, language: Language) -> list[str]:
    """How far, how fast, how long still, and what failed."""
    done, total = sum(task.done for task in view.tasks), sum(task.total for task in view.tasks)
    facts = [say_in("run.done", language, done=done, total=total or "?")]
    if view.phase == "running" and view.rate:
        facts.append(say_in("run.rate", language, rate=f"{view.rate:.2g}" if view.rate < 10 else f"{view.rate:.0f}"))
        if view.seconds_left is not None:
            facts.append(say_in("run.left", language, left=clock_time(view.seconds_left)))
    if failed := sum(task.failed for task in view.tasks):
        facts.append(say_in("run.failed", language, failed=failed))
    return facts


def _task_html(task: TaskView, language: Language) -> str:
    percent = 100 * task.done / task.total if task.total else 0
    count = f"{task.done}/{task.total}" if task.total else str(task.done)
    failed = f" <em>{escape(say_in('run.failed', language, failed=task.failed))}</em>" if task.failed else ""
    left = f" · {clock_time(task.seconds_left)}" if task.seconds_left and task.done < task.total else ""
    score = "–" if task.score is None else score_text(task.score, task.unit, task.best)
    title = (
        f' title="{format_number(task.interval[0])} … {format_number(task.interval[1])} (95 %)"'
        if task.interval
        else ""
    )
    return (
        f'<div class="ev-task"><span class="ev-name">{escape(plain_title(TASKS[task.name].title))}</span>'
        f'<span class="ev-count">{count}{left}{failed}</span><span class="ev-score"{title}>{escape(score)}</span>'
        f'<span class="ev-bar"><b style="width:{percent:.1f}%"></b></span></div>'
    )


def results_only_html(title: str, note: str, id: str, language: Language) -> str:
    """In place of a run's progress where only its results are here."""
    chip = f'<span class="ev-chip done">{escape(say_in("run.is.done", language))}</span>'
    head = f'<b>{escape(title)}</b> <span class="ev-when">{escape(run_stamp(id))}</span>'
    noted = f'<p class="ev-noted">{escape(note)}</p>' if note else ""
    told = note_html("run.results.only", language)
    return f'<div class="ev-run" data-phase="done"><div class="ev-head">{head}{chip}</div>{noted}{told}</div>'


def clock_time(seconds: float) -> str:
    """``0:04:38``, or ``4:38`` below an hour."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def format_number(value: float) -> str:
    """Points without decimals, percents with one."""
    return f"{value:.0f}" if abs(value) >= 200 else f"{value:.1f}"


def score_text(value: float, unit: str, best: float) -> str:
    """A score with its unit, points with their maximum: "41.3 %", "1.25 s", "1320 / 2800"."""
    if unit == "s":
        return f"{value:.2f} s"
    return f"{format_number(value)} / {best:g}" if unit == "points" else f"{format_number(value)} %"


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
    return f"<p><b>{escape(plain_title(task.title))}</b> {' · '.join(fact for fact in facts if fact)}</p>"
