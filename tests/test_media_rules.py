"""The pure rules of reading media: formats by their first bytes, frames by time, spans of packets, shapes, headers."""

from __future__ import annotations

import socket
import struct
import threading
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.media_files import clip, recording, saved, tone, written
from vita.errors import LimitError, MediaError
from vita.media.decoder_messages import (
    BrokenAnswerError,
    error_message,
    error_of,
    receive_arrays,
    receive_message,
    send_message,
)
from vita.media.file_formats import identify_format
from vita.media.files import Length
from vita.media.frame_geometry import FrameOrientation, bounded_size, orientation_of, shown_size
from vita.media.frame_times import FrameTimes, choose_by_time, choose_frames, fill_missing
from vita.media.packet_spans import PacketTimes, needed_spans
from vita.media.png_chunks import drop_text
from vita.media.sound_headers import is_wave_cut_off, mp3_seconds
from vita.media.sound_mixing import MonoMixer, float_samples, mix_array


def read_at(data):
    return lambda offset, size: data[offset : offset + size]


# formats


@pytest.mark.parametrize(
    ("data", "decoder", "name"),
    [
        (lambda: saved(Image.new("RGB", (4, 4)), "AVIF"), "pillow", "AVIF"),
        (lambda: saved(Image.new("RGB", (4, 4)), "WEBP"), "pillow", "WEBP"),
        (lambda: saved(Image.new("RGB", (4, 4)), "PPM"), "pillow", "PPM"),
        (lambda: clip(4), "ffmpeg", "mov"),
        (lambda: clip(4, codec="libvpx", container="webm"), "ffmpeg", "matroska"),
        (lambda: clip(40, container="mpegts"), "ffmpeg", "mpegts"),
        (lambda: clip(4, container="flv"), "ffmpeg", "flv"),
        (lambda: clip(4, container="avi"), "ffmpeg", "avi"),
        (lambda: clip(4, rate=25, codec="mpeg2video", container="mpeg"), "ffmpeg", "mpeg"),
        (lambda: recording(0.3, "aac", "adts"), "ffmpeg", "aac"),
        (lambda: written(tone(0.1), kind="W64"), "ffmpeg", "w64"),
        (lambda: written(tone(0.1), kind="CAF"), "ffmpeg", "caf"),
        (lambda: written(tone(0.1), kind="RF64"), "ffmpeg", "wav"),
        (lambda: written(tone(0.1), kind="MP3"), "ffmpeg", "mp3"),
        (lambda: b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + written(tone(0.1), kind="MP3"), "ffmpeg", "mp3"),
        (lambda: b"\0\0\0\x14ftypheic" + bytes(8), "pillow", "HEIF"),
        (lambda: b"\0\0\0\x0cJXL \r\n\x87\n", "none", "JPEG XL"),
        (lambda: b"<?xml version='1.0'?>\n<svg xmlns='x'/>", "none", "SVG"),
    ],
)  # fmt: skip
def test_the_first_bytes_tell_the_format(data, decoder, name):
    found = identify_format(read_at(data()))
    assert (found.decoder, found.name) == (decoder, name)


def test_the_camcorders_transport_stream_is_known_too():
    packets = clip(60, container="mpegts")
    with_times = b"".join(bytes(4) + packets[place : place + 188] for place in range(0, len(packets), 188))
    assert identify_format(read_at(with_times)).name == "mpegts"


@given(st.text(min_size=1, max_size=300))
def test_no_text_is_opened(text):
    data = text.encode()
    if data[:1].isalnum() and data[:2] not in (b"BM",) and data[:1] != b"P":
        found = identify_format(read_at(data))
        assert (
            found is None
            or found.decoder == "none"
            or data[:4] in (b"GIF8", b"OggS", b"fLaC", b"caff", b"riff", b"RIFF")
        )


@pytest.mark.parametrize("text", [b"#EXTM3U\n", b"ffconcat version 1.0\n", b"<?xml?><MPD/>", b"[playlist]\n", b"G" * 9])
def test_lists_of_other_files_have_no_format(text):
    assert identify_format(read_at(text * 100 if len(text) > 9 else text)) is None


@given(st.binary(max_size=400))
def test_any_bytes_have_a_format_or_none(data):
    identify_format(read_at(data))


# frames by time


@given(st.lists(st.floats(0.01, 3), min_size=1, max_size=200), st.integers(4, 32))
def test_frames_by_time_are_in_order_and_each_is_on_the_screen_at_a_second(gaps, most):
    times = [0.0, *np.cumsum(gaps)]
    duration = times.pop()
    chosen = choose_by_time(times, duration, most)
    assert 4 <= len(chosen) <= most
    assert list(chosen) == sorted(chosen)
    assert chosen[0] == 0
    ends = [*times[1:], duration]
    assert all(np.ceil(times[index] - 1e-6) <= ends[index] + 1e-6 for index in chosen)


@given(rate=st.integers(1, 60), seconds=st.integers(1, 40), most=st.integers(4, 32))
def test_at_a_whole_rate_both_rules_choose_the_same_frames(rate, seconds, most):
    times = [number / rate for number in range(rate * seconds)]
    assert choose_by_time(times, float(seconds), most) == choose_frames(rate, rate * seconds, most)


@pytest.mark.parametrize("rate", [29.97, 23.976, 25, 59.94])
def test_times_rounded_to_milliseconds_are_even(rate):
    ticks = tuple(round(1000 * number / rate) for number in range(300))
    times = FrameTimes(ticks, 0.001, rate)
    assert times.is_even
    assert times.choose(16) == choose_frames(rate, 300, 16)


def test_a_gap_makes_times_uneven():
    ticks = (*range(0, 3000, 33), *range(9000, 12_000, 33))
    assert not FrameTimes(ticks, 0.001, 20).is_even


def test_missing_times_are_filled_from_the_known_ones():
    assert fill_missing([None, None, 10, None, 30], 10) == (-10, 0, 10, 20, 30)
    assert fill_missing([None, None], 5) == (0, 5)
    assert fill_missing([0, 7, 3, 20], 5) == (0, 7, 12, 20)  # back in time is no time


# packets


def open_gop(groups=4, length=6):
    """Decoding order of open groups: a key frame, two frames shown before it, then the rest."""
    packets = PacketTimes()
    for group in range(groups):
        first = group * length
        shown = [first + 2, first, first + 1, *range(first + 3, first + length)] if group else range(length)
        for number, time in enumerate(shown):
            packets.add_packet(time, number == 0, False, 1)
    return packets


@given(st.sets(st.integers(0, 23), min_size=1))
def test_spans_hold_every_wanted_frame_and_a_key_frame_shown_no_later(ticks):
    packets = open_gop()
    spans = needed_spans(packets, ticks)
    assert all(a.stop < b.start for a, b in pairwise(spans))
    for tick in ticks:
        (span,) = [span for span in spans if packets.times.index(tick) in span]
        assert any(key in span and packets.times[key] <= tick for key in packets.keys)
        assert span.start in packets.keys


def test_hidden_packets_are_decoded_but_not_counted():
    packets = PacketTimes()
    for number in range(6):
        packets.add_packet(number - 3, number == 0, number < 3, 1)
    assert packets.shown_times() == [0, 1, 2]
    assert needed_spans(packets, [1]) == [range(6)]


def test_packets_without_times_tell_no_frames():
    packets = PacketTimes()
    packets.add_packet(None, True, False, 1)
    packets.add_packet(3, False, False, 1)
    assert packets.shown_times() is None


# shapes


ONE = 0x10000


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ((ONE, 0, 0, ONE), (False, False, False)),
        ((-ONE, 0, 0, ONE), (False, True, False)),
        ((ONE, 0, 0, -ONE), (False, False, True)),
        ((0, ONE, ONE, 0), (True, False, False)),
        ((0, ONE, -ONE, 0), (True, True, False)),
        ((0, 0, 0, 0), (False, False, False)),
    ],
)
def test_a_display_matrix_is_one_of_eight_orientations(matrix, expected):
    a, b, c, d = matrix
    assert orientation_of(struct.pack("=9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)) == FrameOrientation(*expected)


def test_a_quarter_turn_moves_the_corner_clockwise():
    pixels = np.zeros((2, 3, 3), np.uint8)
    pixels[0, 0] = 255
    turned = FrameOrientation(True, True, False).apply_to(pixels)
    assert turned.shape == (3, 2, 3)
    assert turned[0, 1].tolist() == [255] * 3


@given(st.floats(0.5, 1e6), st.integers(1, 1_000_000), st.integers(1, 5_000_000))
def test_a_bounded_size_is_bounded_and_never_empty(width, height, most):
    found = bounded_size(width, height, most)
    assert min(found) >= 1
    assert found[0] * found[1] <= most


def test_anamorphic_pixels_are_widened_unless_their_shape_is_absurd():
    assert shown_size(720, 576, 16 / 15, 10**6) == (768, 576)
    assert shown_size(720, 480, 8 / 9, 10**6) == (640, 480)
    assert shown_size(720, 480, 1000.0, 10**6) == (720, 480)


# headers


def test_a_png_loses_its_texts_and_nothing_else():
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text("comment", "x" * 10_000, zip=True)
    image = Image.effect_noise((20, 20), 60)
    assert drop_text(saved(image, pnginfo=texts)) == saved(image)
    assert drop_text(saved(image)[:50]) == saved(image)[:50]


@given(st.binary(max_size=200))
def test_any_bytes_have_headers_or_none(data):
    drop_text(data)
    is_wave_cut_off(read_at(b"RIFF" + data), len(data))
    assert mp3_seconds(read_at(data)) >= 0


def test_an_mp3s_header_tells_its_length():
    assert mp3_seconds(read_at(written(tone(3), 48_000, "MP3"))) == pytest.approx(3, abs=0.1)
    assert mp3_seconds(read_at(written(tone(3, 16_000), 16_000, "MP3"))) == pytest.approx(3, abs=0.2)


# channels


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_opposite_channels_are_not_heard_as_silence(rate):
    left = tone(1, rate)
    found = mix_array(np.stack([left, -left], axis=1), rate)
    assert np.abs(found).max() == pytest.approx(0.5, abs=0.02)


def test_channels_that_agree_are_averaged():
    both = np.stack([np.full(16_000, 0.2, np.float32), np.full(16_000, 0.6, np.float32)], axis=1)
    assert mix_array(both, 16_000) == pytest.approx(0.4)


def test_rate_and_channels_may_change_in_the_middle():
    mixer = MonoMixer()
    mixer.add_block(tone(1, 48_000)[:, None], 48_000)
    mixer.add_block(np.stack([tone(1, 44_100)] * 2, axis=1), 44_100)
    found = mixer.mixed_samples()
    assert len(found) == pytest.approx(32_000, abs=20)
    assert np.abs(found[17_000:]).max() > 0.45


@given(st.sampled_from([np.uint8, np.int16, np.int32, np.float32, np.float64]))
def test_samples_of_every_type_reach_full_scale_and_no_further(kind):
    ends = [np.iinfo(kind).min, np.iinfo(kind).max] if np.issubdtype(kind, np.integer) else [-7, np.inf, np.nan]
    found = float_samples(np.array(ends, kind))
    assert found.dtype == np.float32
    assert found[0] == -1
    assert 0.99 < found[1] <= 1


# messages


def exchanged(message, arrays, most=10**6):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=send_message, args=(theirs, message, arrays))
        sender.start()
        received = receive_message(ours)
        found = list(receive_arrays(ours, received["arrays"], most))
        sender.join()
    return received, found


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=4))
def test_arrays_arrive_as_they_were_sent(shapes):
    arrays = [np.arange(a * b, dtype=np.float32).reshape(a, b) for a, b in shapes]
    message, found = exchanged({"times": [1.5]}, arrays)
    assert message["times"] == [1.5]
    assert all(np.array_equal(a, b) for a, b in zip(arrays, found, strict=True))


@pytest.mark.parametrize(
    "shapes", ["none", [["<f4", 10**9]], [["<f4", -1, -1]], [["O", 1]], [[1, 2]], 7, [["<f4", "x"]]]
)
def test_arrays_of_another_form_are_refused(shapes):
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(BrokenAnswerError):
        list(receive_arrays(ours, shapes, 1000))


@pytest.mark.parametrize("data", [b"", b"\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\x02{]", b"\0\0\0\x02[]"])
def test_broken_messages_are_refused(data):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.close()
        with pytest.raises(BrokenAnswerError):
            receive_message(ours)


def test_errors_keep_their_kind_and_their_values():
    long = LimitError("The {kind} is {length} long.", kind="sound", length=Length(75))
    again = error_of(error_message(long))
    assert (type(again), str(again), again.values["length"]) == (LimitError, str(long), Length(75))
    assert isinstance(error_of(error_message(MediaError("No."))), MediaError)
    for broken in (
        {},
        {"error": "OSError", "template": "x", "values": {}},
        {"error": "MediaError", "template": "{x}", "values": {"y": 1}},
    ):
        with pytest.raises(BrokenAnswerError):
            error_of(broken)


@pytest.mark.parametrize(("more", "cut_off"), [(0, False), (44, False), (4000, True)])
def test_a_wave_files_data_chunk_alone_tells_whether_it_is_cut_off(more, cut_off):
    data = bytearray(written(tone(1)))
    place = data.index(b"data") + 4
    struct.pack_into("<I", data, place, struct.unpack_from("<I", data, place)[0] + more)
    assert is_wave_cut_off(read_at(bytes(data)), len(data)) is cut_off
