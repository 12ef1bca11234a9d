"""Sound of a file as mono at 16 kHz. Decoding processes only; PyAV decodes.

Lengths in headers refuse a file early and tell a cut one; they never decide how much is read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO, cast

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from vita.errors import MediaError
from vita.media.containers import EXACT, moving_pictures, open_container, read_packets, stated_seconds, voices
from vita.media.file_slice import FileSlice
from vita.media.files import check_length, too_long
from vita.media.kinds import Limits
from vita.media.media_sentences import FileKind, damaged_file, unreadable_file
from vita.media.resampling import check_rate
from vita.media.sound_headers import is_wave_cut_off, mp3_seconds, ogg_links
from vita.media.sound_mixing import MonoMixer, Samples, check_channels, float_samples

COUNTED = frozenset({"wav", "flac", "aiff", "caf", "w64", "au", "mp3"})  # their headers count samples or frames
LOST = 0.5  # share of the packets that may be damaged: joined files have others' headers between
PADDING = 0.1  # seconds that codecs add

_SILENT_VIDEO = "This video has no sound; send a file that has, or record the question."


def decode_sound(file: BinaryIO, name: str, limits: Limits, kind: FileKind) -> Samples:
    """A sound track, whole: the mean of its channels, or one where the mean is silent, float32 [n] at SAMPLE_RATE.

    Args:
        name: FFmpeg's name of the demuxer.
        kind: what the file is called in sentences.

    Raises:
        MediaError: no sound, or a damaged one.
        LimitError: too many seconds, by the header where it tells.
    """
    check_sound_header(file, name, limits, kind)
    if name == "wav" and is_wave_cut_off(_reader_of(file), os.fstat(file.fileno()).st_size):
        raise damaged_file("sound")
    mixer = MonoMixer()
    for link in _links_of(file, name):
        _mix_track(mixer, link, name, limits, kind)
    return mixer.mixed_samples()


def check_sound_header(file: BinaryIO, name: str, limits: Limits, kind: FileKind = "sound") -> None:
    """Refuse by its header alone what ``decode_sound`` would refuse by it; see there for the errors."""
    stated = 0.0
    for link in _links_of(file, name):
        with open_container(link, name, kind) as opened:
            track = _first_voice(opened)
            check_channels(track.channels)
            stated += _stated_length(link, name, opened, track)
    check_length(max(0.0, stated - PADDING), limits.audio_seconds, "sound")


def _links_of(file: BinaryIO, name: str) -> list[BinaryIO]:
    """The file; of an Ogg file that was joined of several, each, for FFmpeg keeps the decoder of the first."""
    if name != "ogg":
        return [file]
    links = ogg_links(_reader_of(file), os.fstat(file.fileno()).st_size)
    return [cast(BinaryIO, FileSlice(file.fileno(), *link)) for link in links] if len(links) > 1 else [file]


def _mix_track(mixer: MonoMixer, file: BinaryIO, name: str, limits: Limits, kind: FileKind) -> None:
    """Add the track, decoded no further than the limit."""
    before = mixer.seconds
    with open_container(file, name, kind) as opened:
        track = _first_voice(opened)
        stated = _stated_length(file, name, opened, track)
        for frame in _decode_frames(opened, track):
            check_rate(frame.sample_rate)
            mixer.add_block(_frame_samples(frame), frame.sample_rate)
            if mixer.seconds > limits.audio_seconds + PADDING:
                raise too_long(limits.audio_seconds, "sound")
    least = stated * 0.98 - PADDING if name in COUNTED else stated * 0.95 - 1.0
    if mixer.seconds - before < least:
        raise damaged_file("sound")


def _first_voice(opened: InputContainer) -> AudioStream:
    """The first sound track."""
    if not voices(opened):
        raise MediaError(_SILENT_VIDEO) if moving_pictures(opened) else unreadable_file("sound")
    return voices(opened)[0]


def _stated_length(file: BinaryIO, name: str, opened: InputContainer, track: AudioStream) -> float:
    """The track's length by the header, 0 where it states none. A video's own may be longer than its sound's."""
    if name == "mp3":
        return mp3_seconds(_reader_of(file))
    if name in EXACT and track.duration is not None and track.time_base is not None:
        return float(track.duration * track.time_base)
    return 0.0 if moving_pictures(opened) else stated_seconds(opened, name)


def _reader_of(file: BinaryIO) -> Any:
    return lambda offset, size: os.pread(file.fileno(), size, offset)


def _decode_frames(opened: InputContainer, track: AudioStream) -> Iterator[AudioFrame]:
    """The track's frames; a damaged packet is left out. Raises MediaError where most are."""
    packets = failed = 0
    for packet in chain(read_packets(opened, track), [None]):  # None: give out what is still held back
        packets += 1
        try:
            yield from track.codec_context.decode(packet)
        except MemoryError:
            raise
        except av.FFmpegError:
            failed += 1
    if failed > LOST * packets:
        raise damaged_file("sound")


def _frame_samples(frame: AudioFrame) -> Samples:
    """float32 [n, channels]."""
    values: NDArray[Any] = frame.to_ndarray()  # [channels, n], or [1, n * channels] where samples are interleaved
    return float_samples(values.T if frame.format.is_planar else values.reshape(-1, frame.layout.nb_channels))
