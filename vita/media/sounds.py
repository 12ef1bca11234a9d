"""Sound: from a file, a video or an array to mono at 16 kHz. soundfile decodes, PyAV what soundfile cannot."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vita.errors import MediaError
from vita.media.containers import container, damaged, header_seconds, moving_pictures, unreadable, voices
from vita.media.files import Length, Source, check_length, check_size, content, too_long
from vita.media.kinds import Limits, Sound
from vita.media.resampling import check_rate, resample_sound

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from soundfile import SoundFile

SHORTEST = 0.1  # seconds; the audio encoders make no token of less
MOST_CHANNELS = 16

_SILENT_VIDEO = "This video has no sound; send a file that has, or record the question."

Samples = NDArray[np.float32]


def load_sound(source: Source | tuple[int, NDArray[Any]], limits: Limits | None = None) -> Sound:
    """Read a recording: the mean of its channels at SAMPLE_RATE.

    Args:
        source: a path, a file's bytes, or a rate in Hz with samples [n] or [n, channels] of integers in their
            type's range or floats in -1..1 (what Gradio's microphone gives).

    Raises:
        MediaError: no sound, a damaged one, or one that is too short to say anything.
        LimitError: too many bytes or seconds, by the header where it tells.
    """
    limits = limits or Limits()
    if isinstance(source, tuple):
        rate, samples = source[0], _floats(np.asarray(source[1]))
        check_length(len(samples) / max(rate, 1), limits.audio_seconds, "sound")
    else:
        data = content(source, limits.audio_bytes, "sound")
        rate, samples = _by_soundfile(data, limits) or _by_av(data, limits)
    return _sound(rate, samples)


def check_sound(source: Source, limits: Limits) -> None:
    """Refuse by its header alone what ``load_sound`` would refuse by it; see there for the errors."""
    data = content(source, limits.audio_bytes, "sound")
    file = _soundfile(data)
    if file is not None:
        with file:
            _check_header(file, limits)
        return
    with container(data, "sound") as opened:
        check_length(_stated_seconds(opened, _voice(opened)), limits.audio_seconds, "sound")


def sound_of_clip(source: Source, limits: Limits | None = None) -> Sound | None:
    """The sound track of a video; None where it has none, or an empty one.

    Raises:
        MediaError: no video, or a damaged one.
        LimitError: the track is longer than a sound may be.
    """
    limits = limits or Limits()
    check_size(source, limits.video_bytes, "video")
    with container(source, "video") as opened:
        if not voices(opened):
            return None
        rate, samples = _track(opened, voices(opened)[0], limits)
    return _sound(rate, samples) if len(samples) >= SHORTEST * rate else None


def _sound(rate: int, samples: Samples) -> Sound:
    """Mono samples at any rate as the model hears them."""
    check_rate(rate)
    if len(samples) == 0:
        raise MediaError("The recording is empty (no samples); check the microphone and record it again.")
    if len(samples) < SHORTEST * rate:
        spoken = Length(len(samples) / rate)
        raise MediaError("The recording is only {length} long; record a whole question.", length=spoken)
    finite = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    resampled = resample_sound(finite.clip(-1, 1), rate)
    return Sound(np.ascontiguousarray(resampled.clip(-1, 1), dtype=np.float32))


def _floats(samples: NDArray[Any]) -> Samples:
    """Samples of any usual type, [n] or [n, channels], as mono floats."""
    if samples.ndim not in (1, 2) or samples.dtype.kind not in "iuf":
        raise MediaError(
            "An array of {dtype} with shape {shape} is no sound; send samples [n].",
            dtype=samples.dtype,
            shape=samples.shape,
        )
    mono = samples.astype(np.float64)
    if samples.dtype.kind == "u":
        middle = np.iinfo(samples.dtype).max // 2 + 1
        mono = (mono - middle) / middle
    elif samples.dtype.kind == "i":
        mono /= -float(np.iinfo(samples.dtype).min)
    if mono.ndim == 2:
        mono = mono.mean(axis=1) if mono.shape[1] else mono[:, :0].reshape(0)
    return mono.astype(np.float32)


def _by_soundfile(data: bytes, limits: Limits) -> tuple[int, Samples] | None:
    """Rate and mono samples by soundfile; None where it does not know the format."""
    import soundfile

    file = _soundfile(data)
    if file is None:
        return None
    with file:
        _check_header(file, limits)
        stated = file.frames
        most = round(limits.audio_seconds * file.samplerate) + 1  # a header may understate
        try:
            samples = file.read(most, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as e:
            raise damaged("sound") from e
        if len(samples) == most:
            raise too_long(limits.audio_seconds, "sound")
        if _cut_off(data) or len(samples) < stated * 0.98 - 0.1 * file.samplerate:
            raise damaged("sound")
        return file.samplerate, samples.mean(axis=1)


def _soundfile(data: bytes) -> SoundFile | None:
    """The file with its header read; None where soundfile does not know the format."""
    import soundfile

    try:
        return soundfile.SoundFile(io.BytesIO(data))
    except soundfile.LibsndfileError:
        return None


def _check_header(file: SoundFile, limits: Limits) -> None:
    check_length(file.frames / file.samplerate, limits.audio_seconds, "sound")
    if file.channels > MOST_CHANNELS:
        raise MediaError(
            "The sound has {channels} channels; send one with at most {most}.",
            channels=file.channels,
            most=MOST_CHANNELS,
        )


def _cut_off(data: bytes) -> bool:
    """Whether a WAV file is shorter than its header says; soundfile reads on without a word.

    Recorders that cannot go back to the header leave 0 or about 2 or 4 GiB there: those say nothing.
    """
    stated = int.from_bytes(data[4:8], "little")
    return data[:4] == b"RIFF" and data[8:12] == b"WAVE" and len(data) - 8 < stated < 0x7FFF0000


def _by_av(data: bytes, limits: Limits) -> tuple[int, Samples]:
    """Rate and mono samples by PyAV: M4A, WebM, AMR, and the sound of a video."""
    with container(data, "sound") as opened:
        return _track(opened, _voice(opened), limits)


def _voice(opened: InputContainer) -> AudioStream:
    """The first sound track."""
    if not voices(opened):
        raise MediaError(_SILENT_VIDEO) if moving_pictures(opened) else unreadable("sound")
    return voices(opened)[0]


def _track(opened: InputContainer, stream: AudioStream, limits: Limits) -> tuple[int, Samples]:
    """Decode a sound track, no further than the limit."""
    stated = _stated_seconds(opened, stream)
    check_length(stated, limits.audio_seconds, "sound")
    rate = stream.rate
    blocks: list[Samples] = []
    count = 0
    for block in _mono(opened, stream):
        blocks.append(block)
        count += len(block)
        if count / rate > limits.audio_seconds + 0.1:  # codecs pad their last block
            raise too_long(limits.audio_seconds, "sound")
    if count / rate < stated * 0.95 - 1.0:
        raise damaged("sound")
    return rate, np.concatenate(blocks) if blocks else np.zeros(0, np.float32)


def _stated_seconds(opened: InputContainer, stream: AudioStream) -> float:
    """The track's duration by the header, 0 where it states none. A video's own may be longer than its sound's."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return 0.0 if moving_pictures(opened) else header_seconds(opened) or 0.0


def _mono(opened: InputContainer, stream: AudioStream) -> Iterator[Samples]:
    """The track's samples block by block, float32 [n]."""
    import av

    resampler = av.AudioResampler(format="flt", layout="mono", rate=stream.rate)
    for frame in opened.decode(stream):
        for block in resampler.resample(frame):
            yield block.to_ndarray().astype(np.float32, copy=False).reshape(-1)
    for block in resampler.resample(None):
        yield block.to_ndarray().astype(np.float32, copy=False).reshape(-1)
