"""Plays what the model heard: a visitor's sound as its front end gets it, 16 kHz mono."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import quote

import soundfile
from fastapi import FastAPI, Response
from gradio.utils import get_upload_folder

from demos.example_files import EXAMPLES
from vita.errors import InputError
from vita.media import SAMPLE_RATE, Limits, Sound, await_decoding, inspect_file, load_sound, sound_of_clip


def mount_heard_sounds(app: FastAPI, limits: Limits) -> None:
    """Serve ``heard_url``."""

    @app.get("/heard.wav")
    async def heard_sound(file: str) -> Response:
        path = _playable_path(file)
        if path is None:
            return Response("There is no such sound.", status_code=404)
        try:
            data = await await_decoding(heard_wave, str(path), limits)
        except InputError as error:
            return Response(str(error), status_code=400)
        return Response(data, media_type="audio/wav", headers={"Cache-Control": "private, max-age=3600"})


def _playable_path(file: str) -> Path | None:
    """Where a visitor's file or an example is; None for anything else."""
    try:
        path = Path(file).resolve()
        folders = (EXAMPLES, Path(get_upload_folder()))
        return path if path.is_file() and any(path.is_relative_to(folder.resolve()) for folder in folders) else None
    except (OSError, ValueError):  # a name with a zero, or too long for a file
        return None


def heard_url(path: str) -> str:
    """Where the sound of a file is heard as the model heard it, beside the page."""
    return f"heard.wav?file={quote(path, safe='/')}"


def heard_wave(path: str, limits: Limits) -> bytes:
    """The sound of a file, or of a video, as a WAV file, 16 bits; for a thread. Raises InputError as ``load_sound``."""
    buffer = io.BytesIO()
    soundfile.write(buffer, _sound_of(path, limits).samples, SAMPLE_RATE, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def _sound_of(path: str, limits: Limits) -> Sound:
    own = sound_of_clip(path, limits) if inspect_file(path, limits) == "video" else None
    return own or load_sound(path, limits)
