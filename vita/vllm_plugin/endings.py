"""Let a repetition be what the answer itself has said, so that an answer can end where it is over.

vLLM's repetition penalty counts the tokens of the prompt too, and every prompt of a chat holds full stops and the token
that ends a turn. Penalised, they come too late: "The capital of France is Paris, not France itself ...".
"""

from __future__ import annotations

import torch
from vllm import SamplingParams
from vllm.config import VllmConfig
from vllm.v1.sample.logits_processor import AdapterLogitsProcessor

from vita.model.configuration import VITAConfig


class SparedPrompt:
    """Logits processor of one request; does to the tokens of the prompt the reverse of what the penalty will do."""

    def __init__(self, penalty: float) -> None:
        self.penalty = penalty
        self._prompt: set[int] = set()

    def __call__(self, prompt_ids: list[int], output_ids: list[int], logits: torch.Tensor) -> torch.Tensor:
        """Logits [vocab] of the next token, raised where the penalty lowers what only the prompt has."""
        self._prompt = self._prompt or {token for token in prompt_ids if token < len(logits)}
        spared = sorted(self._prompt.difference(output_ids))
        met = logits[spared]
        logits = logits.clone()
        logits[spared] = torch.where(met > 0, met * self.penalty, met / self.penalty)
        return logits


class Endings(AdapterLogitsProcessor):
    """vLLM's seam for SparedPrompt, loaded through the entry point group ``vllm.logits_processors`` with every model.

    vLLM penalises behind its logits processors. Other models than ours are left alone, and prompts that are embeddings.
    """

    def __init__(self, vllm_config: VllmConfig, device: torch.device, is_pin_memory: bool) -> None:
        super().__init__(vllm_config, device, is_pin_memory)
        model = vllm_config.model_config
        self.ours = isinstance(model.hf_config, VITAConfig) and not model.enable_prompt_embeds

    def is_argmax_invariant(self) -> bool:
        """False: another token may become the likeliest one."""
        return False

    def new_req_logits_processor(self, params: SamplingParams) -> SparedPrompt | None:
        """The processor of a new request, None where nothing is penalised."""
        return SparedPrompt(params.repetition_penalty) if self.ours and params.repetition_penalty != 1.0 else None
