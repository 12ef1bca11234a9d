"""``python -m evals run|ls|report|compare|rescore|duplex|perf|talk``: benchmarks, with lm-eval's flags."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from evals import result_files
from evals.cli import options, report_commands, run_commands
from evals.conversation import recorded_full_duplex
from evals.markdown_table import table
from evals.report import text_tables
from evals.task_runner import TaskProgress
from vita.errors import VitaError


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 1 what was asked for cannot be, 3 stopped before the end."""
    try:
        found = options.parse_command_line(sys.argv[1:] if argv is None else argv)
        return _COMMANDS[found.command](found)
    except VitaError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _run_command(found: argparse.Namespace) -> int:
    if found.tasks == ["list"]:
        print(report_commands.list_tasks("tasks"))
        return 0
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    job = run_commands.job_of(found)
    run_commands.check_job(job)
    if found.write_out or found.show_config:
        print(report_commands.describe_tasks(job, prompts=found.write_out))
    if ignored := options.without_effect(found):
        print(f"note: {', '.join(ignored)} change nothing here", file=sys.stderr)
    if found.limit is not None:
        print("note: --limit is only for testing; the numbers are of a part of the data", file=sys.stderr)
    outcome = asyncio.run(_run_interruptible(job))
    if not outcome.complete:
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        return 3
    print(text_tables.of_results(outcome.content))
    if outcome.path:
        print(f"\nresults: {outcome.path}")
    return 0


async def _run_interruptible(job: run_commands.Job) -> run_commands.Outcome:
    """Run; the first Ctrl-C stops in order, the second one at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def end_run() -> None:
        stop.set()
        print("\nStopping; the same again ends at once.", file=sys.stderr)
        for name in signals:
            loop.remove_signal_handler(name)

    for name in signals:
        loop.add_signal_handler(name, end_run)
    return await run_commands.run_job(job, Ticker().show_progress, stop)


class Ticker:
    """One line on stderr for each task, rewritten on a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
        self._next = 0.0
        self._terminal = sys.stderr.isatty()

    def show_progress(self, progress: TaskProgress) -> None:
        """Show it, but not more often than eye or log can take."""
        last = progress.total and progress.done >= progress.total
        if time.monotonic() < self._next and not last:
            return
        self._next = time.monotonic() + (0.2 if self._terminal else 10.0)
        end = "\n" if last or not self._terminal else ""
        start = "\r\x1b[K" if self._terminal else ""
        print(f"{start}{progress_line(progress)}", end=end, file=sys.stderr, flush=True)


def progress_line(progress: TaskProgress) -> str:
    """``mme  120/2374  8.1/s  0:04:38 left  1 failed``."""
    total = f"/{progress.total}" if progress.total else ""
    left = "" if progress.seconds_left is None else f"  {_clock_time(progress.seconds_left)} left"
    failed = f"  {progress.failed} failed" if progress.failed else ""
    return f"{progress.task}  {progress.done}{total}  {progress.rate:.1f}/s{left}{failed}"


def _clock_time(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"


def _list_command(found: argparse.Namespace) -> int:
    print(report_commands.list_tasks(found.what))
    return 0


def _report_command(found: argparse.Namespace) -> int:
    path = report_commands.newest_results(found.path)
    print(f"{path}\n")
    print(text_tables.of_results(result_files.read_results(path)))
    if found.html:
        from evals.report.html_page import write_html

        write_html(found.html, path)
        print(f"\ncharts: {found.html}")
    return 0


def _compare_command(found: argparse.Namespace) -> int:
    one, other = (result_files.read_results(report_commands.newest_results(path)) for path in found.paths)
    print(text_tables.of_difference(one, other))
    return 0


def _rescore_command(found: argparse.Namespace) -> int:
    print(report_commands.rescore_run(found.run, found.scorer))
    return 0


def _duplex_command(found: argparse.Namespace) -> int:
    metrics = recorded_full_duplex.KINDS[found.kind](recorded_full_duplex.read_recordings(found.folder, found.people))
    rows = [(name, f"{one.value:.3f}", one.unit, str(one.n)) for name, one in metrics.items()]
    print(table((found.kind, "value", "unit", "n"), rows))
    return 0


def _perf_command(found: argparse.Namespace) -> int:
    from evals import perf_benchmark

    figures = perf_benchmark.measure_performance(
        found.model, found.items, [found.only] if found.only else ["throughput", "ray", "page"]
    )
    text = json.dumps(figures, indent=2)
    if found.output:
        found.output.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


def _talk_command(found: argparse.Namespace) -> int:
    from evals.conversation import talk_benchmark, talk_table

    def tell_line(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    def save_figures(figures: Mapping[str, Any]) -> None:
        if found.output:
            found.output.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")

    plan = talk_benchmark.TalkPlan(found.size, found.conversations, tuple(found.only), found.pictures)
    before = json.loads(found.output.read_text("utf-8")) if found.output and found.output.exists() else {}
    figures = talk_benchmark.starting_figures(plan, before)
    if before.get("parts") and not figures["parts"]:
        tell_line("what the file has was measured otherwise (size, code, versions or machine) and is replaced")
    figures = asyncio.run(talk_benchmark.measure_conversations(plan, figures, tell_line, save_figures, found.keep))
    print(talk_table.of_figures(figures))
    return 0


_COMMANDS = {
    "run": _run_command,
    "ls": _list_command,
    "report": _report_command,
    "compare": _compare_command,
    "rescore": _rescore_command,
    "perf": _perf_command,
    "duplex": _duplex_command,
    "talk": _talk_command,
}

if __name__ == "__main__":
    sys.exit(main())
