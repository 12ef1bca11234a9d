"""A decoded frame as the pixels that are shown. Decoding processes only."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from vita.media.frame_geometry import FrameOrientation, orientation_of, shown_size
from vita.media.kinds import FRAME_PIXELS


class FramePicker:
    """Converts the frames of one video: RGB, upright, with square pixels, at most FRAME_PIXELS, all of one size."""

    def __init__(self, stream: VideoStream, square_pixels: bool) -> None:
        aspect = float(stream.sample_aspect_ratio or 1) if square_pixels else 1.0
        self._aspect = aspect or 1.0
        self._reformatter = VideoReformatter()
        self._first: tuple[int, int, FrameOrientation] | None = None  # of the first frame: a stream's size may change

    def pick_frame(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """uint8 [height, width, 3]."""
        if self._first is None:
            size = shown_size(frame.width, frame.height, self._aspect, FRAME_PIXELS)
            self._first = (*size, _frame_orientation(frame))
        width, height, orientation = self._first
        is_whole = (width, height) == (frame.width, frame.height)
        method = Interpolation.BILINEAR if is_whole else Interpolation.LANCZOS  # of a whole frame's colours
        scaled = self._reformatter.reformat(frame, width, height, "rgb24", interpolation=method, threads=1)
        return orientation.apply_to(scaled.to_ndarray().astype(np.uint8, copy=False))


def _frame_orientation(frame: VideoFrame) -> FrameOrientation:
    entries: Any = frame.side_data
    matrix = next((bytes(entry) for entry in entries if entry.type == Type.DISPLAYMATRIX), b"")
    gc.collect()  # PyAV's side data and frame hold each other, and frames are large
    return orientation_of(matrix)
