"""One frozen Settings for every command; the only reader of the environment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """What a person may choose about engines and server. Flags win over environment, environment over defaults.

    Attributes:
        model: a folder, a name on the Hub, or "nano" for the embedded checkpoint (built on first use).
        engines: 2, or 1 to serve both roles from one engine.
        dtype: "auto", "float32", "bfloat16" or "float16".
        device_memory: share of each GPU's memory that all engines together may take (0..1).
        kv_cache_gib: GiB for each engine's key-value cache on CPU.
        context: longest prompt and answer in tokens; 0 takes the checkpoint's own limit.
        threads: OpenMP threads of each engine on CPU; 0 means all cores.
        tensor_parallel, pipeline_parallel, quantization: passed on to vLLM.
        remotes: addresses of OpenAI-compatible servers to use as engines in place of local ones.
        language: language of the labels, "en" or "zh"; "" follows the browser.
    """

    model: str = "nano"
    engines: int = 2
    host: str = "127.0.0.1"
    port: int = 7860
    dtype: str = "auto"
    device_memory: float = 0.9
    kv_cache_gib: float = 1.0
    context: int = 0
    threads: int = 0
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    quantization: str = ""
    remotes: tuple[str, ...] = ()
    share: bool = False
