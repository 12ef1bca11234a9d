"""Greedy answers under each of our logits rules, by the runner that this process has; for ``test_vllm_runner_v2``.

python -m tests.vllm_rules embedded OUT.pt
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM
from vllm import LLM, SamplingParams
from vllm.sampling_params import StructuredOutputsParams

from tests.golden_data import sound
from tests.vllm_gpu import payload
from vita.conversation import Turn, render_prompt
from vita.media import Sound
from vita.model.processing import Processor, prompt_ids
from vita.nano.build_checkpoint import build_nano
from vita.tokens import State

STORY = (
    Turn("user", ("Tell me a story.",)),
    Turn("assistant", ("Once upon a time there was a fox.",), State.TEXT_QUERY),
)


def write_prompt(turns: tuple[Turn, ...], processor: Processor) -> dict[str, Any]:
    """A conversation as vLLM takes it."""
    pieces = render_prompt(list(turns), processor.family)
    sounds = [payload(piece) for piece in pieces if isinstance(piece, Sound)]
    ids = prompt_ids(pieces, processor.tokenizer, processor.config)
    return {"prompt_token_ids": ids, **({"multi_modal_data": {"audio": sounds}} if sounds else {})}


def ask_embedded() -> dict[str, Any]:
    """Answers of the embedded checkpoint, in one batch of requests under different rules."""
    folder = build_nano()
    processor = Processor.from_checkpoint(folder)
    llm = LLM(
        str(folder), dtype="float32", enforce_eager=True, max_model_len=512, max_num_batched_tokens=64, block_size=32
    )
    typed, again = Turn("user", ("What is the capital of France?",)), Turn("user", ("And another one, please.",))
    greedy = {"temperature": 0.0, "max_tokens": 8, "repetition_penalty": 1.0}
    words = StructuredOutputsParams(choice=["blue", "green"])
    asked = {
        "typed": ((typed,), SamplingParams(**greedy)),
        "heard": ((Turn("user", (sound("audio_3s"),)),), SamplingParams(**greedy)),
        "again": ((*STORY, again), SamplingParams(**greedy)),
        "penalised": ((typed,), SamplingParams(**{**greedy, "repetition_penalty": 1.3})),
        "named": ((typed,), SamplingParams(**greedy, extra_args={"first_token_ids": [1000, 1001]})),
    }
    if "TRITON_INTERPRET" not in os.environ:  # V2's kernel for grammars is one that the interpreter cannot run
        asked["grammar"] = ((typed,), SamplingParams(**greedy, structured_outputs=words))
    prompts = [write_prompt(turns, processor) for turns, _ in asked.values()]
    outputs = llm.generate(prompts, [params for _, params in asked.values()], use_tqdm=False)
    found = {name: list(output.outputs[0].token_ids) for name, output in zip(asked, outputs, strict=True)}
    texts = {name: output.outputs[0].text for name, output in zip(asked, outputs, strict=True)}
    return {
        "tokens": found,
        "texts": texts,
        "states": list(processor.config.state_token_ids),
        "v2": llm.llm_engine.vllm_config.use_v2_model_runner,
    }


def ask_llama(folder: Path) -> dict[str, Any]:
    """An answer of a small model of another kind, in a process that our plugin was loaded in."""
    sizes = {"hidden_size": 64, "intermediate_size": 64, "num_attention_heads": 2, "num_key_value_heads": 2}
    torch.manual_seed(0)
    LlamaForCausalLM(LlamaConfig(vocab_size=128, num_hidden_layers=2, **sizes)).save_pretrained(folder)
    llm = LLM(str(folder), dtype="float32", enforce_eager=True, max_model_len=64, skip_tokenizer_init=True)
    params = SamplingParams(temperature=0.0, max_tokens=4, ignore_eos=True, detokenize=False)
    output = llm.generate({"prompt_token_ids": [1, 2, 3]}, params, use_tqdm=False)[0]
    config = llm.llm_engine.vllm_config
    return {
        "tokens": list(output.outputs[0].token_ids),
        "v2": config.use_v2_model_runner,
        "processors": config.model_config.logits_processors,
    }


def main(model: str, out: str) -> None:
    torch.save(ask_embedded() if model == "embedded" else ask_llama(Path(out).parent / "llama"), out)


if __name__ == "__main__":
    main(*sys.argv[1:])
