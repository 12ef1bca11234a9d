"""Thirty files of each kind, damaged at random: each is a medium or one sentence; no decoder fails otherwise."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.media_files import clip, recording, saved, tone, written
from vita.errors import InputError
from vita.media import inspect_file, load_clip, load_picture, load_sound

SEEDS = 30
BOUNDED = settings(
    max_examples=60,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SPOTS = st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=12)
DAMAGE = st.tuples(st.floats(0, 1), SPOTS, st.sampled_from(["spots", "zeros", "twice", "swapped"]))


def damaged(data, damage):
    """Cut off behind a share of its length, with other bytes here and there, or with its halves muddled."""
    keep, spots, how = damage
    found = bytearray(data[: 1 + int(keep * len(data))]) if how == "spots" else bytearray(data)
    half = len(found) // 2
    if how == "zeros":
        found[half : half + 200] = bytes(len(found[half : half + 200]))
    elif how == "twice":
        found = found + found[half:]
    elif how == "swapped":
        found = found[:64] + found[half:] + found[64:half]
    for place, value in spots:
        found[int(place * len(found))] = value
    return bytes(found)


@cache
def pictures():
    noise = Image.effect_noise((40, 30), 60)
    files = [
        saved(noise.convert(mode), kind)
        for kind, modes in {
            "PNG": ("RGB", "RGBA", "L", "P", "LA", "I;16"),
            "JPEG": ("RGB", "L", "CMYK"),
            "WEBP": ("RGB", "RGBA"),
            "GIF": ("P", "L"),
            "BMP": ("RGB", "L", "P"),
            "TIFF": ("RGB", "F", "CMYK", "I;16", "1"),
            "AVIF": ("RGB", "RGBA"),
            "PPM": ("RGB", "L"),
            "ICO": ("RGBA",),
        }.items()
        for mode in modes
    ]
    files.append((Path(__file__).parent / "media_faults/card.heic").read_bytes())
    moving = [noise.convert("RGB").rotate(90 * turn) for turn in range(3)]
    files += [saved(moving[0], kind, save_all=True, append_images=moving[1:]) for kind in ("GIF", "WEBP", "PNG")]
    assert len(files) == SEEDS
    return files


@cache
def sounds():
    stereo = np.stack([tone(0.3), tone(0.3, hertz=700)], axis=1)
    files = [
        written(samples, 48_000, kind, subtype)
        for samples in (tone(0.3), stereo)
        for kind, subtype in [
            ("WAV", None), ("WAV", "FLOAT"), ("WAV", "PCM_24"), ("WAV", "ULAW"), ("W64", None), ("RF64", None),
            ("AIFF", None), ("CAF", None), ("AU", None), ("FLAC", None), ("OGG", "VORBIS"), ("OGG", "OPUS"),
            ("MP3", None),
        ]
    ]  # fmt: skip
    files += [
        recording(0.3, *kind) for kind in [("libopus", "webm"), ("aac", "mp4"), ("aac", "adts"), ("flac", "matroska")]
    ]
    assert len(files) == SEEDS
    return files


@cache
def videos():
    kinds = [
        ("libx264", "mp4"), ("libx264", "matroska"), ("libx264", "mpegts"), ("libx264", "flv"), ("libx264", "avi"),
        ("mpeg4", "avi"), ("mpeg4", "mp4"), ("mpeg2video", "mpeg"), ("mpeg1video", "mpeg"), ("libvpx", "webm"),
        ("libvpx-vp9", "webm"), ("libx265", "mp4"), ("libsvtav1", "mp4"), ("ffv1", "matroska"), ("libx264", "3gp"),
    ]  # fmt: skip
    found = [
        clip(20, 25, (64, 48), codec, container, sound)
        for codec, container in kinds
        for sound in (0.0, 0.5 if container == "mp4" else 0.0)
    ]
    assert len(found) == SEEDS
    return found


def read_damaged(load, data, caplog):
    """Load, and see that no decoder failed with an exception that it should have known."""
    caplog.clear()
    with caplog.at_level(logging.WARNING, "vita.media"):
        for function in (inspect_file, load):
            try:
                result = function(data)
            except InputError as e:
                result = e
    failures = [record.getMessage() for record in caplog.records if "failed on a file" in record.getMessage()]
    assert failures == []
    return result


@BOUNDED
@given(seed=st.integers(0, SEEDS - 1), damage=DAMAGE)
def test_a_damaged_picture_is_a_picture_or_a_sentence(seed, damage, caplog):
    found = read_damaged(load_picture, damaged(pictures()[seed], damage), caplog)
    assert isinstance(found, InputError) or found.image.mode == "RGB"


@BOUNDED
@given(seed=st.integers(0, SEEDS - 1), damage=DAMAGE)
def test_a_damaged_sound_is_a_sound_or_a_sentence(seed, damage, caplog):
    found = read_damaged(load_sound, damaged(sounds()[seed], damage), caplog)
    assert isinstance(found, InputError) or np.abs(found.samples).max() <= 1


@BOUNDED
@given(seed=st.integers(0, SEEDS - 1), damage=DAMAGE)
def test_a_damaged_video_is_a_video_or_a_sentence(seed, damage, caplog):
    found = read_damaged(load_clip, damaged(videos()[seed], damage), caplog)
    assert isinstance(found, InputError) or len(found.frames) >= 4


@pytest.mark.parametrize(("load", "seeds"), [(load_picture, pictures), (load_sound, sounds), (load_clip, videos)])
def test_every_seed_is_read_while_it_is_whole(load, seeds):
    for data in seeds():
        load(data)
