"""The rules in vLLM's V2 model runner: requests are slots of tensors on the device, and penalties come first.

How long prompts and answers are is known on the host, exactly so without speculative decoding, which ``VITADefaults``
refuses; so a step waits for the device only where a new prompt of a checkpoint with a state token mask is read.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from vllm import SamplingParams
from vllm.utils import torch_utils
from vllm.v1.worker.gpu.sample.logits_processor.interface import LogitsContext, LogitsProcRequestState

from vita.vllm_plugin.answer_rules import AnswerRules, PromptRules, RequestRules
from vita.vllm_plugin.prompt_repetition_exemption import lift_prompt_penalty

ROWS = 32  # of which prompts are exempted at once: 30 MB of masks and factors with VITA-1.5's vocabulary of 152 k


class RunnerV2Answers:
    """What applies to the request of each slot.

    Args:
        requests: the runner's buffers; read only.
    """

    def __init__(self, rules: AnswerRules, requests: LogitsProcRequestState) -> None:
        self.rules, self.requests = rules, requests
        self._slots: dict[int, RequestRules] = {}
        self._prompts: dict[int, PromptRules] = {}
        self._new: list[int] = []
        self._penalties = np.ones(requests.max_num_reqs, np.float32)

    def add_request(self, slot: int, params: SamplingParams) -> bool:
        """Forget what the slot held; whether a rule applies to its new request."""
        self._slots.pop(slot, None)
        self._prompts.pop(slot, None)
        rules = self.rules.select_rules(params)
        self._penalties[slot] = 1.0 if rules is None else rules.penalty
        if rules is None:
            return False
        self._slots[slot] = rules
        self._new.append(slot)
        return True

    def read_new_prompts(self) -> None:
        """Prepare the tensors of the requests that were added since the last step."""
        for slot in self._new:
            rules = self._slots.get(slot)
            if rules is not None and rules.restricts_tokens:
                length = int(self.requests.prompt_len.np[slot]) if rules.mask is not None else 0
                ids = self.requests.all_token_ids.gpu[slot, :length].tolist()
                self._prompts[slot] = PromptRules(rules, ids, self.requests.vocab_size, self.requests.device)
        self._new.clear()

    def change_logits(self, logits: Tensor, ctx: LogitsContext) -> None:
        """Change logits float32 [requests, vocab] of a step in place; rows of partly read prompts are not sampled."""
        slots, lengths = ctx.idx_mapping_np, ctx.seq_lens_upper_bound_np
        self._exempt_prompts(logits, slots, lengths)
        for row, slot in enumerate(slots.tolist() if self._prompts else ()):
            prompt = self._prompts.get(slot)
            begins, ends = int(self.requests.prompt_len.np[slot]), int(lengths[row])
            if prompt is None or ends < begins:
                continue
            prompt.mask_tokens(logits[row], ends - begins)
            if self._slots[slot].mask is not None:
                prompt.lower_repeated(logits[row], self.requests.all_token_ids.gpu[slot, begins:ends])

    def _exempt_prompts(self, logits: Tensor, slots: np.ndarray, lengths: np.ndarray) -> None:
        """Lift the repetition penalty from the prompts of those requests that have one, some rows at once."""
        rows = np.flatnonzero(self._penalties[slots] != 1.0)
        for some in np.array_split(rows, -(-len(rows) // ROWS)) if len(rows) else ():
            chosen, longest = slots[some], int(lengths[some].max())
            row, slot, length, prompt = (
                self._copy_to_device(values.astype(np.int64))
                for values in (some, chosen, lengths[some], self.requests.prompt_len.np[chosen])
            )
            ids = self.requests.all_token_ids.gpu[:, :longest][slot]
            ids = torch.where(torch.arange(longest, device=ids.device) < length[:, None], ids, -1)
            part = logits[row]
            lift_prompt_penalty(part, ids, prompt, self._copy_to_device(self._penalties[chosen]))
            logits[row] = part

    def _copy_to_device(self, values: np.ndarray) -> Tensor:
        copied: Tensor = torch_utils.async_tensor_h2d(values, device=self.requests.device)
        return copied
