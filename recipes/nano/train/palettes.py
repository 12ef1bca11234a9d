"""Colours and shapes by name: how training draws them, and how evaluation does, which shares no value with it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

Point = tuple[float, float]
Colour = tuple[int, int, int]

# Each name with colours that people call so; training jitters around them.
COLOURS: dict[str, tuple[Colour, ...]] = {
    "red": ((220, 20, 30), (200, 30, 40), (255, 0, 0), (230, 60, 50)),
    "orange": ((255, 140, 0), (245, 130, 30), (255, 160, 50)),
    "yellow": ((255, 225, 0), (250, 215, 50), (255, 240, 80)),
    "green": ((0, 150, 60), (50, 180, 60), (20, 110, 40), (100, 200, 80)),
    "blue": ((0, 80, 220), (30, 60, 180), (60, 140, 240), (0, 0, 255)),
    "purple": ((130, 40, 170), (150, 70, 200), (100, 20, 140)),
    "pink": ((255, 130, 190), (250, 170, 200), (255, 100, 170)),
    "brown": ((130, 75, 35), (110, 60, 30), (150, 95, 55)),
    "black": ((10, 10, 10), (25, 25, 30)),
    "white": ((250, 250, 250), (238, 240, 242)),
    "gray": ((128, 128, 128), (150, 150, 155), (105, 108, 112)),
}
HELD_OUT_COLOURS: dict[str, tuple[Colour, ...]] = {
    "red": ((214, 40, 57), (240, 15, 15)),
    "orange": ((252, 150, 20), (240, 120, 10)),
    "yellow": ((252, 232, 30), (245, 220, 65)),
    "green": ((34, 139, 34), (70, 190, 90)),
    "blue": ((25, 100, 210), (45, 80, 235)),
    "purple": ((128, 0, 160), (140, 60, 185)),
    "pink": ((255, 150, 200), (250, 115, 180)),
    "brown": ((139, 80, 40), (120, 68, 25)),
    "black": ((0, 0, 0), (18, 20, 18)),
    "white": ((255, 255, 255), (244, 244, 240)),
    "gray": ((120, 122, 125), (140, 140, 142)),
}
BACKGROUNDS: tuple[Colour, ...] = (
    (245, 245, 240), (255, 255, 255), (225, 235, 245), (250, 235, 215), (220, 240, 220), (60, 60, 70),
    (30, 40, 60), (240, 220, 230), (200, 200, 205), (180, 210, 230), (90, 110, 90), (235, 225, 180),
)  # fmt: skip
HELD_OUT_BACKGROUNDS: tuple[Colour, ...] = (
    (250, 250, 245), (232, 240, 232), (48, 52, 64), (240, 228, 205), (205, 218, 232), (255, 245, 250),
)  # fmt: skip


def jitter_colour(colour: Colour, spread: float, rng: np.random.Generator) -> Colour:
    """The colour with normal noise of ``spread`` levels on each channel."""
    red, green, blue = (int(np.clip(value + rng.normal(0, spread), 0, 255)) for value in colour)
    return red, green, blue


def _regular_polygon(corners: int, inner: float = 1.0) -> list[Point]:
    count = corners if inner == 1.0 else 2 * corners
    radii = [1.0 if inner == 1.0 or i % 2 == 0 else inner for i in range(count)]
    angles = [2 * math.pi * i / count - math.pi / 2 for i in range(count)]
    return [(r * math.cos(a), r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]


def _heart_outline() -> list[Point]:
    angles = [2 * math.pi * i / 40 for i in range(40)]
    return [
        (
            math.sin(a) ** 3,
            -(13 * math.cos(a) - 5 * math.cos(2 * a) - 2 * math.cos(3 * a) - math.cos(4 * a)) / 16,
        )
        for a in angles
    ]


def _cross_outline() -> list[Point]:
    a, b = 0.33, 0.95
    return [(-a, -b), (a, -b), (a, -a), (b, -a), (b, a), (a, a), (a, b), (-a, b), (-a, a), (-b, a), (-b, -a), (-a, -a)]


# Outlines in a square of side 2 around the origin, y downwards
SHAPES: dict[str, Callable[[], list[Point]]] = {
    "circle": lambda: _regular_polygon(48),
    "square": lambda: [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)],
    "triangle": lambda: _regular_polygon(3),
    "star": lambda: _regular_polygon(5, 0.45),
    "heart": _heart_outline,
    "diamond": lambda: [(0, -1), (0.72, 0), (0, 1), (-0.72, 0)],
    "cross": _cross_outline,
}
THING = "thing"  # whatever has no geometrical name
# How far a shape may be turned, in degrees, before it takes the name of another
TURNS = {"circle": 0.0, "square": 12.0, "triangle": 30.0, "star": 36.0, "heart": 15.0, "diamond": 10.0, "cross": 12.0}
