"""Read and limit what visitors bring: images (Pillow), video and sound (PyAV), decoded in processes of their own.

Functions from a file or an array to an array. Whatever is wrong with a file is one sentence that says what to do: a
MediaError where it cannot be read, a LimitError where it is too large. No decoder is imported here.
"""

from __future__ import annotations

from vita.media.decoder_pool import await_decoding, warm_decoders
from vita.media.frame_times import choose_frames
from vita.media.kinds import LEAST_FRAMES, MOST_FRAMES, SAMPLE_RATE, Clip, Limits, Medium, Picture, Sound
from vita.media.loaders import inspect_file, load_clip, load_picture, load_sound, sound_of_clip
from vita.media.views import digest, waveform

__all__ = [
    "LEAST_FRAMES",
    "MOST_FRAMES",
    "SAMPLE_RATE",
    "Clip",
    "Limits",
    "Medium",
    "Picture",
    "Sound",
    "await_decoding",
    "choose_frames",
    "digest",
    "inspect_file",
    "load_clip",
    "load_picture",
    "load_sound",
    "sound_of_clip",
    "warm_decoders",
    "waveform",
]
