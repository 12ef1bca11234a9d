"""Open video and sound containers with PyAV, whose FFmpeg is newer than decord's and knows browsers' recordings."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vita.errors import MediaError
from vita.media.files import Source

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.video.stream import VideoStream

# FFmpeg's names. What is absent is not a lack: playlists (hls, concat) name other files and addresses to read.
_DEMUXERS = "mov,matroska,avi,mpeg,mpegts,mpegvideo,flv,asf,gif,ogg,wav,mp3,aac,flac,amr,caf,aiff,3gp,mp4,webm,m4a,m4v"
_OPTIONS = {"format_whitelist": _DEMUXERS, "protocol_whitelist": "file,pipe"}


Kind = Literal["video", "sound"]


def unreadable(kind: Kind) -> MediaError:
    """For what is no container, or not enough of one to begin with."""
    if kind == "video":
        return MediaError(
            "This file is not a video that can be read, or only a part of one; "
            "send a whole MP4, MOV, WebM, MKV or AVI file."
        )
    return MediaError(
        "This file is not a sound that can be read, or only a part of one; "
        "send a whole WAV, MP3, FLAC, OGG, M4A or WebM file."
    )


def damaged(kind: Kind) -> MediaError:
    """For what begins well and fails later, or ends early."""
    return MediaError("The {kind} is damaged or cut off; save or record it again and send that.", kind=kind)


@contextmanager
def container(source: Source, kind: Kind) -> Iterator[InputContainer]:
    """The container of a file whose size has been checked; what FFmpeg finds wrong in it becomes a MediaError."""
    import av

    file = io.BytesIO(source) if isinstance(source, bytes) else str(Path(source).absolute())
    try:
        opened = av.open(file, mode="r", options=dict(_OPTIONS), metadata_errors="replace")
    except av.FFmpegError as e:
        raise unreadable(kind) from e
    try:
        with opened:
            yield opened
    except av.FFmpegError as e:
        raise damaged(kind) from e


def moving_pictures(opened: InputContainer) -> list[VideoStream]:
    """The video tracks that can be decoded; the cover of a song is stored as one, but is none."""
    import av

    cover = av.stream.Disposition.attached_pic
    return [track for track in opened.streams.video if track.codec_context and not track.disposition & cover]


def voices(opened: InputContainer) -> list[AudioStream]:
    """The sound tracks that can be decoded."""
    return [track for track in opened.streams.audio if track.codec_context]


def header_seconds(opened: InputContainer) -> float | None:
    """The duration that the header states; None where it states none, as browsers' recordings do."""
    return None if opened.duration is None else opened.duration / 1_000_000
