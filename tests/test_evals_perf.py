"""The figures of performance: what they are made from, with engines that are simulated."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import ClassVar

import pytest

from evals import __main__, perf_benchmark
from evals.simulated_engine import SimulatedEngine
from evals.task_runner import LocalExecutor


def test_a_round_asks_problems_that_no_cache_knows(tmp_path):
    rounds = [perf_benchmark._write_problems(tmp_path / str(number), number, 5) for number in range(3)]
    texts = [request.turns[0].text for requests in rounds for request in requests]
    assert len(texts) == len(set(texts)) == 15
    assert all(request.sampling.max_tokens == perf_benchmark.TOKENS for requests in rounds for request in requests)


def test_throughput_is_the_best_round_beside_the_best_offline_round(monkeypatch):
    monkeypatch.setattr(perf_benchmark, "build_engine", lambda contestant: SimulatedEngine(seconds=0.02))
    asked = []

    def offline(settings, batches):
        asked.extend(batches)
        return [(2.0, 100), (1.0, 100), (4.0, 100)]

    monkeypatch.setattr("vita.engine.offline_engine.time_offline", offline)
    found = perf_benchmark.measure_throughput("nano", 6)
    assert [len(batch) for batch in asked] == [6] * (perf_benchmark.ROUNDS + 1)
    assert found["offline_tokens_per_second"] == [50.0, 100.0, 25.0]
    assert len(found["eval_tokens_per_second"]) == perf_benchmark.ROUNDS
    assert found["eval_tokens"] == [24] * perf_benchmark.ROUNDS
    assert found["eval_throughput_ratio"] == pytest.approx(max(found["eval_tokens_per_second"]) / 100)


class Pretended:
    """In place of Ray workers: the simulated engine in this process, one of its answers changed where there are two."""

    made: ClassVar[list[Pretended]] = []
    spoilt = False

    def __init__(self, contestant, asking, workers: int, concurrency: int) -> None:
        self.workers, self.ready, self.closed = workers, False, False
        self._local = LocalExecutor(SimulatedEngine(), asking, concurrency=workers * concurrency)
        Pretended.made.append(self)

    async def prepare_workers(self) -> None:
        self.ready = True

    async def run(self, work):
        assert self.ready, "loading is not measured"
        async for records in self._local.run(work):
            spoil = self.spoilt and self.workers == 2
            yield [replace(record, answer="other") if spoil else record for record in records]

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def pretended(monkeypatch):
    monkeypatch.setattr(perf_benchmark, "RayExecutor", Pretended)
    monkeypatch.setattr(Pretended, "made", [])
    return Pretended


async def test_scaling_is_the_rate_of_two_workers_over_that_of_one_and_compares_every_answer(pretended, monkeypatch):
    seconds = iter([4.0, 2.0])

    async def rate(run, executor, items):
        await run.start_run(executor)
        return items / next(seconds)

    monkeypatch.setattr(perf_benchmark, "_items_per_second", rate)
    found = await perf_benchmark.measure_scaling(12)
    assert [made.workers for made in pretended.made] == [1, 2]
    assert all(made.closed for made in pretended.made)
    assert found == {"ray_scaling": 2.0, "ray_items_per_second": {1: 3.0, 2: 6.0}, "ray_results_equal": True}


async def test_answers_that_differ_between_one_and_two_workers_are_reported(pretended, monkeypatch):
    monkeypatch.setattr(pretended, "spoilt", True)
    found = await perf_benchmark.measure_scaling(4)
    assert found["ray_results_equal"] is False
    assert found["ray_scaling"] > 0


async def test_workers_are_ended_even_where_a_run_fails(pretended, monkeypatch):
    async def fail(run, executor, items):
        raise ZeroDivisionError

    monkeypatch.setattr(perf_benchmark, "_items_per_second", fail)
    with pytest.raises(ZeroDivisionError):
        await perf_benchmark.measure_scaling(4)
    assert pretended.made[0].closed


def test_only_the_parts_that_were_asked_for_are_measured(monkeypatch):
    async def scaling() -> dict:
        return {"ray_scaling": 1.9}

    monkeypatch.setattr(perf_benchmark, "measure_scaling", scaling)
    found = perf_benchmark.measure_performance("nano", 4, ["ray"])
    assert found["ray_scaling"] == 1.9
    assert "eval_throughput_ratio" not in found
    assert {"versions", "git", "machine"} <= set(found)


def test_figures_are_printed_and_written(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(perf_benchmark, "measure_throughput", lambda model, items: {"eval_throughput_ratio": 0.99})
    assert __main__.main(["perf", "--only", "throughput", "--output", str(tmp_path / "perf.json")]) == 0
    written = json.loads((tmp_path / "perf.json").read_text("utf-8"))
    assert written["eval_throughput_ratio"] == 0.99
    assert written["versions"]["python"]
    assert json.loads(capsys.readouterr().out) == written
