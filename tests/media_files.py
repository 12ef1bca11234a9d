"""Small media files made on the spot, so that tests of decoding need no program and no download."""

import io
import os
import struct
import zlib
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import soundfile
from PIL import Image


def clip(frames=90, rate=30, size=(64, 48), codec="libx264", container="mp4", sound=0.0, options=None):
    """The bytes of a video whose frame i is grey of brightness 2 i, its left half black; ``sound`` seconds of a tone.

    The half tells which way is up after a rotation.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"clip.{container}"
        write_clip(path, frames, rate, size, codec, container, sound, options)
        # run by root, the encoder of AV1 makes its caller real-time, whose later children would starve each other
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        return path.read_bytes()


def write_clip(path, frames, rate, size, codec, container, sound, options):
    """A file and no buffer: an MP4 whose index goes before its frames is read again while it is written."""
    with av.open(str(path), "w", format=container, options=options or {}) as out:
        picture = out.add_stream(codec, rate=rate, options={"g": "10"})
        picture.width, picture.height, picture.pix_fmt = *size, "yuv420p"
        voice = (
            out.add_stream("aac" if container == "mp4" else "libopus", rate=48_000, layout="mono") if sound else None
        )
        for number in range(frames):
            pixels = np.full((size[1], size[0], 3), min(255, 2 * number), np.uint8)
            pixels[:, : size[0] // 2] = 0
            out.mux(picture.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(picture.encode(None))
        if voice is not None:
            mux_tone(out, voice, sound)


def tone(seconds, rate=48_000, hertz=440.0):
    """float32 [n], half of full scale."""
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def recording(seconds=1.0, codec="libopus", container="webm", options=None):
    """The bytes of a sound file as browsers' recorders make them."""
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=options or {}) as out:
        mux_tone(out, out.add_stream(codec, rate=48_000, layout="mono"), seconds)
    return file.getvalue()


def written(samples, rate=48_000, kind="WAV", subtype=None):
    """The bytes of a sound file by libsndfile."""
    file = io.BytesIO()
    channels = samples.shape[1] if samples.ndim == 2 else 1
    with soundfile.SoundFile(file, "w", rate, channels, subtype, format=kind) as out:
        for start in range(0, len(samples), rate):  # libsndfile crashes on minutes of Vorbis at once
            out.write(samples[start : start + rate])
    return file.getvalue()


def saved(image, kind="PNG", **options):
    """The bytes of an image file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_of_size(width, height):
    """A PNG whose header promises so many pixels; there are none behind it."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    behind = saved(Image.new("RGB", (40, 30)))[33:]
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d" + header + struct.pack(">I", zlib.crc32(header)) + behind


def mux_tone(out, stream, seconds):
    samples = tone(seconds)
    for start in range(0, len(samples), 960):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + 960], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 48_000, start
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def three_hours(seconds=10_810):
    """The bytes of a video whose header states its length and behind which no picture can be decoded."""
    data = bytearray(clip(frames=seconds // 10, rate=Fraction(1, 10), size=(16, 16)))
    start = data.index(b"mdat") + 4
    data[start : data.index(b"moov") - 4] = bytes(data.index(b"moov") - 4 - start)
    return bytes(data)


def turned(mp4, quarter_turns):
    """The same MP4 with clockwise quarter turns in its header, as phones write it."""
    cosine, sine = [(1, 0), (0, 1), (-1, 0), (0, -1)][quarter_turns % 4]
    data, start = bytearray(mp4), mp4.index(b"tkhd")
    matrix = start + 4 + 4 + 20 + 8 + 8  # behind flags, times, ids, layer, volume
    one = 0x10000
    data[matrix : matrix + 36] = struct.pack(
        ">9i", cosine * one, sine * one, 0, -sine * one, cosine * one, 0, 0, 0, 0x40000000
    )
    return bytes(data)
