"""Greedy answers of engines that got a checkpoint by its folder and by its name; ``test_vllm_layouts`` reads them.

python -m tests.vllm_layouts vita-1.5 OUT.pt FOLDER ORG/NAME
"""

import gc
import sys

import torch
from vllm import LLM, SamplingParams
from vllm.distributed import cleanup_dist_env_and_memory
from vllm.transformers_utils.config import get_config

from tests.test_model_modeling import STEPS
from tests.vllm_shared import ASKED, OPTIONS, answer, prompt

WORDS = "One ☞two<|im_end|>\nthree"


def answers_of(family, model):
    llm = LLM(model, **OPTIONS)
    params = SamplingParams(temperature=0, max_tokens=STEPS, ignore_eos=True, logprobs=-1, detokenize=False)
    outputs = llm.generate([prompt(family, name) for name in ASKED], params, use_tqdm=False)
    used = llm.llm_engine.vllm_config.model_config.hf_config
    asked = get_config(model, trust_remote_code=False)  # by the name itself, which an offline engine makes a folder
    found = {name: answer(output) for name, output in zip(ASKED, outputs, strict=True)}
    return {
        **found,
        "configs": (used.to_dict(), asked.to_dict()),
        "words": (WORDS, llm.get_tokenizer().encode(WORDS, add_special_tokens=False)),
    }


def main(family, out, *models):
    found = {}
    for model in models:
        found[model] = answers_of(family, model)
        gc.collect()
        cleanup_dist_env_and_memory()
    torch.save(found, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
