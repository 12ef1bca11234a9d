"""What happens in a clip, by plain computation: what changes is told from what stands still, and followed.

Nothing is learnt here and nothing is named: a happening is an action, its time, and the pixels of what does it. Made
for a camera that stands still; of a clip in which nearly everything changes it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from vita.nano.model.pixel_regions import Floats, Mask, Numbers, _inner_pixels, connected_parts, grow_mask, mean_of_nine

SIDE = 112  # pixels of a frame as it is looked at
CHANGE = 28.0  # levels, from which a pixel has changed
STILL = 0.002  # part of the picture, below which nothing moves
RESTLESS = 0.6  # part of the picture, above which the camera moves
GAP = 3  # pixels, twice which may lie between two regions that are one thing's
SOLID = 0.2  # share of a thing's pixels that are not at its rim, at least; blurred edges have none
SMALLEST = 20  # pixels of a thing
ALIKE = 45.0  # levels between colours of one tint, at most
FLAT = 12.0  # levels, by which a pixel inside a thing differs from those around it at most
BIN = 24  # levels, of the histogram in which tints are looked for
TINTS = 5  # at most
RARE = 0.04  # share of the pixels that need no tint of their own
REACH = 0.6  # parts of the side that a thing may go between two frames
STEP = 0.008  # parts of the side, from which a thing has moved between two frames
WAY = 0.07  # the same for a move as a whole
GREW, SHRANK = 1.45, 0.65  # ratios of areas
MOST = 2  # events of a clip
SAME = 0.2  # parts of a clip or of the side, within which the same action is the same event
LESSER = 0.15  # of the largest thing's area, below which what something does is taken for an accident


@dataclass(frozen=True)
class ClipEvent:
    """One event.

    Attributes:
        action: a key of ``captions.DEEDS``.
        time: in frames from the first.
        frame: number of a frame in which the thing is seen whole.
        mask: bool [SIDE, SIDE], the thing's pixels there.
    """

    action: str
    time: float
    frame: int
    mask: Mask


@dataclass(frozen=True)
class Blob:
    """A thing in one frame: its centre in parts of the side, its area in pixels, the number of its tint."""

    frame: int
    x: float
    y: float
    area: int
    tint: int
    mask: Mask


Track = list[Blob]  # one thing, frame after frame


def clip_events(frames: Sequence[Image.Image]) -> list[ClipEvent] | None:
    """At most two events in order; none where nothing moves; None where it cannot be told."""
    if len(frames) < 2:
        return []
    film = np.stack([smooth_frame(frame) for frame in frames])
    changed = (film.max(0) - film.min(0)).max(-1) > CHANGE
    if changed.mean() < STILL:
        return []
    if changed.mean() > RESTLESS:
        return None
    painted = moving_tints(film, changed)
    tracks = follow_blobs([tint_blobs(tints, number) for number, tints in enumerate(painted)])
    found = [(thing, event) for thing in tracks for event in track_events(thing, len(frames))]
    if not found:
        return None
    return sorted(largest_events(found, len(frames)), key=lambda event: event.time)


def largest_events(found: Sequence[tuple[Track, ClipEvent]], frames: int) -> list[ClipEvent]:
    """The events of the largest things; what a thing of several tints does counts once."""
    largest = max(_track_area(thing) for thing, _ in found)
    kept: list[ClipEvent] = []
    for thing, event in sorted(found, key=lambda pair: -_track_area(pair[0])):
        again = any(event.action == one.action and _near_in_clip(event, one, frames) for one in kept)
        if len(kept) < MOST and not again and _track_area(thing) > LESSER * largest:
            kept.append(event)
    return kept


def _near_in_clip(one: ClipEvent, other: ClipEvent, frames: int) -> bool:
    """Whether two events are at about the same time or place."""
    (y, x), (b, a) = (np.argwhere(event.mask).mean(0) / SIDE for event in (one, other))
    return abs(one.time - other.time) < SAME * frames or bool(np.hypot(x - a, y - b) < SAME)


def smooth_frame(frame: Image.Image) -> Floats:
    """The frame's centre square in float32 [SIDE, SIDE, 3], levels, each pixel the mean of nine."""
    square = ImageOps.fit(frame.convert("RGB"), (SIDE, SIDE), Image.Resampling.BOX)
    return mean_of_nine(np.asarray(square, np.float32))


def moving_tints(film: Floats, changed: Mask) -> Numbers:
    """The tint of the thing that is at each pixel of each frame [n, h, w]; -1 where none is that moves.

    What is behind a thing was seen at some time, and is what is most like the surroundings. Parts of a thing that stay
    covered throughout have its tint and stand out from the surroundings.
    """
    around = box_regions(changed)
    ground = fill_unknown(np.median(film, 0).astype(np.float32), ~around)
    nearest = np.abs(film - ground).max(-1).argmin(0)
    behind = np.take_along_axis(film, nearest[None, ..., None], 0)[0]
    things = (np.abs(film - behind).max(-1) > CHANGE) & changed
    painted = np.full(things.shape, -1)
    if not things.any():
        return painted
    flat = np.stack([np.abs(frame - mean_of_nine(frame)).max(-1) < FLAT for frame in film])
    tints = colour_palette(
        film[things & flat] if (things & flat).any() else film[things]
    )  # not of edges, which are mixtures
    painted[things] = np.abs(film[things][:, None] - tints).max(-1).argmin(1)
    odd = (np.abs(behind - ground).max(-1) > CHANGE) & around & ~changed
    shades = np.abs(film[0][:, :, None] - tints).max(-1)
    for tint in range(len(tints)):
        near = (painted == tint).any(0)
        for core in connected_parts(odd & (shades.argmin(-1) == tint) & (shades.min(-1) < ALIKE)):
            if (grow_mask(grow_mask(core)) & near).any():
                painted[:, core] = tint
    return painted


def colour_palette(colours: Floats) -> Floats:
    """The few colours [k, 3] that most of the many [n, 3] are like."""
    found: list[Floats] = []
    rest = colours
    while len(rest) > RARE * len(colours) and len(found) < TINTS:
        bins = (rest // BIN).astype(np.int64) @ np.array([1024, 32, 1])
        values, counts = np.unique(bins, return_counts=True)
        leader = rest[bins == values[counts.argmax()]].mean(0)
        found.append(leader)
        rest = rest[np.abs(rest - leader).max(-1) > ALIKE]
    return np.stack(found)


def box_regions(mask: Mask) -> Mask:
    """The mask's regions filled up to upright rectangles; those that touch or nearly do are one."""
    filled_up = mask
    while True:
        wide = filled_up
        for _ in range(GAP):
            wide = grow_mask(wide)
        boxes = np.zeros_like(mask)
        for part in connected_parts(wide):
            rows, columns = np.nonzero(part & filled_up)
            boxes[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
        if (boxes == filled_up).all():
            return boxes
        filled_up = boxes


def fill_unknown(picture: Floats, known: Mask) -> Floats:
    """The picture [h, w, 3] with what is not known made up from what is next to it, from the rim inwards."""
    ground = picture * known[..., None]
    while not known.all() and known.any():
        share = mean_of_nine(known.astype(np.float32))
        spread = mean_of_nine(ground) / np.maximum(share, 1e-6)[..., None]
        rim = ~known & (share > 0)
        ground[rim] = spread[rim]
        known = known | rim
    return ground


def tint_blobs(painted: Numbers, number: int) -> list[Blob]:
    """The connected regions of one tint in a frame [h, w] that are large enough."""
    found = []
    for tint in range(painted.max() + 1):
        for own in connected_parts(painted == tint):
            area = int(own.sum())
            if area >= SMALLEST and _inner_pixels(own).sum() > SOLID * area:
                rows, columns = np.nonzero(own)
                x, y = ((float(values.mean()) + 0.5) / len(painted) for values in (columns, rows))
                found.append(Blob(number, x, y, area, tint, own))
    return found


def follow_blobs(seen: Iterable[Sequence[Blob]]) -> list[Track]:
    """Blobs of each frame joined to tracks: the nearest of like colour belong together."""
    tracks: list[Track] = []
    for blobs_now in seen:
        pairs = sorted(
            ((_match_cost(track[-1], blob), track, blob) for track in tracks for blob in blobs_now),
            key=lambda pair: pair[0],
        )
        continued: list[int] = []
        for cost, track, blob in pairs:
            if cost < np.inf and track[-1].frame == blob.frame - 1 and id(blob) not in continued:
                track.append(blob)
                continued.append(id(blob))
        tracks += [[blob] for blob in blobs_now if id(blob) not in continued]
    return tracks


def _match_cost(before: Blob, now: Blob) -> float:
    """How unlike one thing two blobs are."""
    away = float(np.hypot(now.x - before.x, now.y - before.y))
    likely = before.tint == now.tint and away < REACH and before.frame == now.frame - 1
    return away + abs(float(np.log(now.area / before.area))) / 10 if likely else np.inf


def track_events(thing: Track, frames: int) -> list[ClipEvent]:
    """What one thing does in a clip of so many frames."""
    first, last = thing[0], thing[-1]
    if moves := _track_moves(thing):
        return moves
    comes, goes = first.frame > 0, last.frame < frames - 1
    if comes and goes:
        return []
    ratio = last.area / first.area
    if comes and ratio < 1 / SHRANK:
        return [_track_event("appear", first.frame - 0.5, thing)]
    if goes and ratio > SHRANK:  # else it became too small to be seen
        return [_track_event("disappear", last.frame + 0.5, thing)]
    if SHRANK < ratio < GREW:
        return []
    middle = float(np.argmin([abs(np.log(blob.area / first.area) - np.log(ratio) / 2) for blob in thing]))
    return [_track_event("grow" if ratio > 1 else "shrink", middle, thing)]


def _track_moves(thing: Track) -> list[ClipEvent]:
    """Its ways in order: steps that go on in one direction are one way."""
    ways: list[tuple[str, float, list[int]]] = []
    for number in range(len(thing) - 1):
        action, length = nearest_direction(thing[number + 1].x - thing[number].x, thing[number + 1].y - thing[number].y)
        if length < STEP:
            continue
        if ways and ways[-1][0] == action:
            action, before, steps = ways.pop()
            ways.append((action, before + length, [*steps, number]))
        else:
            ways.append((action, length, [number]))
    return [
        _track_event(action, thing[0].frame + float(np.mean(steps)) + 0.5, thing)
        for action, length, steps in ways
        if length > WAY
    ]


def nearest_direction(x: float, y: float) -> tuple[str, float]:
    """The nearest of the four directions, y downwards, and how far it goes that way."""
    if abs(x) >= abs(y):
        return ("right" if x > 0 else "left"), abs(x)
    return ("down" if y > 0 else "up"), abs(y)


def _track_event(action: str, time: float, thing: Track) -> ClipEvent:
    """Shown in the frame in which most of the thing is to be seen."""
    best = max(thing, key=lambda blob: blob.area)
    return ClipEvent(action, time, best.frame, best.mask)


def _track_area(thing: Track) -> int:
    return max(blob.area for blob in thing)
