"""Open video and sound containers with PyAV, by the format that their first bytes name. Decoding processes only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from vita.media.kinds import Limits
from vita.media.media_sentences import FileKind, damaged_file, unreadable_file

# Formats whose header states a length that was counted. Of the others FFmpeg estimates it from the bit rate.
EXACT = frozenset({"mov", "matroska", "avi", "asf", "wav", "flac", "ogg", "aiff", "caf", "w64", "au", "ivf"})
# Seconds of the file that are looked at for its streams: a stream may begin late.
_OPTIONS = {"probesize": "10000000", "analyzeduration": "30000000"}
_BUFFER = 2**18  # bytes
THREADS = 4
LARGE = 9_000_000  # pixels; frames above 4K


@contextmanager
def open_container(file: BinaryIO, name: str, kind: FileKind, most_pixels: int = 0) -> Iterator[InputContainer]:
    """The container in an open file; what FFmpeg finds wrong in it becomes a MediaError.

    The file has no path and the demuxer is given, so that nothing else can be opened through it.

    Args:
        name: FFmpeg's name of the demuxer.
        most_pixels: of a picture; a decoder refuses larger ones. 0 sets no limit.
    """
    options = dict(_OPTIONS) | {"format_whitelist": name, "protocol_whitelist": ""}
    if most_pixels:
        options["max_pixels"] = str(most_pixels)
    file.seek(0)
    try:
        opened = av.open(file, mode="r", format=name, options=options, metadata_errors="replace", buffer_size=_BUFFER)
    except MemoryError:
        raise
    except (av.FFmpegError, ValueError) as e:
        raise unreadable_file(kind) from e
    try:
        with opened:
            yield opened
    except MemoryError:
        raise
    except av.FFmpegError as e:
        raise damaged_file(kind) from e


def prepare_decoder(stream: VideoStream, limits: Limits) -> None:
    """Set how a picture track is decoded: on few threads, for each holds frames, and no frame larger than allowed."""
    context = stream.codec_context
    context.options = {"max_pixels": str(limits.image_pixels)}
    context.thread_type = "AUTO"
    large = stream.width * stream.height > LARGE
    context.thread_count = 1 if large else min(THREADS, os.cpu_count() or 1)


def read_packets(opened: InputContainer, *streams: Stream) -> Iterator[Packet[Any]]:
    """The packets of some streams, or of all that were there when the file was opened; damaged ends end quietly."""
    packets = opened.demux(*streams)
    while True:
        try:
            packet = next(packets, None)
        except (IndexError, av.error.EOFError):  # PyAV's, at the end of a file in which a stream appeared late
            return
        except (av.error.InvalidDataError, av.error.OSError):
            return
        if packet is None:
            return
        if packet.size or packet.dts is not None:  # not the empty ones that stand for a stream's end
            yield packet


def moving_pictures(opened: InputContainer) -> list[VideoStream]:
    """The video tracks that can be decoded; the cover of a song is stored as one, but is none."""
    cover = Disposition.attached_pic
    return [track for track in opened.streams.video if track.codec_context and not track.disposition & cover]


def voices(opened: InputContainer) -> list[AudioStream]:
    """The sound tracks that can be decoded."""
    return [track for track in opened.streams.audio if track.codec_context]


def stated_seconds(opened: InputContainer, name: str) -> float:
    """The length that the header states, without what lies before the start; 0 where it states none."""
    if opened.duration is None or name not in EXACT:
        return 0.0
    start = max(opened.start_time or 0, 0)
    return (opened.duration - start if opened.duration > start else opened.duration) / 1_000_000
