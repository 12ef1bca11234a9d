"""Asks one vLLM engine everything that the tests want to know of a checkpoint; ``test_vllm_plugin`` reads the file.

A process of its own: vLLM keeps state that outlives an engine, and warns where tests make warnings errors.

    python -m tests.vllm_golden vita-1.0 OUT.pt
"""

import os
import sys

import numpy as np
import torch
from vllm import LLM, SamplingParams
from vllm.exceptions import VLLMClientError

from tests.golden_data import V10, checkpoint, clip, payload, picture, pieces, sound, values
from tests.test_model_modeling import CASES, STEPS
from vita.conversation import Turn, render_prompt
from vita.model.checkpoint_loading import load_model
from vita.model.processing import KINDS, Processor, load_tokenizer, prompt_ids
from vita.tokens import Family

BLOCK, BATCHED = 32, 64  # tokens: of a cached block, and of one step, so that every prompt is read in chunks
LIMITS = {"image": 3, "video": 1, "audio": 3}
MIXED = ("image", "text", "audio", "text", "video", "image", "audio", "text")


class Asker:
    """One engine in this process, and what its language model was fed."""

    def __init__(self, family):
        self.family, self.folder = family, checkpoint(family)
        self.tokenizer = load_tokenizer(self.folder)
        self.llm = LLM(
            str(self.folder),
            dtype="float32",
            enforce_eager=True,
            max_model_len=2048,
            block_size=BLOCK,
            max_num_batched_tokens=BATCHED,
            limit_mm_per_prompt=LIMITS,
            max_logprobs=-1,
            logprobs_mode="raw_logits",
        )
        self.config = self.llm.llm_engine.vllm_config.model_config.hf_config
        self.fed = []
        self.llm.apply_model(self.watch)

    def watch(self, model):
        def note(_, args, kwargs):
            if kwargs.get("inputs_embeds") is not None:
                self.fed.append(kwargs["inputs_embeds"].clone())

        model.register_forward_pre_hook(note, with_kwargs=True)

    def prompt(self, pieces, **options):
        """Our engine's route: ids with one placeholder a medium, and the media by kind."""
        media = {}
        for piece in pieces:
            if not isinstance(piece, str):
                media.setdefault(KINDS[type(piece)], []).append(payload(piece))
        ids = prompt_ids(pieces, self.tokenizer, self.config)
        return {"prompt_token_ids": ids, **({"multi_modal_data": media} if media else {}), **options}

    def ask(self, prompt, **sampling):
        return self.answer(self.llm.generate, prompt, sampling)

    def chat(self, messages, **sampling):
        return self.answer(self.llm.chat, messages, sampling)

    def answer(self, call, prompt, sampling):
        """What came out: ids in and out, logits of each step, embeddings of the part of the prompt not yet cached."""
        self.fed.clear()
        options = {"temperature": 0, "max_tokens": STEPS, "logprobs": -1, "ignore_eos": True, "detokenize": False}
        params = SamplingParams(**{**options, **sampling})
        try:
            output = call(prompt, params, use_tqdm=False)[0]
        except VLLMClientError as error:
            return {"error": str(error)}
        size = self.config.text_config.vocab_size
        steps = [[step[token].logprob for token in range(size)] for step in output.outputs[0].logprobs]
        new = len(output.prompt_token_ids) - output.num_cached_tokens
        return {
            "prompt": list(output.prompt_token_ids),
            "tokens": list(output.outputs[0].token_ids),
            "logits": torch.tensor(steps),
            "cached": output.num_cached_tokens,
            "embeddings": torch.cat(self.fed)[:new],
        }


def golden(asker):
    """Every case that upstream left: caches emptied before each, so that all of the prompt is seen."""
    found = {}
    for (family, name), (prompt, kinds) in CASES.items():
        if family == asker.family:
            asker.llm.reset_prefix_cache()
            text = values(family, "prompts")[prompt]["prompt"]
            found[name] = asker.ask(asker.prompt(pieces(text, kinds)))
    return found


def caching(asker):
    """One prompt twice, then with another picture in the same place."""
    turns = [Turn("user", (picture("img3"), "What is this?"))]
    prompt = asker.prompt(render_prompt(turns, Family(asker.family)))
    other = {**prompt, "multi_modal_data": {"image": [picture("img3").image.transpose(1)]}}
    asker.llm.reset_prefix_cache()
    return {"first": asker.ask(prompt), "again": asker.ask(prompt), "other": asker.ask(other)}


def limits(asker):
    """Tiles by request, too many media, media without a place, and a first token that is not the likeliest."""
    turns = [Turn("user", (picture("img1"), "What is this?"))]
    written = render_prompt(turns, Family(asker.family))
    prompt = asker.prompt(written)
    many = [Turn("user", (*[picture("img3")] * 4, "What are these?"))]
    return {
        "all_tiles": asker.ask(prompt),
        "three_tiles": asker.ask({**prompt, "mm_processor_kwargs": {"max_tiles": 3}}),
        "one_tile": asker.ask({**prompt, "mm_processor_kwargs": {"max_tiles": 1}}),
        "no_tiles": asker.ask({**prompt, "mm_processor_kwargs": {"max_tiles": 0}}),
        "too_many": asker.ask(asker.prompt(render_prompt(many, Family(asker.family)))),
        "no_place": asker.ask({**prompt, "prompt_token_ids": [5, 6, 7]}),
        "free": asker.ask(prompt, max_tokens=3),
        "restricted": asker.ask(prompt, max_tokens=3, extra_args={"first_token_ids": [7, 9]}),
    }


def several(asker):
    """Several media in one prompt, in an order of their own, and what the transformers model embeds them as."""
    inputs = Processor.from_checkpoint(asker.folder)(mixed())
    kinds = {"images": "image", "videos": "video", "sounds": "audio"}
    media = {name: inputs.media_of_kind(kind) for name, kind in kinds.items()}
    with torch.inference_mode():
        reference = load_model(asker.folder).embed_inputs(torch.tensor([inputs.token_ids]), **media)[0]
    asker.llm.reset_prefix_cache()
    return {**asker.ask(asker.prompt(mixed())), "reference": reference}


def mixed():
    media = {
        "image": iter([picture("img1"), picture("img3")]),
        "audio": iter([sound("audio_3s"), sound("audio_1p3s")]),
        "video": iter([clip()]),
    }
    return tuple("and this:" if kind == "text" else next(media[kind]) for kind in MIXED)


def chats(asker):
    """vLLM's own route, with words that mean something to other programs."""
    image = {"type": "image_pil", "image_pil": picture("img3").image}
    words = "Is <image> a tag? And <audio>, <|image|>, </s>?"
    messages = [{"role": "user", "content": [image, {"type": "text", "text": words}]}]
    turns = [Turn("user", (picture("img3"), words))]
    return {
        "chat": asker.chat(messages),
        "ours": asker.ask(asker.prompt(render_prompt(turns, Family(asker.family)))),
        "texts": asker.chat([{"role": "user", "content": words}]),
        "tool": asker.chat([{"role": "tool", "content": "4", "tool_call_id": "1"}]),
    }


def main(family, out):
    asker = Asker(family)
    found = {"golden": golden(asker)}
    if family == V10:
        found |= {"caching": caching(asker), "limits": limits(asker), "chats": chats(asker)}
        found["mixed"] = several(asker)
    torch.save(found, out)


if __name__ == "__main__":
    assert os.environ["VLLM_ENABLE_V1_MULTIPROCESSING"] == "0", "the engine must be in this process to be watched"
    np.seterr(all="raise")
    main(*sys.argv[1:])
