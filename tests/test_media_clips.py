"""Video: which frames are chosen, that exactly those are decoded, and what is refused."""

import io
import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.media_files import clip, recording, saved, three_hours, turned
from vita.errors import LimitError, MediaError
from vita.media import Clip, Limits, choose_frames, load_clip

GOLDEN = json.loads((Path(__file__).parent / "golden/vita-1.0/expected/video_sampling.json").read_text())


def brightness(found: Clip):
    """Twice the frame's number, of its bright right half."""
    return [float(np.asarray(frame)[:, frame.width * 3 // 4 :].mean()) for frame in found.frames]


@pytest.mark.parametrize(("rate", "count", "expected", "_interactive"), GOLDEN["rows"])
def test_frames_are_chosen_as_upstream_chooses_them(rate, count, expected, _interactive):
    assert choose_frames(rate, count) == tuple(expected)


@given(rate=st.floats(0.01, 1000), count=st.integers(1, 100_000), most=st.integers(4, 32))
def test_chosen_frames_exist_are_in_order_and_begin_with_the_first(rate, count, most):
    chosen = choose_frames(rate, count, most)
    assert 4 <= len(chosen) <= most
    assert list(chosen) == sorted(chosen)
    assert chosen[0] == 0
    assert chosen[-1] < count
    assert all(index % max(1, round(rate)) == 0 for index in chosen)


@given(rate=st.integers(1, 120), seconds=st.integers(4, 300), most=st.integers(4, 32))
def test_frames_repeat_only_in_short_videos_and_are_spread_evenly(rate, seconds, most):
    chosen = choose_frames(rate, rate * seconds, most)
    gaps = np.diff(chosen) // rate
    assert gaps.min() >= 1
    assert gaps.max() - gaps.min() <= 1


@pytest.mark.parametrize(
    ("codec", "container", "options"),
    [
        ("libx264", "mp4", {}),
        ("libvpx", "webm", {}),
        ("libvpx", "webm", {"live": "1"}),  # a browser's recording: no length in the header
        ("mpeg4", "avi", {}),
        ("libsvtav1", "mp4", {}),
    ],
    ids=["h264", "vp8", "recorded", "mpeg4", "av1"],
)
def test_the_chosen_frames_of_every_common_format_are_the_right_ones(codec, container, options):
    found = load_clip(clip(codec=codec, container=container, options=options))
    assert brightness(found) == pytest.approx([0, 0, 60, 120], abs=5)
    assert found.times == pytest.approx([0, 0, 1, 2], abs=0.05)
    assert found.duration == pytest.approx(3, abs=0.1)
    assert found.frames[0].size == (64, 48)


@pytest.mark.parametrize("quarter_turns", [0, 1, 2, 3])
def test_a_phone_held_upright_gives_upright_frames(quarter_turns):
    last = np.asarray(load_clip(turned(clip(), quarter_turns)).frames[-1]).mean(axis=2)
    straight = np.rot90(last, quarter_turns)  # counterclockwise: back to how the sensor saw it
    assert straight.shape == (48, 64)
    assert straight[:, 48:].mean() > straight[:, :16].mean() + 100


def test_a_file_is_read_from_its_path_too(tmp_path):
    path = tmp_path / "-höhe 1.mp4"
    path.write_bytes(clip())
    assert brightness(load_clip(path)) == brightness(load_clip(str(path))) == brightness(load_clip(clip()))


def test_a_video_of_one_frame_is_that_frame_four_times():
    found = load_clip(clip(frames=1))
    assert len(found.frames) == 4
    assert set(found.times) == {0.0}


def test_large_frames_are_shrunk_in_their_shape():
    assert load_clip(clip(frames=2, size=(2560, 1440))).frames[0].size == (1200, 675)
    assert load_clip(clip(frames=2, size=(1280, 600))).frames[0].size == (1280, 600)


def test_a_video_of_three_hours_is_refused_by_its_header():
    with pytest.raises(LimitError, match="3 h 0 min long and at most 10 min 0 s are allowed"):
        load_clip(three_hours())


def test_a_recording_without_length_in_its_header_is_measured():
    data = clip(frames=90, codec="libvpx", container="webm", options={"live": "1"})
    with pytest.raises(LimitError, match=r"2\.97 s long and at most 2 s"):
        load_clip(data, Limits(video_seconds=2))


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("options", [{}, {"movflags": "faststart"}], ids=["index behind", "index before"])
def test_a_truncated_video_is_refused(keep, options):
    whole = clip(frames=150, rate=10, options=options)
    with pytest.raises(MediaError, match=r"cut off|only a part"):
        load_clip(whole[: int(len(whole) * keep)])


def test_a_truncated_webm_is_refused():
    whole = clip(frames=128, rate=10, codec="libvpx", container="webm")
    with pytest.raises(MediaError, match="cut off"):
        load_clip(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    "data",
    [
        b"Dear diary, this is no film.\n" * 100,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile other.mp4\n",
        saved(Image.new("RGB", (8, 8))),
        bytes(1000),
    ],
    ids=["text", "playlist", "list of files", "image", "zeros"],
)
def test_what_is_no_video_is_refused_and_nothing_else_is_opened(data, tmp_path):
    (tmp_path / "other.mp4").write_bytes(clip(frames=2))
    path = tmp_path / "renamed.mp4"
    path.write_bytes(data)
    with pytest.raises(MediaError, match="not a video that can be read"):
        load_clip(path)


def test_a_sound_is_no_video():
    with pytest.raises(MediaError, match="sound but no picture"):
        load_clip(recording())


def test_pixels_and_frame_count_are_checked_first():
    with pytest.raises(LimitError, match="million pixels"):
        load_clip(clip(), Limits(image_pixels=1000))
    for frames in (3, 33):
        with pytest.raises(LimitError, match="choose from 4 to 32"):
            load_clip(clip(), frames=frames)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_an_animated_image_is_a_video_too(kind):
    frames = [Image.new("RGB", (32, 24), (value, value, value)) for value in (0, 80, 160, 240)]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=1000)
    found = load_clip(data)
    assert [np.asarray(frame).mean() for frame in found.frames] == pytest.approx([0, 80, 160, 240], abs=4)
    assert found.times == pytest.approx([0, 1, 2, 3], abs=0.01)
    assert found.duration == pytest.approx(4, abs=0.01)


def test_a_still_image_is_no_video():
    with pytest.raises(MediaError, match="not a video"):
        load_clip(saved(Image.new("RGB", (8, 8)), "GIF"))


def anamorphic(aspect):
    """A video of 72 x 48 stored pixels, each ``aspect`` times as wide as high."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 72, 48, "yuv420p"
        stream.codec_context.sample_aspect_ratio = aspect
        for _ in range(10):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((48, 72, 3), np.uint8), format="rgb24")))
        out.mux(stream.encode(None))
    return file.getvalue()


def test_anamorphic_video_is_shown_as_players_do_or_as_stored():
    data = anamorphic(Fraction(4, 3))
    assert load_clip(data).frames[0].size == (96, 48)
    assert load_clip(data, square_pixels=False).frames[0].size == (72, 48)


def test_frames_come_out_right_whatever_the_key_frames_are():
    data = clip(frames=120, rate=10, codec="libx265", container="matroska")
    found = load_clip(data, frames=12)
    assert brightness(found) == pytest.approx([20 * second for second in range(12)], abs=5)
    assert found.times == pytest.approx(range(12), abs=0.01)


def test_a_header_with_wrong_marks_of_key_frames_is_seen_through():
    """Without its table of key frames, every packet of an MP4 counts as one."""
    data = clip(frames=120, rate=10, codec="libx264")
    unmarked = data.replace(b"stss", b"skip")
    assert unmarked != data
    assert brightness(load_clip(unmarked, frames=12)) == brightness(load_clip(data, frames=12))
