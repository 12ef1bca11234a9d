"""What the camera saw: which of its frames go with an utterance, and the clip that they are to the model. Pure.

As in upstream's interactive demo the frames of one utterance are one video: a few of them, evenly spread over it, none
cut into tiles. Times are samples received since the conversation began, at SAMPLE_RATE.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from vita.media import SAMPLE_RATE, Clip, Picture

RECENT = 2 * SAMPLE_RATE  # samples; cameras send a frame about once a second
MOST_KEPT = 32  # frames that wait for an utterance


@dataclass(frozen=True, eq=False)
class CameraFrame:
    """One picture of the camera's.

    Attributes:
        at: when it came.
        used: it went with an utterance already.
    """

    picture: Picture
    at: int
    used: bool = False


@dataclass(frozen=True, eq=False)
class CameraClip:
    """The frames that go with one utterance, at least one, in order of time."""

    frames: tuple[CameraFrame, ...]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The frames as the client sent them."""
        return tuple(frame.picture for frame in self.frames)

    @cached_property
    def clip(self) -> Clip:
        """The video that a request holds; the same object each time, so that it is hashed once."""
        times = tuple((frame.at - self.frames[0].at) / SAMPLE_RATE for frame in self.frames)
        return Clip(tuple(picture.image for picture in self.pictures), times, times[-1] + 1.0)

    def less(self, pictures: Collection[Picture]) -> CameraClip | None:
        """What is left without some pictures; None where nothing is."""
        return make_clip([frame for frame in self.frames if frame.picture not in pictures])


def make_clip(frames: Sequence[CameraFrame]) -> CameraClip | None:
    """The clip of frames, those left out that have another size than the last: the camera was another one then."""
    alike = [frame for frame in frames if frame.picture.image.size == frames[-1].picture.image.size]
    return CameraClip(tuple(alike)) if alike else None


def spread_frames(frames: Sequence[CameraFrame], most: int) -> list[CameraFrame]:
    """At most so many, evenly spread, the last one always among them."""
    if len(frames) <= most:
        return list(frames)
    if most <= 1:
        return list(frames[len(frames) - most :])
    return [frames[number * (len(frames) - 1) // (most - 1)] for number in range(most)]


def spoken_clip(frames: Sequence[CameraFrame], begin: int, most: int) -> CameraClip | None:
    """What goes with an utterance that began at ``begin``: seen during it and shortly before, else last seen unused."""
    during = [frame for frame in frames if frame.at >= begin - RECENT]
    unused = [frame for frame in frames if not frame.used]
    return make_clip(spread_frames(during or unused[-1:], most))


def typed_clip(frames: Sequence[CameraFrame], most: int) -> CameraClip | None:
    """What goes with typed text: the newest that no utterance had."""
    unused = [frame for frame in frames if not frame.used]
    return make_clip(unused[len(unused) - min(most, len(unused)) :])


def keep_frames(frames: Sequence[CameraFrame], now: int, longest: int) -> tuple[CameraFrame, ...]:
    """Frames that an utterance of at most ``longest`` samples may still want; the newest always."""
    wanted = [frame for frame in frames if now - frame.at <= longest + RECENT or frame is frames[-1]]
    return tuple(wanted[-MOST_KEPT:])


def mark_used(frames: Sequence[CameraFrame], clip: CameraClip | None) -> tuple[CameraFrame, ...]:
    """The frames behind those of ``clip``, and its last one, which a next utterance may begin with."""
    if clip is None or clip.frames[-1] not in frames:
        return tuple(frames)
    last = list(frames).index(clip.frames[-1])
    return (replace(frames[last], used=True), *frames[last + 1 :])


def sees_camera(frames: Sequence[CameraFrame], now: int) -> bool:
    """Whether the camera is on: it has sent a frame lately."""
    return bool(frames) and now - frames[-1].at <= RECENT
