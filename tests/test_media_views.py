"""Names for caches, and outlines to draw."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from vita.media import Clip, Picture, Sound, digest, waveform

BLACK, WHITE = Image.new("RGB", (4, 2)), Image.new("RGB", (4, 2), "white")
SOUND = Sound(np.linspace(-1, 1, 1000, dtype=np.float32))


def clip(*frames):
    return Clip(frames, tuple(map(float, range(len(frames)))), float(len(frames)))


def test_equal_content_has_one_name_and_other_content_another():
    media = [
        Picture(BLACK),
        Picture(WHITE),
        Picture(Image.new("RGB", (2, 4))),
        clip(BLACK),
        clip(BLACK, BLACK),
        clip(BLACK, WHITE),
        clip(WHITE, BLACK),
        SOUND,
        Sound(-SOUND.samples),
        Sound(SOUND.samples[:-1]),
        Sound(np.zeros(0, np.float32)),
    ]
    names = [digest(medium) for medium in media]
    assert len(set(names)) == len(media)
    assert digest(Picture(BLACK.copy())) == names[0]
    assert digest(Sound(SOUND.samples.copy())) == digest(SOUND)


def test_a_name_is_short_enough_for_a_cache_key():
    assert len(digest(SOUND)) == 32
    assert int(digest(SOUND), 16) >= 0


def test_a_waveform_shows_the_peak_of_each_stretch():
    samples = np.array([0, 0.5, -1, 0, 0.25, 0], np.float32)
    assert waveform(Sound(samples), 3).tolist() == [0.5, 1.0, 0.25]


@given(count=st.integers(0, 500), points=st.integers(1, 200))
def test_a_waveform_never_leaves_out_the_loudest_sample(count, points):
    samples = np.sin(np.arange(count, dtype=np.float32) * 1.7)
    outline = waveform(Sound(samples), points)
    assert len(outline) == min(count, points)
    assert outline.dtype == np.float32
    if count:
        assert outline.max() == pytest.approx(np.abs(samples).max())


def test_importing_the_package_loads_no_decoder():
    program = "import sys, vita.media; print({'av', 'soundfile', 'pillow_heif', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
