"""The prompt repetition exemption: only what the answer itself has said is penalised as a repetition.

vLLM's repetition penalty counts the tokens of the prompt too, and every prompt of a chat holds full stops and the token
that ends a turn. Penalised, they come too late: "The capital of France is Paris, not France itself ...". The penalty
maps a positive logit l to l / p and any other to l * p; the inverse keeps the sign, so it undoes the penalty wherever
it stands: before it, as in vLLM's V1 runner, and behind it, as in V2.
"""

from __future__ import annotations

import torch
from torch import Tensor


def lift_prompt_penalty(logits: Tensor, ids: Tensor, prompt_lengths: Tensor, penalties: Tensor) -> None:
    """Undo the repetition penalty, in place, for tokens that are in the prompt and not yet in the answer.

    Args:
        logits: float32 [rows, vocab].
        ids: [rows, n], the prompt and behind it the answer so far, padded with -1; ids beyond the vocabulary, which
            stand for media, have no logit.
        prompt_lengths: [rows], of the prompts.
        penalties: float32 [rows], the repetition penalty of each request, 1 where there is none.
    """
    rows, vocab = logits.shape
    places = torch.where((ids >= 0) & (ids < vocab), ids, vocab).long()
    in_prompt = torch.arange(ids.shape[1], device=ids.device) < prompt_lengths[:, None]
    exempt = torch.zeros(rows, vocab + 1, dtype=torch.bool, device=logits.device)
    exempt.scatter_(1, torch.where(in_prompt, places, vocab), True)
    exempt.scatter_(1, torch.where(in_prompt, vocab, places), False)
    factors = torch.where(logits > 0, penalties[:, None], 1 / penalties[:, None])
    logits.mul_(factors.masked_fill_(~exempt[:, :vocab], 1.0))
