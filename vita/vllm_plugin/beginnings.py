"""Keep an answer from beginning as one before it began.

A small model says an earlier answer again where a question changes the subject: the unchanged SmolLM2 behind every
second of them, ours behind every fourth (``recipes/nano/train/LOG.md``, 44). As long as an answer is word for word the
beginning of one in the prompt, the token that would go on so is made less likely; once it has gone another way nothing
is changed any more.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from vllm import SamplingParams
from vllm.config import VllmConfig
from vllm.v1.sample.logits_processor import AdapterLogitsProcessor

from vita.model.configuration import VITAConfig
from vita.vllm_plugin.first_token import messages_of

FIRST, NEXT = 2.0, 6.0  # nats: of the first word, with which answers may well begin alike ("Yes"), and of those behind


class AnotherBeginning:
    """Logits processor of one request.

    Args:
        states: ids of the state tokens, which are no words.
        start, end: ids of the tokens around a message.
    """

    def __init__(self, states: Sequence[int], start: int, end: int) -> None:
        self.states, self.start, self.end = frozenset(states), start, end
        self._before: list[list[int]] | None = None

    def __call__(self, prompt_ids: list[int], output_ids: list[int], logits: torch.Tensor) -> torch.Tensor:
        """Logits [vocab] of the next token, those lowered with which the answer would still be an earlier one."""
        if self._before is None:
            self._before = [self._words(answer) for answer in answers(prompt_ids, self.start, self.end)]
        if not self._before:
            return logits
        said = self._words(output_ids)
        self._before = [words for words in self._before if len(words) > len(said) and words[: len(said)] == said]
        if self._before:
            logits = logits.clone()
            logits[list({words[len(said)] for words in self._before})] -= NEXT if said else FIRST
        return logits

    def _words(self, ids: Sequence[int]) -> list[int]:
        return [token for token in ids if token not in self.states]


def answers(prompt_ids: Sequence[int], start: int, end: int) -> list[Sequence[int]]:
    """The ids inside each message of the role whose next message the prompt asks for; none where it asks for none."""
    *messages, opening = messages_of(prompt_ids, start) or [()]
    return [
        message[len(opening) : message.index(end)]
        for message in messages
        if message[: len(opening)] == opening and end in message
    ]


class Beginnings(AdapterLogitsProcessor):
    """vLLM's seam for AnotherBeginning, loaded by the entry point group ``vllm.logits_processors`` with every model.

    For checkpoints that are held to their state tokens (``VITAConfig.state_token_ids``), which the embedded one is.
    Prompts that are embeddings have no ids to look at.
    """

    def __init__(self, vllm_config: VllmConfig, device: torch.device, is_pin_memory: bool) -> None:
        super().__init__(vllm_config, device, is_pin_memory)
        model, config = vllm_config.model_config, vllm_config.model_config.hf_config
        held = isinstance(config, VITAConfig) and config.state_token_ids and not model.enable_prompt_embeds
        self.config = config if held else None

    def is_argmax_invariant(self) -> bool:
        """False: another token may become the likeliest one."""
        return False

    def new_req_logits_processor(self, params: SamplingParams) -> AnotherBeginning | None:
        """The processor of a new request, None for other checkpoints."""
        if self.config is None:
            return None
        text = self.config.text_config
        return AnotherBeginning(self.config.state_token_ids, text.bos_token_id, text.eos_token_id)
