"""Files that people have, or make, and that were once read wrongly: each with its right value."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.frame_numbers import frame_number
from vita.errors import LimitError
from vita.media import Limits, inspect_file, load_clip, load_picture, load_sound

FAULTS = Path(__file__).parent / "media_faults"
MIRROR, TRANSPOSE = Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.TRANSPOSE


def numbers_of(found, undo=None):
    """The frame numbers of a clip, each frame laid back as ``undo`` says."""
    return [frame_number(frame if undo is None else frame.transpose(undo)) for frame in found.frames]


CONSTANT = {  # file: frames a second, seconds, first frame shown
    "mpeg2.mpg": (25, 6, 0),
    "xvid.avi": (25, 6, 0),
    "mpeg4.mp4": (25, 12, 0),
    "hevc_open.mkv": (30, 20, 0),
    "trim_kf.mp4": (30, 15.6, 132),
    "trim_av1.mp4": (30, 3.8, 36),
    "ts.ts": (25, 6, 0),
    "off.mkv": (30, 10, 0),
    "neg.mkv": (30, 10, 0),
    "m3gp.3gp": (25, 6, 0),
}


@pytest.mark.parametrize("name", CONSTANT)
@pytest.mark.parametrize("most", [4, 16, 32])
def test_the_number_in_each_frame_is_that_of_its_time(name, most):
    rate, seconds, first = CONSTANT[name]
    found = load_clip(FAULTS / name, frames=most)
    assert [first + round(time * rate) for time in found.times] == numbers_of(found)
    assert found.duration == pytest.approx(seconds, abs=0.02)
    assert len(set(found.times)) == min(most, -(-seconds // 1))
    assert found.times[-1] >= seconds - 2.05


@pytest.mark.parametrize(("name", "undo"), [("m_h264.mp4", MIRROR), ("m_t264.mp4", TRANSPOSE)])
def test_a_mirrored_video_is_shown_mirrored(name, undo):
    found = load_clip(FAULTS / name)
    assert numbers_of(found, undo) == list(range(0, 300, 30))


def test_frames_of_a_variable_rate_are_spread_by_time():
    found = load_clip(FAULTS / "vfr.mp4", frames=12)
    assert numbers_of(found) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 68]
    assert found.times == pytest.approx(range(10))
    assert found.duration == pytest.approx(10)


def test_a_stream_that_appears_late_is_no_fault():
    found = load_clip(FAULTS / "la_small.flv")
    assert found.duration == pytest.approx(120, abs=0.2)
    assert found.times[-1] == pytest.approx(119, abs=0.1)
    assert load_clip(FAULTS / "fuzz_streams.ts").times[0] == 0


def test_a_video_of_8k_is_read_within_the_memory_of_a_decoder():
    assert load_clip(FAULTS / "k8_264.mp4", frames=4).frames[0].size == (1200, 675)


def test_extreme_shapes_keep_their_shape():
    assert load_picture(FAULTS / "thin_20000x1.png").image.size == (20_000, 1)
    assert load_clip(FAULTS / "thin_16000x2.mp4").frames[0].size == (16_000, 2)


SOUNDS = {  # file: seconds of all that is in it
    "piped_vbr.mp3": 2.2,
    "catdiff.mp3": 3.93,
    "hs.mp3": 12.24,
    "hs.aac": 12.22,
    "piped.flac": 2.155,
    "riff_full.wav": 2.155,
    "list_cut.wav": 2.155,
    "data_0_riff0.wav": 2.155,
    "mono_stereo.aac": 4.48,
    "mono_stereo.m4a": 4.48,
}


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_is_heard_whole(name):
    found = load_sound(FAULTS / name)
    assert found.duration == pytest.approx(SOUNDS[name], abs=0.05)
    assert np.abs(found.samples[-len(found.samples) // 2 :]).max() > 0.05  # the second half is not silent


def test_an_estimated_length_does_not_refuse_a_sound():
    with pytest.raises(LimitError, match="too long and at most 5 s"):
        load_sound(FAULTS / "hs.aac", Limits(audio_seconds=5))
    assert load_sound(FAULTS / "hs.aac", Limits(audio_seconds=13)).duration < 13


def test_the_pictures_are_read():
    assert load_picture(FAULTS / "icc2M.png").image.size == (64, 64)
    assert load_picture(FAULTS / "card.heic").image.size == (320, 200)
    whole = np.asarray(load_picture(FAULTS / "jpg_no_eoi.jpg").image)
    again = load_picture((FAULTS / "jpg_no_eoi.jpg").read_bytes() + b"\xff\xd9").image
    assert np.array_equal(whole, np.asarray(again))
    assert load_picture(FAULTS / "max_gray16.png").image.size == (2049, 2049)


def test_a_colour_that_stands_for_transparency_lies_over_white():
    with Image.open(FAULTS / "rgb_trns.png") as raw:
        key, pixels = raw.info["transparency"], np.asarray(raw.convert("RGB"))
    found = np.asarray(load_picture(FAULTS / "rgb_trns.png").image)
    is_clear = (pixels == np.array(key)).all(axis=2)
    assert is_clear.any()
    assert (found[is_clear] == 255).all()
    assert np.array_equal(found[~is_clear], pixels[~is_clear])


KINDS = {"m3gp.3gp": "video", "ts.ts": "video", "card.heic": "image", "mono_stereo.m4a": "sound", "hs.aac": "sound"}


@pytest.mark.parametrize("name", KINDS)
def test_the_content_tells_the_kind(name, tmp_path):
    nameless = tmp_path / "blob"
    nameless.write_bytes((FAULTS / name).read_bytes())
    assert inspect_file(nameless) == KINDS[name]
