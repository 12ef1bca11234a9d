"""The earlier answer penalty: keep an answer from going on as one before it did.

A small model says an earlier answer again where a question changes the subject: the unchanged SmolLM2 behind every
second of them, ours behind every fourth (``recipes/nano/train/LOG.md``, 44). As long as an answer is word for word the
beginning of one in the prompt, the token that would go on so is made less likely; once it has gone another way nothing
is changed any more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import torch
from torch import Tensor

FIRST, NEXT = 2.0, 6.0  # nats: of the first word, with which answers may well begin alike ("Yes"), and of those behind


def stack_earlier_answers(
    answers: Sequence[Sequence[int]], states: Collection[int], vocab_size: int, device: torch.device
) -> Tensor:
    """Earlier answers without their state tokens, int64 [answers, longest + 1], padded with -1, which ends each."""
    words = [[token for token in answer if token not in states] for answer in answers]
    known = [[token if token < vocab_size else -1 for token in answer] for answer in words if answer]
    longest = max(map(len, known), default=0)
    rows = [[*answer, *[-1] * (longest + 1 - len(answer))] for answer in known]
    return torch.tensor(rows, dtype=torch.int64, device=device).view(len(rows), longest + 1)


def lower_earlier_answers(logits: Tensor, earlier: Tensor, output: Tensor, states: Tensor) -> None:
    """Lower, in place, the logits of tokens with which the answer would still be an earlier one.

    Args:
        logits: [vocab] of the next token.
        earlier: ``stack_earlier_answers``'.
        output: [n], the answer so far; a state token is the first of it or none is.
        states: int64 [s], ids of the state tokens.
    """
    answers, width = earlier.shape
    size = len(output)
    if not answers or size > width:  # longer than all of them even without its state token
        return
    begun = torch.isin(output[:1], states).sum()  # 1 where a state token came first; on the device, as all below
    places = torch.arange(width, device=logits.device)
    padded = torch.full((width + 1,), -1, dtype=torch.int64, device=logits.device)
    padded[:size] = output
    said = padded[places + begun]
    count = size - begun
    same = ((earlier == said) | (places >= count)).all(1)
    following = earlier.gather(1, count.clamp(max=width - 1).expand(answers, 1))[:, 0]
    following = torch.where(same & (following >= 0) & (count < width), following, len(logits))
    amounts = torch.zeros(len(logits) + 1, dtype=logits.dtype, device=logits.device)
    amounts[following] = torch.where(count > 0, NEXT, FIRST).to(logits.dtype)
    logits.sub_(amounts[:-1])
