"""Both of vLLM's model runners around our logits processor, on plain tensors: the tests of rules ask each of them.

What a runner does besides is done by vLLM's own functions; only the buffers of V2, which live on a GPU, are stand-ins.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor
from transformers import LlamaConfig
from vllm import SamplingParams
from vllm._custom_ops import apply_repetition_penalties
from vllm.v1.sample.logits_processor.interface import BatchUpdate
from vllm.v1.worker.gpu.sample.logits_processor.interface import LogitsContext, LogitsProcRequestState

from vita.model.configuration import VITAConfig
from vita.vllm_plugin.logits_processor import VITALogitsProcessor

SLOTS, LONGEST = 4, 64  # requests at once, and their tokens, of the buffers
Answer = tuple[Sequence[int], Sequence[int], SamplingParams]  # prompt, answer so far, parameters


def held_config(vocab_size: int, start: int, end: int, states: Sequence[int], **changes: object) -> VITAConfig:
    """A checkpoint that is held to its state tokens."""
    text = LlamaConfig(vocab_size=vocab_size, bos_token_id=start, eos_token_id=end)
    return VITAConfig(
        family="vita-nano",
        text_config=text,
        **{"state_token_ids": list(states), "penalizes_earlier_answers": True, **changes},
    )


def engine_config(config: object, vocab_size: int, embeds: bool = False) -> SimpleNamespace:
    """What of an engine's configuration the processor reads."""
    model = SimpleNamespace(hf_config=config, enable_prompt_embeds=embeds, get_vocab_size=lambda: vocab_size)
    return SimpleNamespace(model_config=model)


def penalised(logits: Tensor, answers: Sequence[Answer]) -> Tensor:
    """Logits [rows, vocab] after vLLM's repetition penalty."""
    seen = torch.zeros(2, *logits.shape, dtype=torch.bool)
    for row, (prompt, output, _) in enumerate(answers):
        seen[0, row, [token for token in prompt if token < logits.shape[1]]] = True
        seen[1, row, list(output)] = True
    penalties = torch.tensor([params.repetition_penalty for *_, params in answers])
    logits = logits.clone()
    apply_repetition_penalties(logits, *seen, penalties)
    return logits


class PlainRunnerV1:
    """A batch of vLLM's V1 runner: lists of ids, rules before penalties."""

    def __init__(self, config: object, vocab_size: int, embeds: bool = False) -> None:
        self.processor = VITALogitsProcessor(engine_config(config, vocab_size, embeds), torch.device("cpu"), False)

    def sampled_from(self, answers: Sequence[Answer], logits: Tensor) -> Tensor:
        """Logits [rows, vocab] that the next tokens are sampled from."""
        added = [(row, params, list(prompt), list(output)) for row, (prompt, output, params) in enumerate(answers)]
        self.processor.update_state(BatchUpdate(len(added), removed=[], added=added, moved=[]))
        return penalised(self.processor.apply(logits.clone()), answers)


class PlainRunnerV2:
    """A batch of vLLM's V2 runner: slots of buffers, penalties before rules; its slots are not in the batch's order."""

    def __init__(self, config: object, vocab_size: int, embeds: bool = False) -> None:
        self.ids = torch.full((SLOTS, LONGEST), 7, dtype=torch.int32)  # what an earlier request left there
        self.prompts = np.zeros(SLOTS, np.int32)
        state = LogitsProcRequestState(
            device=torch.device("cpu"),
            max_num_reqs=SLOTS,
            vocab_size=vocab_size,
            all_token_ids=SimpleNamespace(gpu=self.ids),
            prompt_len=SimpleNamespace(np=self.prompts),
            prefill_len=SimpleNamespace(np=self.prompts),
            total_len=SimpleNamespace(gpu=None),
        )
        self.processor = VITALogitsProcessor(engine_config(config, vocab_size, embeds), state)

    def sampled_from(self, answers: Sequence[Answer], logits: Tensor) -> Tensor:
        """Logits [rows, vocab] that the next tokens are sampled from."""
        slots = np.arange(len(answers))[::-1] + SLOTS - len(answers)
        lengths = np.array([len(prompt) + len(output) for prompt, output, _ in answers])
        wanted = [self._add(int(slot), answer) for slot, answer in zip(slots, answers, strict=True)]
        self.processor.apply_staged_writes()
        logits = penalised(logits, answers)
        if not any(wanted):  # vLLM skips its processors
            return logits
        return self.processor.apply(logits, self._context(slots, lengths))

    def _add(self, slot: int, answer: Answer) -> bool:
        prompt, output, params = answer
        wanted = self.processor.add_request(slot, params)
        self.ids[slot, : len(prompt) + len(output)] = torch.tensor([*prompt, *output], dtype=torch.int32)
        self.prompts[slot] = len(prompt)
        return wanted

    def _context(self, slots: np.ndarray, lengths: np.ndarray) -> LogitsContext:
        mapping = torch.from_numpy(slots.copy())
        return LogitsContext(
            expanded_idx_mapping=mapping,
            idx_mapping=mapping,
            idx_mapping_np=slots,
            expanded_local_pos=torch.zeros(len(slots), dtype=torch.int32),
            input_ids=torch.zeros(len(slots), dtype=torch.int32),
            pos=torch.from_numpy(lengths - 1),
            seq_lens_upper_bound_np=lengths,
        )


PLAIN_RUNNERS = (PlainRunnerV1, PlainRunnerV2)
