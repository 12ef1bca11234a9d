"""Requests as OpenAI chat messages, with media as data URLs. Pure; slow for large media."""

from __future__ import annotations

import base64
import io
import wave
from typing import Any

from PIL import Image

from vita.conversation import SYSTEM_PROMPTS, Turn, without_noise
from vita.engine.engine_protocol import Request
from vita.media import SAMPLE_RATE, Clip, Medium, Picture, Sound
from vita.media.pcm import BYTES_PER_SAMPLE, encode_pcm16
from vita.tokens import STATE_TOKENS, Family

JPEG_QUALITY = 95


def write_messages(request: Request, family: Family | None, frames_as_video: bool) -> list[dict[str, Any]]:
    """The conversation as chat messages, what was answered as noise left out.

    Args:
        family: whose state tokens begin earlier answers; None for a model that knows none.
        frames_as_video: send a clip as one ``video_url`` of JPEG frames, which vLLM reads; else as so many images.
    """
    told: list[dict[str, Any]] = []
    if system := _system_prompt(request, family):
        told.append({"role": "system", "content": system})
    for turn in without_noise(request.turns):
        if turn.role == "assistant":
            told.append({"role": "assistant", "content": _state_text(turn, family) + turn.text})
        else:
            told.append({"role": "user", "content": _content_parts(turn, frames_as_video)})
    return told


def _system_prompt(request: Request, family: Family | None) -> str | None:
    """The request's own; a VITA's for what the request says is shown, which its server would tell from the turns."""
    if request.system is None and family and request.sight:
        return SYSTEM_PROMPTS[family][request.sight]
    return request.system


def _state_text(turn: Turn, family: Family | None) -> str:
    return STATE_TOKENS[family].text(turn.state) if family and turn.state else ""


def _content_parts(turn: Turn, frames_as_video: bool) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    for part in turn.parts:
        if isinstance(part, str):
            parts.append({"type": "text", "text": part})
        elif isinstance(part, Clip) and not frames_as_video:
            parts += [_image_part(frame) for frame in part.frames]
        else:
            parts.append(_medium_part(part))
    return parts


def _medium_part(medium: Medium) -> dict[str, Any]:
    if isinstance(medium, Picture):
        return _image_part(medium.image)
    if isinstance(medium, Sound):
        return {"type": "input_audio", "input_audio": {"data": _encode_base64(encode_wav(medium)), "format": "wav"}}
    frames = ",".join(_encode_base64(_encode_image(frame, "JPEG", quality=JPEG_QUALITY)) for frame in medium.frames)
    return {"type": "video_url", "video_url": {"url": f"data:video/jpeg;base64,{frames}"}}


def _image_part(image: Image.Image) -> dict[str, Any]:
    return {
        "type": "image_url",
        "image_url": {"url": f"data:image/png;base64,{_encode_base64(_encode_image(image, 'PNG'))}"},
    }


def _encode_image(image: Image.Image, kind: str, **options: int) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def encode_wav(sound: Sound) -> bytes:
    """A sound as a WAV file, PCM16 at SAMPLE_RATE."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(BYTES_PER_SAMPLE)
        writer.setframerate(SAMPLE_RATE)
        writer.writeframes(encode_pcm16(sound.samples, rounded=True))
    return file.getvalue()


def _encode_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
