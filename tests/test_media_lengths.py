"""Limits of length: what is as long as allowed passes, whatever a codec adds; a long last frame counts."""

import io

import numpy as np
import pytest
import soundfile

from tests.media_files import clip
from vita.errors import LimitError
from vita.media import Limits, load_clip, load_sound
from vita.media.clip_decoder import _frame_times


@pytest.mark.parametrize("kind", ["WAV", "MP3", "FLAC", "OGG"])
def test_a_sound_of_the_longest_length_allowed_is_read_in_every_format(kind):
    file = io.BytesIO()
    soundfile.write(file, np.sin(np.arange(3 * 16_000) / 9).astype(np.float32) * 0.3, 16_000, format=kind)
    sound = load_sound(file.getvalue(), Limits(audio_seconds=3.0))
    assert sound.duration == pytest.approx(3.0, abs=0.2)


def test_a_last_frame_that_is_shown_for_longer_than_a_video_may_be_counts():
    with pytest.raises(LimitError):
        _frame_times([0, 1, 2, 3], 1.0, 5_000.0, 5_000, Limits(video_seconds=600))
    assert load_clip(clip()).duration < 600
