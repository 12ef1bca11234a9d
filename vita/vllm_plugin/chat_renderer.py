"""Chat messages of vLLM's server, written as VITA's prompts: the same pieces and ids as our own engine's.

No Jinja template can do this: VITA tokenises text around media chunk by chunk, and a placeholder that passed through
text could be forged by whoever writes the text. Chosen by tokenizer_mode "vita", which ``VITADefaults`` sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from PIL import Image
from vllm.config import VllmConfig
from vllm.exceptions import VLLMValidationError
from vllm.renderers.base import BaseRenderer
from vllm.renderers.chat_utils import parse_chat_messages, parse_chat_messages_async
from vllm.renderers.params import ChatParams
from vllm.tokenizers import TokenizerLike
from vllm.utils.async_utils import make_async

from vita.conversation import Part, Turn, render_prompt
from vita.media import Clip, Medium, Picture, Sound
from vita.model.processing import KINDS, prompt_ids
from vita.tokens import STATE_TOKENS, Family, State

Message = Mapping[str, Any]
Items = Mapping[str, Sequence[Any]]


@dataclass
class Attachments:
    """Media of a request in vLLM's form, behind stand-ins that ``vita.conversation`` can put in their places.

    Attributes:
        data: items by modality, in order of the messages.
        uuids: names that clients gave to items, in the same shape.
        numbers: index in ``data`` of each stand-in.
    """

    data: Items
    uuids: Items
    numbers: dict[Medium, int] = field(default_factory=dict)

    def stand_in(self, modality: str) -> Medium:
        """The next item of ``modality``."""
        media: dict[str, Medium] = {
            "image": Picture(Image.new("RGB", (1, 1))),
            "video": Clip((), (), 0.0),
            "audio": Sound(np.zeros(0, np.float32)),
        }
        medium = media[modality]
        self.numbers[medium] = sum(isinstance(other, type(medium)) for other in self.numbers)
        return medium

    def kept(self, media: Iterable[Medium], source: Items) -> dict[str, list[Any]]:
        """What of ``source`` (``data`` or ``uuids``) stands in a prompt with ``media``, in the order of the prompt."""
        result: dict[str, list[Any]] = {}
        for medium in media:
            modality = KINDS[type(medium)]
            result.setdefault(modality, []).append(source[modality][self.numbers[medium]])
        return result


def read_messages(
    messages: Iterable[Message], family: Family, attachments: Attachments
) -> tuple[list[Turn], str | None]:
    """OpenAI messages, whose content is a list of parts, as turns and the system prompt (None where there is none).

    Raises:
        VLLMValidationError: a role that VITA has no place for.
    """
    turns: list[Turn] = []
    system: list[str] = []
    for message in messages:
        role = message["role"]
        if role not in ("system", "developer", "user", "assistant"):
            raise VLLMValidationError(f"VITA has no role {role!r}; use system, user or assistant.", parameter="role")
        parts = tuple(_read_part(part, attachments) for part in message["content"])
        text = "".join(part for part in parts if isinstance(part, str))
        if role in ("system", "developer"):
            system.append(text)
        elif role == "user":
            turns.append(Turn("user", parts))
        else:
            state, text = STATE_TOKENS[family].split(text)
            turns.append(Turn("assistant", (text,), state))
    return turns, "\n".join(system) if system else None


def _read_part(part: Message, attachments: Attachments) -> Part:
    """One part of a message's content, as vLLM's own parser leaves it."""
    if part["type"] == "text":
        return str(part["text"])
    return attachments.stand_in(part["type"])


class VITARenderer(BaseRenderer):
    """Renders chats with ``vita.conversation`` and tokenises them with ``vita.model.processing``."""

    def __init__(self, config: VllmConfig, tokenizer: TokenizerLike | None) -> None:
        super().__init__(config, tokenizer)
        self._write_async = make_async(self._write, executor=self._executor)

    def render_messages(
        self, messages: list[Message], params: ChatParams
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The conversation as vLLM parsed it, and the prompt: token ids with one placeholder id for each medium."""
        conversation, data, uuids = parse_chat_messages(messages, self.model_config, **_parse_options(params))
        return conversation, self._write(conversation, data, uuids, params)

    async def render_messages_async(
        self, messages: list[Message], params: ChatParams
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """``render_messages`` with media fetched side by side."""
        parsed = await parse_chat_messages_async(messages, self.model_config, **_parse_options(params))
        conversation, data, uuids = parsed
        return conversation, await self._write_async(conversation, data, uuids, params)

    def _write(
        self, conversation: list[dict[str, Any]], data: Items | None, uuids: Items | None, params: ChatParams
    ) -> dict[str, Any]:
        options = params.chat_template_kwargs
        config = self.model_config.hf_config
        attachments = Attachments(data or {}, uuids or {})
        turns, system = read_messages(conversation, config.family, attachments)
        continued = bool(options.get("continue_final_message"))
        if continued and (not turns or turns[-1].role != "assistant" or turns[-1].state is State.NOISE):
            raise VLLMValidationError("Only an answer can be continued.", parameter="continue_final_message")
        if continued and turns[-1].state is None:  # or the rules would put one into the sentence
            turns[-1] = replace(turns[-1], state=_asked_state(turns[:-1]))
        generate = options.get("add_generation_prompt", True)
        pieces = render_prompt(turns, config.family, system, generate=generate, continued=continued)
        prompt: dict[str, Any] = {"prompt_token_ids": prompt_ids(pieces, self.get_tokenizer(), config)}
        if media := [piece for piece in pieces if not isinstance(piece, str)]:
            prompt["multi_modal_data"] = attachments.kept(media, attachments.data)
            prompt["multi_modal_uuids"] = attachments.kept(media, attachments.uuids)
        return prompt


def _asked_state(turns: Sequence[Turn]) -> State:
    """The state of an answer that was given to the last of ``turns``."""
    asked = turns[-1] if turns else Turn("user", ())
    spoken = any(isinstance(medium, Sound) for medium in asked.media) and not asked.text
    return State.AUDIO_QUERY if spoken else State.TEXT_QUERY


def _parse_options(params: ChatParams) -> dict[str, Any]:
    return {
        "content_format": "openai",
        "media_io_kwargs": params.media_io_kwargs,
        "mm_processor_kwargs": params.mm_processor_kwargs,
    }
