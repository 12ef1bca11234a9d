"""vLLM's arguments for one of our engines: where it computes, how much memory it takes, what it accepts."""

from __future__ import annotations

from pathlib import Path

from vllm.engine.arg_utils import AsyncEngineArgs

from vita.engine.machine_resources import GIB, gpu_count, has_own_gpus
from vita.media import Limits
from vita.settings import Settings
from vita.vllm_plugin.weight_progress import WeightProgress

CPU_STEP = 512  # tokens of a step; others wait for its end: 0.7 s on two cores, and 5 s with vLLM's 2,048
CPU_BLOCK = 32  # tokens; prefixes are cached by whole blocks, and vLLM's default on CPU of 128 wastes a short turn
# On CPU vLLM computes in a process beside the engine's core, so that it can set the variables of OpenMP; ours are set
# before. The core spins while it waits for that process: a whole core of the machine as long as an answer is generated.
ONE_PROCESS = "vllm.v1.executor.uniproc_executor.UniProcExecutor"


def build_engine_args(
    name: str, folder: Path, settings: Settings, index: int, progress: WeightProgress
) -> AsyncEngineArgs:
    """Arguments of the engine number ``index``, for the checkpoint in ``folder``."""
    limits = Limits()
    args = AsyncEngineArgs(
        model=str(folder),
        served_model_name=[name],
        dtype=settings.dtype,
        max_model_len=settings.context or -1,  # -1: the checkpoint's own, or what fits in memory
        tensor_parallel_size=settings.tensor_parallel,
        pipeline_parallel_size=settings.pipeline_parallel,
        quantization=settings.quantization or None,
        scheduling_policy="priority",
        limit_mm_per_prompt={"image": limits.images, "video": limits.clips, "audio": limits.sounds},
        additional_config=progress,
        disable_log_stats=True,
        use_tqdm_on_load=settings.verbose,
    )
    if gpu_count():
        _place_on_gpu(args, settings, index)
    else:
        args.enforce_eager = True  # compiling takes two minutes at each start and gained nothing on two cores
        args.block_size = CPU_BLOCK
        args.max_num_batched_tokens = CPU_STEP
        args.kv_cache_memory_bytes = int(settings.kv_cache_gib * GIB)
        if settings.tensor_parallel * settings.pipeline_parallel == 1:
            args.distributed_executor_backend = ONE_PROCESS
    return args


def _place_on_gpu(args: AsyncEngineArgs, settings: Settings, index: int) -> None:
    each = settings.tensor_parallel * settings.pipeline_parallel
    if has_own_gpus(settings):
        args.device_ids = list(range(index * each, (index + 1) * each))
        args.gpu_memory_utilization = settings.device_memory
    else:
        args.gpu_memory_utilization = settings.device_memory / settings.engines
