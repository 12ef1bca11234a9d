"""The tokenizer of vLLM's own detokeniser, in which state tokens are words of the answer and not markup around it.

VITA-1.0 and VITA-Nano publish them as special tokens, which OpenAI's protocol leaves out of every answer.
"""

from __future__ import annotations

import json
from typing import Any

from tokenizers import Tokenizer
from vllm.tokenizers.hf import CachedHfTokenizer

from vita.tokens import STATE_TOKENS, State

_STATES = {tokens.text(state) for tokens in STATE_TOKENS.values() for state in State}


class VITATokenizer(CachedHfTokenizer):
    """vLLM's seam for ``show_states``."""

    @classmethod
    def from_pretrained(cls, *args: Any, **kwargs: Any) -> Any:
        """A tokenizer of transformers; see CachedHfTokenizer. Code beside the checkpoint is of a configuration only."""
        tokenizer = super().from_pretrained(*args, **{**kwargs, "trust_remote_code": False})
        show_states(tokenizer._tokenizer)
        return tokenizer


def show_states(tokenizer: Tokenizer) -> None:
    """Change a tokenizer so that its state tokens are shown where special tokens are skipped; it reads as before.

    In place, for vLLM keeps several copies of what wraps it.
    """
    written = json.loads(tokenizer.to_str())
    for token in written["added_tokens"]:
        token["special"] = token["special"] and token["content"] not in _STATES
    tokenizer.__setstate__(json.dumps(written).encode())
