"""Scorers that raise: an item's failure, counted, and never the end of a run's scoring."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from evals import result_files
from evals.cli import report_commands, run_commands
from evals.contestants import contestant_from_arguments
from evals.report import sample_tables, text_tables
from evals.run_journal import ItemRecord
from evals.scoring import score_records
from evals.task import Scored, Scorer
from evals.task_totals import accuracy_total, right_or_wrong
from evals.tasks import TASKS

MME = TASKS["mme_bundled"]


def record(index: int, said: str | None, **doc: object) -> ItemRecord:
    error = "" if said is not None else "MediaError: gone"
    return ItemRecord("mme_bundled", index, doc, "", "", answer=said, error=error)


def picky(row, answer) -> Scored:
    """Raises for one answer; needs the row's own answer."""
    if answer.text == "bang":
        raise ZeroDivisionError("of a scorer")
    return right_or_wrong(answer.text, answer.text == row["answer"])


PICKY = Scorer("picky", "test", picky, accuracy_total("acc", lambda row: [row["part"]]))


def test_an_answer_that_a_scorer_cannot_take_is_one_failure_and_counts_as_missed(caplog):
    records = [record(0, "yes", answer="yes", part="a"), record(1, "bang", answer="yes", part="a"),
               record(2, None, answer="no", part="b")]  # fmt: skip
    found = score_records(MME, PICKY, records)
    assert found.metrics["acc"].value == pytest.approx(1 / 3)
    assert found.errors == ["", "Scorer picky: ZeroDivisionError: of a scorer", "MediaError: gone"]
    assert found.failed_items == 2
    assert "could not score 1 items" in caplog.text
    assert "ZeroDivisionError" in caplog.text, "with its trace"


def test_a_row_that_nobody_can_score_is_left_out_of_the_numbers_and_counted(caplog):
    records = [record(0, "yes", answer="yes", part="a"), record(1, "yes", part="a"), record(2, "no", answer="no")]
    found = score_records(MME, PICKY, records)
    assert (found.metrics["acc"].value, found.metrics["acc"].n) == (1.0, 1)
    assert found.errors[1:] == ["Scorer picky: KeyError: 'answer'", "Scorer picky: KeyError: 'part'"]
    assert found.scored[1] == Scored("", {})
    assert len(found.scored) == 3


def test_a_total_that_always_raises_fails_all_its_items():
    def total(judged):
        raise ValueError("of the total")

    found = score_records(MME, replace(PICKY, total=total), [record(0, "yes", answer="yes", part="a")])
    assert found.failed_items == 1
    assert found.headline_value.value == 0.0
    assert found.headline_interval is None


def test_a_total_that_fails_only_over_several_items_fails_them_all():
    def total(judged):
        if len(judged) > 1:
            raise ValueError("of two")
        return accuracy_total()(judged)

    found = score_records(
        MME, replace(PICKY, total=total), [record(n, "yes", answer="yes", part="a") for n in range(3)]
    )
    assert found.errors == ["Scorer picky: ValueError: of two"] * 3


def test_a_run_over_a_broken_row_ends_with_results_that_count_it(tmp_path):
    rows = [{"question": "1+1?", "answer": "#### 2"}, {"question": "2+2?"}, {"question": "3+3?", "answer": "#### 6"}]
    (tmp_path / "gsm8k.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    job = run_commands.Job(
        contestant_from_arguments("simulated", ""), (TASKS["gsm8k"],), output=tmp_path / "out", log_samples=True
    )
    selection = replace(job.selection, folder=tmp_path, shots=0)
    outcome = asyncio.run(run_commands.run_job(replace(job, selection=selection, scorers="all")))
    assert outcome.complete
    content = result_files.read_results(outcome.path)
    assert content["failures"] == {"gsm8k": 1}
    assert "| 1 " in text_tables.of_results(content)
    lines = result_files.read_samples(outcome.path, "gsm8k")
    failed = [line for line in lines if sample_tables.is_failed(line)]
    assert [line["doc_id"] for line in failed] == [1, 1, 1], "under each of the three scorers"
    assert all("KeyError" in line["error"] for line in failed)
    assert sample_tables.pick_samples(failed, "wrong") == failed
    assert "failed" in report_commands.rescore_run(next((tmp_path / "out").glob("simulated/run_*")), "all")
