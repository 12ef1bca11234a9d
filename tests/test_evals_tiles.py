"""Tiles that pictures are cut into: what each task asks for, what the model allows, and what results say of it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from demos.evaluation.results_tables import results_table
from evals import result_files
from evals.contestants import contestant_from_arguments, local_contestant, tile_bound
from evals.item_runner import AskingOptions, ask_item
from evals.report import sample_tables, text_tables
from evals.result_files import About
from evals.scoring import score_records
from evals.task import Metric
from evals.task_data import Selection, selected_examples
from evals.tasks import PUBLIC, TASKS
from tests.fakes import Answer, FakeEngine
from vita.engine.engine_protocol import Request
from vita.model.configuration import VITAConfig


def test_pictures_are_asked_about_in_upstreams_number_of_tiles():
    asked = {name: task.tiles for name, task in PUBLIC.items() if task.tiles is not None}
    own = {name: tiles for name, tiles in asked.items() if tiles != 6}
    assert own == {"mmmu": 12, "ocrbench": 24}
    assert {"mme", "hallusionbench", "mmstar", "mathvista", "mmvet", "ai2d", "mmbench_en"} <= asked.keys()
    assert not {"gsm8k", "videomme", "librispeech_test_clean"} & asked.keys(), "nothing there is cut into tiles"


@pytest.mark.parametrize(("name", "tiles"), [("mme_bundled", 6), ("ocrbench_bundled", 24), ("gsm8k_bundled", None)])
async def test_each_question_of_a_task_carries_its_number(name, tiles):
    asked: list[Request] = []

    def reply(request: Request) -> Answer:
        asked.append(request)
        return Answer("Yes")

    engine = FakeEngine(reply)
    await engine.start()
    await ask_item(engine, TASKS[name], next(selected_examples(TASKS[name], Selection())), AskingOptions())
    assert [request.max_tiles for request in asked] == [tiles]


def content_of(bound: int | None) -> dict[str, Any]:
    found = [score_records(TASKS[name], TASKS[name].scorers[0], []) for name in ("mme", "ocrbench", "gsm8k")]
    found = [replace(one, metrics={one.task.metric: Metric(0.5, None, "points", 3)}) for one in found]
    about = About("m", "vita", {}, {}, 0.0, 1.0, tile_bound=bound)
    return result_files.build_results(about, found)


@pytest.mark.parametrize(
    ("bound", "mme", "ocrbench", "used"),
    [(12, "6", "12 < 24", [6, 12]), (24, "6", "24", [6, 24]), (1, "1 < 6", "1 < 24", [1, 1]),
     (None, "≤ 6", "≤ 24", [None, None])],
)  # fmt: skip
def test_results_and_every_table_say_what_was_asked_for_and_what_the_model_allowed(bound, mme, ocrbench, used):
    content = content_of(bound)
    assert {name: tiles["asked"] for name, tiles in content["tiles"].items()} == {"mme": 6, "ocrbench": 24}
    assert [tiles["used"] for tiles in content["tiles"].values()] == used
    lines = [[cell.strip() for cell in line.split("|")] for line in text_tables.of_results(content).splitlines()]
    column = lines[0].index("tiles")
    assert [line[column] for line in lines[2:]] == [mme, ocrbench, ""]
    rows = csv.DictReader(io.StringIO(sample_tables.as_csv([content])))
    assert [row["tiles"] for row in rows] == [mme, ocrbench, ""]
    page = results_table(["m"], [content], False, "en")
    assert f"<td>{ocrbench.replace('<', '&lt;')}</td>" in page
    assert "每张图片的切块数" in results_table(["m"], [content], False, "zh")


def test_a_table_without_pictures_has_no_such_column():
    content = content_of(12)
    content["headlines"] = {"gsm8k": content["headlines"]["gsm8k"]}
    assert "tiles" not in text_tables.of_results(content)
    assert "Tiles" not in results_table(["m"], [content], False, "en")
    del content["tiles"]  # of a run before this was written down
    assert text_tables.tiles_text("gsm8k", content) == ""


def test_the_bound_is_the_checkpoints_and_unknown_of_a_server(monkeypatch, tmp_path):
    monkeypatch.setattr("vita.engine.engine_factory.find_checkpoint", lambda settings: tmp_path)
    monkeypatch.setattr(VITAConfig, "from_checkpoint", classmethod(lambda cls, folder: VITAConfig(max_tiles=9)))
    assert tile_bound(contestant_from_arguments("nano", "")) == 9
    assert tile_bound(contestant_from_arguments("http://host:1/v1", "")) is None
    assert tile_bound(contestant_from_arguments("simulated", "")) is None


def test_a_run_is_not_lost_for_a_checkpoint_that_is_gone_by_its_end(tmp_path):
    assert tile_bound(local_contestant(str(tmp_path))) is None
