"""What people read of runs: tables, differences, samples, pages, scores by other scorers, the commands' texts."""

from __future__ import annotations

import asyncio
import copy
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import provenance, result_files
from evals.cli import report_commands, run_commands
from evals.contestants import Contestant, contestant_from_arguments, hash_of, parse_args, shown_args
from evals.item_runner import AskingOptions
from evals.markdown_table import table
from evals.report import figures, html_page, sample_scores, sample_tables, text_tables
from evals.report.published_numbers import ALL, published_rows
from evals.simulated_engine import SimulatedEngine
from evals.task_data import Selection
from evals.task_runner import LocalExecutor
from evals.tasks import LIVE, PUBLIC, TASKS, select_tasks
from tests.fakes import FakeEngine
from vita.errors import InputError, SettingsError

NAMES = ["gsm8k_bundled", "ocrbench_bundled", "librispeech_dev_clean_bundled"]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """A finished run over three tasks."""
    job = run_commands.Job(
        contestant_from_arguments("simulated", ""),
        select_tasks(NAMES),
        output=tmp_path_factory.mktemp("run"),
        log_samples=True,
    )
    return asyncio.run(run_commands.run_job(job))


@pytest.fixture
def content(outcome):
    return copy.deepcopy(result_files.read_results(outcome.path))


def cells(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]


@given(st.lists(st.tuples(st.text("ab 1", max_size=9), st.text("ab 1", max_size=9)), min_size=1, max_size=5))
def test_tables_are_as_wide_as_their_widest_cell(rows):
    lines = table(("name", "n"), rows).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert cells("\n".join(lines))[2:] == [[one.strip(), other.strip()] for one, other in rows]


def test_the_list_of_tasks_names_source_and_terms_of_each():
    rows = {row[0]: row for row in cells(text_tables.of_tasks(TASKS.values()))[2:]}
    assert set(rows) == set(PUBLIC) | set(LIVE)
    assert rows["full_duplex_pause"][2] == "a folder, held live"
    assert rows["mmvet"][-1] == "contains, judge*"
    assert rows["state_tokens"][2] == "bundled only"
    assert rows["ceval"][4] == "?"


def test_results_are_a_row_a_task(content):
    rows = cells(text_tables.of_results(content))
    assert [row[0] for row in rows[2:]] == ["GSM8K (bundled)", "OCRBench (bundled)", "LibriSpeech dev-clean (bundled)"]
    assert rows[3][3] == "", "points have no interval"
    assert "…" in rows[2][3]
    assert rows[0][-1] == "failed", "nothing published beside bundled tasks"


@pytest.mark.parametrize(
    ("value", "error", "mark"), [(60.0, 2.0, "+20.00*"), (42.0, 2.0, "+2.00"), (20.0, 2.0, "-20.00*"),
                                 (90.0, None, "+50.00")],
)  # fmt: skip
def test_a_difference_is_marked_only_beyond_both_errors(value, error, mark):
    headline = {"title": "T", "scorer": "s", "value": 40.0, "stderr": error}
    one = {"model_name": "a", "headlines": {"t": headline, "only here": headline}}
    other = {"model_name": "b", "headlines": {"t": headline | {"value": value}}}
    rows = cells(text_tables.of_difference(one, other))
    assert rows[0][1:3] == ["a", "b"]
    assert rows[2:] == [["T", "40.00", f"{value:.2f}", mark, ""]]


def test_a_difference_of_two_scorers_says_so_and_tells_two_runs_of_one_model_apart():
    one, other = (
        {"model_name": "m", "date": 60.0 * len(name),
         "headlines": {"t": {"title": "T", "scorer": name, "value": 1.0, "stderr": None}}}
        for name in ("strict", "flexible")
    )  # fmt: skip
    head, _, row = cells(text_tables.of_difference(one, other))
    assert row[-1] == "strict / flexible"
    assert head[1].startswith("m ")
    assert head[1] != head[2]


def test_bars_have_the_scale_of_their_task(content):
    bars = {bar.task: bar for bar in figures.headline_bars(content)}
    assert bars["ocrbench_bundled"].scale_top == content["n-samples"]["ocrbench_bundled"]["effective"]
    assert bars["librispeech_dev_clean_bundled"].lower_is_better
    assert not bars["gsm8k_bundled"].lower_is_better
    assert bars["ocrbench_bundled"].interval is None
    assert figures.headline_bars({}) == []


def test_sub_scores_are_those_of_the_first_scorer_without_their_errors(content):
    parts = figures.sub_scores(content, "librispeech_dev_clean_bundled")
    assert set(parts) == {"substitutions", "deletions", "insertions"}
    assert figures.sub_scores(content, "gsm8k_bundled") == {}


def test_a_page_of_public_numbers_has_no_note_on_bundled_ones(content):
    assert text_tables.BUNDLED_NOTE in html_page.charts_page(["run"], [content], [[]])
    content["bundled"] = dict.fromkeys(content["bundled"], False)
    assert text_tables.BUNDLED_NOTE not in html_page.charts_page(["run"], [content], [[]])


def test_published_numbers_are_looked_up_by_task():
    assert {number.task for number in published_rows("mmlu")} == {"mmlu"}
    assert "VITA" in {number.model for number in published_rows("mmlu")}
    assert published_rows("nothing") == ()
    for number in ALL:
        task = PUBLIC.get(number.task)
        top = {"mme": 2800, "ocrbench": 1000}.get(number.task, 100)
        assert number.value <= (5 if task and task.metric == "mark" else top), number


def test_samples_know_how_long_answered_items_took(outcome):
    lines = result_files.read_samples(outcome.path, "gsm8k_bundled")
    assert sample_tables.item_seconds(outcome.path, NAMES) == [
        line["seconds"] for name in NAMES for line in result_files.read_samples(outcome.path, name)
    ]
    assert sample_tables.item_seconds(outcome.path, ["not run"]) == []
    assert [sample_scores.is_wrong(line) for line in lines] == [line["exact_match"] < 1 for line in lines]
    assert sample_tables.pick_samples(lines, "differs", lines) == []


@given(st.floats(0, 1), st.floats(0, 1))
def test_better_one_way_is_worse_the_other_way(one, other):
    first, second = ([{"doc_id": 0, "filter": "f", "metrics": ["acc"], "acc": value, "resps": [[str(value)]]}]
                     for value in (one, other))  # fmt: skip
    better = sample_tables.pick_samples(first, "better", second)
    assert bool(better) == bool(sample_tables.pick_samples(second, "worse", first)) == (one > other)


def test_the_csv_has_a_line_for_each_run_and_task(content):
    text = sample_tables.as_csv([content, content | {"model_name": 'a, "b"'}])
    lines = text.splitlines()
    assert len(lines) == 1 + 2 * len(NAMES)
    assert lines[-1].startswith('"a, ""b""",librispeech_dev_clean_bundled,wer,whisper,')


def test_files_of_a_run_are_its_own(outcome, tmp_path):
    for name in ("results_1.json", "samples_a_1.jsonl", "samples_a_11.jsonl", "results_11.json"):
        (tmp_path / name).write_text("{}")
    assert [path.name for path in sample_tables.files_of(tmp_path / "results_1.json")] == [
        "results_1.json", "samples_a_1.jsonl",
    ]  # fmt: skip
    assert result_files.find_results(tmp_path)[0].name == "results_11.json"
    assert report_commands.newest_results(outcome.path) == outcome.path


def test_rescoring_gives_the_numbers_of_the_run_and_of_its_other_scorers(outcome):
    run = next(outcome.path.parent.glob("run_*"))
    rows = cells(report_commands.rescore_run(run, "all"))[2:]
    by_scorer = {(row[0], row[1]): row[2] for row in rows}
    assert len(rows) == sum(len(TASKS[name].scorers) for name in NAMES)
    for result in outcome.results:
        assert by_scorer[result.task.title, result.scorer.name] == f"{result.headline_value.value:.2f}"
    assert [row[1] for row in cells(report_commands.rescore_run(run, "strict-match"))[2:]] == [
        "strict-match", "contains", "whisper",
    ]  # fmt: skip


async def test_a_stopped_job_keeps_no_results_and_the_same_job_goes_on(tmp_path):
    job = run_commands.Job(Contestant("m", "simulated"), select_tasks(["gsm8k_bundled"]), output=tmp_path)
    stop = asyncio.Event()
    stop.set()
    first = await run_commands.run_job(job, stop=stop, executor=LocalExecutor(FakeEngine("1", paced=True)))
    assert (first.complete, first.path, result_files.find_results(tmp_path)) == (False, None, [])
    second = await run_commands.run_job(job, executor=LocalExecutor(FakeEngine("1")))
    assert second.complete
    assert len(list(tmp_path.glob("m/run_*"))) == 1


def test_what_is_asked_decides_whether_two_jobs_are_one():
    job = run_commands.Job(contestant_from_arguments("simulated", ""), select_tasks(["gsm8k_bundled"]))
    same = replace(job, concurrency=1, scorers="all", log_samples=True, workers=7)
    assert same.run_plan() == job.run_plan()
    for other in (
        replace(job, tasks=select_tasks(["mme_bundled"])),
        replace(job, selection=Selection(limit=1)),
        replace(job, selection=Selection(samples={"gsm8k_bundled": (1,)})),
        replace(job, asking=AskingOptions(seed=1)),
        replace(job, contestant=contestant_from_arguments("simulated", "seconds=1")),
        replace(job, judge="base_url=http://x"),
    ):
        assert json.dumps(other.run_plan()) != json.dumps(job.run_plan())
    assert AskingOptions(**job.run_plan()["asking"]) == job.asking


def test_configurations_and_prompts_are_described():
    job = run_commands.Job(contestant_from_arguments("simulated", ""), select_tasks(["mmvet_bundled"]))
    told = report_commands.describe_tasks(job, prompts=False)
    assert "scorers: contains (" in told
    assert "lmms-lab/MMVet" in told
    assert report_commands.describe_tasks(job, prompts=True).startswith("--- mmvet_bundled\n<picture ")


@pytest.mark.parametrize("scorers", ["", "all", "contains", {"mmvet_bundled": "judge"}])
def test_known_scorers_pass_the_check(scorers):
    run_commands.check_job(
        run_commands.Job(contestant_from_arguments("simulated", ""), select_tasks(["mmvet_bundled"]), scorers=scorers)
    )


def test_unknown_scorers_do_not():
    with pytest.raises(SettingsError, match="known are"):
        run_commands.check_job(
            run_commands.Job(
                contestant_from_arguments("simulated", ""), select_tasks(["mmvet_bundled"]), scorers={"mmvet": "guess"}
            )
        )


@pytest.mark.parametrize(
    ("text", "args"),
    [("", {}), (" a = 1 , b=-2.5", {"a": 1, "b": -2.5}), ("a", {"a": ""}), ("url=http://h/v1?x=1", {"url": "http://h/v1?x=1"}),
     ("a=False,b=1e3", {"a": False, "b": 1000.0})],
)  # fmt: skip
def test_model_arguments_become_what_they_look_like(text, args):
    assert parse_args(text) == args


def test_contestants_without_a_checkpoint_here_have_no_hash_and_keys_are_not_shown():
    assert hash_of(contestant_from_arguments("simulated", "")) is None
    assert hash_of(contestant_from_arguments("http://h/v1", "")) is None
    assert shown_args(contestant_from_arguments("remote", "base_url=http://h/v1,api_key=k")) == {
        "base_url": "http://h/v1",
        "api_key": "…",
    }
    assert SimulatedEngine().status.fraction == 1.0
    assert set(provenance.package_versions()) >= {"python", "torch", "jiwer"}
    assert "CPU cores" in provenance.machine_line()


def test_results_below_nothing_say_how_to_make_some(tmp_path):
    with pytest.raises(InputError, match="evals run"):
        report_commands.newest_results(tmp_path)
    with pytest.raises(InputError, match="another program"):
        text_tables.of_results({"results": {}})
