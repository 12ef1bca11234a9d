"""vLLM's own offline ``LLM.generate`` over the same requests: the yardstick for throughput. Serves nobody."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import fields

from vita.engine.engine_factory import find_checkpoint
from vita.engine.engine_protocol import Request
from vita.engine.vllm_process import prepare_vllm
from vita.settings import Settings


def time_offline(settings: Settings, batches: Sequence[Sequence[Request]]) -> list[tuple[float, int]]:
    """Load the checkpoint with an engine's own arguments and answer each batch, the first to warm up.

    Returns:
        Seconds and completion tokens of every batch but the first.
    """
    prepare_vllm(settings)

    from vllm import LLM
    from vllm.engine.arg_utils import EngineArgs

    from vita.engine.request_prompts import PromptWriter
    from vita.engine.vllm_arguments import build_engine_args
    from vita.vllm_plugin.weight_progress import WeightProgress

    args = build_engine_args("offline", find_checkpoint(settings), settings, 0, WeightProgress("", 1))  # nobody listens
    llm = LLM(**{spec.name: getattr(args, spec.name) for spec in fields(EngineArgs)})
    prompts = PromptWriter.for_checkpoint(llm.llm_engine.model_config.hf_config, llm.get_tokenizer())
    measured = []
    for batch in batches:
        written = [prompts.write_prompt(request) for request in batch]
        params = [prompts.sampling_params(request.sampling) for request in batch]
        for one in params:
            one.output_kind = type(one.output_kind).FINAL_ONLY
        start = time.monotonic()
        outputs = llm.generate(written, params, use_tqdm=False)
        seconds = time.monotonic() - start
        measured.append((seconds, sum(len(output.outputs[0].token_ids) for output in outputs)))
    llm.llm_engine.engine_core.shutdown()
    return measured[1:]
