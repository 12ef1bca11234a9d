"""Our logits processor for vLLM, which only our architectures ask for (``vita.vllm_plugin.config_defaults``).

vLLM 0.32 has two model runners with an interface each: V2 computes wherever Triton works, so on GPUs, V1 elsewhere. The
configuration names one class, and each process chooses its runner later; so this class has both interfaces. What it
does is in ``answer_rules``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from vllm import SamplingParams
from vllm.config import VllmConfig
from vllm.v1.sample.logits_processor import AdapterLogitsProcessor
from vllm.v1.worker.gpu.sample.logits_processor.interface import LogitsProcessor as LogitsProcessorV2

from vita.vllm_plugin.answer_rules import AnswerRules, read_first_token_ids
from vita.vllm_plugin.runner_v1_answers import RunnerV1Answer, RunnerV1AnswerWithoutPrompt
from vita.vllm_plugin.runner_v2_answers import RunnerV2Answers


class VITALogitsProcessor(AdapterLogitsProcessor, LogitsProcessorV2):
    """State token mask, prompt repetition exemption and earlier answer penalty."""

    def __init__(self, vllm_config: VllmConfig, place: Any, is_pin_memory: bool = False) -> None:
        """As either runner constructs it.

        Args:
            place: a ``torch.device`` from V1, ``LogitsProcRequestState`` from V2.
        """
        self.rules = AnswerRules.from_model(vllm_config.model_config)
        if isinstance(place, torch.device):
            super().__init__(vllm_config, place, is_pin_memory)
        else:
            self.answers = RunnerV2Answers(self.rules, place)

    @classmethod
    def validate_params(cls, sampling_params: SamplingParams) -> None:
        """Raise ValueError (HTTP 400 in vLLM's server) where ``first_token_ids`` cannot be followed; both runners'."""
        read_first_token_ids(sampling_params)

    def is_argmax_invariant(self) -> bool:
        """False: a restricted token may not be the likeliest one. V1's."""
        return False

    def new_req_logits_processor(self, params: SamplingParams) -> RunnerV1Answer | RunnerV1AnswerWithoutPrompt | None:
        """The processor of a new request, None where no rule applies. V1's."""
        rules = self.rules.select_rules(params)
        if rules is None:
            return None
        return (RunnerV1Answer if self.rules.exempts else RunnerV1AnswerWithoutPrompt)(rules)

    def add_request(self, req_idx: int, sampling_params: SamplingParams) -> bool:
        """Take a slot for a request; whether a rule applies to it. V2's."""
        return self.answers.add_request(req_idx, sampling_params)

    def apply_staged_writes(self) -> None:
        """Read the prompts of new requests, which the runner has put in place by now. V2's."""
        self.answers.read_new_prompts()

    def apply(self, logits: Tensor, ctx: Any = None) -> Tensor:
        """Logits [rows, vocab], changed in place.

        Args:
            ctx: V2's ``LogitsContext``; V1 gives none.
        """
        if ctx is None:
            changed: Tensor = super().apply(logits)
            return changed
        self.answers.change_logits(logits, ctx)
        return logits
