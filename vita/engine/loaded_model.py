"""A checkpoint that vLLM has loaded: requests to what its core takes, its outputs to deltas. Imports vllm late."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vita.engine.engine_protocol import Delta, Finish, Request, Usage
from vita.errors import PromptTooLongError

if TYPE_CHECKING:  # it imports vLLM
    from vita.engine.request_prompts import PromptWriter


@dataclass(frozen=True)
class LoadedModel:
    """A loaded AsyncLLM with what belongs to it.

    Attributes:
        context: tokens that prompt and answer have room for.
    """

    llm: Any
    prompts: PromptWriter
    context: int

    @classmethod
    def from_llm(cls, llm: Any) -> LoadedModel:
        from vita.engine.request_prompts import PromptWriter

        model = llm.model_config
        penalty = model.get_diff_sampling_param().get("repetition_penalty", 1.0)  # of generation_config.json
        return cls(llm, PromptWriter.for_checkpoint(model.hf_config, llm.get_tokenizer(), penalty), model.max_model_len)

    async def read_request(self, request: Request) -> tuple[Any, Usage]:
        """The prompt as vLLM's core takes it, and its tokens by modality; no time of the core is spent.

        Raises:
            PromptTooLongError: it leaves no room for an answer.
        """
        prompt = await asyncio.to_thread(self.prompts.write_prompt, request)
        self._check_length(len(prompt["prompt_token_ids"]))  # before media are read: each will take at least one token
        (inputs,) = await self.llm.renderer.render_cmpl_async([prompt])
        count = len(inputs["prompt_token_ids"])
        self._check_length(count)
        places = inputs.get("mm_placeholders", {})
        tokens = {kind: sum(place.length for place in found) for kind, found in places.items()}
        return inputs, Usage(count, tokens.get("image", 0), tokens.get("video", 0), tokens.get("audio", 0), 0, 0)

    def _check_length(self, tokens: int) -> None:
        if tokens >= self.context:
            raise PromptTooLongError(tokens, self.context - 1)


class OutputReader:
    """Makes deltas of vLLM's outputs of one request.

    Args:
        choices: those that are to be weighed, by their first token.
        goes_on: the answer has begun already.
    """

    def __init__(
        self, engine: str, serving: LoadedModel, usage: Usage, choices: Mapping[int, str], goes_on: bool = False
    ) -> None:
        self._engine, self._choices = engine, choices
        self._prompts = serving.prompts
        self._usage = usage
        self._begun = goes_on  # whether any text was given

    @property
    def token_count(self) -> int:
        """Tokens that came."""
        return self._usage.completion_tokens

    def read_output(self, output: Any) -> Delta:
        """What came since the last one; the first has the state, told by the token's id and not by its text."""
        made = output.outputs[0]
        text, state = made.text, None
        if not self.token_count and made.token_ids:
            state = self._prompts.states.get(made.token_ids[0])
            text = text if state is None else self._prompts.without_state(text, state)
        if not self._begun and text:
            text = text.removeprefix(" ")  # some tokenizers write one behind the state token
            self._begun = bool(text)
        self._usage = replace(
            self._usage,
            cached_tokens=max(self._usage.cached_tokens, output.num_cached_tokens or 0),
            completion_tokens=self.token_count + len(made.token_ids),
        )
        finish: Finish | None = made.finish_reason if output.finished else None
        usage = self._usage if output.finished else None
        is_first = self.token_count == len(made.token_ids)
        prompt, weights = (self._usage, self._weigh_choices(made)) if is_first else (None, None)
        return Delta(text, state, len(made.token_ids), finish, usage, self._engine, prompt, weights)

    def _weigh_choices(self, made: Any) -> dict[str, float] | None:
        """How likely each choice was as the first token."""
        if not self._choices or not made.logprobs:
            return None
        first = made.logprobs[0]
        return {text: first[token].logprob for token, text in self._choices.items()}
