"""What a model got of a visitor's files: plain data that a conversation keeps, and its HTML in either language."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Annotated

import numpy as np
from PIL import Image
from pydantic import Field

from demos.heard_sounds import heard_url
from demos.i18n.translation import Language, say_in
from demos.picture_facts import WHOLE, ImagePreprocessing
from vita.media import Clip, Medium, Picture, waveform

THUMB = 320  # px, longer side of a picture
FRAME_THUMB = 176  # px, longer side of a frame
BARS = 96  # bars in a waveform

# what is believed of these facts where they come back from a browser
FileName = Annotated[str, Field(max_length=1000)]
Jpeg = Annotated[str, Field(max_length=200_000, pattern=r"^[A-Za-z0-9+/]*={0,2}$")]  # in base64
Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=1e6)]
Pixels = Annotated[int, Field(ge=1, le=10**6)]
Tiles = Annotated[int, Field(ge=1, le=64)]


@dataclass(frozen=True)
class SeenPicture:
    """A picture.

    Attributes:
        size: width and height in pixels.
        grid: columns and rows of tiles.
        box: the part that is seen: left, top, width and height as shares of the picture.
    """

    name: FileName
    thumb: Jpeg
    size: tuple[Pixels, Pixels]
    grid: tuple[Tiles, Tiles] = (1, 1)
    box: tuple[Share, Share, Share, Share] = WHOLE


@dataclass(frozen=True)
class SeenClip:
    """The frames of a video.

    Attributes:
        times: one for each frame.
        cropped: whether the centre square of a frame alone is seen.
        unheard: whether its sound was too long to be heard.
    """

    name: FileName
    thumbs: Annotated[tuple[Jpeg, ...], Field(max_length=64)]
    times: Annotated[tuple[Seconds, ...], Field(max_length=64)]
    duration: Seconds
    cropped: bool
    unheard: bool = False


@dataclass(frozen=True)
class SeenSound:
    """A recording.

    Attributes:
        peaks: the loudness over its length, the loudest 1.
    """

    name: FileName
    peaks: Annotated[tuple[Share, ...], Field(max_length=BARS)]
    duration: Seconds


SeenMedium = SeenPicture | SeenClip | SeenSound


def see_media(
    media: Sequence[Medium], names: Sequence[str], lens: ImagePreprocessing | None, unheard: Sequence[bool] = ()
) -> tuple[SeenMedium, ...]:
    """What the model got: each picture with its tiles, each clip's frames, each sound's waveform.

    Args:
        names: one for each medium.
        lens: how the checkpoint looks at pictures; None where that is unknown.
        unheard: one for each medium: whether it is a clip whose sound was too long; empty where none is.
    """
    marks = unheard or [False] * len(media)
    return tuple(_see_medium(*each, lens) for each in zip(media, names, marks, strict=True))


def seen_html(seen: Sequence[SeenMedium], language: Language, files: Sequence[str] = ()) -> str:
    """As figures with captions; names are escaped.

    Args:
        files: the path of each, where its sound is to be played.
    """
    paths = files or [""] * len(seen)
    return "".join(_seen_medium_html(medium, language, path) for medium, path in zip(seen, paths, strict=False))


def seen_media_html(
    media: Sequence[Medium], names: Sequence[str], lens: ImagePreprocessing | None, language: Language
) -> str:
    """``see_media`` drawn at once."""
    return seen_html(see_media(media, names, lens), language)


def data_uri(image: Image.Image, side: int) -> str:
    """A small JPEG of ``image``, inside the page: nothing to serve, nothing to clean up."""
    return _thumb_uri(small_jpeg(image, side))


def small_jpeg(image: Image.Image, side: int) -> str:
    """A JPEG of ``image`` in base64, its longer side at most ``side`` pixels."""
    small = image.convert("RGB")
    small.thumbnail((side, side))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=72)
    return base64.b64encode(buffer.getvalue()).decode()


def _see_medium(medium: Medium, name: str, unheard: bool, lens: ImagePreprocessing | None) -> SeenMedium:
    if isinstance(medium, Picture):
        image = medium.image
        grid, box = (lens.tile_layout(image), lens.seen_box(image)) if lens else ((1, 1), WHOLE)
        return SeenPicture(name, small_jpeg(image, THUMB), image.size, grid, box)
    if isinstance(medium, Clip):  # every checkpoint that we know sees the centre squares of frames
        thumbs = tuple(small_jpeg(frame, FRAME_THUMB) for frame in medium.frames)
        return SeenClip(name, thumbs, medium.times, medium.duration, lens is not None, unheard)
    peaks = waveform(medium, BARS)
    loud = peaks / max(float(peaks.max(initial=0.0)), 1e-6)
    return SeenSound(name, tuple(round(float(peak), 3) for peak in loud), medium.duration)


def _seen_medium_html(seen: SeenMedium, language: Language, path: str) -> str:
    if isinstance(seen, SeenPicture):
        return _picture_html(seen, language)
    if isinstance(seen, SeenClip):
        return _clip_html(seen, language)
    caption = say_in("saw.sound", language, name=seen.name, seconds=f"{seen.duration:.1f}")
    play = escape(say_in("saw.play", language), quote=True)
    source = escape(heard_url(path), quote=True)
    player = f'<audio controls preload="none" src="{source}" aria-label="{play}" title="{play}"></audio>'
    return _figure_html(waveform_svg(seen.peaks) + (player if path else ""), caption)


def _picture_html(seen: SeenPicture, language: Language) -> str:
    columns, rows = seen.grid
    left, top, width, height = seen.box
    lines = "".join(f'<i style="left:{100 * n / columns:.3f}%" class="v"></i>' for n in range(1, columns))
    lines += "".join(f'<i style="top:{100 * n / rows:.3f}%" class="h"></i>' for n in range(1, rows))
    key = "saw.tiles" if columns * rows > 1 else "saw.whole"
    if width * height < 1:
        key = "saw.centre"
        place = f"left:{100 * left:.2f}%;top:{100 * top:.2f}%;width:{100 * width:.2f}%;height:{100 * height:.2f}%"
        lines += f'<b style="{place}"></b>'
    size = f"{seen.size[0]} × {seen.size[1]}"
    caption = say_in(key, language, name=seen.name, size=size, tiles=f"{columns} × {rows}")
    name = escape(seen.name, quote=True)
    return _figure_html(f'<div class="tiles"><img src="{_thumb_uri(seen.thumb)}" alt="{name}">{lines}</div>', caption)


def _clip_html(seen: SeenClip, language: Language) -> str:
    frames = "".join(
        f'<div class="frame{" square" if seen.cropped else ""}"><img src="{_thumb_uri(thumb)}" '
        f'alt="{time:.1f} s"><span>{time:.1f} s</span></div>'
        for thumb, time in zip(seen.thumbs, seen.times, strict=False)
    )
    caption = say_in("saw.frames", language, name=seen.name, frames=len(seen.thumbs), seconds=f"{seen.duration:.1f}")
    if seen.unheard:
        caption += say_in("saw.unheard", language)
    return _figure_html(f'<div class="frames">{frames}</div>', caption)


def waveform_svg(peaks: Sequence[float]) -> str:
    """Loudness over time, each 0 to 1, as an SVG of bars."""
    heights = np.clip(np.asarray(peaks, np.float32), 0.04, 1.0) * 40
    bars = "".join(
        f'<rect x="{4 * n}" y="{22 - height / 2:.1f}" width="2.6" height="{height:.1f}" rx="1.2"/>'
        for n, height in enumerate(heights)
    )
    return f'<svg class="wave" viewBox="0 0 {4 * BARS} 44" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>'


def _figure_html(body: str, caption: str) -> str:
    return f"<figure>{body}<figcaption>{escape(caption)}</figcaption></figure>"


def _thumb_uri(thumb: str) -> str:
    return f"data:image/jpeg;base64,{escape(thumb, quote=True)}"
