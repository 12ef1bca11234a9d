"""One process at a time works on a run, also after kills and forks."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demos.evaluation.evaluation_html import progress_html
from demos.evaluation.run_manager import RunManager
from demos.evaluation.run_plan import RunForm, job_of
from demos.services import Services
from evals import result_files
from evals.run_journal import open_run, run_folder
from evals.run_lock import hold_run, is_held
from tests.fakes import FakeEngine, pool_of
from vita.errors import InputError

ROOT = Path(__file__).parents[1]


def begin(folder: Path, seconds: float) -> subprocess.Popen[str]:
    """A run of 16 items by the command line, one after the other."""
    words = ["run", "--model", "simulated", "--model_args", f"seconds={seconds}", "--tasks", "mme_bundled"]
    command = [sys.executable, "-m", "evals", *words, "--batch_size", "1", "--output_path", str(folder)]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def done(folder: Path) -> list[int]:
    lines = [
        line for path in folder.glob("simulated/run_*/items.jsonl") for line in path.read_bytes().split(b"\n")[:-1]
    ]
    return [json.loads(line)["doc_id"] for line in lines]


def wait_until(true) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_of_two_processes_only_the_first_writes_and_after_its_kill_another_goes_on(tmp_path):
    first = begin(tmp_path, 60.0)  # it would need a quarter of an hour: the second one always comes in its middle
    wait_until(lambda: list(tmp_path.glob("simulated/run_*/lock")) and is_held(next(tmp_path.glob("simulated/run_*"))))
    second = begin(tmp_path, 60.0)
    _, errors = second.communicate(timeout=60)
    assert second.returncode == 1
    assert f"Another process (number {first.pid}) works on the run" in errors
    assert "--fresh" in errors
    assert done(tmp_path) == []
    os.kill(first.pid, signal.SIGKILL)
    first.communicate(timeout=30)
    assert not is_held(next(tmp_path.glob("simulated/run_*")))


def test_many_that_go_on_with_one_run_at_once_do_each_item_once(tmp_path):
    killed = begin(tmp_path, 0.2)
    wait_until(lambda: len(done(tmp_path)) >= 2)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=30)
    rivals = [begin(tmp_path, 0.2) for _ in range(3)]
    for rival in rivals:
        rival.communicate(timeout=120)
    codes = sorted(rival.returncode for rival in rivals)
    assert codes[0] == 0
    runs = list(tmp_path.glob("simulated/run_*"))
    for run in runs:
        items = [json.loads(line)["doc_id"] for line in (run / "items.jsonl").read_text().splitlines()]
        assert sorted(items) == list(range(16))
    assert len(result_files.find_results(tmp_path)) == codes.count(0) == len(runs), (
        "one that came late began a run of its own"
    )


def test_a_forked_child_does_not_keep_what_its_parent_left(tmp_path):
    (asked, ask), (told, tell) = os.pipe(), os.pipe()
    with hold_run(tmp_path):
        child = os.fork()
        if child == 0:
            os.close(ask)
            os.write(tell, b"!")  # that it lives
            os.read(asked, 1)  # until the parent has looked
            os._exit(0)
        os.read(told, 1)
    try:
        assert not is_held(tmp_path)
    finally:
        for file in (ask, asked, told, tell):
            os.close(file)
        os.waitpid(child, 0)


def test_a_lock_is_given_back_whatever_happens_inside(tmp_path):
    with pytest.raises(ZeroDivisionError), hold_run(tmp_path):
        _ = 1 // (1 - is_held(tmp_path))
    assert not is_held(tmp_path)
    assert not is_held(tmp_path / "nowhere")
    with hold_run(tmp_path), pytest.raises(InputError, match=f"number {os.getpid()}"), hold_run(tmp_path):
        pass


def test_a_run_that_was_finished_meanwhile_is_not_written_again(tmp_path, monkeypatch):
    plan = {"model": "m"}
    folder = run_folder(tmp_path, plan, "2026-01-01")
    (folder / "finished").write_text("results.json")
    monkeypatch.setattr("evals.run_journal.find_unfinished", lambda root, plan: folder)  # as it was a moment ago
    with pytest.raises(InputError, match="just been finished"), open_run(tmp_path, plan, "2026-01-02"):
        pass


async def test_the_page_watches_a_run_of_another_process_and_does_not_touch_it(tmp_path):
    job = job_of(RunForm(("mme",)), "fake", local=False)
    folder = run_folder(tmp_path / "fake", job.run_plan(), "2026-01-01")
    runs = RunManager(Services(pool_of(FakeEngine("yes")), model="fake", results=tmp_path))
    id = folder.relative_to(tmp_path).as_posix()
    with hold_run(folder):
        view = await runs.look(id)
        assert view.phase == "elsewhere"
        assert "stop it there" in progress_html(view, "m", "", "en")
        with pytest.raises(InputError, match="Another process works on this run"):
            await runs.start(job, "")
        assert runs.live is None
    assert (await runs.look(id)).phase == "stopped"
    assert await runs.start(job, "") == id
    async with asyncio.timeout(20):
        while runs.live:
            await asyncio.sleep(0.01)
    assert (await runs.look(id)).phase == "done"
