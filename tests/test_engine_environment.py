"""The environment variables that an engine's processes start with."""

from __future__ import annotations

from vita.engine.engine_environment import engine_environment
from vita.settings import Settings


def test_engines_on_a_cpu_neither_spin_nor_bind_their_threads():
    variables = engine_environment(Settings(), cores=2)
    assert variables["VLLM_CPU_OMP_THREADS_BIND"] == "nobind"
    assert variables["OMP_WAIT_POLICY"] == "PASSIVE"
    assert variables["OMP_NUM_THREADS"] == "2"
    assert engine_environment(Settings(threads=1), cores=2)["OMP_NUM_THREADS"] == "1"


def test_attention_is_split_over_threads_only_where_there_are_many():
    assert engine_environment(Settings(), cores=2)["VLLM_CPU_ATTN_SPLIT_KV"] == "0"
    assert "VLLM_CPU_ATTN_SPLIT_KV" not in engine_environment(Settings(), cores=32)


def test_engines_on_a_gpu_keep_vllms_own_threads():
    assert not {name for name in engine_environment(Settings(), cores=None) if name.startswith(("OMP_", "VLLM_CPU_"))}


def test_vllm_reports_nothing_and_is_quiet_unless_asked():
    quiet, loud = engine_environment(Settings(), 2), engine_environment(Settings(verbose=True), 2)
    assert quiet["VLLM_NO_USAGE_STATS"] == "1"
    assert (quiet["VLLM_LOGGING_LEVEL"], loud["VLLM_LOGGING_LEVEL"]) == ("ERROR", "INFO")
