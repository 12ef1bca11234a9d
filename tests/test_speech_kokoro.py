"""Kokoro's voice: with stand-ins for its files, and with the real ones where they are at hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from vita.errors import CheckpointError
from vita.media import SAMPLE_RATE
from vita.speech.kokoro_voice import FOLDER, LONGEST, KokoroVoice
from vita.speech.voice_catalog import build_voice

SIGNS = " ,.?əɹɪIAOWYʤʧbdfhklmnpstvwzðɛˈˌ"


class Network:
    """Keeps what it is given; a phoneme sounds 1/10 s."""

    def __init__(self):
        self.asked = []

    def run(self, outputs, inputs):
        self.asked.append(inputs)
        length = 2400 * inputs["tokens"].shape[1] / inputs["speed"][0]
        return [np.full(int(length), 0.5, np.float32)]


@pytest.fixture
def voice(tmp_path):
    (tmp_path / "kokoro.onnx").touch()
    np.savez(tmp_path / "voices.npz", one=np.arange(LONGEST, dtype=np.float32)[:, None, None].repeat(256, 2))
    vocabulary = {sign: number for number, sign in enumerate(SIGNS, start=1)}
    (tmp_path / "vocab.json").write_text(json.dumps({"vocab": vocabulary}), encoding="utf-8")
    voice = KokoroVoice(tmp_path)
    voice.__dict__["_onnx_session"] = Network()
    yield voice
    voice.close()


async def collect(voice, text: str, speed: float = 1.0) -> bytes:
    return b"".join([chunk async for chunk in voice.speak(text, speed)])


async def test_each_sentence_is_said_by_itself_in_the_signs_and_the_style_for_its_length(voice):
    await collect(voice, "I know. Today?")
    first, second = voice._onnx_session.asked
    said = ["".join(SIGNS[number - 1] for number in asked["tokens"][0][1:-1]) for asked in (first, second)]
    assert said[0].startswith("I n")
    assert said[0].endswith("O.")
    assert "A" in said[1]
    assert first["tokens"][0][0] == first["tokens"][0][-1] == 0
    assert first["style"][0][0] == len(said[0]) - 1


async def test_a_faster_voice_is_shorter(voice):
    assert len(await collect(voice, "Yes.", 2.0)) < 0.6 * len(await collect(voice, "Yes."))


def test_without_its_files_it_is_not_offered(tmp_path, monkeypatch):
    with pytest.raises(CheckpointError, match="kokoro"):
        KokoroVoice(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(CheckpointError, match="onnx"):
        build_voice("kokoro")


@pytest.mark.skipif(not FOLDER.expanduser().exists(), reason=f"Kokoro's weights are not in {FOLDER}")
async def test_the_real_one_says_words_that_are_recognised():
    import soxr

    from recipes.nano.direct_model import DirectNano
    from recipes.nano.hearing_evaluation import word_errors
    from vita.nano import build_checkpoint

    said = "The sky is blue because of how air scatters light."
    pcm = np.frombuffer(await collect(KokoroVoice(), said), "<i2").astype(np.float32)
    heard = DirectNano(build_checkpoint.build_nano()).transcribe(soxr.resample(pcm / 32768, 24_000, SAMPLE_RATE))
    assert word_errors([said], [heard]) <= 0.2
