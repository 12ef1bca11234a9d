"""A CPU worker whose later pipeline stages can receive: vLLM 0.32's own cannot, whatever the model.

It makes the tensors that a stage receives into only while it measures memory or warms up, and a CPU worker does
neither where nothing is compiled and the size of the KV cache is given, which is how we start it.
"""

from __future__ import annotations

from vllm.distributed import get_pp_group
from vllm.v1.worker.cpu_worker import CPUWorker


class StageWorker(CPUWorker):
    """vLLM's seam for another worker (``--worker-cls``); ``VITADefaults`` chooses it."""

    def load_model(self, *, load_dummy_weights: bool = False) -> None:
        """Load, then make room for what the stage before this one will send."""
        super().load_model(load_dummy_weights=load_dummy_weights)
        runner = self.model_runner
        if not get_pp_group().is_first_rank and runner.intermediate_tensors is None:
            runner.intermediate_tensors = runner.get_model().make_empty_intermediate_tensors(
                batch_size=runner.max_num_tokens, dtype=runner.model_config.dtype, device=runner.device
            )
