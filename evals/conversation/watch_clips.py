"""Clips for the benchmark of watching: something fills the picture, and after some seconds another thing comes in.

One frame a second, as a camera sends them. What comes slides in over most of a second, at a moment between two frames
that is drawn for each clip. Every frame is a little moved, brighter or darker and noisier than the others, like a
hand-held camera's.
"""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from evals.conversation.watch_pictures import LabelledPicture

WIDTH, HEIGHT = 448, 336  # px, what the page sends
BEFORE = (4, 7)  # s until something comes
AFTER = 7  # s that it stays
SLIDING = 0.8  # s that it takes to fill the picture
SHIFT, GLARE, NOISE = 6, 0.06, 4.0  # px, share of the brightness, levels
SEED = 41


@dataclass(frozen=True)
class WatchedClip:
    """A clip and what is watched for in it.

    Attributes:
        frames: JPEG files, one a second.
        watched: "a dog".
        shown: what comes: the same, or something else.
        comes: seconds after the first frame, at which it begins to come in.
    """

    frames: tuple[bytes, ...]
    watched: str
    shown: str
    comes: float

    @property
    def is_wanted(self) -> bool:
        """Whether what comes is what is watched for."""
        return self.watched == self.shown


def make_watched_clips(pictures: Sequence[LabelledPicture], wanted: int, others: int) -> list[WatchedClip]:
    """Clips in which the watched thing comes, then clips in which another one does; the same ones each time."""
    draw = random.Random(SEED)
    named = [picture for picture in pictures if picture.words]
    coming = _drawn(draw, named, wanted)
    clips = [_make_clip(draw, _other(draw, pictures, {one.words}), one, one.words) for one in coming]
    for one in _drawn(draw, named, others):
        watched = _other(draw, named, {one.words}).words
        clips.append(_make_clip(draw, _other(draw, pictures, {one.words, watched}), one, watched))
    return clips


def _drawn(draw: random.Random, named: Sequence[LabelledPicture], count: int) -> list[LabelledPicture]:
    """So many pictures, of as many different things as there are."""
    by_words: dict[str, list[LabelledPicture]] = {}
    for picture in named:
        by_words.setdefault(picture.words, []).append(picture)
    chosen: list[LabelledPicture] = []
    while by_words and len(chosen) < count:
        words = list(by_words)
        draw.shuffle(words)
        chosen += [draw.choice(by_words[word]) for word in words]
    return chosen[:count]


def _other(draw: random.Random, pictures: Sequence[LabelledPicture], than: set[str]) -> LabelledPicture:
    return draw.choice([picture for picture in pictures if picture.words not in than])


def _make_clip(draw: random.Random, before: LabelledPicture, after: LabelledPicture, watched: str) -> WatchedClip:
    comes = draw.uniform(*BEFORE)
    first, second = (ImageOps.fit(picture.image, (WIDTH, HEIGHT)) for picture in (before, after))
    frames = tuple(
        _camera_frame(draw, _slide(first, second, (time - comes) / SLIDING)) for time in range(int(comes) + AFTER)
    )
    return WatchedClip(frames, watched, after.words, comes)


def _slide(first: Image.Image, second: Image.Image, share: float) -> Image.Image:
    """``second`` over ``first``, as far in from the right as ``share`` says."""
    whole = first.copy()
    whole.paste(second, (round(WIDTH * (1 - min(max(share, 0.0), 1.0))), 0))
    return whole


def _camera_frame(draw: random.Random, picture: Image.Image) -> bytes:
    """The picture as one frame of a camera's, a JPEG file."""
    x, y = draw.randint(-SHIFT, SHIFT), draw.randint(-SHIFT, SHIFT)
    moved = picture.transform(picture.size, Image.Transform.AFFINE, (1, 0, x, 0, 1, y))
    noise = np.random.default_rng(draw.randrange(1 << 30)).normal(0, NOISE, (HEIGHT, WIDTH, 3))
    levels = np.asarray(moved, np.float32) * (1 + draw.uniform(-GLARE, GLARE)) + noise
    file = io.BytesIO()
    Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=80)
    return file.getvalue()


def still_frame(clip: WatchedClip) -> Image.Image:
    """The last frame, which shows what came and nothing else."""
    return Image.open(io.BytesIO(clip.frames[-1])).convert("RGB")
