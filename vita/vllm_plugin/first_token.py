"""Restrict the first generated token of a request to given ids; every later token stays free.

Driven by ``SamplingParams.extra_args["first_token_ids"]``. Its use: the answer of a VITA model begins with a state
token, and the engine that only has to decide whether it was spoken to needs that one token and no other.
"""

from __future__ import annotations

import torch
from vllm import SamplingParams
from vllm.v1.sample.logits_processor import AdapterLogitsProcessor

EXTRA_ARG = "first_token_ids"


class OnlyTheseFirst:
    """Logits processor of one request."""

    def __init__(self, token_ids: list[int]) -> None:
        self.token_ids = token_ids

    def __call__(self, output_ids: list[int], logits: torch.Tensor) -> torch.Tensor:
        """Logits [vocab] of the next token, all but the allowed ones at -inf while ``output_ids`` is empty."""
        if output_ids:
            return logits
        restricted = torch.full_like(logits, float("-inf"))
        restricted[self.token_ids] = logits[self.token_ids]
        return restricted


class FirstToken(AdapterLogitsProcessor):
    """vLLM's seam for OnlyTheseFirst, loaded through the entry point group ``vllm.logits_processors``."""

    @classmethod
    def validate_params(cls, sampling_params: SamplingParams) -> None:
        """Raise ValueError (HTTP 400 in vLLM's server) where the argument is not a list of token ids."""
        token_ids(sampling_params)

    def is_argmax_invariant(self) -> bool:
        """False: a restricted token may not be the likeliest one."""
        return False

    def new_req_logits_processor(self, params: SamplingParams) -> OnlyTheseFirst | None:
        """The processor of a new request, None where it does not ask for one."""
        ids = token_ids(params)
        return OnlyTheseFirst(ids) if ids else None


def token_ids(params: SamplingParams) -> list[int]:
    """The ids that may come first; empty where the request leaves it free.

    Raises:
        ValueError: the argument is no list of non-negative integers.
    """
    ids = (params.extra_args or {}).get(EXTRA_ARG, [])
    if not isinstance(ids, list) or not all(type(item) is int and item >= 0 for item in ids):
        raise ValueError(f"extra_args[{EXTRA_ARG!r}] must be a list of token ids, not {ids!r}")
    return ids
