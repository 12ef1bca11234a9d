"""Video: choose the frames that the model will see, and decode those. Decoding processes only.

Two passes read the packets forward, never by seeking, which is inexact outside plain MP4. The first notes when each
frame is shown, the second hands to the decoder only what the chosen frames need: from the key frame before each. Where
packets do not tell their frames' times, or a chosen frame does not come out, every frame is decoded and counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from vita.errors import MediaError
from vita.media.containers import moving_pictures, open_container, prepare_decoder, read_packets, stated_seconds
from vita.media.files import check_length
from vita.media.frame_picking import FramePicker
from vita.media.frame_times import FrameTimes, fill_missing, frame_rate
from vita.media.kinds import Limits
from vita.media.media_sentences import damaged_file, too_many_pixels, unreadable_file
from vita.media.packet_spans import PacketTimes, needed_spans

Pixels = NDArray[np.uint8]

LONG_FRAME = 1.0  # seconds that one frame is shown, from which its end counts for the length
_NO_PICTURE = "This file has sound but no picture; send it as a sound instead."
LOST = 0.1  # share of the frames that may be missing from a damaged file


@dataclass(frozen=True)
class DecodedClip:
    """Chosen frames of a video.

    Attributes:
        frames: uint8 [height, width, 3], all of one size, without repetitions.
        chosen: for each frame to show, its place in ``frames``.
        times: seconds from the start, for each frame to show.
        duration: seconds.
    """

    frames: tuple[Pixels, ...]
    chosen: tuple[int, ...]
    times: tuple[float, ...]
    duration: float


@dataclass(frozen=True)
class ClipSource:
    """A video file and how it is to be read."""

    file: BinaryIO
    name: str
    limits: Limits
    square_pixels: bool

    @contextmanager
    def open_video(self) -> Iterator[tuple[InputContainer, VideoStream]]:
        """The container and its first picture track, ready to decode; one pass over the file."""
        with open_container(self.file, self.name, "video", self.limits.image_pixels) as opened:
            stream = check_clip_header(opened, self.limits)
            prepare_decoder(stream, self.limits)
            yield opened, stream


def decode_clip(file: BinaryIO, name: str, limits: Limits, frames: int, square_pixels: bool = True) -> DecodedClip:
    """Read at most ``frames`` frames of a video, upright.

    Args:
        name: FFmpeg's name of the demuxer.
        square_pixels: stretch frames whose pixels are not square, as players do.

    Raises:
        MediaError: no video, a damaged one, or one without a picture.
        LimitError: too many seconds or pixels, by the header where it tells.
    """
    source = ClipSource(file, name, limits, square_pixels)
    with source.open_video() as (opened, stream):
        packets = _survey_packets(opened, stream, source)
        tick = float(stream.time_base or 0)
        stated = float(stream.average_rate or 0)
    times = packets.shown_times()
    found = None
    if times is not None:
        shown = _frame_times(times, tick, stated, packets.last_duration, limits)
        chosen = shown.choose(frames)
        found = _by_key_frames(source, packets, {shown.ticks[index] for index in chosen})
        wanted: dict[int, int] = {index: shown.ticks[index] for index in chosen}
    if found is None:
        shown = _count_frames(source, packets, tick, stated)
        chosen = shown.choose(frames)
        found = _by_counting(source, set(chosen))
        wanted = {index: index for index in chosen}
    unique = sorted(set(chosen))
    if any(wanted[index] not in found for index in unique):
        raise damaged_file("video")
    return DecodedClip(
        frames=tuple(found[wanted[index]] for index in unique),
        chosen=tuple(unique.index(index) for index in chosen),
        times=tuple(shown.seconds(index) for index in chosen),
        duration=shown.duration,
    )


def check_clip_header(opened: InputContainer, limits: Limits) -> VideoStream:
    """The picture track of a video that its header allows; see ``decode_clip`` for the errors."""
    if not moving_pictures(opened):
        raise MediaError(_NO_PICTURE) if opened.streams.audio else unreadable_file("video")
    stream = moving_pictures(opened)[0]
    check_length(stated_seconds(opened, opened.format.name.split(",")[0]), limits.video_seconds, "video")
    if stream.width * stream.height > limits.image_pixels:
        raise too_many_pixels("video", stream.width, stream.height, limits.image_pixels)
    return stream


def _survey_packets(opened: InputContainer, stream: VideoStream, source: ClipSource) -> PacketTimes:
    """When each frame is shown, by the packets alone.

    Raises:
        MediaError: no frames, or the packets end well before the header says: the file was cut off.
    """
    found, reached = PacketTimes(), 0.0
    for packet in read_packets(opened):
        time = packet.dts if packet.pts is None else packet.pts
        if time is not None:
            reached = max(reached, float((time + (packet.duration or 0)) * (packet.time_base or 0)))
        if packet.stream_index == stream.index:
            found.add_packet(packet.pts, packet.is_keyframe, packet.is_discard, packet.duration or 0)
    start = (opened.start_time or 0) / 1_000_000
    stated = stated_seconds(opened, source.name)
    if not found.times or max(reached, reached - start) < stated * 0.95 - 1.0:
        raise damaged_file("video")
    return found


def _frame_times(times: list[int], tick: float, stated: float, last: int, limits: Limits) -> FrameTimes:
    spread = (times[-1] - times[0]) * tick
    shown = last * tick  # of the last frame; a long one is a still or a damaged time base
    check_length(spread + (shown if shown > LONG_FRAME else 0.0), limits.video_seconds, "video")
    return FrameTimes(tuple(times), tick, frame_rate(stated, len(times), spread), last * tick)


def _by_key_frames(source: ClipSource, packets: PacketTimes, ticks: set[int]) -> dict[int, Pixels] | None:
    """The frames shown at ``ticks``, decoding from key frames; None where one of them does not come out."""
    spans = needed_spans(packets, ticks)
    found: dict[int, Pixels] = {}
    with source.open_video() as (opened, stream):
        picker = FramePicker(stream, source.square_pixels)
        for span, run in _span_packets(read_packets(opened, stream), spans):
            for number, frame in enumerate(_decode_packets(stream, run)):
                if number == 0 and span.start > 0 and not frame.key_frame:
                    return None  # the file's marks of key frames are wrong
                if frame.pts in ticks and frame.pts not in found:
                    if frame.is_corrupt:
                        return None
                    found[frame.pts] = picker.pick_frame(frame)
            stream.codec_context.flush_buffers()
    return found if len(found) == len(ticks) else None


def _span_packets(packets: Iterator[Packet[Any]], spans: list[range]) -> Iterator[tuple[range, Iterator[Packet[Any]]]]:
    """The packets of each span; those between are read and dropped."""
    position = 0
    for span in spans:
        for _ in range(span.start - position):
            next(packets, None)
        yield span, (packet for _, packet in zip(span, packets, strict=False))
        position = span.stop


def _decode_packets(
    stream: VideoStream, packets: Iterator[Packet[Any]], failed: list[int] | None = None
) -> Iterator[VideoFrame]:
    """The frames of a run of packets, in order of display; what cannot be decoded is left out."""
    for packet in chain(packets, [None]):  # None: give out what is still held back
        try:
            yield from stream.codec_context.decode(packet)
        except MemoryError:
            raise
        except av.FFmpegError:
            if failed is not None:
                failed.append(1)


def _count_frames(source: ClipSource, packets: PacketTimes, tick: float, stated: float) -> FrameTimes:
    """When each frame is shown, by decoding all of them.

    Raises:
        MediaError: less than the file should hold can be decoded.
    """
    with source.open_video() as (opened, stream):
        failed: list[int] = []
        times = [frame.pts for frame in _decode_packets(stream, read_packets(opened, stream), failed)]
    if not times or len(failed) > LOST * len(packets.times):
        raise damaged_file("video")
    space = max(1.0, 1 / (stated * tick)) if stated and tick else 1.0
    shown = fill_missing(times, space)
    return _frame_times(list(shown), tick, stated, packets.last_duration, source.limits)


def _by_counting(source: ClipSource, indices: set[int]) -> dict[int, Pixels]:
    """The frames of some places in the order of display."""
    found: dict[int, Pixels] = {}
    with source.open_video() as (opened, stream):
        picker = FramePicker(stream, source.square_pixels)
        for index, frame in enumerate(_decode_packets(stream, read_packets(opened, stream))):
            if index in indices:
                found[index] = picker.pick_frame(frame)
                if len(found) == len(indices):
                    break
    return found
