"""Decode and limit what visitors bring: images (Pillow), video (decord, PyAV), sound (soundfile, PyAV).

Pure functions from a file or an array to an array. Whatever is wrong with a file is one sentence that says what to
do: a MediaError where it cannot be read, a LimitError where it is too large. The decoders are imported when first
needed, so that importing this package costs nothing.
"""

from __future__ import annotations

from vita.media.clips import check_clip, choose_frames, load_clip
from vita.media.kinds import SAMPLE_RATE, Clip, Limits, Medium, Picture, Sound
from vita.media.pictures import check_picture, load_picture
from vita.media.sounds import check_sound, load_sound, sound_of_clip
from vita.media.views import digest, waveform

__all__ = [
    "SAMPLE_RATE",
    "Clip",
    "Limits",
    "Medium",
    "Picture",
    "Sound",
    "check_clip",
    "check_picture",
    "check_sound",
    "choose_frames",
    "digest",
    "load_clip",
    "load_picture",
    "load_sound",
    "sound_of_clip",
    "waveform",
]
