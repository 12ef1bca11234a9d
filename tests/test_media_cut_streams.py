"""Streams that were cut in the middle of a packet or a frame, as recorders of broadcasts leave them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media_files import tone, written
from vita.errors import MediaError
from vita.media import load_clip, load_sound
from vita.media.audio_frames import frame_bytes, run_of_frames
from vita.media.file_formats import identify_format

FAULTS = Path(__file__).parent / "media_faults"
MP3 = written(tone(3, 44_100), 44_100, "MP3")


def named(data: bytes) -> str | None:
    found = identify_format(lambda offset, size: data[offset : offset + size])
    return found and found.name


@pytest.mark.parametrize("cut", [1, 5, 300, 3001])
def test_an_mp3_without_its_beginning_is_heard_from_its_next_frame_on(cut):
    place = lost = 0
    while place < cut:
        place, lost = place + frame_bytes(MP3[place : place + 6]), lost + 1
    frame = 1152 / 44_100  # seconds; two more may be lost, which lean on those before them
    assert load_sound(MP3[cut:]).duration == pytest.approx(load_sound(MP3).duration - lost * frame, abs=3 * frame)


@pytest.mark.parametrize("junk", [b"\0\1\2\3\4", b"\xff\xfb", b"\x80" * 900])
def test_an_mp3_behind_junk_is_heard(junk):
    assert load_sound(junk + MP3).duration == pytest.approx(3.0, abs=0.2)


def test_broadcasts_that_were_cut_anywhere_are_read():
    lost = 17 * 1024 / 16_000  # seconds: the frames that begin before the cut
    assert load_sound((FAULTS / "hs.aac").read_bytes()[203:]).duration == pytest.approx(12.224 - lost)
    assert len(load_clip((FAULTS / "ts.ts").read_bytes()[100:], frames=4).frames) == 4


def test_text_is_no_sound_and_no_video_whatever_comes_behind_it():
    for text in (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile '/etc/passwd'\n"):
        assert named(text + MP3) is None
        with pytest.raises(MediaError):
            load_sound(text + MP3)
        with pytest.raises(MediaError):
            load_clip(text + bytes(188))


@given(st.binary(max_size=300), st.integers(0, 50))
def test_runs_of_frames_end_whatever_the_bytes_are(data, begin):
    assert 0 <= run_of_frames(data, begin) <= 1 + len(data) // 8
    assert frame_bytes(data[:6]) >= 0
