"""Files of every kind: absent, empty, too large, or damaged anywhere."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.media_files import clip, recording, saved, tone, written
from vita.errors import InputError, LimitError, MediaError
from vita.media import Limits, inspect_file, load_clip, load_picture, load_sound

LOADERS = {"p.png": load_picture, "v.mp4": load_clip, "s.wav": load_sound}
NOISE = Image.effect_noise((40, 30), 60).convert("RGB")
SMALL = Limits(image_bytes=100, video_bytes=100, audio_bytes=100)


@pytest.mark.parametrize("name", LOADERS)
def test_an_absent_file_is_to_be_chosen_again(name, tmp_path):
    for path in (tmp_path / name, tmp_path, "nul\0byte", "long" * 1000):
        with pytest.raises(MediaError, match="choose the file again"):
            LOADERS[name](path)


@pytest.mark.parametrize("name", LOADERS)
def test_an_empty_file_is_refused(name, tmp_path):
    (tmp_path / name).touch()
    with pytest.raises(MediaError, match="0 bytes"):
        LOADERS[name](tmp_path / name)


@pytest.mark.parametrize(
    ("load", "data"), [(load_picture, saved(NOISE)), (load_clip, clip()), (load_sound, written(tone(1)))]
)
def test_a_file_too_large_is_refused(load, data):
    with pytest.raises(LimitError, match=r"MiB and at most 0 MiB are allowed; make it smaller"):
        load(data, SMALL)


PICTURES = [saved(NOISE, kind) for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM")]
SOUNDS = [written(tone(0.3), 48_000, kind) for kind in ("WAV", "FLAC", "OGG", "MP3")] + [recording(0.3)]
CUT = st.floats(0, 1)
SPOTS = st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=8)


def damaged(data: bytes, cut: float, spots: list[tuple[float, int]]) -> bytes:
    """Cut off behind a share of its length, with other bytes here and there."""
    found = bytearray(data[: 1 + int(cut * len(data))])
    for place, value in spots:
        found[int(place * len(found))] = value
    return bytes(found)


@given(data=st.sampled_from(PICTURES), cut=CUT, spots=SPOTS)
def test_a_damaged_image_is_a_picture_or_one_sentence(data, cut, spots):
    with suppress(InputError):
        assert load_picture(damaged(data, cut, spots)).image.mode == "RGB"


@given(data=st.sampled_from(SOUNDS), cut=CUT, spots=SPOTS)
def test_a_damaged_sound_is_a_sound_or_one_sentence(data, cut, spots):
    with suppress(InputError):
        assert np.abs(load_sound(damaged(data, cut, spots)).samples).max() <= 1


def test_a_file_of_unknown_kind_is_told_of_as_such(tmp_path):
    (tmp_path / "empty").touch()
    with pytest.raises(MediaError, match=r"^The chosen file is empty"):
        inspect_file(tmp_path / "empty")
    with pytest.raises(MediaError, match=r"^The file is not there any more"):
        inspect_file(tmp_path / "gone")
    with pytest.raises(LimitError, match=r"^The chosen file has"):
        inspect_file(clip(), SMALL)
    with pytest.raises(LimitError, match=r"^The image file has"):
        inspect_file(saved(NOISE), Limits(image_bytes=100))


@pytest.mark.parametrize("path", ["/", "/dev/zero"])
def test_a_folder_and_a_device_are_told_apart_from_a_file_that_is_gone(path):
    with pytest.raises(MediaError, match=r"^A folder or a device is no sound"):
        load_sound(path)


CROWDED = """
import os, resource, sys
from vita.errors import LimitError
from vita.media import load_sound
load_sound(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
kept = []
try:
    while True:
        kept.append(os.dup(0))
except OSError:
    pass
for _ in range(12):
    try:
        load_sound(sys.argv[1])
        print("read")
    except LimitError as error:
        print(error)
    os.close(kept.pop())
"""


def test_a_server_with_too_many_open_files_asks_to_send_it_again(tmp_path):
    (tmp_path / "s.wav").write_bytes(SOUNDS[0])
    run = subprocess.run(
        [sys.executable, "-c", CROWDED, str(tmp_path / "s.wav")], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    first, *_, last = run.stdout.splitlines()
    assert first == "The server is still reading other files; send it again in a minute."
    assert last == "read"
    assert set(run.stdout.splitlines()) == {first, last}
