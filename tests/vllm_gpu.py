"""One vLLM engine on a GPU, asked one thing of each kind; ``test_gpu`` reads what it writes.

    python -m tests.vllm_gpu CHECKPOINT OUT.json tensor_parallel_size=2

CHECKPOINT is a folder, a name on the Hub or "embedded". A model that is none of ours is asked by ids alone.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch
from vllm import LLM, SamplingParams
from vllm.sampling_params import StructuredOutputsParams

from tests.golden_data import clip, picture, sound
from vita.conversation import Turn, render_prompt
from vita.media import Clip, Medium, Picture
from vita.model.configuration import VITAConfig
from vita.model.processing import KINDS, Processor, prompt_ids
from vita.nano.build_checkpoint import build_nano

QUESTIONS: dict[str, tuple[str | Medium, ...]] = {
    "text": ("What is the capital of France?",),
    "image": (picture("img1"), "What is this?"),
    "clip": (clip(), "What happens?"),
    "sound": (sound("audio_3s"),),
    "eight sounds": (*[sound("audio_3s")] * 8,),
}
TOKENS = 16


def payload(medium: Medium) -> Any:
    """A medium as vLLM takes it."""
    if isinstance(medium, Picture):
        return medium.image
    return list(medium.frames) if isinstance(medium, Clip) else medium.samples


def write_prompt(parts: tuple[str | Medium, ...], processor: Processor) -> dict[str, Any]:
    """A question as ids with a placeholder for each medium, and the media."""
    pieces = render_prompt([Turn("user", parts)], processor.family)
    media: dict[str, list[Any]] = {}
    for piece in pieces:
        if not isinstance(piece, str):
            media.setdefault(KINDS[type(piece)], []).append(payload(piece))
    ids = prompt_ids(pieces, processor.tokenizer, processor.config)
    return {"prompt_token_ids": ids, **({"multi_modal_data": media} if media else {})}


def ask_model(llm: LLM, processor: Processor) -> dict[str, Any]:
    """Answers to the questions, one by one and all at once, and to the same text under each of our logits rules."""
    greedy = {"temperature": 0.0, "max_tokens": TOKENS, "ignore_eos": True}
    prompts = {name: write_prompt(parts, processor) for name, parts in QUESTIONS.items()}
    named = [300]
    rules = {
        "penalised": SamplingParams(**greedy, repetition_penalty=1.3),
        "named": SamplingParams(**greedy, extra_args={"first_token_ids": named}),
        "grammar": SamplingParams(max_tokens=TOKENS, structured_outputs=StructuredOutputsParams(choice=["yes", "no"])),
    }

    def tokens(prompt: Any, params: SamplingParams) -> list[int]:
        return list(llm.generate(prompt, params, use_tqdm=False)[0].outputs[0].token_ids)

    found: dict[str, Any] = {name: tokens(prompt, SamplingParams(**greedy)) for name, prompt in prompts.items()}
    together = llm.generate(list(prompts.values()), SamplingParams(**greedy), use_tqdm=False)
    found |= {"questions": list(prompts), "together": [len(one.outputs[0].token_ids) for one in together]}
    found |= {name: tokens(prompts["text"], params) for name, params in rules.items()}
    decode = processor.tokenizer.decode
    found |= {"named_ids": named, "said": decode(found["text"])}
    found |= {"chosen": decode(found["grammar"], skip_special_tokens=True).strip()}
    found |= {"states": list(processor.config.state_token_ids), "vocab_size": processor.config.text_config.vocab_size}
    return found


def main(checkpoint: str, out: str, *options: str) -> None:
    given = {name: int(value) for name, value in (option.split("=") for option in options)}
    folder = str(build_nano()) if checkpoint == "embedded" else checkpoint
    limits = {"image": 8, "video": 2, "audio": 8}
    config = json.loads((Path(folder) / "config.json").read_text()) if Path(folder).is_dir() else {}
    if config.get("architectures") == ["LlamaForCausalLM"]:
        llm = LLM(folder, skip_tokenizer_init=True, max_model_len=128, gpu_memory_utilization=0.3)
        params = SamplingParams(temperature=0.0, max_tokens=TOKENS, ignore_eos=True, detokenize=False)
        output = llm.generate({"prompt_token_ids": [1, 2, 3]}, params, use_tqdm=False)[0]
        found: dict[str, Any] = {"text": list(output.outputs[0].token_ids)}
    else:
        tiny = Path(folder).is_dir() and VITAConfig.from_checkpoint(folder).text_config.hidden_size < 1024
        memory = {"gpu_memory_utilization": 0.3} if tiny else {}
        llm = LLM(folder, max_model_len=2048 if tiny else 8192, limit_mm_per_prompt=limits, **memory, **given)
        found = ask_model(llm, Processor.from_checkpoint(folder))
    engine = llm.llm_engine.vllm_config
    found |= {"v2": engine.use_v2_model_runner, "processors": engine.model_config.logits_processors or []}
    found |= {
        "eager": engine.model_config.enforce_eager,
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU",
    }
    Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
