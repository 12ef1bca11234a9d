"""Frames beside those of decord, with which upstream reads videos: alike where decord's seeking is exact."""

from pathlib import Path

import decord
import numpy as np
import pytest

from vita.media import load_clip

EXAMPLE = Path(__file__).parents[1] / "demos/examples/cat_then_coffee.mp4"
CLOSE = 3.0  # levels of 255, on average: two versions of FFmpeg convert colours


@pytest.mark.parametrize("count", [4, 8])
def test_frames_of_a_plain_mp4_are_those_that_decord_gives_for_their_times(count):
    clip = load_clip(EXAMPLE, frames=count)
    reader = decord.VideoReader(str(EXAMPLE))
    places = [round(second * reader.get_avg_fps()) for second in clip.times]
    for ours, theirs in zip(clip.frames, reader.get_batch(places).asnumpy(), strict=True):
        pixels = np.asarray(ours, np.float32)
        assert pixels.shape == theirs.shape
        assert np.abs(pixels - theirs).mean() < CLOSE
