"""Sound: from whatever recorders write to mono at 16 kHz, and what is refused."""

import numpy as np
import pytest

from tests.media_files import clip, recording, tone, written
from vita.errors import InputError, LimitError, MediaError
from vita.media import SAMPLE_RATE, Limits, load_sound, sound_of_clip


def assert_is_tone(sound, seconds=1.0, tolerance=0.05):
    assert sound.samples.dtype == np.float32
    assert sound.samples.ndim == 1
    assert sound.duration == pytest.approx(seconds, abs=tolerance)
    middle = sound.samples[len(sound.samples) // 4 : -len(sound.samples) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * SAMPLE_RATE / len(middle) == pytest.approx(440, abs=4)
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.1)  # codecs overshoot


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("WAV", "PCM_U8"), ("FLAC", None), ("OGG", "VORBIS"), ("OGG", "OPUS"),
     ("MP3", None), ("AIFF", None)],
)  # fmt: skip
def test_common_formats_are_read(kind, subtype):
    assert_is_tone(load_sound(written(tone(1), 48_000, kind, subtype)))


@pytest.mark.parametrize(
    ("codec", "container", "options"),
    [("libopus", "webm", {}), ("libopus", "webm", {"live": "1"}), ("aac", "mp4", {}), ("aac", "adts", {})],
    ids=["webm", "recorded webm", "m4a", "aac"],
)
def test_what_browsers_record_is_read(codec, container, options):
    assert_is_tone(load_sound(recording(1.0, codec, container, options)), tolerance=0.1)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_every_rate_becomes_16_kilohertz(rate):
    assert_is_tone(load_sound(written(tone(1, rate), rate)), tolerance=0.001)


def test_sound_at_16_kilohertz_is_left_as_it_is():
    samples = tone(0.5, 16_000)
    assert np.array_equal(load_sound(written(samples, 16_000, subtype="FLOAT")).samples, samples)
    assert np.array_equal(load_sound((16_000, samples)).samples, samples)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float32, np.float64, np.uint8])
def test_a_microphone_s_arrays_are_read_whatever_their_type(dtype):
    samples = tone(1)
    if np.issubdtype(dtype, np.integer):
        info = np.iinfo(dtype)
        samples = (samples * (info.max // 2 if info.min == 0 else info.max) + (info.min == 0) * 128).astype(dtype)
    assert_is_tone(load_sound((48_000, samples.astype(dtype))))


def test_channels_are_averaged():
    stereo = np.stack([tone(1) * 2, np.zeros(48_000, np.float32)], axis=1)
    assert_is_tone(load_sound((48_000, stereo)))
    assert_is_tone(load_sound(written(stereo, subtype="FLOAT")))


def test_samples_beyond_full_scale_and_gaps_are_mended():
    samples = tone(1, 16_000) * 4
    samples[:3] = np.nan, np.inf, -np.inf
    found = load_sound((16_000, samples)).samples
    assert np.abs(found).max() == 1
    assert found[:3].tolist() == [0, 1, -1]


def test_a_path_is_read_too(tmp_path):
    path = tmp_path / "question.raw"  # the name says nothing
    path.write_bytes(written(tone(1)))
    assert_is_tone(load_sound(path))


def test_the_sound_of_a_video_is_its_track():
    assert_is_tone(sound_of_clip(clip(frames=30, sound=1.0)), tolerance=0.1)
    assert_is_tone(load_sound(clip(frames=30, sound=1.0)), tolerance=0.1)
    assert_is_tone(sound_of_clip(clip(frames=30, codec="libvpx", container="webm", sound=1.0)), tolerance=0.1)


def test_a_silent_video_has_no_sound():
    assert sound_of_clip(clip(frames=5)) is None
    with pytest.raises(MediaError, match="no sound"):
        load_sound(clip(frames=5))


@pytest.mark.parametrize("samples", [np.zeros(0, np.int16), np.zeros((0, 2), np.int16), np.zeros((0, 0), np.int16)])
def test_a_recording_without_samples_is_refused(samples):
    with pytest.raises(MediaError, match="no samples"):
        load_sound((48_000, samples))


def test_a_file_without_samples_is_refused():
    with pytest.raises(MediaError, match="no samples"):
        load_sound(written(np.zeros(0, np.float32)))


def test_a_click_is_too_short():
    with pytest.raises(MediaError, match=r"only 0\.05 s long"):
        load_sound((16_000, np.ones(800, np.float32)))


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_a_sound_of_20_minutes_is_refused(kind):
    data = written(np.zeros(20 * 60 * 8000, np.float32), 8000, kind)
    with pytest.raises(LimitError, match="20 min 0 s long and at most 1 min 0 s are allowed"):
        load_sound(data)


def test_long_arrays_and_recordings_are_refused():
    with pytest.raises(LimitError, match="20 min"):
        load_sound((8000, np.zeros(20 * 60 * 8000, np.int16)))
    for options in ({}, {"live": "1"}):
        with pytest.raises(LimitError, match=r"long.* and at most 1 s are allowed"):
            load_sound(recording(2.0, options=options), Limits(audio_seconds=1))


def test_the_track_of_a_long_video_is_refused_as_a_sound():
    with pytest.raises(LimitError, match="at most 1 s"):
        sound_of_clip(clip(frames=5, sound=2.0), Limits(audio_seconds=1))


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "MP3"])
def test_a_truncated_sound_is_refused(kind):
    data = written(np.random.default_rng(0).normal(0, 0.1, 96_000).astype(np.float32), 48_000, kind)
    with pytest.raises(MediaError, match="cut off"):
        load_sound(data[: len(data) // 2])


def test_a_truncated_recording_is_refused():
    data = recording(4.0)
    with pytest.raises(MediaError, match="cut off"):
        load_sound(data[: len(data) // 2])


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_a_streamed_wave_file_with_an_open_length_is_read(size):
    data = bytearray(written(tone(1)))
    data[4:8] = size.to_bytes(4, "little")
    assert_is_tone(load_sound(bytes(data)))


@pytest.mark.parametrize(
    "data", [b"Dear diary, this is no song.\n" * 50, bytes(1000), b"#EXTM3U\nfile:///etc/passwd\n"]
)
def test_what_is_no_sound_is_refused(data, tmp_path):
    path = tmp_path / "renamed.mp3"
    path.write_bytes(data)
    with pytest.raises(MediaError, match="not a sound that can be read, or only a part of one; send a whole WAV"):
        load_sound(path)


@pytest.mark.parametrize("rate", [0, -1, 1, 10_000_000])
def test_rates_of_no_recorder_are_refused(rate):
    with pytest.raises(InputError):
        load_sound((rate, np.ones(1000, np.float32)))


def test_arrays_of_other_things_are_refused():
    for samples in (np.array(["a"]), np.zeros((2, 2, 2)), np.zeros(9, bool), np.zeros(9, complex)):
        with pytest.raises(MediaError, match="is no sound"):
            load_sound((16_000, samples))


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_channels_in_opposite_phase_are_heard(kind):
    opposite = np.stack([tone(1), -tone(1)], axis=1)
    found = load_sound(written(opposite, kind=kind)).samples
    assert np.abs(found[4000:-4000]).max() > 0.4


@pytest.mark.parametrize(("kind", "subtype"), [("WAV", "FLOAT"), ("WAV", "PCM_24"), ("FLAC", "PCM_24")])
def test_speech_at_90_decibels_below_full_scale_is_heard(kind, subtype):
    found = load_sound(written(tone(1) * 10 ** (-90 / 20), 48_000, kind, subtype)).samples
    assert np.abs(found[4000:-4000]).max() == pytest.approx(0.1, rel=0.1)
    assert not load_sound((16_000, np.zeros(16_000, np.int16))).samples.any()


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_every_part_of_a_chained_ogg_is_heard(subtype):
    parts = [written(tone(1, hertz=hertz), 48_000, "OGG", subtype) for hertz in (440, 880)]
    found = load_sound(b"".join(parts))
    assert found.duration == pytest.approx(2, abs=0.1)
    assert np.abs(found.samples[20_000:30_000]).max() > 0.4


def test_every_part_of_joined_mp3s_is_heard():
    parts = [written(tone(1), 48_000, "MP3"), written(tone(2, 44_100), 44_100, "MP3")]
    assert load_sound(b"".join(parts)).duration == pytest.approx(3, abs=0.2)


def test_a_sound_behind_an_id3_tag_with_a_cover_is_read():
    cover = b"ID3\x03\x00\x00\x00\x00\x7f\x76" + bytes(0x3FF6)
    assert_is_tone(load_sound(cover + written(tone(1), 48_000, "MP3")), tolerance=0.1)


@pytest.mark.parametrize("cut", [1, 3])
def test_a_wave_file_whose_last_sample_is_incomplete_is_read(cut):
    assert_is_tone(load_sound(written(tone(1), 48_000, "WAV", "PCM_16")[:-cut]), tolerance=0.001)


def test_a_rate_of_no_resampler_is_refused_in_a_file_too():
    with pytest.raises(MediaError, match=r"1000 samples a second"):
        load_sound(written(np.ones(1000, np.float32), 1000))
