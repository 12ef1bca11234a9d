"""Decode chosen frames with decord in a process of its own: ``python decord_frames.py FILE COUNT INDEX...``.

decord's FFmpeg is of 2019, and some damaged files end it with a segmentation fault: what visitors send must not take
the server and its engines along. The process writes the frames to its standard output, one ``numpy.save`` each.
"""

from __future__ import annotations

import io
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FRAME_PIXELS = 1920 * 1088  # larger frames are halved: the model sees 448 x 448 of them, and 32 must fit in memory
PATIENCE = 60.0  # seconds


def frames_by_decord(source: Path | bytes, count: int, wanted: Sequence[int]) -> list[Image.Image] | None:
    """The wanted frames, upright; None where decord cannot read the file, counts other frames or is not installed."""
    command = [sys.executable, "-I", __file__, "-" if isinstance(source, bytes) else str(source.absolute())]
    try:
        done = subprocess.run(
            [*command, str(count), *map(str, wanted)],
            input=source if isinstance(source, bytes) else b"",
            capture_output=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        return None
    output = io.BytesIO(done.stdout)
    return [Image.fromarray(np.load(output)) for _ in wanted]


def small(pixels: NDArray[np.uint8]) -> Image.Image:
    """A frame [height, width, 3] as an image of no more than FRAME_PIXELS."""
    image = Image.fromarray(pixels)
    excess = image.width * image.height / FRAME_PIXELS
    return image.reduce(math.ceil(math.sqrt(excess))) if excess > 1 else image


def _main(file: str, count: str, *wanted: str) -> int:
    import decord

    reader = decord.VideoReader(io.BytesIO(sys.stdin.buffer.read()) if file == "-" else file)
    if len(reader) != int(count) or reader[0].shape[2] != 3:  # it takes the padding of tiny rows for a fourth colour
        return 1
    for index in wanted:
        frame = io.BytesIO()  # numpy saves to no pipe
        np.save(frame, np.asarray(small(reader[int(index)].asnumpy())))
        sys.stdout.buffer.write(frame.getbuffer())
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
