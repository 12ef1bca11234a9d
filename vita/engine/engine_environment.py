"""Environment variables for vLLM, PyTorch and OpenMP in an engine's processes and in this one. Imports none of them."""

from __future__ import annotations

import os

from vita.settings import Settings

FEW_CORES = 8
PATIENT = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}  # threads that sleep while they wait for each other


def let_threads_sleep() -> None:
    """Let threads of this process, and of those to come, sleep while they wait. Before torch, which reads it once.

    Sounds are recognised and pictures cut up in this very process while the engines keep all cores busy. Measured on
    two cores with other work on them: 2 s of speech in 3 to 5.6 s by threads that spin, in 0.3 to 0.5 s by these.
    """
    for variable, value in PATIENT.items():
        os.environ.setdefault(variable, value)


def engine_environment(settings: Settings, cores: int | None) -> dict[str, str]:
    """Variables that an engine's processes should start with, where the user has not set them.

    Args:
        cores: CPU cores that the engines may use; None where they compute on a GPU.
    """
    variables = {
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_DO_NOT_TRACK": "1",
        "VLLM_LOGGING_LEVEL": "INFO" if settings.verbose else "ERROR",
        "TOKENIZERS_PARALLELISM": "false",  # silences a warning at every fork
    }
    if not settings.verbose:
        variables |= {"TORCH_CPP_LOG_LEVEL": "ERROR", "PYTHONWARNINGS": "ignore"}
    if cores is not None:
        # Threads bound to cores, or spinning while they wait, halve the speed of engines that share those cores:
        # measured 4.8-5.2 tokens/s each with vLLM's defaults on two cores, 8.2 with these.
        variables |= PATIENT | {
            "VLLM_CPU_OMP_THREADS_BIND": "nobind",
            "OMP_NUM_THREADS": str(settings.threads or cores),
        }
        if cores <= FEW_CORES:
            # Splitting one sequence's attention over threads pays on many cores. On two, with more than 96 tokens of
            # context, it costs 65 ms a token: measured 9 tokens/s with it and 26 without.
            variables["VLLM_CPU_ATTN_SPLIT_KV"] = "0"
    return variables
