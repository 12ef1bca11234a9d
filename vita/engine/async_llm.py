"""The AsyncLLM that a local engine serves from. Imports vllm: import it where an engine is built, not before."""

from __future__ import annotations

from vllm.v1.engine.async_llm import AsyncLLM


class QuietAsyncLLM(AsyncLLM):
    """An AsyncLLM that ends when its owner says so.

    vLLM's own ``__del__`` shuts it down once more at the interpreter's end, when its module is already emptied, and
    then prints a traceback under every command.
    """

    def __del__(self) -> None:
        """Nothing: ``LocalEngine.close`` has called ``shutdown``."""
