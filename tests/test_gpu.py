"""What only a GPU shows: ``python -m pytest -m gpu -v``, which prints a line for each (``docs/gpu.md``).

The tiny checkpoints are in the repository; full ones are asked where VITA_GPU_CHECKPOINTS names them, folders or names
on the Hub with commas between.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from tests.golden_data import V10, V15, checkpoint
from vita.model.configuration import VITAConfig
from vita.model.internvit import TILES_AT_ONCE, VisionTower
from vita.model.tower_configs import InternViTConfig, WhaleConfig
from vita.model.whale_encoder import AudioTower

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
    pytest.mark.timeout(1_800),
]
TOKENS = 16  # of an answer, as ``vllm_gpu`` asks
FULL = [name for name in os.environ.get("VITA_GPU_CHECKPOINTS", "").split(",") if name]
TINY = ["embedded", str(checkpoint(V10)), str(checkpoint(V15))]
MOST_MIB = 700  # that an encoder may hold beside its weights, in bfloat16 with the published sizes, scratch included


def ask_engine(name: str, folder: Path, *options: str) -> dict:
    out = folder / "answers.json"
    command = [sys.executable, "-m", "tests.vllm_gpu", name, str(out), *options]
    run = subprocess.run(command, cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-6000:]
    return json.loads(out.read_text())


def judge_answers(found: dict) -> None:
    """Every question was answered, and the logits rules were obeyed."""
    assert found["v2"], "vLLM chose its V1 runner: is Triton installed?"
    assert found["processors"] == ["vita.vllm_plugin.logits_processor:VITALogitsProcessor"]
    assert len(found["questions"]) == len(found["together"]) == 5
    for name in found["questions"]:
        assert len(found[name]) == TOKENS
        assert all(0 <= token < found["vocab_size"] for token in found[name])
        if found["states"]:
            assert found[name][0] in found["states"]
            assert not set(found[name][1:]) & set(found["states"])
    assert set(found["together"]) == {TOKENS}
    assert found["named"][:1] == found["named_ids"]
    assert len(found["penalised"]) == TOKENS
    assert found["chosen"] in ("yes", "no")


@pytest.mark.parametrize("name", [*TINY, *FULL])
def test_an_engine_starts_and_answers_text_a_picture_a_clip_and_sounds(name, tmp_path):
    found = ask_engine(name, tmp_path, *[f"tensor_parallel_size={2 if name == 'VITA-MLLM/VITA' else 1}"])
    judge_answers(found)
    if name == "embedded":
        assert "Paris" in found["said"]


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA devices")
@pytest.mark.parametrize("name", [*TINY[1:], *FULL])
def test_an_engine_split_over_two_gpus_answers(name, tmp_path):
    judge_answers(ask_engine(name, tmp_path, "tensor_parallel_size=2"))


def test_another_model_starts_beside_us(tmp_path):
    sizes = {"hidden_size": 256, "intermediate_size": 256, "num_attention_heads": 4, "num_key_value_heads": 4}
    LlamaForCausalLM(LlamaConfig(vocab_size=128, num_hidden_layers=2, **sizes)).save_pretrained(tmp_path)
    found = ask_engine(str(tmp_path), tmp_path)
    assert len(found["text"]) == TOKENS
    assert found["v2"]
    assert not found["processors"]


@pytest.mark.parametrize("count", [1, 8])
def test_an_encoder_of_the_published_size_holds_no_more_than_the_guide_says(count):
    parts = {"vision_config": InternViTConfig(num_hidden_layers=2), "audio_config": WhaleConfig(num_hidden_layers=2)}
    config = VITAConfig(text_config=LlamaConfig(hidden_size=3584), **parts)
    options = {"device": "cuda", "dtype": torch.bfloat16}
    audio, vision = (tower(config).to(**options) for tower in (AudioTower, VisionTower))
    sounds = [torch.zeros(6_000, 80, device="cuda")] * count
    tiles = torch.zeros(TILES_AT_ONCE * min(count, 2), 3, 448, 448, **options)
    assert measure_mib(audio, sounds) < MOST_MIB
    assert measure_mib(vision, tiles) < MOST_MIB


@torch.inference_mode()
def measure_mib(tower: torch.nn.Module, media: object) -> float:
    """MiB that the allocator held at most for a pass, beside weights and what was given."""
    torch.cuda.synchronize()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    tower(media)
    torch.cuda.synchronize()
    return (torch.cuda.max_memory_allocated() - before) / 2**20


def test_the_packages_are_those_that_were_read():
    assert import_module("vllm").__version__.startswith("0.32")
