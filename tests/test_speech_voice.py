"""The voice vita: VITA-1.5's own, as conversations use it, with the tiny checkpoint's real networks."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.golden_data import checkpoint
from tests.speech_golden import (
    EXPECTED,
    SPEECH,
    TEXTS,
    change_weights,
    copied_speech,
    read_config,
    speaking_checkpoint,
    write_config,
)  # fmt: skip
from vita.errors import CheckpointError
from vita.media.pcm import BYTES_PER_SAMPLE
from vita.realtime.session_config import SessionConfig
from vita.realtime.session_manager import build_session_manager
from vita.speech import voice_catalog
from vita.speech.synthesis import CHUNK
from vita.speech.vita_voice import voice_benchmark
from vita.speech.vita_voice.__main__ import main as run_benchmark
from vita.speech.vita_voice.own_voice import VitaVoice
from vita.speech.vita_voice.speech_config import CodecConfig, DecoderConfig
from vita.speech.vita_voice.speech_decoder import CodeSampling
from vita.speech.vita_voice.synthesis import load_synthesis
from vita.speech.vita_voice.time_stretch import stretch_time
from vita.speech.voice_catalog import build_voice

SENTENCE = "I see a cat. The sky is blue."  # 8 and 5 codes, two pieces
LONG = "Hello! I am VITA, an open omni model."


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(speaking_checkpoint(tmp_path_factory.mktemp("speaking")))


@pytest.fixture(scope="module")
def voice(model):
    voice = VitaVoice(model)
    yield voice
    voice.close()


async def collect(voice, text: str, speed: float = 1.0) -> list[bytes]:
    return [chunk async for chunk in voice.speak(text, speed)]


def test_greedy_speech_of_a_text_is_the_published_stream(model):
    synthesis = load_synthesis(Path(model), "cpu")
    sound = np.concatenate(list(synthesis.speak_piece(TEXTS["sentence"]["text"], CodeSampling(top_k=1))))
    stored = next(s for s in EXPECTED["streams"] if s["tokens"] == "sentence" and s["codec_chunk_size"] == 40)
    assert len(sound) == stored["samples"]
    assert float(np.abs(sound).sum()) == pytest.approx(EXPECTED["wave_sums"][stored["wave"]][1], rel=1e-4)


async def test_it_speaks_in_chunks_of_a_tenth_of_a_second_and_repeats_itself(voice):
    heard = await collect(voice, SENTENCE)
    assert max(map(len, heard)) == CHUNK * BYTES_PER_SAMPLE
    samples = np.frombuffer(b"".join(heard), "<i2")
    assert len(samples) % 600 == 0
    assert len(samples) > 600
    assert np.abs(samples).max() > 100
    assert b"".join(await collect(voice, SENTENCE)) == b"".join(heard)


async def test_another_seed_says_it_in_another_way(model, voice):
    other = VitaVoice(model, seed=1)
    assert await collect(other, SENTENCE) != await collect(voice, SENTENCE)
    other.close()


@pytest.mark.parametrize("text", ["", "...", "☞"])
async def test_where_there_is_nothing_to_say_it_is_silent(voice, text):
    assert await collect(voice, text) == []


async def test_two_conversations_take_turns(voice):
    alone = await collect(voice, SENTENCE)
    assert await asyncio.gather(collect(voice, SENTENCE), collect(voice, SENTENCE)) == [alone, alone]


async def test_closed_in_mid_clause_it_makes_not_one_code_more_than_it_was_making(voice):
    await collect(voice, "Yes.")
    decoder, steps = voice._synthesis._decoder, []
    counting = decoder.norm.register_forward_hook(lambda *_: steps.append(1))
    stream = voice.speak(LONG)
    await anext(stream)
    made = len(steps)
    await stream.aclose()
    await collect(voice, "")  # the one thread has ended what it was at
    counting.remove()
    assert len(steps) == made


async def test_cancelled_while_it_makes_the_first_sound_it_stops_at_the_next_code(voice):
    await collect(voice, "Yes.")
    loop, steps = asyncio.get_running_loop(), []
    began, cancelled = asyncio.Event(), threading.Event()

    def pause_first(*_):
        steps.append(1)
        loop.call_soon_threadsafe(began.set)
        assert cancelled.wait(30)

    pausing = voice._synthesis._decoder.norm.register_forward_hook(pause_first)
    task = asyncio.create_task(collect(voice, LONG))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    cancelled.set()
    await collect(voice, "")  # the one thread has ended what it was at
    pausing.remove()
    assert len(steps) == 1


async def test_a_faster_voice_is_shorter_and_a_slower_one_longer(voice):
    length = {speed: len(b"".join(await collect(voice, "Yes.", speed))) for speed in (0.25, 1.0, 1.5)}
    assert length[1.5] == pytest.approx(length[1.0] / 1.5, rel=0.1)
    assert length[0.25] == pytest.approx(length[1.0] * 4, rel=0.1)


def test_stretched_sound_keeps_its_pitch_and_comes_as_it_arrives():
    tone = np.sin(np.arange(48_000) / 24_000 * 2 * np.pi * 220).astype(np.float32)
    pieces = [tone[begin : begin + 4_800] for begin in range(0, len(tone), 4_800)]
    taken = []

    def arriving():
        for piece in pieces:
            taken.append(1)
            yield piece

    stretched = stretch_time(arriving(), 1.5, 24_000)
    first = next(stretched)
    assert len(taken) < 4
    sound = np.concatenate([first, *stretched])
    assert len(sound) == pytest.approx(32_000, rel=0.02)
    middle = sound[8_000:24_000] * np.hanning(16_000)
    assert np.abs(np.fft.rfft(middle)).argmax() * 24_000 / 16_000 == pytest.approx(220, abs=3)


async def test_damaged_files_are_told_when_something_is_to_be_said(tmp_path):
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    speaking_checkpoint(folder)
    (folder / "vita_tts_ckpt").unlink()
    copied_speech(folder / "vita_tts_ckpt")
    (folder / "vita_tts_ckpt" / "codec" / "final.pt").write_bytes(b"damaged")
    broken = VitaVoice(str(folder))
    with pytest.raises(CheckpointError, match=r"codec/final\.pt"):
        await collect(broken, "Hi.")
    broken.close()


def test_embeddings_of_another_checkpoint_are_told(tmp_path):
    for file in checkpoint("vita-1.0").iterdir():
        (tmp_path / file.name).symlink_to(file)
    copied_speech(tmp_path / "vita_tts_ckpt")
    config = {"idim": 48, "transformer_attention_dim": 48, "encoder_output_dim": 48}
    state = {}

    def widen(decoder):
        for key, value in decoder["model"].items():
            state[key] = torch.zeros([48 if size == 16 else size * 3 if size == 48 else size for size in value.shape])
        decoder["model"] = state

    change_weights(tmp_path / "vita_tts_ckpt", "decoder", widen)
    arguments = read_config(tmp_path / "vita_tts_ckpt", "decoder")
    arguments[2] |= config | {"transformer_linear_units": 144}
    write_config(tmp_path / "vita_tts_ckpt", "decoder", arguments)
    with pytest.raises(CheckpointError, match="different checkpoints"):
        load_synthesis(tmp_path, "cpu")


def test_it_is_built_by_name_for_the_checkpoint_and_told_where_there_is_none(model):
    assert build_voice("vita", model).name == "vita"
    with pytest.raises(CheckpointError, match="vita_tts_ckpt"):
        build_voice("vita", "nano")


@pytest.mark.parametrize(("gpus", "name"), [(0, "piper"), (1, "vita")])
def test_it_is_the_default_where_a_gpu_is_and_the_checkpoint_has_it(model, monkeypatch, gpus, name):
    monkeypatch.setattr(voice_catalog, "gpu_count", lambda: gpus)
    assert build_voice("auto", model).name.startswith(name)
    assert build_voice("auto", "nano").name.startswith("piper")


def test_a_client_chooses_it_by_name_and_the_talk_tab_lists_it(model):
    talk = build_session_manager(list, model)
    assert "vita" in talk.voices
    config = SessionConfig.model_validate({"audio": {"output": {"voice": "vita"}}})
    assert config.conversation_settings(talk.base, talk.voices).voice is talk.voices["vita"]
    assert "vita" not in build_session_manager(list, "nano").voices


def test_building_voices_brings_no_torch(model):
    script = (
        "import sys; from vita.speech.vita_voice.own_voice import VitaVoice; "
        f"VitaVoice({model!r}); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_benchmark_prints_a_real_time_factor_for_each_device(monkeypatch, capsys):
    tiny = {"transformer_linear_units": 48, "transformer_attention_heads": 2}
    sizes = dict.fromkeys(("idim", "transformer_attention_dim", "encoder_output_dim"), 16)
    monkeypatch.setattr(voice_benchmark, "DECODER", DecoderConfig(odim=40, transformer_num_blocks=4, **sizes, **tiny))
    codec = CodecConfig.model_validate_json((SPEECH / "codec" / "model.json").read_bytes())
    monkeypatch.setattr(voice_benchmark, "CODEC", codec)
    monkeypatch.setattr(sys, "argv", ["benchmark", "--codes", "12"])
    run_benchmark()
    printed = capsys.readouterr().out
    assert "CPU" in printed
    assert "real-time factor" in printed
    assert "0.3 s of sound" in printed
