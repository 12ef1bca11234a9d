"""The tab Evaluate with the gestures of a visitor, and runs for it to show."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from demos.evaluation.run_archive import RunArchive
from evals.cli import run_commands
from evals.contestants import contestant_from_arguments
from evals.report.sample_tables import pick_samples
from evals.tasks import select_tasks

TASKS = ["mmlu_bundled", "mme_bundled", "librispeech_dev_clean_bundled", "videomme_bundled", "state_tokens_bundled"]


class Bench:
    """The tab with the gestures of a visitor."""

    def __init__(self, visitor) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.open("Evaluate")
        self.progress = self.page.locator("#evaluate-progress .ev-run")
        self.progress.wait_for()

    def open(self, name: str) -> None:
        """A tab, from the menu where the page is too narrow to show it."""
        tab = self.page.get_by_role("tab", name=name, exact=True)
        hidden = self.page.locator(".overflow-dropdown button", has_text=name)
        self.page.wait_for_timeout(500)  # tabs are measured once they are drawn
        if hidden.count():
            hidden.locator("xpath=ancestor::*[contains(@class, 'overflow-menu')][1]/button").click()
            hidden.click()
        else:
            tab.click()

    def phase(self, name: str, timeout: float = 60_000) -> None:
        self.page.locator(f'.ev-run[data-phase="{name}"]').wait_for(timeout=timeout)

    def drawn(self, mark: str) -> None:
        """Wait for a chart in the open tab that has this mark; it may be a bar of no height."""
        chart = self.page.locator(".js-plotly-plot").locator("visible=true").filter(has=self.page.locator(mark))
        chart.first.wait_for(timeout=60_000)  # with the script that draws it


@dataclass(frozen=True)
class KeptResults:
    """Two runs, the newer one with another seed.

    Attributes:
        ids: newest first.
        differing: number of a sample of MME that both answered, and otherwise.
        counts: of MME's samples by the filter that shows them.
    """

    root: Path
    ids: tuple[str, str]
    differing: int
    counts: dict[str, int]


def kept_results(root: Path) -> KeptResults:
    """Ask the simulated contestant twice."""
    for seed in (0, 1):
        job = run_commands.Job(
            contestant_from_arguments("simulated", ""), select_tasks(TASKS), output=root, log_samples=True
        )
        job = replace(job, asking=replace(job.asking, seed=seed), seeds=(seed, 1234, 1234, 1234))
        with ThreadPoolExecutor(1) as aside:  # playwright has a loop in this thread
            aside.submit(asyncio.run, run_commands.run_job(job)).result()
    archive = RunArchive(root)
    newest, oldest = archive.run_ids()
    new, old = (archive.result_samples(id, "mme_bundled") for id in (newest, oldest))
    kinds = {"Answer differs": "differs", "Better": "better", "Worse": "worse"}
    differing = pick_samples(new, "differs", old)
    counts = {name: len(pick_samples(new, kind, old)) for name, kind in kinds.items()}
    assert counts["Answer differs"] > 0
    return KeptResults(root, (newest, oldest), differing[0]["doc_id"], counts)
