"""How many threads compute a step."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
import torch

pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script_method:DeprecationWarning")  # of torch, by vLLM
NARROW, FEW = 1024, 48


@pytest.fixture
def threads_of(monkeypatch):
    """The threads that compute each step, of a worker that has three of them, for a model of some hidden size."""
    ours = import_module("vita.vllm_plugin.cpu_worker")
    theirs, seen = ours.CPUWorker, []
    monkeypatch.setattr(theirs, "load_model", lambda self, **_: None)
    monkeypatch.setattr(theirs, "execute_model", lambda self, _: seen.append(torch.get_num_threads()))
    monkeypatch.setattr(ours, "get_pp_group", lambda: SimpleNamespace(is_first_rank=True))

    def threads(hidden: int, *steps: SimpleNamespace) -> list[int]:
        worker = object.__new__(ours.VITAWorker)
        worker.model_config, worker.model_runner = SimpleNamespace(get_hidden_size=lambda: hidden), None
        worker.load_model()
        for step in steps:
            worker.execute_model(step)
        return seen

    before = torch.get_num_threads()
    torch._C.set_num_threads(3)
    yield threads
    torch._C.set_num_threads(before)


def step(tokens: int, **media: list[int]) -> SimpleNamespace:
    return SimpleNamespace(total_num_scheduled_tokens=tokens, scheduled_encoder_inputs=media)


def test_a_small_model_computes_steps_of_few_tokens_by_one_thread_and_longer_ones_by_all(threads_of):
    assert threads_of(NARROW, step(1), step(FEW), step(FEW + 1), step(1)) == [1, 1, 3, 1]


def test_a_step_that_reads_media_is_computed_by_all_threads(threads_of):
    assert threads_of(NARROW, step(FEW, request=[0]), step(1)) == [3, 1]


def test_a_large_model_always_computes_by_all_threads(threads_of):
    assert threads_of(NARROW + 1, step(1), step(FEW), step(500)) == [3, 3, 3]
