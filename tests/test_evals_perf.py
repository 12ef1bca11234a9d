"""The figures of performance: what they are made from, with engines that are simulated."""

from __future__ import annotations

import json

import pytest

from evals import __main__, perf
from evals.simulated import SimulatedEngine


def test_a_round_asks_problems_that_no_cache_knows(tmp_path):
    rounds = [perf._requests(tmp_path / str(number), number, 5) for number in range(3)]
    texts = [request.turns[0].text for requests in rounds for request in requests]
    assert len(texts) == len(set(texts)) == 15
    assert all(request.sampling.max_tokens == perf.TOKENS for requests in rounds for request in requests)


def test_throughput_is_the_best_round_beside_the_best_offline_round(monkeypatch):
    monkeypatch.setattr(perf, "build", lambda contestant: SimulatedEngine(seconds=0.02))
    asked = []

    def offline(settings, batches):
        asked.extend(batches)
        return [(2.0, 100), (1.0, 100), (4.0, 100)]

    monkeypatch.setattr("vita.engine.offline.time_offline", offline)
    found = perf.throughput("nano", 6)
    assert [len(batch) for batch in asked] == [6] * (perf.ROUNDS + 1)
    assert found["offline_tokens_per_second"] == [50.0, 100.0, 25.0]
    assert len(found["eval_tokens_per_second"]) == perf.ROUNDS
    assert found["eval_tokens"] == [24] * perf.ROUNDS
    assert found["eval_throughput_ratio"] == pytest.approx(max(found["eval_tokens_per_second"]) / 100)


def test_the_journal_costs_little_beside_the_model(monkeypatch, tmp_path):
    """Two waves of 32 items take a second of model time; asking, writing and fsync may take half as long again."""
    monkeypatch.setattr(perf, "build", lambda contestant: SimulatedEngine(seconds=0.5, parallel=32))
    monkeypatch.setattr("vita.engine.offline.time_offline", lambda settings, batches: [(1.0, 256)])
    found = perf.throughput("nano", 64)
    assert max(found["eval_tokens_per_second"]) > 256 * 0.67


def test_figures_are_printed_and_written(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(perf, "throughput", lambda model, items: {"eval_throughput_ratio": 0.99})
    assert __main__.main(["perf", "--only", "throughput", "--output", str(tmp_path / "perf.json")]) == 0
    written = json.loads((tmp_path / "perf.json").read_text("utf-8"))
    assert written["eval_throughput_ratio"] == 0.99
    assert written["versions"]["python"]
    assert json.loads(capsys.readouterr().out) == written
