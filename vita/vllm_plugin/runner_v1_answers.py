"""The rules in vLLM's V1 model runner: one callable a request, with its ids as lists, before the penalties."""

from __future__ import annotations

import torch
from torch import Tensor

from vita.vllm_plugin.answer_rules import PromptRules, RequestRules
from vita.vllm_plugin.prompt_repetition_exemption import lift_prompt_penalty


class RunnerV1Answer:
    """Changes the logits of one request; reads its prompt with the first of them."""

    def __init__(self, rules: RequestRules) -> None:
        self.rules = rules
        self._prompt: PromptRules | None = None

    def __call__(self, prompt_ids: list[int], output_ids: list[int], logits: Tensor) -> Tensor:
        """Logits float32 [vocab] of the next token, changed in place."""
        prompt = self._prompt = self._prompt or PromptRules(self.rules, prompt_ids, len(logits), logits.device)
        prompt.mask_tokens(logits, len(output_ids))
        if self.rules.penalty != 1.0:
            ids = torch.tensor([[*prompt_ids, *output_ids]], device=logits.device)
            lengths = torch.tensor([len(prompt_ids)], device=logits.device)
            lift_prompt_penalty(logits[None], ids, lengths, torch.tensor([self.rules.penalty], device=logits.device))
        if self.rules.mask is not None:
            prompt.lower_repeated(logits, torch.tensor(output_ids, dtype=torch.int64, device=logits.device))
        return logits


class RunnerV1AnswerWithoutPrompt:
    """The same where prompts may be embeddings: vLLM gives two arguments to what takes two."""

    def __init__(self, rules: RequestRules) -> None:
        self._answer = RunnerV1Answer(rules)

    def __call__(self, output_ids: list[int], logits: Tensor) -> Tensor:
        """Logits float32 [vocab] of the next token, changed in place."""
        return self._answer([], output_ids, logits)
