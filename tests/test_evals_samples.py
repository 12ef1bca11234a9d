"""Samples: which are wrong, failed or changed, and runs that are taken away."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import json
import zipfile
from pathlib import Path

import pytest

from evals import result_files, run_journal
from evals.cli import run_commands
from evals.contestants import contestant_from_arguments, local_contestant
from evals.report import sample_scores, sample_tables
from evals.task import BUNDLED
from evals.task_data import Selection
from evals.task_runner import LocalExecutor
from evals.tasks import select_tasks
from tests.fakes import FakeEngine
from vita.errors import InputError


def sample(doc_id: int, value: float, metric: str = "acc", error: str = "", scorer: str = "none", answer: str = ""):
    return {
        "doc_id": doc_id, "metrics": [metric], metric: value, "error": error, "filter": scorer, "seconds": 1.0,
        "resps": [[answer]], "filtered_resps": [answer[:1]], "target": "a bee",
        "arguments": {"gen_args_0": {"arg_0": f"Which animal is number {doc_id}?"}},
    }  # fmt: skip


ONE = [sample(0, 1.0, answer="A Bee."), sample(1, 0.0, answer="A wasp."), sample(2, 0.0, error="MediaError: gone")]
OTHER = [
    sample(0, 0.0, answer="A fly."),
    sample(1, 0.0, answer="A fly."),
    sample(2, 1.0, answer="A bee."),
    sample(3, 0.0),
]


def picked(show: str, other=(), wanted: str = "") -> list[int]:
    return [one["doc_id"] for one in sample_tables.pick_samples(ONE, show, other, wanted)]


def test_samples_are_picked_by_what_is_the_matter_with_them():
    assert picked("all") == [0, 1, 2]
    assert picked("wrong") == [1, 2]
    assert picked("failed") == [2]


def test_samples_are_held_against_another_runs():
    assert picked("differs", OTHER) == [0, 1, 2], "item 1 is as wrong as before, and answered otherwise"
    assert picked("better", OTHER) == [0]
    assert picked("worse", OTHER) == [2]
    for show in sample_tables.COMPARED:
        assert picked(show, ONE) == []
        assert picked(show) == []


def test_samples_are_found_by_their_words_and_their_number():
    assert picked("all", wanted="WASP a") == [1]
    assert picked("all", wanted="number 2") == [2]
    assert picked("all", wanted=" bee ") == [0, 1, 2], "the reference has it"
    assert picked("all", wanted="#1") == [1]
    assert picked("wrong", wanted="#0") == []


def test_two_scorers_are_not_compared_with_each_other():
    one, other = sample(0, 1.0, scorer="a"), sample(0, 0.0, scorer="b")
    assert not sample_scores.is_better(one, other)
    assert not sample_scores.is_better(other, one)


def test_error_rates_are_better_where_they_are_lower():
    def heard(edits: float):
        return {**sample(0, edits, "substitutions"), "deletions": 0.0, "insertions": 0.0, "length": 8.0}

    assert sample_scores.is_better(heard(1.0), heard(2.0))
    assert not sample_scores.is_better(heard(2.0), heard(2.0))
    assert sample_scores.item_score(heard(2.0)).value == 25.0
    assert sample_scores.item_score(heard(0.0) | {"length": 0.0}).value == 0.0


def test_of_conversations_the_wait_is_told_not_how_long_they_lasted():
    held = {**sample(0, 1.0, "took_turn"), "latency": 0.4, "doc": {"recording": {}}, "first_token_seconds": 0.0}
    silent = {**sample(1, 0.0, "took_turn"), "doc": {"recording": {}}, "first_token_seconds": 0.0}
    assert sample_tables.sample_seconds([held, silent]) == [0.4]
    assert sample_tables.sample_seconds([held, silent], "first_token_seconds") == []
    assert sample_tables.sample_seconds(ONE) == [1.0, 1.0]


@pytest.mark.parametrize(
    ("one", "wrong"),
    [
        ({"metrics": ["substitutions"], "substitutions": 0.0, "deletions": 0.0, "insertions": 1.0}, True),
        ({"metrics": ["substitutions"], "substitutions": 0.0, "deletions": 0.0, "insertions": 0.0}, False),
        ({"metrics": ["mark"], "mark": 4.0}, True),
        ({"metrics": ["mark"], "mark": 5.0}, False),
        ({"metrics": ["mer"], "mer": 0.1}, True),
    ],
)
def test_what_wrong_means_depends_on_the_metric(one, wrong):
    assert sample_scores.is_wrong(one) is wrong


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """The results file of a run over two tasks."""
    tasks = select_tasks(["mme_bundled", "librispeech_dev_clean_bundled"])
    job = run_commands.Job(
        contestant_from_arguments("simulated", ""), tasks, output=tmp_path_factory.mktemp("run"), log_samples=True
    )
    return asyncio.run(run_commands.run_job(job)).path


def test_the_table_names_what_is_bundled(path):
    rows = list(csv.DictReader(io.StringIO(sample_tables.as_csv([result_files.read_results(path)]))))
    assert [row["task"] for row in rows] == ["mme_bundled", "librispeech_dev_clean_bundled"]
    assert {row["bundled"] for row in rows} == {"True"}
    assert float(rows[1]["low"]) <= float(rows[1]["value"]) <= float(rows[1]["high"])
    assert rows[0]["low"] == ""
    assert [row["unit"] for row in rows] == ["points", "%"]
    assert {(row["limit"], row["seed"], row["data"]) for row in rows} == {("", "0", "bundled")}
    assert all(row["started"].startswith("20") for row in rows)


def test_a_run_is_packed_with_its_samples(path, tmp_path):
    with zipfile.ZipFile(sample_tables.as_zip(path, tmp_path / "run.zip")) as archive:
        names = archive.namelist()
    assert len(names) == 3
    assert names[0] == path.name
    assert len(sample_tables.item_seconds(path, ["mme_bundled"])) == 16


def test_what_was_said_in_its_conversations_is_packed_too(path, tmp_path):
    folder = run_journal.recordings_folder(run_journal.run_of(path))
    folder.mkdir()
    said = run_journal.recording_path(folder, "talk", 3)
    said.write_bytes(b"OggS")
    with zipfile.ZipFile(sample_tables.as_zip(path, tmp_path / "run.zip")) as archive:
        assert archive.namelist()[3:] == ["recordings/talk_3.ogg"]
        assert archive.read("recordings/talk_3.ogg") == b"OggS"
    said.unlink()
    folder.rmdir()


def test_no_path_of_this_machine_leaves_it(tmp_path, monkeypatch):
    monkeypatch.setattr(run_commands, "hash_of", lambda contestant: "0" * 64)
    data, model = tmp_path / "data", tmp_path / "checkpoints/mine"
    (data / "p").mkdir(parents=True)
    model.mkdir(parents=True)
    rows = [{"image": name, "question": "?", "answer": "Yes", "category": "x", "question_id": "1"}
            for name in ("p/a.png", "p/gone.png")]  # fmt: skip
    (data / "p/a.png").write_bytes((BUNDLED / "media/red_circle.png").read_bytes())
    (data / "mme.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    contestant = local_contestant(str(model))
    job = run_commands.Job(
        contestant,
        select_tasks(["mme", "ocrbench_bundled"]),
        Selection(data),
        output=tmp_path / "out",
        log_samples=True,
    )
    broken = itertools.cycle(["yes", FileNotFoundError(2, "No such file", str(data / "p/x.png"))])
    outcome = asyncio.run(run_commands.run_job(job, executor=LocalExecutor(FakeEngine(lambda request: next(broken)))))
    assert outcome.path.parent == tmp_path / "out/mine"
    with zipfile.ZipFile(sample_tables.as_zip(outcome.path, tmp_path / "run.zip")) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "No such file: 'x.png'" in text, "the error names the file all the same"
    assert '"media/' in text
    for place in (tmp_path, BUNDLED, Path.home(), Path.cwd()):
        assert str(place) not in text


def test_a_run_is_pushed_file_by_file_with_the_token(path, monkeypatch):
    calls = []

    class Api:
        def __init__(self, token):
            calls.append(token)

        def create_repo(self, repo, **options):
            calls.append((repo, options["repo_type"], options["private"]))

        def upload_file(self, path_or_fileobj, path_in_repo, **_):
            calls.append(path_in_repo)

    monkeypatch.setattr("huggingface_hub.HfApi", Api)
    assert sample_tables.push_to_hub(path, "me/runs", "secret") == "https://huggingface.co/datasets/me/runs"
    assert calls[:2] == ["secret", ("me/runs", "dataset", True)]
    assert calls[2] == f"simulated/{path.name}"
    assert len(calls) == 5


def test_a_hub_that_refuses_is_an_input_error(path, monkeypatch):
    def refuse(*_, **__):
        raise OSError("no route")

    monkeypatch.setattr("huggingface_hub.HfApi.create_repo", refuse)
    with pytest.raises(InputError, match="did not take it"):
        sample_tables.push_to_hub(path, "me/runs", "secret")
