"""A run over Ray workers gives what one process gives."""

from __future__ import annotations

import warnings

import pytest

from evals.contestants import named
from evals.item_runner import Asking
from evals.perf_benchmark import scaling
from evals.ray_workers import Ray, Worker
from evals.run_journal import Journal
from evals.task_data import Selection
from evals.task_runner import Local, Run
from evals.tasks import select

pytestmark = pytest.mark.engine

ray = pytest.importorskip("ray", reason="Ray is not installed")
TASKS = ["mme_bundled", "gsm8k_bundled", "ocrbench_bundled"]
TIMES = ("seconds", "first_token_seconds", "at", "started")


@pytest.fixture(scope="module")
def cluster():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
        yield
        ray.shutdown()


def shown(journal: Journal) -> list[dict]:
    return [
        {name: value for name, value in vars(record).items() if name not in TIMES}
        for task in TASKS
        for record in journal.of(task)
    ]


@pytest.mark.filterwarnings("ignore")
async def test_two_workers_give_the_records_of_one_process(cluster, tmp_path):
    contestant = named("simulated", "")
    alone = Run(select(TASKS), Selection(), Journal(tmp_path / "alone"))
    await alone.start(Local(Worker(contestant, Asking(seed=1), 4)._engine, Asking(seed=1), concurrency=4))
    spread = Run(select(TASKS), Selection(), Journal(tmp_path / "spread"))
    workers = Ray(contestant, Asking(seed=1), workers=2, concurrency=4)
    try:
        assert await spread.start(workers)
    finally:
        workers.close()
    assert shown(spread.journal) == shown(alone.journal)
    assert len(shown(alone.journal)) == 25


@pytest.mark.filterwarnings("ignore")
async def test_a_second_worker_raises_the_rate_and_changes_no_answer(cluster):
    found = await scaling(items=48)
    assert found["ray_results_equal"]
    assert found["ray_scaling"] > 1.0, "by how much, `perf` measures where nothing else runs"
