"""Rows as they lie on the Hub and in folders: configurations, splits, examples, and what cannot be read."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pandas
import pytest

from evals import dataset_revisions
from evals.dataset_revisions import dataset_commits
from evals.task import DataSource
from evals.task_data import Selection, expected_rows, selected_examples
from evals.task_rows import PART, is_local, rows_of, shots_of
from evals.tasks import TASKS
from vita.errors import InputError

GSM8K, MMLU, CEVAL, AGIEVAL = (TASKS[name] for name in ("gsm8k", "mmlu", "ceval", "agieval"))


def parquet(path: Path, *questions: str, **columns: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pandas.DataFrame([{"question": text, "answer": "#### 1", **columns} for text in questions]).to_parquet(path)


@pytest.fixture
def hub(monkeypatch):
    """A Hub whose every split has three rows that name where they are from; what was asked and read is kept."""
    asked: list[tuple] = []
    read: list[str] = []

    class Stream:
        features = None

        def __init__(self, name):
            self.name = name

        def __iter__(self):
            for index in range(3):
                read.append(f"{self.name} {index}")
                yield {"question": read[-1], "answer": "#### 1"}

    def load_dataset(name, config, *, split, revision, streaming):
        asked.append((name, config, split, revision))
        return Stream(f"{config or name} {split}")

    monkeypatch.setattr("datasets.load_dataset", load_dataset)
    hub.asked, hub.read = asked, read
    return hub


def test_a_star_in_the_hubs_id_stands_for_the_configuration(hub):
    first = next(iter(selected_examples(AGIEVAL, Selection())))
    assert first.row[PART] == "gaokao-biology"
    assert hub.asked[0] == ("hails/agieval-gaokao-biology", None, "test", "main")
    assert len({name for name, *_ in hub.asked}) == 21


def test_without_the_package_datasets_the_hub_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(InputError, match="pip install datasets"):
        next(iter(selected_examples(GSM8K, Selection())))


def test_examples_on_the_hub_come_from_their_own_split_and_part(hub):
    found = next(iter(selected_examples(GSM8K, Selection(shots=2))))
    assert [shot["question"] for shot in found.shots] == ["main train 0", "main train 1"]
    found = next(iter(selected_examples(CEVAL, Selection(shots=1))))
    assert found.shots[0]["question"] == f"{found.row[PART]} dev 0"


def test_nothing_is_read_behind_the_last_row_that_is_wanted(hub):
    chosen = Selection(samples={"gsm8k": (0, 1)}, shots=0)
    assert [example.index for example in selected_examples(GSM8K, chosen)] == [0, 1]
    assert hub.read == ["main test 0", "main test 1"]
    assert expected_rows(GSM8K, chosen) == 2
    assert not list(selected_examples(GSM8K, Selection(samples={"gsm8k": ()})))


def test_parquet_files_of_other_splits_are_not_asked_about_but_shown(tmp_path):
    parquet(tmp_path / "gsm8k/main/train-00000-of-00001.parquet", "shown 1", "shown 2", "shown 3")
    parquet(tmp_path / "gsm8k/main/test-00000-of-00001.parquet", "asked")
    found = list(selected_examples(GSM8K, Selection(tmp_path, shots=2)))
    assert [example.row["question"] for example in found] == ["asked"]
    assert [shot["question"] for shot in found[0].shots] == ["shown 1", "shown 2"]
    assert expected_rows(GSM8K, Selection(tmp_path)) == 1


def test_parquet_folders_are_configurations_in_turn(tmp_path):
    for subject in ("law", "logic", "physician"):
        parquet(tmp_path / f"ceval/{subject}/val-00000-of-00001.parquet", f"{subject} 1", f"{subject} 2", A="x")
        parquet(tmp_path / f"ceval/{subject}/dev-00000-of-00001.parquet", f"{subject} shown")
    found = list(selected_examples(CEVAL, Selection(tmp_path, shots=1)))
    assert [example.row["question"] for example in found] == [
        "logic 1", "law 1", "physician 1", "logic 2", "law 2", "physician 2",
    ]  # fmt: skip
    assert all(example.shots[0]["question"] == f"{example.row[PART]} shown" for example in found)


@pytest.mark.parametrize("place", ["test.parquet", "test-0.parquet", "data/test-0.parquet", "main/test/0.parquet",
                                   "test/0.parquet", "main/test-00000-of-00001.parquet"])  # fmt: skip
def test_splits_are_told_by_name_or_folder(place, tmp_path):
    parquet(tmp_path / "gsm8k" / place, "asked")
    assert [row["question"] for row in rows_of(GSM8K, tmp_path)] == ["asked"]
    assert not list(shots_of(GSM8K, tmp_path, ""))


@pytest.mark.parametrize("place", ["train.parquet", "tests.parquet", "socratic/test-0.parquet", "rows.parquet"])
def test_files_of_another_split_or_configuration_are_refused_not_scored(place, tmp_path):
    parquet(tmp_path / "gsm8k" / place, "not asked")
    with pytest.raises(InputError, match=r"No \.parquet file below .* is of the split test"):
        list(rows_of(GSM8K, tmp_path))


def test_a_broken_line_is_named_and_empty_ones_are_passed_over(tmp_path):
    lines = ['{"question": "1", "answer": "#### 1"}', "", '{"question": ']
    (tmp_path / "gsm8k.jsonl").write_text("\n".join(lines[:2]))
    assert expected_rows(GSM8K, Selection(tmp_path)) == 1
    (tmp_path / "gsm8k.jsonl").write_text("\n".join(lines))
    with pytest.raises(InputError, match=r"Line 3 of .*gsm8k\.jsonl is no JSON"):
        list(rows_of(GSM8K, tmp_path))


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85"])
def test_a_text_that_parts_lines_is_one_row_and_counts_as_one_line(character, tmp_path):
    row = json.dumps({"question": f"one{character}two", "answer": "#### 1"}, ensure_ascii=False)
    (tmp_path / "gsm8k.jsonl").write_bytes(f"{row}\r\n{row}\n".encode())
    assert [found["question"] for found in rows_of(GSM8K, tmp_path)] == [f"one{character}two"] * 2
    (tmp_path / "gsm8k.jsonl").write_bytes(f"{row}\n{{".encode())
    with pytest.raises(InputError, match="Line 2 of"):
        list(rows_of(GSM8K, tmp_path))


def test_shots_of_a_jsonl_are_its_rows_of_the_same_part(tmp_path):
    rows = [{"question": f"{part} {split}", "subject": part, PART: part, "_split": split}
            for part in ("law", "logic") for split in ("dev", "test")]  # fmt: skip
    (tmp_path / "mmlu.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = {example.row[PART]: example.shots for example in selected_examples(MMLU, Selection(tmp_path))}
    assert {part: [shot["question"] for shot in shots] for part, shots in found.items()} == {
        "law": ["law dev"], "logic": ["logic dev"],
    }  # fmt: skip


def test_videos_lie_in_the_folder_while_their_rows_are_the_hubs(hub, tmp_path):
    task = TASKS["videomme"]
    task = replace(task, source=replace(task.source, locate=lambda row, folder: {**row, "video": str(folder)}))
    assert not is_local(task, tmp_path)
    assert expected_rows(task, Selection(tmp_path)) == 2700
    assert {row["video"] for row in rows_of(task, tmp_path)} == {str(tmp_path)}


def test_a_share_of_an_unknown_whole_is_refused():
    with pytest.raises(InputError, match="limit it to a whole number"):
        expected_rows(CEVAL, Selection(limit=0.5))
    assert expected_rows(CEVAL, Selection(limit=7)) == 7
    assert expected_rows(CEVAL, Selection()) == 0
    assert expected_rows(GSM8K, Selection(limit=0.5)) == 660
    assert expected_rows(GSM8K, Selection(limit=-1)) == 1319


class Api:
    """A Hub's index that knows one commit for every data set."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def dataset_info(self, repo, revision, timeout):
        self.asked.append((repo, revision))
        if "law" in repo:
            raise ConnectionError("no route")
        return type("Info", (), {"sha": "c" * 40})


def test_the_commit_that_a_name_stands_for_is_asked_of_the_hub(monkeypatch, caplog):
    monkeypatch.setattr("huggingface_hub.HfApi", Api)
    monkeypatch.setattr(Api, "asked", [])
    assert dataset_commits(GSM8K, None) == {"openai/gsm8k": "c" * 40}
    several = replace(GSM8K, source=DataSource("a/b-*", "test", "MIT", configs=("x", "law"), revision="v1"))
    assert dataset_commits(several, None) == {"a/b-x": "c" * 40, "a/b-law": None}
    assert Api.asked[-1] == ("a/b-law", "v1")
    assert "no route" in caplog.text, "a commit that is not told is no reason to stop"


def test_a_commit_is_its_own_and_data_that_lies_here_has_none(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.HfApi", None)
    pinned = replace(GSM8K, source=replace(GSM8K.source, revision="a" * 40))
    assert dataset_commits(pinned, None) == {"openai/gsm8k": "a" * 40}
    assert dataset_commits(GSM8K.on_bundled(), None) == {}
    assert dataset_commits(GSM8K, tmp_path) == {}
    assert dataset_revisions.dataset_commits(TASKS["state_tokens"], None) == {}


async def test_results_name_the_commit_that_was_read(hub, monkeypatch):
    from evals.cli import run_commands
    from evals.contestants import contestant_from_arguments

    monkeypatch.setattr("huggingface_hub.HfApi", Api)
    job = run_commands.Job(contestant_from_arguments("simulated", ""), (GSM8K,), Selection(limit=2, shots=0))
    outcome = await run_commands.run_job(job)
    metadata = outcome.content["configs"]["gsm8k"]["metadata"]
    assert (metadata["revision"], metadata["commits"]) == ("main", {"openai/gsm8k": "c" * 40})
    assert outcome.content["n-samples"]["gsm8k"] == {"original": 1319, "effective": 2}
