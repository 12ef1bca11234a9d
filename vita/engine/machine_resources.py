"""What this machine has for engines to compute with. Knows no vLLM, for its environment is set from this."""

from __future__ import annotations

import os
from pathlib import Path

from vita.settings import Settings

GIB = 2**30


def gpu_count() -> int:
    """GPUs that this machine's PyTorch can use."""
    import torch  # here, for it takes two seconds that the page need not wait for

    return torch.cuda.device_count()


def core_count() -> int:
    """CPU cores that this process may keep busy: those it is bound to, or fewer where a container has a quota."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(bound, int(quota) // int(period)))
    except (OSError, ValueError):  # no such file, or "max" for no quota
        return bound


def memory_of(process: int) -> int:
    """Bytes of main memory that a process takes; of what several share, such as libraries, its part (Linux's PSS)."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024


def can_load_together(settings: Settings) -> bool:
    """Whether engines may load at once: not where they share a GPU, whose free memory each measures as it loads."""
    return gpu_count() == 0 or has_own_gpus(settings)


def has_own_gpus(settings: Settings) -> bool:
    """Whether there are GPUs enough for each engine to have its own."""
    return gpu_count() >= settings.engines * settings.tensor_parallel * settings.pipeline_parallel
