"""PCM16 and float samples: one scale, both ways."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vita.media import SAMPLE_RATE, pcm
from vita.speech import sample_rates

ROOT = Path(__file__).parents[1]


@given(st.binary(max_size=64))
def test_pcm16_becomes_floats_between_minus_one_and_one(data):
    samples = pcm.decode_pcm16(data)
    assert len(samples) == len(data) // pcm.BYTES_PER_SAMPLE
    assert samples.dtype == np.float32
    assert np.all((samples >= -1) & (samples < 1))
    assert (samples * 32_768).astype("<i2").tobytes() == data[: len(data) // 2 * 2]


@given(st.lists(st.integers(-32_767, 32_767), max_size=32))
def test_what_was_encoded_to_the_nearest_step_is_decoded_within_one_step(values):
    samples = np.array(values, np.float32) / 32_767
    again = pcm.decode_pcm16(pcm.encode_pcm16(samples, rounded=True))
    assert np.allclose(again, samples, atol=1 / 32_767)


@pytest.mark.parametrize(("rounded", "half"), [(True, 16_384), (False, 16_383)])
def test_what_is_too_loud_is_clipped_and_rounding_is_the_callers_choice(rounded, half):
    data = pcm.encode_pcm16(np.array([0, 0.5, -1, 2, -2], np.float32), rounded)
    assert pcm.pcm16_samples(data).tolist() == [0, half, -32_767, 32_767, -32_767]


def test_a_millisecond_has_its_samples_at_both_rates():
    assert sample_rates.VOICE_SAMPLES_PER_MS * 1000 == sample_rates.VOICE_RATE
    assert sample_rates.INPUT_SAMPLES_PER_MS * 1000 == SAMPLE_RATE


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_speech_imports_nothing_of_the_conversation_above_it():
    above = ("vita.duplex", "vita.realtime", "evals", "demos")
    for path in (ROOT / "vita/speech").rglob("*.py"):
        assert not [name for name in _imports(path) if name.startswith(above)], path


def test_the_scale_of_pcm16_is_written_in_one_file_alone():
    written = [
        path.relative_to(ROOT).as_posix()
        for room in ("vita/media", "vita/speech", "vita/duplex", "vita/realtime", "vita/engine", "evals")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in (32_767, 32_768)
    ]
    assert set(written) == {"vita/media/pcm.py"}
