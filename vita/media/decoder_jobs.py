"""What a decoding process does with one file. Nothing here is imported by the server: Pillow's and PyAV's parsers run
only behind the limits of ``vita.media.decoder_process``.
"""

from __future__ import annotations

import importlib
import io
import os
import pkgutil
import resource
import socket
import traceback
import warnings
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import av
import numpy as np
import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin

from vita.errors import InputError, LimitError
from vita.media.animation_decoder import ANIMATED, decode_animation, is_animated
from vita.media.clip_decoder import check_clip_header, decode_clip
from vita.media.containers import moving_pictures, open_container, voices
from vita.media.decoder_limits import DECODING_MEMORY
from vita.media.decoder_messages import error_message, receive_message, send_message
from vita.media.file_formats import FileFormat, identify_format
from vita.media.kinds import Limits
from vita.media.media_sentences import FileKind, damaged_file, too_much_memory, unreadable_file, unsupported_image
from vita.media.picture_decoder import decode_picture, open_picture
from vita.media.png_chunks import drop_text
from vita.media.resampling import resample_sound
from vita.media.sound_decoder import check_sound_header, decode_sound

Answer = tuple[dict[str, Any], list[np.ndarray[Any, Any]]]
Task = Callable[[BinaryIO, Limits, Mapping[str, Any]], Answer]

NEEDLESS = ("av.__main__", "av.datasets")
TIGHT = 0.6  # of the memory allowed
PNG_TEXT = 32 * 2**20  # bytes that a PNG's compressed text or colour profile may unfold to


def load_decoders() -> None:
    """Import and register all that decoding loads lazily; afterwards no file can be opened."""
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if module.name not in NEEDLESS:
            importlib.import_module(module.name)
    Image.init()
    pillow_heif.register_heif_opener(thumbnails=False)
    pillow_heif.options.DECODE_THREADS = 2
    PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = PNG_TEXT
    ImageCms.createProfile("sRGB")
    for kind in ("PNG", "JPEG", "TIFF", "GIF", "BMP"):
        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, kind)
        Image.open(file).convert("RGB").resize((4, 4), Image.Resampling.LANCZOS)
    resample_sound(np.zeros(480, np.float32), 48_000)


def run_job(source: int, answer: socket.socket, confine: Callable[[Mapping[str, Any]], None]) -> None:
    """Read what is asked, decode the file, and answer: arrays, or one sentence.

    Args:
        confine: sets the limits of this process; called before the first byte of the file is read.
    """
    request = receive_message(answer)
    limits = Limits(**request["limits"])
    kind: FileKind = request["kind"]
    confine(request["limits"])
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    os.lseek(source, 0, os.SEEK_SET)
    with open(source, "rb", closefd=False) as file:
        try:
            facts, arrays = TASKS[request["task"]](file, limits, request)
        except LimitError as e:
            facts, arrays = error_message(e), []
        except Exception as e:
            facts, arrays = _refusal_of(e, kind), []
    send_message(answer, facts, arrays)


def _refusal_of(error: Exception, kind: FileKind) -> dict[str, Any]:
    """What to say of a file that could not be decoded.

    Libraries that get no memory often say that the file is wrong: where much had been taken, it was the memory.
    """
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if isinstance(error, MemoryError) or peak > TIGHT * DECODING_MEMORY:
        return error_message(too_much_memory(kind))
    if isinstance(error, InputError):
        return error_message(error)
    trace = "".join(traceback.format_exception(error))  # a file led a decoder astray, or it is our fault: for the log
    return error_message(damaged_file(kind)) | {"trace": trace}


def _format_of(file: BinaryIO, kind: FileKind) -> FileFormat:
    """The file's format. Raises MediaError for one that is not read."""
    found = identify_format(lambda offset, size: os.pread(file.fileno(), size, offset))
    if found is None:
        raise unreadable_file(kind)
    if found.decoder == "none":
        raise unsupported_image(found.name)
    return found


def _decode_picture(file: BinaryIO, limits: Limits, request: Mapping[str, Any]) -> Answer:
    found = _format_of(file, "image")
    if found.decoder != "pillow":
        raise unreadable_file("image")
    return {}, [np.asarray(decode_picture(file.read(), found.name, limits))]


def _decode_clip(file: BinaryIO, limits: Limits, request: Mapping[str, Any]) -> Answer:
    found = _format_of(file, "video")
    if found.decoder == "pillow":
        if found.name not in ANIMATED:
            raise unreadable_file("video")
        clip = decode_animation(file.read(), found.name, limits, request["frames"])
    else:
        clip = decode_clip(file, found.name, limits, request["frames"], request["square_pixels"])
    return {"times": clip.times, "duration": clip.duration, "chosen": clip.chosen}, list(clip.frames)


def _decode_sound(file: BinaryIO, limits: Limits, request: Mapping[str, Any]) -> Answer:
    found = _format_of(file, "sound")
    if found.decoder != "ffmpeg":
        raise unreadable_file("sound")
    return {}, [decode_sound(file, found.name, limits, "sound")]


def _decode_clip_sound(file: BinaryIO, limits: Limits, request: Mapping[str, Any]) -> Answer:
    found = _format_of(file, "video")
    if found.decoder != "ffmpeg":
        return {"silent": True}, []
    with open_container(file, found.name, "video") as opened:
        silent = not voices(opened)
    if silent:
        return {"silent": True}, []
    return {"silent": False}, [decode_sound(file, found.name, limits, "video")]


def _inspect_file(file: BinaryIO, limits: Limits, request: Mapping[str, Any]) -> Answer:
    """What a file is, and whether its header alone forbids it."""
    kind: FileKind = request["kind"]
    found = _format_of(file, kind)
    if found.decoder == "pillow":
        data = drop_text(file.read()) if found.name == "PNG" else file.read()
        with open_picture(data, found.name, limits) as image:
            return {"holds": "animation" if is_animated(image) else "image"}, []
    with open_container(file, found.name, kind) as opened:
        if moving_pictures(opened):
            check_clip_header(opened, limits)
            return {"holds": "video"}, []
        if not voices(opened):
            raise unreadable_file(kind)
    check_sound_header(file, found.name, limits)
    return {"holds": "sound"}, []


TASKS: dict[str, Task] = {
    "picture": _decode_picture,
    "clip": _decode_clip,
    "sound": _decode_sound,
    "clip_sound": _decode_clip_sound,
    "inspect": _inspect_file,
}
