"""Our CPU worker: as many threads as a step pays for, and pipeline stages that can receive."""

from __future__ import annotations

from typing import Any

from torch import get_num_threads
from torch._C import set_num_threads  # vLLM makes the one of ``torch`` do nothing
from vllm.distributed import get_pp_group
from vllm.v1.core.sched.output import SchedulerOutput
from vllm.v1.worker.cpu_worker import CPUWorker

# Up to this hidden size a layer's maps are so small that threads wait for each other longer than they compute, where a
# step has so few tokens. Measured with VITA-Nano (576) on two cores: a token in 30 ms by one thread and 38 by two, one
# token each of eight answers in 34 and 37, a prompt of 48 in 73 and 67, of 184 in 250 and 193. The core that is left
# computes the other engine's answer, the voice, the hearing.
NARROW, FEW = 1_024, 48


class VITAWorker(CPUWorker):
    """vLLM's seam for another worker (``--worker-cls``); ``VITADefaults`` chooses it on CPUs."""

    def load_model(self, *, load_dummy_weights: bool = False) -> None:
        """Load, then make room for what the pipeline stage before this one will send.

        vLLM 0.32 makes the tensors that a stage receives into only while it measures memory or warms up, and a CPU
        worker does neither where nothing is compiled and the size of the KV cache is given, which is how we start it.
        """
        super().load_model(load_dummy_weights=load_dummy_weights)
        self._threads, self._narrow = get_num_threads(), self.model_config.get_hidden_size() <= NARROW
        runner = self.model_runner
        if not get_pp_group().is_first_rank and runner.intermediate_tensors is None:
            runner.intermediate_tensors = runner.get_model().make_empty_intermediate_tensors(
                batch_size=runner.max_num_tokens, dtype=runner.model_config.dtype, device=runner.device
            )

    def execute_model(self, scheduler_output: SchedulerOutput) -> Any:
        """One step, by one thread where more would only wait for each other; what follows it, sampling, likewise."""
        few = scheduler_output.total_num_scheduled_tokens <= FEW and not scheduler_output.scheduled_encoder_inputs
        set_num_threads(1 if self._narrow and few else self._threads)
        return super().execute_model(scheduler_output)
