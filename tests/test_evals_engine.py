"""A run through the embedded checkpoint on a real vLLM engine: every kind of medium, and the same answers twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evals import result_files

pytestmark = pytest.mark.engine
ROOT = Path(__file__).parents[1]
TASKS = "mmlu_bundled,mme_bundled,librispeech_test_clean_bundled,videomme_bundled,state_tokens_bundled"


def run(folder: Path) -> dict:
    command = [sys.executable, "-m", "evals", "run", "--model", "nano", "--tasks", TASKS, "--limit", "2",
               "--batch_size", "1",
               "--output_path", str(folder), "--log_samples"]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return result_files.read_results(result_files.find_results(folder)[0])


def answers(folder: Path) -> list[tuple[str, int, str]]:
    lines = next(folder.glob("nano/run_*/items.jsonl")).read_text("utf-8").splitlines()
    return sorted((line["task"], line["doc_id"], line["answer"]) for line in map(json.loads, lines))


def test_the_embedded_checkpoint_answers_every_kind_of_item_the_same_way_twice(tmp_path):
    content = run(tmp_path / "one")
    assert set(content["failures"].values()) == {0}
    assert content["provenance"]["checkpoint_sha256"]
    assert content["speed"]["mme_bundled"]["total_image_tokens"] > 0
    assert content["speed"]["librispeech_test_clean_bundled"]["total_audio_tokens"] > 0
    assert content["speed"]["videomme_bundled"]["total_video_tokens"] > 0
    run(tmp_path / "two")
    assert answers(tmp_path / "one") == answers(tmp_path / "two")
