"""Greedy answers of an engine that is split or quantized; ``test_vllm_parallel`` and ``test_vllm_quantized`` read them.

python -m tests.vllm_shared vita-1.5 OUT.pt tensor_parallel_size=2
python -m tests.vllm_shared vita-1.5 OUT.pt model=FOLDER
"""

import sys

import torch

from tests.golden_data import checkpoint, payload, pieces, values
from tests.test_model_modeling import CASES, STEPS
from vita.model.configuration import VITAConfig
from vita.model.processing import KINDS, load_tokenizer, prompt_ids

ASKED = ("text", "image_audio")
OPTIONS = {
    "dtype": "float32",
    "enforce_eager": True,
    "max_model_len": 2048,
    "max_num_batched_tokens": 64,
    "max_logprobs": -1,
    "logprobs_mode": "raw_logits",
}


def prompt(family, name):
    """A golden case as vLLM takes it."""
    folder = checkpoint(family)
    text, kinds = CASES[family, name]
    written = pieces(values(family, "prompts")[text]["prompt"], kinds)
    media = {}
    for piece in written:
        if not isinstance(piece, str):
            media.setdefault(KINDS[type(piece)], []).append(payload(piece))
    ids = prompt_ids(written, load_tokenizer(folder), VITAConfig.from_checkpoint(folder))
    return {"prompt_token_ids": ids, **({"multi_modal_data": media} if media else {})}


def answer(output):
    """Tokens, and the logits [vocab] of the first of them."""
    first = output.outputs[0].logprobs[0]
    return {
        "tokens": list(output.outputs[0].token_ids),
        "logits": torch.tensor([first[token].logprob for token in range(len(first))]),
    }


def main(family, out, *options):
    from vllm import LLM, SamplingParams  # here, for tests import the names above, and vLLM warns while it is imported

    given = dict(option.split("=") for option in options)
    model = given.pop("model", str(checkpoint(family)))
    llm = LLM(model, **OPTIONS | {name: int(value) if value.isdigit() else value for name, value in given.items()})
    params = SamplingParams(temperature=0, max_tokens=STEPS, ignore_eos=True, logprobs=-1, detokenize=False)
    outputs = llm.generate([prompt(family, name) for name in ASKED], params, use_tqdm=False)
    torch.save({name: answer(output) for name, output in zip(ASKED, outputs, strict=True)}, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
