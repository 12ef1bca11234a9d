"""``vllm serve CHECKPOINT`` with the plugin installed, asked over HTTP as any OpenAI client asks; in bfloat16."""

import asyncio
import base64
import io
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import soundfile

from tests.golden_data import INPUTS, V10, checkpoint, picture, sound
from tests.media_files import clip
from tests.test_vllm_plugin import ENVIRONMENT
from vita.conversation import Turn, render_prompt
from vita.engine.engine_protocol import Request, Sampling
from vita.engine.remote_engine import RemoteEngine
from vita.media import load_clip, load_picture
from vita.model.processing import Processor
from vita.tokens import State

pytestmark = pytest.mark.engine
START = 240  # s, at most


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    options = "--served-model-name vita --dtype bfloat16 --enforce-eager --max-model-len 2048 --block-size 32"
    limits = ["--limit-mm-per-prompt", '{"image": 2, "audio": 2, "video": 1}']
    vllm = Path(sys.executable).with_name("vllm")
    command = [str(vllm), "serve", str(checkpoint(V10)), *options.split(), *limits]
    environment = {**os.environ, **ENVIRONMENT, "VLLM_ENABLE_V1_MULTIPROCESSING": "1"}
    log = tmp_path_factory.mktemp("serve") / "log"
    with log.open("w") as file:
        process = subprocess.Popen([*command, "--port", str(port)], env=environment, stdout=file, stderr=file)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as client:
            wait_until_ready(client, process, log)
            yield client
    finally:
        process.terminate()
        process.wait(30)


def wait_until_ready(client, process, log):
    for _ in range(START * 2):
        assert process.poll() is None, log.read_text()[-4000:]
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    pytest.fail(log.read_text()[-4000:])


@pytest.fixture(scope="module")
def processor():
    return Processor.from_checkpoint(checkpoint(V10))


def data_url(data, kind):
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def image_part(name):
    return {"type": "image_url", "image_url": {"url": data_url((INPUTS / f"{name}.png").read_bytes(), "image/png")}}


def sound_part(name):
    data = base64.b64encode((INPUTS / f"{name}_16k.wav").read_bytes()).decode()
    return {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}


def text_part(text):
    return {"type": "text", "text": text}


def ask(server, *parts, **options):
    body = {"model": "vita", "messages": [{"role": "user", "content": list(parts)}], "temperature": 0, "max_tokens": 5}
    return server.post("/v1/chat/completions", json={**body, "ignore_eos": True, **options})


def prompt_tokens(processor, *parts):
    return len(processor(render_prompt([Turn("user", parts)], processor.family)).token_ids)


def test_picture_and_sound_are_answered(server, processor):
    answer = ask(server, image_part("img1"), sound_part("audio_3s"))
    assert answer.status_code == 200, answer.text
    usage = answer.json()["usage"]
    assert usage["completion_tokens"] == 5
    assert usage["prompt_tokens"] == prompt_tokens(processor, picture("img1"), sound("audio_3s"))


def test_several_pictures_and_sounds_fit_one_message(server, processor):
    parts = [
        image_part("img1"),
        image_part("img3"),
        text_part("Compare."),
        sound_part("audio_3s"),
        sound_part("audio_1p3s"),
    ]
    media = [picture("img1"), picture("img3"), "Compare.", sound("audio_3s"), sound("audio_1p3s")]
    assert ask(server, *parts).json()["usage"]["prompt_tokens"] == prompt_tokens(processor, *media)


def test_video_is_sampled_as_upstream_does(server, processor):
    data = clip(frames=150, rate=25)
    part = {"type": "video_url", "video_url": {"url": data_url(data, "video/mp4")}}
    answer = ask(server, part, text_part("What happens?"))
    assert answer.json()["usage"]["prompt_tokens"] == prompt_tokens(processor, load_clip(data), "What happens?")


def test_media_are_read_as_the_page_reads_them(server, processor):
    """vLLM's own reader knows no HEIC; text is no picture, and that is the client's error."""
    data = (Path(__file__).parent / "media_faults/card.heic").read_bytes()
    part = {"type": "image_url", "image_url": {"url": data_url(data, "image/heic")}}
    answer = ask(server, part, text_part("What is this?"))
    assert answer.status_code == 200, answer.text
    assert answer.json()["usage"]["prompt_tokens"] == prompt_tokens(processor, load_picture(data), "What is this?")
    part["image_url"]["url"] = data_url(b"Dear diary.", "image/png")
    refused = ask(server, part, text_part("What is this?"))
    assert refused.status_code == 400
    assert "not an image that can be read" in refused.text


def test_answer_streams(server):
    lines = ask(server, image_part("img3"), text_part("What is this?"), stream=True).text.splitlines()
    assert sum(line.startswith("data: {") for line in lines) > 1
    assert "data: [DONE]" in lines


def test_placeholder_in_words_takes_no_place(server, processor):
    words = "What does <image> mean, and <audio>?"
    answer = ask(server, image_part("img3"), text_part(words))
    assert answer.json()["usage"]["prompt_tokens"] == prompt_tokens(processor, picture("img3"), words)


def test_history_keeps_media_and_state(server, processor):
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [image_part("img3"), text_part("What is this?")]},
        {"role": "assistant", "content": "<3>A square."},
        {"role": "user", "content": [sound_part("audio_1p3s")]},
    ]
    answer = ask(server, messages=messages)
    states = [processor.tokenizer.convert_tokens_to_ids("<3>")]
    shown = server.post("/tokenize", json={"model": "vita", "messages": messages}).json()
    assert answer.json()["usage"]["prompt_tokens"] == shown["count"]
    assert [token for token in shown["tokens"] if token in states] == states


def test_state_token_stands_in_the_text_and_a_request_may_say_which(server, processor):
    for token in ("<2>", "<3>"):
        chosen = {"first_token_ids": [processor.tokenizer.convert_tokens_to_ids(token)]}
        answer = ask(server, text_part("Hello"), vllm_xargs=chosen).json()["choices"][0]["message"]["content"]
        assert answer.startswith(token)


def test_our_engine_recognises_the_family_behind_the_server_and_counts_its_media(server, processor):
    turns = (Turn("user", (picture("img1"), "What is this?")),)
    sampling = Sampling(max_tokens=2, states=(State.NOISE,))

    async def answer():
        engine = RemoteEngine("far", f"{server.base_url}/v1")
        await engine.start()
        try:
            return [delta async for delta in engine.generate(Request(turns, sampling))]
        finally:
            await engine.close()

    deltas = asyncio.run(answer())
    prompt = processor(render_prompt(turns, processor.family))
    assert deltas[0].state is State.NOISE
    assert deltas[-1].usage.image_tokens == prompt.tokens_of_kind("image") > 0
    assert deltas[-1].usage.text_tokens == len(prompt.token_ids) - prompt.tokens_of_kind("image")


def test_second_question_about_the_same_picture_reads_little_anew(server):
    question = [image_part("img1"), text_part("Is there a dog?")]
    ask(server, *question)
    before = cached_tokens(server)
    ask(server, *question)
    assert cached_tokens(server) - before > 150


def cached_tokens(server):
    lines = server.get("/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("vllm:prefix_cache_hits_total"))


def test_more_pictures_than_allowed_are_a_bad_request(server):
    answer = ask(server, *[image_part("img3")] * 3, text_part("And now?"))
    assert answer.status_code == 400
    assert "At most 2 image(s)" in answer.text


def test_damaged_video_is_a_bad_request_with_our_sentence(server):
    part = {"type": "video_url", "video_url": {"url": data_url(b"no video at all", "video/mp4")}}
    answer = ask(server, part, text_part("What happens?"))
    assert answer.status_code == 400
    assert "video" in answer.json()["error"]["message"]


def test_sound_of_another_rate_is_resampled(server, processor):
    file = io.BytesIO()
    samples = sound("audio_3s").samples
    soundfile.write(file, samples[:32_000], 32_000, format="WAV")
    part = {"type": "input_audio", "input_audio": {"data": base64.b64encode(file.getvalue()).decode(), "format": "wav"}}
    answer = ask(server, part)
    resampled = type(sound("audio_3s"))(samples[:16_000])
    assert answer.json()["usage"]["prompt_tokens"] == prompt_tokens(processor, resampled)
