"""From a file or an array to what a model is shown and played. Files are decoded in processes of their own.

Whatever is wrong with a file is one sentence that says what to do: a MediaError where it cannot be read, a LimitError
where it is too large. Functions wait while a file is decoded; coroutines call them through ``await_decoding``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vita.errors import LimitError, MediaError
from vita.media.decoder_messages import DecodedArrays
from vita.media.decoder_pool import POOL, DecodeJob
from vita.media.files import Length, Source, check_length, check_size, open_source
from vita.media.kinds import (
    FRAME_PIXELS,
    LEAST_FRAMES,
    MOST_FRAMES,
    PICTURE_PIXELS,
    SAMPLE_RATE,
    Clip,
    Limits,
    Picture,
    Sound,
)
from vita.media.media_sentences import FileKind, too_many_pixels
from vita.media.resampling import check_rate
from vita.media.sound_mixing import check_channels, float_samples, mix_array, raise_quiet

T = TypeVar("T")
Holds = Literal["image", "animation", "video", "sound"]

SHORTEST = 0.1  # seconds; the audio encoders make no token of less


def inspect_file(source: Source, limits: Limits | None = None) -> Holds:
    """What a file holds, by its content; its header is checked, nothing of it is decoded.

    Returns:
        "animation" for an image of several frames, which can be taken as an image or as a video.

    Raises:
        MediaError: nothing that is read here.
        LimitError: more bytes, pixels or seconds, by the header, than allowed.
    """
    limits = limits or Limits()
    most = max(limits.image_bytes, limits.video_bytes, limits.audio_bytes)
    with open_source(source, most, "file") as descriptor:
        job = DecodeJob("inspect", "file", limits, 0)
        holds = POOL.decode_file(descriptor, job, lambda answer: cast(Holds, answer.facts["holds"]))
        kind: FileKind = "video" if holds == "animation" else holds
        check_size(os.fstat(descriptor).st_size, _most_bytes(kind, limits), kind)  # each kind has its own limit
    return holds


def load_picture(source: Source | Image.Image | NDArray[np.uint8], limits: Limits | None = None) -> Picture:
    """Read an image as sRGB, upright, transparency over white, the first frame of an animation.

    Args:
        source: a path, a file's bytes, a Pillow image that is decoded already, or uint8 [height, width],
            [height, width, 3] or [height, width, 4].

    Returns:
        At most PICTURE_PIXELS: larger ones are shrunk.

    Raises:
        MediaError: no image, an empty or a damaged one.
        LimitError: too many bytes, or too many pixels by its header; nothing is decoded then.
    """
    limits = limits or Limits()
    if isinstance(source, np.ndarray):
        return _decoded_picture(_from_array(source), limits)
    if isinstance(source, Image.Image):
        return _decoded_picture(source, limits)
    job = DecodeJob("picture", "image", limits, PICTURE_PIXELS * 3)
    return _load_file(source, job, _read_picture)


def load_clip(source: Source, limits: Limits | None = None, frames: int = 16, square_pixels: bool = True) -> Clip:
    """Read at most ``frames`` frames of a video or an animated image, upright, each at most FRAME_PIXELS.

    Args:
        source: a path or a file's bytes.
        frames: LEAST_FRAMES to MOST_FRAMES.
        square_pixels: show anamorphic video as players do; False takes its pixels as they are stored, as upstream.

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
    options = {"frames": frames, "square_pixels": square_pixels}
    return _load_file(source, DecodeJob("clip", "video", limits, frames * FRAME_PIXELS * 3, options), _read_clip)


def load_sound(source: Source | tuple[int, NDArray[Any]], limits: Limits | None = None) -> Sound:
    """Read a recording: the mean of its channels at SAMPLE_RATE; one channel where the mean is silent.

    Args:
        source: a path, a file's bytes, or a rate in Hz with samples [n] or [n, channels] of integers in their
            type's range or floats in -1..1 (what Gradio's microphone gives).

    Raises:
        MediaError: no sound, a damaged one, or one that is too short to say anything.
        LimitError: too many bytes or seconds, by the header where it tells.
    """
    limits = limits or Limits()
    if isinstance(source, tuple):
        samples = _samples_of(*source, limits)
    else:
        samples = _load_file(source, DecodeJob("sound", "sound", limits, _sound_bytes(limits)), _read_samples)
    return _check_spoken(samples)


def sound_of_clip(source: Source, limits: Limits | None = None) -> Sound | None:
    """The sound track of a video; None where it has none, or an empty one.

    Raises:
        MediaError: no video, or a damaged one.
        LimitError: the track is longer than a sound may be.
    """
    limits = limits or Limits()
    samples = _load_file(source, DecodeJob("clip_sound", "video", limits, _sound_bytes(limits)), _read_samples)
    return Sound(samples) if len(samples) >= SHORTEST * SAMPLE_RATE else None


def _load_file(source: Source, job: DecodeJob, build: Callable[[DecodedArrays], T]) -> T:
    with open_source(source, _most_bytes(job.kind, job.limits), job.kind) as descriptor:
        return POOL.decode_file(descriptor, job, build)


def _most_bytes(kind: FileKind, limits: Limits) -> int:
    return {"image": limits.image_bytes, "video": limits.video_bytes, "sound": limits.audio_bytes}[kind]


def _sound_bytes(limits: Limits) -> int:
    return round((limits.audio_seconds + 2.0) * SAMPLE_RATE) * 4


def _read_picture(answer: DecodedArrays) -> Picture:
    return Picture(Image.fromarray(next(answer.arrays)))


def _read_clip(answer: DecodedArrays) -> Clip:
    images = [Image.fromarray(array) for array in answer.arrays]
    facts = answer.facts
    frames = tuple(images[place] for place in facts["chosen"])
    return Clip(frames, tuple(map(float, facts["times"])), float(facts["duration"]))


def _read_samples(answer: DecodedArrays) -> NDArray[np.float32]:
    return next(answer.arrays, np.zeros(0, np.float32)).astype(np.float32, copy=False)


def _check_spoken(samples: NDArray[np.float32]) -> Sound:
    """A sound that is long enough to say something. Raises MediaError for another."""
    if len(samples) == 0:
        raise MediaError("The recording is empty (no samples); check the microphone and record it again.")
    if len(samples) < SHORTEST * SAMPLE_RATE:
        spoken = Length(len(samples) / SAMPLE_RATE)
        raise MediaError("The recording is only {length} long; record a whole question.", length=spoken)
    return Sound(np.ascontiguousarray(raise_quiet(samples), dtype=np.float32))


def _samples_of(rate: int, values: NDArray[Any], limits: Limits) -> NDArray[np.float32]:
    """An array's samples at SAMPLE_RATE."""
    values = np.asarray(values)
    if values.ndim not in (1, 2) or values.dtype.kind not in "iuf":
        raise MediaError(
            "An array of {dtype} with shape {shape} is no sound; send samples [n].",
            dtype=values.dtype,
            shape=values.shape,
        )
    check_length(len(values) / max(rate, 1), limits.audio_seconds, "sound")
    if values.size == 0:
        return np.zeros(0, np.float32)
    samples = float_samples(values.reshape(len(values), -1))
    check_rate(rate)
    check_channels(samples.shape[1])
    return mix_array(samples, rate)


def _from_array(array: NDArray[np.uint8]) -> Image.Image:
    colours = array.shape[2] if array.ndim == 3 else 1
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or colours not in (1, 3, 4) or array.size == 0:
        raise MediaError(
            "An array of {dtype} with shape {shape} is no image; "
            "send uint8 of shape [height, width, 3] with at least one pixel.",
            dtype=array.dtype,
            shape=array.shape,
        )
    return Image.fromarray(array[..., 0] if array.ndim == 3 and colours == 1 else array)


def _decoded_picture(image: Image.Image, limits: Limits) -> Picture:
    """A picture of an image whose pixels are in memory."""
    from vita.media.image_colour import present_image  # late: most programs have no image to convert themselves

    if image.width * image.height > limits.image_pixels:
        raise too_many_pixels("image", image.width, image.height, limits.image_pixels)
    return Picture(present_image(image))
