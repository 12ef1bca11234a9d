"""Media of chat requests: what vLLM's server reads with the plugin is what the page reads."""

from __future__ import annotations

import asyncio
import base64
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.media_files import clip, recording, saved, tone, written
from vita.media import SAMPLE_RATE, load_clip, load_picture, load_sound

pytest.importorskip("vllm")
from vllm.exceptions import VLLMValidationError

from vita.vllm_plugin import register
from vita.vllm_plugin.media_connector import VITAMediaConnector
from vita.vllm_plugin.multimodal_inputs import _picture

FAULTS = Path(__file__).parent / "media_faults"


def data_url(data, kind):
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def sideways():
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(Image.effect_noise((40, 20), 60), exif=exif)


PICTURES = {
    "16-bit grey": lambda: saved(Image.fromarray(np.arange(0, 65_536, 64, np.uint16).reshape(32, 32))),
    "transparency": lambda: saved(Image.effect_noise((20, 20), 60).convert("RGBA").rotate(45)),
    "a clear colour": lambda: (FAULTS / "rgb_trns.png").read_bytes(),
    "EXIF": sideways,
    "HEIC": lambda: (FAULTS / "card.heic").read_bytes(),
    "CMYK": lambda: saved(Image.new("CMYK", (9, 9), (0, 200, 100, 0)), "JPEG"),
    "a large photo": lambda: saved(Image.effect_noise((3000, 2000), 60), "JPEG"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_of_a_chat_has_the_pages_pixels(name):
    data = PICTURES[name]()
    expected = np.asarray(load_picture(data).image)
    connector = VITAMediaConnector()
    url = data_url(data, "image/png")
    for found in (connector.fetch_image(url), asyncio.run(connector.fetch_image_async(url))):
        assert np.array_equal(np.asarray(found.media), expected)


def test_a_picture_given_to_the_engine_itself_has_them_too():
    deep = Image.fromarray(np.arange(0, 65_536, 64, np.uint16).reshape(32, 32))
    for image in (deep, Image.effect_noise((9, 9), 60).convert("RGBA").rotate(45)):
        assert np.array_equal(np.asarray(_picture(image)), np.asarray(load_picture(image).image))


@pytest.mark.parametrize("data", [recording(1.0), written(np.stack([tone(1), -tone(1)], axis=1))])
def test_a_sound_of_a_chat_has_the_pages_samples(data):
    connector = VITAMediaConnector()
    url = data_url(data, "audio/wav")
    for samples, rate in (connector.fetch_audio(url), asyncio.run(connector.fetch_audio_async(url))):
        assert rate == SAMPLE_RATE
        assert np.array_equal(samples, load_sound(data).samples)


def test_a_video_of_a_chat_has_the_pages_frames():
    data = clip()
    connector = VITAMediaConnector({"video": {"video_backend": "vita", "num_frames": 8}})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # vLLM and its packages warn of each other while they are imported
        register()
    frames, facts = connector.fetch_video(data_url(data, "video/mp4")).media
    expected = load_clip(data, frames=8)
    assert np.array_equal(frames, np.stack([np.asarray(frame) for frame in expected.frames]))
    assert facts["times"] == list(expected.times)


def test_frames_that_come_as_jpegs_are_read_as_pictures():
    jpegs = [saved(Image.new("RGB", (16, 16), (value,) * 3), "JPEG") for value in (0, 100, 200)]
    url = "data:video/jpeg;base64," + ",".join(base64.b64encode(jpeg).decode() for jpeg in jpegs)
    frames, _ = VITAMediaConnector({"video": {"num_frames": 8}}).fetch_video(url).media
    assert frames.mean(axis=(1, 2, 3)) == pytest.approx([0, 100, 200], abs=2)


def test_what_cannot_be_read_is_the_clients_error():
    connector = VITAMediaConnector()
    for fetch in (connector.fetch_image, connector.fetch_audio):
        with pytest.raises(VLLMValidationError, match="can be read"):
            fetch(data_url(b"Dear diary.", "image/png"))
