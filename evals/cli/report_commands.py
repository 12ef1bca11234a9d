"""What the commands that ask nobody say: tasks and groups, prompts, newest results, a run under other scorers."""

from __future__ import annotations

from pathlib import Path

from evals import result_files
from evals.cli.run_commands import Job
from evals.item_runner import shown_prompt
from evals.markdown_table import table
from evals.report import text_tables
from evals.run_journal import RunJournal, read_plan
from evals.scoring import pick_scorers, score_records
from evals.task_data import open_media, selected_examples
from evals.tasks import GROUPS, TASKS
from vita.errors import InputError


def rescore_run(folder: Path, scorer: str) -> str:
    """A run's answers under other scorers, as a table.

    Raises:
        InputError: the folder is no run's, or its plan is broken.
    """
    if not (folder / "plan.json").is_file():
        raise InputError(f"{folder} is no run; give a folder run_… below the output path.")
    plan = read_plan(folder)
    journal = RunJournal(folder)
    rows = []
    for name in plan["tasks"]:
        task = TASKS[name]
        for each in pick_scorers(task, scorer, has_judge=plan["judge"]):
            result = score_records(task, each, journal.records_of(name))
            found = result.headline_value
            rows.append(
                (task.title, each.name, f"{found.value:.2f}", str(found.n), str(result.failed_items), each.version)
            )
    return table(("task", "scorer", "value", "items", "failed", "version"), rows)


def list_tasks(what: str) -> str:
    """Tasks or groups as text."""
    if what == "groups":
        return table(("group", "tasks"), [(name, ", ".join(members)) for name, members in GROUPS.items()])
    if what == "bundled":
        return table(("task", "title"), [(name, TASKS[name].title) for name in GROUPS["bundled"]])
    return text_tables.of_tasks(TASKS.values())


def newest_results(path: Path) -> Path:
    """The results file that a path means: itself, or the newest below it.

    Raises:
        InputError: there is none.
    """
    if path.is_file():
        return path
    found = result_files.find_results(path)
    if not found:
        raise InputError(f"There are no results below {path}; `python -m evals run … --output_path {path}` makes some.")
    return found[0]


def describe_tasks(job: Job, prompts: bool) -> str:
    """Each task's configuration, or its first prompt."""
    texts = []
    for task in job.tasks:
        if prompts:
            example = next(selected_examples(task, job.selection))
            turns = task.prompt(open_media(example.row, task.source.media), example.shots)
            texts.append(f"--- {task.name}\n{shown_prompt(turns)}")
        else:
            scorers = ", ".join(f"{scorer.name} ({scorer.version})" for scorer in task.scorers)
            texts.append(f"--- {task.name}\n{task.title}; {task.source}\nscorers: {scorers}\n{task.note}".rstrip())
    return "\n".join(texts)
