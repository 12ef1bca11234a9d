"""What a vLLM server's tokenizer tells: whether it serves a VITA, of which family, and the ids of its state tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import openai
from openai import AsyncOpenAI

from vita.conversation import Turn, render_prompt
from vita.tokens import STATE_TOKENS, Family, State

PROBE = "Hello"


@dataclass(frozen=True)
class ServedVITA:
    """A served VITA.

    Attributes:
        states: the id of each state token.
    """

    family: Family
    states: dict[State, int]


class ServerTokenizer:
    """The tokenizer of a vLLM server, beside its OpenAI address."""

    def __init__(self, client: AsyncOpenAI, model: str) -> None:
        self._client, self._model = client, model
        self._address = f"{str(client.base_url).rstrip('/').removesuffix('/v1')}/tokenize"

    async def identify_vita(self) -> ServedVITA | None:
        """Which VITA the server has; None for another model.

        It is the family whose prompt, written here, has the very ids of the chat that the server writes.
        """
        try:
            chat = await self._token_ids({"messages": [{"role": "user", "content": PROBE}]})
            for family in Family:
                (text,) = render_prompt((Turn("user", (PROBE,)),), family)
                if await self._token_ids({"prompt": text}) == chat:
                    return ServedVITA(family, await self._state_ids(family))
        except openai.OpenAIError:  # a server that answers, but not this
            return None
        return None

    async def count_tokens(self, texts: Sequence[str]) -> int:
        """Tokens of the texts between the media of a prompt, each read by itself. Raises OpenAIError."""
        asked = (self._token_ids({"prompt": text, "add_special_tokens": text is texts[0]}) for text in texts)
        return sum(map(len, await asyncio.gather(*asked)))

    async def _state_ids(self, family: Family) -> dict[State, int]:
        found: dict[State, int] = {}
        for state in State:
            ids = await self._token_ids({"prompt": STATE_TOKENS[family].text(state), "add_special_tokens": False})
            found[state] = ids[0]
        return found

    async def _token_ids(self, what: dict[str, Any]) -> list[int]:
        reply: Any = await self._client.post(self._address, body={"model": self._model, **what}, cast_to=object)
        return list(reply["tokens"])
