"""Short drawn clips: one or two events, each something that moves, grows, shrinks, comes or goes. Seeded."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from recipes.nano.train.palettes import SHAPES, THING, TURNS, Colour
from recipes.nano.train.scene_types import SIDE, SceneMaterial
from recipes.nano.train.scenes import draw_background, free_places, pick_colour

MOVES = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "up": (0.0, -1.0), "down": (0.0, 1.0)}
ACTIONS = (*MOVES, "appear", "disappear", "grow", "shrink")
FRAMES = (4, 16)  # fewest and most of a clip
SPANS = ((0.02, 0.46), (0.54, 0.98))  # of two events, as parts of the clip


@dataclass(frozen=True)
class Event:
    """What something does; ``shape`` and ``colour`` as in ``scenes.DrawnThing``."""

    shape: str
    colour: str
    name: str
    action: str


@dataclass(frozen=True)
class RenderedClip:
    """A clip and its events in order."""

    frames: tuple[Image.Image, ...]
    events: tuple[Event, ...]


@dataclass
class _Actor:
    mask: Image.Image
    paint: Image.Image
    x: float
    y: float
    radius: float
    shape: str
    colour: str
    name: str


def make_clip(material: SceneMaterial, rng: np.random.Generator, side: int = SIDE, still: float = 0.06) -> RenderedClip:
    """One clip of 4 to 16 frames.

    Args:
        side: of the frames in pixels.
        still: share of clips in which nothing happens.
    """
    ground, tone = draw_background(material, rng)
    count = int(rng.integers(2, 4)) if rng.random() < 0.7 else 1
    actors = _cast_actors(material, rng, count, tone)
    happenings = [] if rng.random() < still else _plot_events(actors, rng)
    length = int(rng.integers(FRAMES[0], FRAMES[1] + 1))
    wobble = rng.uniform(0, 4) if rng.random() < 0.3 else 0.0
    canvas = ground.resize((side, side))
    frames = [
        _add_noise(_draw_frame(canvas, actors, happenings, step / (length - 1), side / SIDE), wobble, rng)
        for step in range(length)
    ]
    events = [Event(who.shape, who.colour, who.name, action) for who, action, _, _ in happenings]
    return RenderedClip(tuple(frames), tuple(events))


_Happening = tuple[_Actor, str, tuple[float, float], float]


def _cast_actors(material: SceneMaterial, rng: np.random.Generator, count: int, ground: Colour) -> list[_Actor]:
    found: list[_Actor] = []
    for x, y, radius in free_places(count, 20, 38, rng):
        if material.sprites and rng.random() < 0.15:
            name = str(rng.choice(list(material.sprites)))
            sprite = material.sprites[name][int(rng.integers(len(material.sprites[name])))]
            found.append(_Actor(sprite.getchannel("A"), sprite.convert("RGB"), x, y, radius, THING, "", name))
            continue
        while True:
            shape, (name, colour) = str(rng.choice(list(SHAPES))), pick_colour(material, ground, rng)
            if all((shape, name) != (other.shape, other.colour) for other in found):
                break
        mask = _shape_mask(shape, rng.uniform(-TURNS[shape], TURNS[shape]))
        found.append(_Actor(mask, Image.new("RGB", mask.size, colour), x, y, radius, shape, name, shape))
    return found


def _shape_mask(shape: str, turn: float) -> Image.Image:
    cosine, sine, half = math.cos(math.radians(turn)), math.sin(math.radians(turn)), 96
    points = [(half * (1 + a * cosine - b * sine), half * (1 + a * sine + b * cosine)) for a, b in SHAPES[shape]()]
    mask = Image.new("L", (2 * half, 2 * half))
    ImageDraw.Draw(mask).polygon(points, fill=255)
    return mask


def _plot_events(actors: list[_Actor], rng: np.random.Generator) -> list[_Happening]:
    """One event over the clip, or two one after the other, of two actors or of the same one."""
    if rng.random() < 0.45:
        return [(actors[0], _random_action(actors[0], rng), (0.0, 1.0), rng.uniform(55, 110))]
    second = actors[1] if len(actors) > 1 and rng.random() < 0.8 else actors[0]
    first_action = _random_action(actors[0], rng, second is actors[0])
    action = _random_action(second, rng, second is actors[0], first_action)
    return [
        (actors[0], first_action, SPANS[0], rng.uniform(45, 90)),
        (second, action, SPANS[1], rng.uniform(45, 90)),
    ]


def _random_action(who: _Actor, rng: np.random.Generator, only_moves: bool = False, not_this: str = "") -> str:
    """An action; one that moves goes where there is room."""
    if not only_moves and rng.random() < 0.3:
        return str(rng.choice(ACTIONS[4:]))
    room = {"left": who.x, "right": SIDE - who.x, "up": who.y, "down": SIDE - who.y}
    wide = [move for move in MOVES if room[move] > 75 and move != not_this]
    return str(rng.choice(wide))


def _draw_frame(
    canvas: Image.Image, actors: list[_Actor], happenings: list[_Happening], time: float, scale: float
) -> Image.Image:
    picture = canvas.copy()
    for who in reversed(actors):
        x, y, radius = who.x, who.y, who.radius
        for actor, action, (begin, end), reach in happenings:
            if actor is not who:
                continue
            part = min(max((time - begin) / (end - begin), 0.0), 1.0)
            if action in MOVES:
                x, y = x + MOVES[action][0] * reach * part, y + MOVES[action][1] * reach * part
            elif action in ("grow", "shrink"):
                radius *= 1 + 0.8 * part if action == "grow" else 1 - 0.55 * part
            elif (action == "appear") == (part < 0.5):
                radius = 0.0
        _paste_actor(picture, who, (x * scale, y * scale, radius * scale))
    return picture


def _paste_actor(picture: Image.Image, who: _Actor, place: tuple[float, float, float]) -> None:
    x, y, radius = place
    size = round(2 * radius)
    if size >= 2:
        paint, mask = (image.resize((size, size), Image.Resampling.BILINEAR) for image in (who.paint, who.mask))
        picture.paste(paint, (round(x - radius), round(y - radius)), mask)


def _add_noise(picture: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    if not strength:
        return picture
    pixels = np.asarray(picture, np.float32) + rng.normal(0, strength, (*picture.size[::-1], 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
