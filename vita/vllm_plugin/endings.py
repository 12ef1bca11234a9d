"""Let an answer end where it is over: what ends a turn is no repetition.

vLLM's repetition penalty counts the tokens of the prompt, and every prompt of a chat holds the token that ends a turn.
Penalised like any other, it comes too late: "The capital of France is Paris." goes on to the limit.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from vllm import SamplingParams
from vllm.v1.sample.logits_processor import AdapterLogitsProcessor


class SparedEnds:
    """Logits processor of one request; does to the tokens that end it the reverse of what the penalty will do."""

    def __init__(self, penalty: float, ends: Iterable[int]) -> None:
        self.penalty, self.ends = penalty, sorted(ends)

    def __call__(self, prompt_ids: list[int], output_ids: list[int], logits: torch.Tensor) -> torch.Tensor:
        """Logits [vocab] of the next token, those of the ends raised by as much as the penalty lowers them."""
        if met := [end for end in self.ends if end in prompt_ids or end in output_ids]:
            ends = logits[met]
            logits = logits.clone()
            logits[met] = torch.where(ends > 0, ends * self.penalty, ends / self.penalty)
        return logits


class Endings(AdapterLogitsProcessor):
    """vLLM's seam for SparedEnds, loaded through the entry point group ``vllm.logits_processors`` with every model.

    vLLM penalises behind its logits processors.
    """

    def is_argmax_invariant(self) -> bool:
        """False: an end may become the likeliest token."""
        return False

    def new_req_logits_processor(self, params: SamplingParams) -> SparedEnds | None:
        """The processor of a new request, None where nothing is penalised or nothing ends it."""
        if params.repetition_penalty == 1.0 or not params.all_stop_token_ids:
            return None
        return SparedEnds(params.repetition_penalty, params.all_stop_token_ids)
