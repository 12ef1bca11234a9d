"""The command line as a person uses it, in its own process: run, kill, resume, report, compare, list."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from evals import __main__, result_files
from evals.cli import options, report_commands
from evals.task_runner import TaskProgress
from vita.errors import InputError, SettingsError

ROOT = Path(__file__).parents[1]


def evals(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-m", "evals", *words]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def simulated(folder: Path, *words: str, seconds: float = 0.0) -> list[str]:
    return ["run", "--model", "simulated", "--model_args", f"seconds={seconds},parallel=4", "--output_path",
            str(folder),
            "--log_samples", *words]  # fmt: skip


def done_ids(folder: Path) -> list[tuple[str, int]]:
    files = list(folder.glob("simulated/run_*/items.jsonl"))
    lines = [json.loads(line) for path in files for line in path.read_bytes().decode().split("\n")[:-1]]
    return [(line["task"], line["doc_id"]) for line in lines]


def test_a_killed_run_goes_on_without_losing_or_repeating_an_item(tmp_path):
    words = simulated(tmp_path, "--tasks", "mme_bundled,ocrbench_bundled", "--batch_size", "4", seconds=0.15)
    process = evals(*words)
    deadline = time.monotonic() + 60
    while len(done_ids(tmp_path)) < 5 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    before = done_ids(tmp_path)
    assert 5 <= len(before) < 21
    assert not result_files.find_results(tmp_path)

    again = evals(*words)
    said, _ = again.communicate(timeout=60)
    assert again.returncode == 0
    after = done_ids(tmp_path)
    assert after[: len(before)] == before
    assert len(after) == len(set(after)) == 21
    assert "MME (bundled)" in said
    assert len(list(tmp_path.glob("simulated/run_*"))) == 1

    fresh = evals(*words)
    fresh.communicate(timeout=60)
    first, second = (
        result_files.read_results(path)["results"]["mme_bundled"] for path in result_files.find_results(tmp_path)
    )
    assert first == second, "the same run twice gives the same numbers"
    assert len(list(tmp_path.glob("simulated/run_*"))) == 2, "a finished run is not gone on with"


def test_ctrl_c_stops_in_order_and_says_how_to_go_on(tmp_path):
    process = evals(*simulated(tmp_path, "--tasks", "mme_bundled", "--batch_size", "2", seconds=0.2))
    deadline = time.monotonic() + 60
    while not done_ids(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "goes on from here" in errors


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_a_run_stops_while_its_server_does_not_answer(name, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"base_url=http://127.0.0.1:{server.getsockname()[1]}/v1,model=m"
        words = ["run", "--model", "remote", "--model_args", address, "--tasks", "mme_bundled"]
        process = evals(*words, "--output_path", str(tmp_path))
        server.settimeout(60)
        caller, _ = server.accept()
        with caller:
            process.send_signal(name)
            _, errors = process.communicate(timeout=20)
    assert process.returncode == 3
    assert "goes on from here" in errors


STUBBORN = """
import asyncio
from evals import __main__
from evals.cli import run_commands

async def run(job, tell, stop):
    print("up", flush=True)
    await stop.wait()
    print("stopping", flush=True)
    await asyncio.sleep(60)

run_commands.run_job = run
asyncio.run(__main__._run_interruptible(None))
"""


def test_a_second_ctrl_c_ends_at_once():
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "stopping\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode not in (0, 3)
    assert "once" in errors
    assert "KeyboardInterrupt" in errors


def test_a_run_in_this_process_reports_compares_and_rescores(tmp_path, capsys):
    words = simulated(tmp_path, "--tasks", "gsm8k_bundled", "mme_bundled", "--seed", "1")
    assert __main__.main(words) == 0
    assert "never compare them with published numbers" in capsys.readouterr().out
    run = next(tmp_path.glob("simulated/run_*"))
    assert __main__.main(["rescore", str(run)]) == 0
    said = capsys.readouterr().out
    assert "strict-match" in said
    assert "OpenCompass 0.5.4" in said
    assert __main__.main(["report", str(tmp_path), "--html", str(tmp_path / "charts.html")]) == 0
    assert "plotly" in (tmp_path / "charts.html").read_text("utf-8")
    other = simulated(tmp_path / "b", "--tasks", "mme_bundled", "--seed", "2")
    assert __main__.main(other) == 0
    assert __main__.main(["compare", str(tmp_path / "simulated"), str(tmp_path / "b")]) == 0
    table = capsys.readouterr().out.split("change")[-1]
    assert "MME (bundled)" in table
    assert "GSM8K" not in table


def test_the_legacy_form_of_lm_eval_runs_too(tmp_path, capsys):
    words = simulated(tmp_path, "--tasks", "ceval_bundled", "--limit", "2", "--num_fewshot", "1", "--device", "cpu")[1:]
    assert __main__.main(words) == 0
    errors = capsys.readouterr().err
    assert "--limit is only for testing" in errors
    assert "--device change nothing here" in errors
    content = result_files.read_results(result_files.find_results(tmp_path)[0])
    assert content["n-samples"]["ceval_bundled"] == {"original": 4, "effective": 2}
    assert content["n-shot"]["ceval_bundled"] == 1
    assert content["config"]["limit"] == 2


def test_predicting_only_writes_answers_without_scores(tmp_path, capsys):
    assert __main__.main(simulated(tmp_path, "--tasks", "ai2d_bundled", "--predict_only")) == 0
    content = result_files.read_results(result_files.find_results(tmp_path)[0])
    assert content["results"]["ai2d_bundled"]["bypass,none"] == 999
    capsys.readouterr()


def test_prompts_and_configurations_can_be_looked_at(capsys):
    assert (
        __main__.main(["run", "--model", "simulated", "--tasks", "gsm8k_bundled", "--write_out", "--limit", "1"]) == 0
    )
    said = capsys.readouterr().out
    assert "--- gsm8k_bundled\nQuestion: Mia" in said
    assert "results:" not in said, "nothing is kept without --output_path"


@pytest.mark.parametrize("what", ["tasks", "groups", "bundled"])
def test_lists_name_every_task(what, capsys):
    assert __main__.main(["ls", what]) == 0
    said = capsys.readouterr().out
    assert "videomme_subtitles" in said
    assert "full" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "--tasks", "nothing"], "no task 'nothing'"),
        (["run"], "Give --tasks"),
        (["run", "--tasks", "mme", "--log_samples"], "needs --output_path"),
        (["run", "--tasks", "mme", "--limit", "2", "--samples", "{}"], "exclude each other"),
        (["run", "--tasks", "mme", "--samples", "[1"], "--samples is JSON"),
        (["run", "--tasks", "mme", "--seed", "1,2"], "one whole number or four"),
        (["run", "--tasks", "mme", "--batch_size", "0"], "at least 1 or auto"),
        (["run", "--tasks", "mme", "--scorer", "guess", "--model", "simulated"], "No task here has a scorer 'guess'"),
        (["run", "--tasks", "mme", "--scorer", "a", "--scorer", "mme=b"], "either as one NAME"),
        (["run", "--tasks", "mme", "--model", "remote"], "needs its address"),
        (["run", "--tasks", "mme", "--model", "nano", "--model_args", "color=red"], "Unknown model arguments"),
        (["run", "--tasks", "mme", "--judge", "base_url=http://x/v1", "--executor", "ray"], "--executor local only"),
        (["nothing"], "--help lists"),
        (["report", "/nowhere"], "There are no results below"),
        (["rescore", "/nowhere"], "is no run"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(words, says, capsys):
    assert __main__.main(words) == 1
    assert says in capsys.readouterr().err


def test_samples_are_read_from_a_file_and_scorers_by_task(tmp_path):
    (tmp_path / "s.json").write_text('{"mme": [0, 3]}')
    found = options.parse_command_line(
        ["--tasks", "mme", "--samples", str(tmp_path / "s.json"), "--scorer", "mme=vlmevalkit"]
    )
    assert found.samples == {"mme": (0, 3)}
    assert found.scorers == {"mme": "vlmevalkit"}
    assert options.parse_command_line(["--tasks", "a,b", "c"]).tasks == ["a", "b", "c"]
    assert options.parse_command_line(["--tasks", "a", "--seed", "None"]).seeds == (None,) * 4


def test_progress_is_a_line():
    assert (
        __main__.progress_line(TaskProgress("mme", 120, 2374, 1, 8.13, 278.0))
        == "mme  120/2374  8.1/s  0:04:38 left  1 failed"
    )
    assert __main__.progress_line(TaskProgress("mme", 120, 0, 0, 8.0, None)) == "mme  120  8.0/s"


def test_results_of_another_program_are_refused_with_a_reason(tmp_path):
    (tmp_path / "results_x.json").write_text('{"results": {}, "model_name": "m"}')
    assert report_commands.newest_results(tmp_path).name == "results_x.json"
    assert __main__.main(["report", str(tmp_path)]) == 1
    with pytest.raises(InputError):
        report_commands.newest_results(tmp_path / "deeper")
    assert issubclass(SettingsError, Exception)
