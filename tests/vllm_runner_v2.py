"""Another module of tests with vLLM's V2 model runner on this CPU: its Triton kernels run in Triton's interpreter.

Interpreted kernels are all that is simulated: the scheduler, the runner, its buffers and sampler are vLLM's V2 code,
for which it has a CPU worker. A GPU alone shows the compiled kernels, CUDA graphs and memory (``test_gpu``).

    python -m tests.vllm_runner_v2 vllm_shared vita-1.5 OUT.pt
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from types import SimpleNamespace


def prepare_interpreter() -> None:
    """Make vLLM take Triton for one that computes on this CPU; before vLLM is imported."""
    os.environ["TRITON_INTERPRET"] = "1"
    driver = SimpleNamespace(is_active=lambda: True)
    import_module("triton.backends").backends["cpu"] = SimpleNamespace(driver=driver, compiler=None)


if __name__ == "__main__":
    prepare_interpreter()
    import_module(f"tests.{sys.argv[1]}").main(*sys.argv[2:])
