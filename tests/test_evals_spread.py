"""A run over Ray workers gives what one process gives."""

from __future__ import annotations

import warnings

import pytest

from evals.contestants import contestant_from_arguments
from evals.item_runner import AskingOptions
from evals.perf_benchmark import measure_scaling
from evals.ray_workers import RayExecutor, RayWorker
from evals.run_journal import RunJournal
from evals.task_data import Selection
from evals.task_runner import LocalExecutor, TaskRun
from evals.tasks import select_tasks

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


def shown(journal: RunJournal) -> list[dict]:
    return [
        {name: value for name, value in vars(record).items() if name not in TIMES}
        for task in TASKS
        for record in journal.records_of(task)
    ]


@pytest.mark.filterwarnings("ignore")
async def test_two_workers_give_the_records_of_one_process(cluster, tmp_path):
    contestant = contestant_from_arguments("simulated", "")
    alone = TaskRun(select_tasks(TASKS), Selection(), RunJournal(tmp_path / "alone"))
    await alone.start_run(
        LocalExecutor(RayWorker(contestant, AskingOptions(seed=1), 4)._engine, AskingOptions(seed=1), concurrency=4)
    )
    spread = TaskRun(select_tasks(TASKS), Selection(), RunJournal(tmp_path / "spread"))
    workers = RayExecutor(contestant, AskingOptions(seed=1), workers=2, concurrency=4)
    try:
        assert await spread.start_run(workers)
    finally:
        workers.close()
    assert shown(spread.journal) == shown(alone.journal)
    assert len(shown(alone.journal)) == 25


@pytest.mark.filterwarnings("ignore")
async def test_a_second_worker_raises_the_rate_and_changes_no_answer(cluster):
    found = await measure_scaling(items=48)
    assert found["ray_results_equal"]
    assert found["ray_scaling"] > 1.0, "by how much, `perf` measures where nothing else runs"
