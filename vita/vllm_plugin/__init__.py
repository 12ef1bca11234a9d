"""The vLLM plugin: every vLLM process calls ``register`` through the entry point vllm.general_plugins."""

from __future__ import annotations


def register() -> None:
    """Teach this vLLM process the VITA architectures."""
