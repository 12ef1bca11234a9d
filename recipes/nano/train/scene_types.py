"""What scenes are drawn from, and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image

from recipes.nano.train.palettes import Colour

SIDE = 224  # pixels, what the encoder takes


@dataclass(frozen=True)
class SceneMaterial:
    """What scenes are made of; training and evaluation have one each and share nothing.

    Attributes:
        sprites: pictures RGBA by class.
        photos: backgrounds, each larger than a scene.
        spread: of the jitter of colours, in levels.
        outlined: share of shapes that are drawn with an outline of another colour.
        restyled: whether drawings get contours, other hues and fewer tones at random, as in styles not seen.
    """

    colours: Mapping[str, Sequence[Colour]]
    backgrounds: Sequence[Colour]
    sprites: Mapping[str, Sequence[Image.Image]] = field(default_factory=dict)
    fonts: Sequence[bytes | None] = ()
    words: Sequence[str] = ()
    photos: Sequence[Image.Image] = ()
    spread: float = 8.0
    outlined: float = 0.3
    restyled: bool = False


@dataclass(frozen=True)
class DrawnThing:
    """Something in a scene; centre and radius in pixels.

    Attributes:
        shape: a name of ``SHAPES``, or ``THING`` for a drawing, whose class ``name`` tells.
        colour: its name; "" for a drawing.
    """

    shape: str
    colour: str
    name: str
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class DrawnScene:
    """A picture and what is in it.

    Attributes:
        word: printed in it, or "".
        box: of the word: left, top, right, bottom in pixels.
    """

    picture: Image.Image
    things: tuple[DrawnThing, ...]
    word: str = ""
    box: tuple[float, float, float, float] = (0, 0, 0, 0)
