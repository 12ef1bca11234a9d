"""Rows: order, limits, shots, folders, media that are read late, and what is said where data is not there."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from evals import task_data
from evals.task import DataSource
from evals.task_data import Selection, TaskExample, expected_rows, open_media, plain_row, selected_examples
from evals.tasks import TASKS
from vita.errors import InputError, MediaError
from vita.media import Picture

MME = TASKS["mme"]


@pytest.fixture
def folder(tmp_path):
    """Three pairs of MME's and a picture, as --data wants them."""
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a.png")
    rows = [
        {"question_id": f"q{index // 2}", "image": "a.png", "question": "Is it?", "answer": "Yes", "category": "count"}
        for index in range(6)
    ]
    (tmp_path / "mme.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_a_limit_keeps_pairs_whole(folder):
    assert [example.index for example in selected_examples(MME, Selection(folder, limit=3))] == [0, 1, 2, 3]
    assert [example.index for example in selected_examples(MME, Selection(folder, limit=2))] == [0, 1]
    assert len(list(selected_examples(MME, Selection(folder)))) == 6


def test_a_limit_below_one_is_a_share_rounded_up(folder):
    assert [example.index for example in selected_examples(MME, Selection(folder, limit=0.2))] == [0, 1]
    assert expected_rows(MME, Selection(folder, limit=0.5)) == 4
    assert expected_rows(MME, Selection(folder)) == 6
    assert expected_rows(MME, Selection()) == 2374


def test_samples_pick_rows_by_their_index(folder):
    chosen = Selection(folder, samples={"mme": (1, 5)})
    assert [example.index for example in selected_examples(MME, chosen)] == [1, 5]
    assert expected_rows(MME, chosen) == 2


def test_media_are_read_when_asked_and_described_by_their_hash(folder):
    example = next(selected_examples(MME, Selection(folder)))
    assert example.row["image"] == str(folder / "a.png")
    assert isinstance(open_media(example.row, MME.source.media)["image"], Picture)
    described = plain_row(example, MME.source.media)["image"]
    assert described["path"] == "a.png", "relative to the data's folder"
    assert len(described["sha256"]) == 64
    in_row = TaskExample(0, {"image": {"bytes": (folder / "a.png").read_bytes(), "path": None}})
    assert plain_row(in_row, MME.source.media)["image"] == {"sha256": described["sha256"]}


def test_a_file_outside_of_the_datas_folder_is_described_by_its_name_alone(folder):
    example = TaskExample(0, {"image": str(folder / "a.png")}, root=folder / "elsewhere")
    assert plain_row(example, MME.source.media)["image"]["path"] == "a.png"
    assert plain_row(TaskExample(0, {"image": str(folder / "a.png")}), MME.source.media)["image"]["path"] == "a.png"


def test_a_row_without_its_file_is_a_media_error():
    with pytest.raises(MediaError):
        open_media({"image": {"bytes": None, "path": None}}, MME.source.media)


def test_data_that_is_not_there_says_how_to_get_it(tmp_path):
    task = TASKS["wenetspeech_test_net"]
    with pytest.raises(InputError, match=r"wenet\.org\.cn"):
        list(selected_examples(task, Selection(tmp_path)))
    with pytest.raises(InputError, match="not on the Hub"):
        list(selected_examples(TASKS["state_tokens"], Selection()))


def test_the_hub_is_read_by_id_configuration_split_and_revision(monkeypatch):
    asked = []

    class Stream:
        def __init__(self, rows):
            self.rows, self.features = rows, {"audio": None}

        def cast_column(self, name, feature):
            asked.append((name, type(feature).__name__, feature.decode))
            return self

        def __iter__(self):
            return iter(self.rows)

    def load_dataset(name, config, *, split, revision, streaming):
        asked.append((name, config, split, revision, streaming))
        return Stream([{"text": f"{config} {split} {index}"} for index in range(2)])

    monkeypatch.setattr("datasets.load_dataset", load_dataset)
    source = DataSource("a/b", "x+y", "MIT", configs=("one", "two"), revision="abc", media={"audio": "sound"})
    rows = list(selected_examples(replace(MME, group=None, source=source), Selection()))
    assert [example.row["text"] for example in rows[:4]] == ["one x 0", "one y 0", "two x 0", "two y 0"]
    assert len(rows) == 8
    assert rows[0].row[task_data.PART] == "one"
    assert ("a/b", "one", "x", "abc", True) in asked
    assert ("audio", "Audio", False) in asked


def test_a_hub_that_fails_is_an_input_error(monkeypatch):
    def load_dataset(*_, **__):
        raise ConnectionError("no route")

    monkeypatch.setattr("datasets.load_dataset", load_dataset)
    with pytest.raises(InputError, match="could not be read"):
        list(selected_examples(TASKS["gsm8k"], Selection()))


def test_shots_come_from_the_same_part():
    rows = {example.row["subject"]: example.shots for example in selected_examples(TASKS["mmlu_bundled"], Selection())}
    assert len(rows["elementary_mathematics"]) == 2
    assert rows["astronomy"] == ()
    assert not next(selected_examples(TASKS["mmlu_bundled"], Selection(shots=0))).shots


def test_parquet_folders_are_read_too(tmp_path):
    import pandas

    (tmp_path / "gsm8k").mkdir()
    pandas.DataFrame({"question": ["1+1?"], "answer": ["#### 2"]}).to_parquet(tmp_path / "gsm8k/test.parquet")
    rows = list(selected_examples(TASKS["gsm8k"], Selection(tmp_path, shots=0)))
    assert rows[0].row["question"] == "1+1?"
    assert np.shape(rows) == (1,)
