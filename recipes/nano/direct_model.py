"""The checkpoint in transformers, asked one thing at a time: greedy, the first token restricted to a state."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import LogitsProcessorList, RepetitionPenaltyLogitsProcessor

from evals.synthetic.noises import Samples
from vita.conversation import Part, Turn, render_prompt
from vita.media import Clip, Picture, Sound
from vita.model import checkpoint_loading
from vita.model.processing import Processor, Prompt, state_token_ids
from vita.model.sound_verdicts import nothing_said, query_logit_bias
from vita.nano import weight_sources
from vita.tokens import Family, State, fitting_states

LENGTH = 40  # tokens of an answer at most


class DirectNano:
    """Its processor and its model, and the language model as it was before anything was changed."""

    def __init__(self, folder: Path) -> None:
        """Load them from the checkpoint's folder and from the language model's package."""
        self.processor = Processor.from_checkpoint(folder)
        self.model = checkpoint_loading.load_model(folder)
        self.states = state_token_ids(self.processor.tokenizer, Family.NANO)
        self.original = _original_language(self.model.language_model)
        penalty = json.loads((folder / "generation_config.json").read_text())["repetition_penalty"]
        # given embeddings it counts the tokens of the answer alone, as the engines do
        self.penalty = RepetitionPenaltyLogitsProcessor(penalty)

    def transcribe(self, samples: Samples) -> str:
        """The recogniser's own words."""
        return str(self.processor.sounds.transcribe(samples))

    def decide(self, parts: Sequence[Part]) -> State:
        """The likeliest of the state tokens that fit one user's turn."""
        prompt = self._user_prompt(parts)
        return self._likeliest_state(prompt, self._embed_prompt(prompt), parts)

    def answer(self, *parts: Part, length: int = LENGTH) -> str:
        """The answer to one user's turn, whatever its state; "" where that is noise."""
        prompt = self._user_prompt(parts)
        embeddings = self._embed_prompt(prompt)
        state = self._likeliest_state(prompt, embeddings, parts)
        if state is State.NOISE:
            return ""
        mark = self.model.get_input_embeddings()(torch.tensor([[self.states[state]]]))
        return self._generate_text(self.model.language_model, torch.cat((embeddings, mark), 1), length)

    def original_answer(self, text: str, length: int = LENGTH) -> str:
        """What the unchanged language model answers to a typed question, without a state token."""
        return self._generate_text(self.original, self._embed_prompt(self._user_prompt([text])), length)

    def ask_about(self, shown: Picture | Clip, question: str) -> str:
        """The answer to a question about a picture or a clip."""
        return self.answer(shown, question)

    def _user_prompt(self, parts: Sequence[Part]) -> Prompt:
        return self.processor(render_prompt([Turn("user", tuple(parts))], Family.NANO))

    def _embed_prompt(self, prompt: Prompt) -> Tensor:
        media = {f"{kind}s": prompt.media_of_kind(kind) for kind in ("image", "video")} | {
            "sounds": prompt.media_of_kind("audio")
        }
        with torch.no_grad():
            embeddings: Tensor = self.model.embed_inputs(torch.tensor([prompt.token_ids]), **media)
        return embeddings

    def _likeliest_state(self, prompt: Prompt, embeddings: Tensor, parts: Sequence[Part]) -> State:
        with torch.no_grad():
            logits = self.model(inputs_embeds=embeddings, logits_to_keep=1).logits[0, -1]
        heard, typed = (any(isinstance(part, kind) for part in parts) for kind in (Sound, str))
        verdicts = self.model.config.verdict_token_ids
        fitting = fitting_states(heard, typed, nothing_said(prompt.token_ids, verdicts))
        if State.NOISE in fitting:
            logits[self.states[State.AUDIO_QUERY]] += query_logit_bias(prompt.token_ids, verdicts)
        return max(fitting, key=lambda state: float(logits[self.states[state]]))

    def _generate_text(self, language: Any, embeddings: Tensor, length: int) -> str:
        mask = torch.ones(embeddings.shape[:2], dtype=torch.long)
        ids = language.generate(
            inputs_embeds=embeddings,
            attention_mask=mask,
            max_new_tokens=length,
            do_sample=False,
            repetition_penalty=1.0,
            logits_processor=LogitsProcessorList([self.penalty]),
            suppress_tokens=list(self.states.values()),
        )
        return str(self.processor.tokenizer.decode(ids[0], skip_special_tokens=True)).strip()


def _original_language(language: Any) -> Any:
    """A copy of the language model with the weights of its package."""
    weights, _ = weight_sources.read_language_model(weight_sources.LANGUAGE.locate_file())
    plain = copy.deepcopy(language)
    state = plain.state_dict()
    table = weights.pop("embed_tokens.weight")
    for name, tensor in weights.items():
        state[f"model.{name}"] = tensor.to(torch.float16).float()  # as precise as the checkpoint stores them
    for name in ("model.embed_tokens.weight", "lm_head.weight"):
        state[name][: len(table)] = table.to(torch.float16).float()
        state[name][len(table) :] = 0
    plain.load_state_dict(state)
    return plain
