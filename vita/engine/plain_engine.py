"""A plain language model in vLLM with an engine's own arguments: what VITA's speed is compared with. Serves nobody."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from vita.engine.vllm_process import process_ids, start_llm, stop_llm
from vita.settings import Settings


class PlainEngine:
    """vLLM over the checkpoint in ``folder``, which is no VITA."""

    def __init__(self, name: str, folder: Path, settings: Settings, index: int = 0) -> None:
        self.name = name
        self._folder, self._settings, self._index = folder, settings, index
        self._llm: Any = None

    @property
    def processes(self) -> list[int]:
        """Ids of vLLM's processes."""
        return process_ids(self._llm)

    async def start(self) -> None:
        """Load; returns when it can answer."""
        self._llm = await asyncio.to_thread(start_llm, self.name, self._folder, self._settings, self._index)

    async def stream_lengths(self, token_ids: Sequence[int], tokens: int, penalty: float) -> AsyncIterator[int]:
        """Continue a prompt greedily by exactly so many tokens; yields how many each piece has."""
        from vllm import SamplingParams
        from vllm.sampling_params import RequestOutputKind

        params = SamplingParams(
            temperature=0,
            max_tokens=tokens,
            ignore_eos=True,
            repetition_penalty=penalty,
            output_kind=RequestOutputKind.DELTA,
        )
        prompt = {"prompt_token_ids": list(token_ids)}
        async for output in self._llm.generate(prompt, params, uuid.uuid4().hex):
            yield len(output.outputs[0].token_ids)

    async def close(self) -> None:
        """End vLLM's processes."""
        await stop_llm(self._llm)
