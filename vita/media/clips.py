"""Video: choose the frames that the model will see, and decode only those.

PyAV reads the header and the frames' times; decord decodes the chosen frames. Where decord cannot (AV1, files whose
header states no length, which browsers record), PyAV decodes them, to the same pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vita.errors import LimitError, MediaError
from vita.media.containers import container, damaged, header_seconds, moving_pictures, unreadable
from vita.media.decord_frames import frames_by_decord, small
from vita.media.files import Source, check_length, check_size
from vita.media.kinds import Clip, Limits

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

LEAST_FRAMES = 4
MOST_FRAMES = 32

_NO_PICTURE = "This file has sound but no picture; send it as a sound instead."


def load_clip(source: Source, limits: Limits | None = None, frames: int = 16) -> Clip:
    """Read at most ``frames`` frames of a video, upright.

    Args:
        source: a path or a file's bytes.
        frames: 4 to 32.

    Raises:
        MediaError: no video, a damaged one, or one without a picture.
        LimitError: too many bytes, seconds or pixels, by the header where it tells; or ``frames`` out of range.
    """
    limits = limits or Limits()
    if not LEAST_FRAMES <= frames <= MOST_FRAMES:
        raise LimitError(
            "{frames} frames cannot be taken; choose from {least} to {most}.",
            frames=frames,
            least=LEAST_FRAMES,
            most=MOST_FRAMES,
        )
    check_size(source, limits.video_bytes, "video")
    with container(source, "video") as opened:
        track = _survey(opened, limits)
        chosen = choose_frames(track.rate, len(track.ticks), frames)
        wanted = sorted(set(chosen))  # a short video repeats frames
        file = source if isinstance(source, bytes) else Path(source)
        found = frames_by_decord(file, len(track.ticks), wanted) or _by_av(opened, [track.ticks[i] for i in wanted])
    images = dict(zip(wanted, found, strict=True))
    return Clip(
        frames=tuple(images[index] for index in chosen),
        times=tuple(track.seconds(index) for index in chosen),
        duration=track.seconds(-1) + 1 / track.rate,
    )


def check_clip(source: Source, limits: Limits) -> None:
    """Refuse by its header alone what ``load_clip`` would refuse by it; see there for the errors."""
    check_size(source, limits.video_bytes, "video")
    with container(source, "video") as opened:
        _check_header(opened, limits)


def choose_frames(rate: float, count: int, most: int = 16, least: int = LEAST_FRAMES) -> tuple[int, ...]:
    """Upstream's rule: the first frame of each second, thinned out evenly to ``most``, repeated up to ``least``.

    Of a grid of one frame every round(rate) frames: more than ``most`` are thinned by ``linspace`` with its ends kept
    (the video's very end is not on the grid), fewer than ``least`` are stretched by the same, which repeats frames:
    a video of one second is four times its first frame. The grid decides, not the seconds (23.976 frames a second
    count as 24).

    Args:
        rate: frames a second.
        count: frames in the video, at least 1.
    """
    grid = range(0, count, max(1, round(rate)))
    size = min(max(len(grid), least), most)
    if size == len(grid):
        return tuple(grid)
    return tuple(grid[int(place)] for place in np.linspace(0, len(grid) - 1, size, dtype=int))


@dataclass(frozen=True)
class _Track:
    """The picture track of a video.

    Attributes:
        ticks: each frame's time in order, in units of ``tick`` seconds.
        rate: frames a second.
    """

    ticks: tuple[int, ...]
    tick: float
    rate: float

    def seconds(self, index: int) -> float:
        """Time of a frame from the first one."""
        return (self.ticks[index] - self.ticks[0]) * self.tick


def _check_header(opened: InputContainer, limits: Limits) -> VideoStream:
    """The picture track of a video that its header allows."""
    if not moving_pictures(opened):
        raise MediaError(_NO_PICTURE) if opened.streams.audio else unreadable("video")
    stream = moving_pictures(opened)[0]
    check_length(header_seconds(opened) or 0.0, limits.video_seconds, "video")
    if stream.width * stream.height > limits.image_pixels:
        raise LimitError(
            "The video's pictures ({width:,} x {height:,}) have more than {millions:g} million pixels; "
            "make it smaller and send it again.",
            width=stream.width,
            height=stream.height,
            millions=limits.image_pixels / 1e6,
        )
    return stream


def _survey(opened: InputContainer, limits: Limits) -> _Track:
    """Check a video's header, then read when each frame is shown."""
    stream = _check_header(opened, limits)
    ticks = _ticks(opened, stream, header_seconds(opened))
    tick = float(stream.time_base or 0)
    spread = (ticks[-1] - ticks[0]) * tick
    check_length(spread, limits.video_seconds, "video")
    return _Track(ticks, tick, _rate(stream, len(ticks), spread))


def _ticks(opened: InputContainer, stream: VideoStream, stated: float | None) -> tuple[int, ...]:
    """The time of every frame, in order, without decoding any.

    Raises:
        MediaError: no frames, or the packets end well before the header says: the file was cut off.
    """
    ticks: list[int] = []
    reached = 0.0
    for packet in opened.demux():
        time = packet.dts if packet.pts is None else packet.pts
        if time is not None:  # None: the empty packet at a stream's end
            reached = max(reached, float((time + (packet.duration or 0)) * (packet.time_base or 0)))
            if packet.stream is stream:
                ticks.append(time)
    start = (opened.start_time or 0) / 1_000_000
    if not ticks or reached - start < (stated or 0.0) * 0.95 - 1.0:
        raise damaged("video")
    return tuple(sorted(ticks))


def _rate(stream: VideoStream, count: int, spread: float) -> float:
    """Frames a second as the header says, or as measured where the header is off, as recorders' headers are."""
    stated = float(stream.average_rate or 0)
    measured = (count - 1) / spread if spread > 0 else stated
    if stated > 0 and abs(stated - measured) <= 0.2 * measured:
        return stated
    return measured or stated or 1.0


def _by_av(opened: InputContainer, wanted: Sequence[int]) -> list[Image.Image]:
    """The frames that are shown at the wanted ticks, by PyAV: from the last key frame before each."""
    stream = moving_pictures(opened)[0]
    images = []
    for tick in wanted:
        opened.seek(tick, stream=stream)
        found = (frame for frame in opened.decode(stream) if frame.pts is None or frame.pts >= tick)
        frame = next(found, None)
        if frame is None:
            raise damaged("video")
        image = small(frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False))
        images.append(image.rotate(frame.rotation, expand=True) if frame.rotation else image)
    return images
