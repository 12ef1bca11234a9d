"""Drawn scenes with everything known about them: shapes, drawings, colours, places, a printed word. Seeded."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from recipes.nano.train.fonts import font_of_size
from recipes.nano.train.palettes import SHAPES, THING, TURNS, Colour, jitter_colour
from recipes.nano.train.scene_types import SIDE, DrawnScene, DrawnThing, SceneMaterial


def colour_distance(first: Colour, second: Colour) -> float:
    """How far apart two colours are, in levels."""
    return math.dist(first, second)


def draw_background(material: SceneMaterial, rng: np.random.Generator) -> tuple[Image.Image, Colour]:
    """A ground of one of five kinds and the colour that it mostly has."""
    base = jitter_colour(material.backgrounds[int(rng.integers(len(material.backgrounds)))], material.spread, rng)
    kind = rng.choice(["plain", "gradient", "noise", "clouds", "photo"], p=[0.4, 0.2, 0.1, 0.2, 0.1])
    if kind == "photo" and material.photos:
        photo = material.photos[int(rng.integers(len(material.photos)))]
        cut = photo_cut(photo, rng).filter(ImageFilter.GaussianBlur(1.5))
        mean = np.asarray(cut, np.float32).mean((0, 1))
        return cut, (int(mean[0]), int(mean[1]), int(mean[2]))
    pixels = np.broadcast_to(np.array(base, np.float32), (SIDE, SIDE, 3)).copy()
    if kind == "gradient":
        slope = np.linspace(-1, 1, SIDE, dtype=np.float32) * rng.uniform(10, 45)
        pixels += slope[:, None, None] if rng.random() < 0.5 else slope[None, :, None]
    elif kind == "noise":
        pixels += rng.normal(0, rng.uniform(3, 14), pixels.shape)
    elif kind in ("clouds", "photo"):
        pixels += _cloud_texture(rng, rng.uniform(8, 30))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), base


def photo_cut(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A random square of a photo, at least half of its short side, mirrored or not."""
    side = int(min(photo.size) * rng.uniform(0.5, 1.0))
    left, top = (int(rng.integers(0, length - side + 1)) for length in photo.size)
    cut = photo.crop((left, top, left + side, top + side)).convert("RGB").resize((SIDE, SIDE))
    return cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else cut


def photo_scene(material: SceneMaterial, rng: np.random.Generator) -> DrawnScene:
    """A photo with nothing drawn on it."""
    photo = photo_cut(material.photos[int(rng.integers(len(material.photos)))], rng)
    return DrawnScene(ImageEnhance.Color(photo).enhance(rng.uniform(0.4, 1.4)), ())


def _cloud_texture(rng: np.random.Generator, strength: float) -> NDArray[np.float32]:
    total = np.zeros((SIDE, SIDE, 3), np.float32)
    for cells in (3, 7, 15):
        noise = rng.integers(0, 256, (cells, cells, 3)).astype(np.uint8)
        wide = Image.fromarray(noise).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        total += (np.asarray(wide, np.float32) - 128) / 64 * strength * 2 / cells
    return total


def free_places(count: int, low: float, high: float, rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """Centres and radii of so many things that do not touch; fewer where there is no room."""
    found: list[tuple[float, float, float]] = []
    for _ in range(60 * count):
        if len(found) == count:
            break
        radius = rng.uniform(low, high)
        x, y = rng.uniform(radius + 4, SIDE - radius - 4, 2)
        if all(math.hypot(x - a, y - b) > radius + r + 5 for a, b, r in found):
            found.append((float(x), float(y), float(radius)))
    return found


def draw_shape(canvas: Image.Image, shape: str, colour: Colour, place: tuple[float, float, float], turn: float) -> None:
    """Fill the shape's outline, smoothly, turned by degrees."""
    draw_polygon(canvas, shape, place, turn, fill=colour)


def draw_polygon(
    canvas: Image.Image,
    shape: str,
    place: tuple[float, float, float],
    turn: float,
    fill: Colour | None = None,
    line: tuple[Colour, int] | None = None,
) -> None:
    """Fill or outline a shape; drawn four times as large and reduced, for smooth edges."""
    x, y, radius = place
    reach = math.ceil(radius) + 4
    left, top = round(x) - reach, round(y) - reach
    cosine, sine = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    scale = 3
    points = [
        (
            scale * (x - left + radius * (a * cosine - b * sine)),
            scale * (y - top + radius * (a * sine + b * cosine)),
        )
        for a, b in SHAPES[shape]()
    ]
    mask = Image.new("L", (2 * reach * scale, 2 * reach * scale))
    pen = ImageDraw.Draw(mask)
    if fill is not None:
        pen.polygon(points, fill=255)
        canvas.paste(fill, (left, top), mask.resize((2 * reach, 2 * reach), Image.Resampling.BOX))
    if line is not None:
        pen.rectangle((0, 0, *mask.size), fill=0)
        pen.line([*points, *points[:2]], fill=255, width=line[1] * scale, joint="curve")
        canvas.paste(line[0], (left, top), mask.resize((2 * reach, 2 * reach), Image.Resampling.BOX))


def pick_colour(material: SceneMaterial, ground: Colour, rng: np.random.Generator) -> tuple[str, Colour]:
    """A colour that stands out from the ground."""
    names = list(material.colours)
    while True:
        name = names[int(rng.integers(len(names)))]
        tones = material.colours[name]
        colour = jitter_colour(tones[int(rng.integers(len(tones)))], material.spread, rng)
        if colour_distance(colour, ground) > 70:
            return name, colour


def shapes_scene(material: SceneMaterial, rng: np.random.Generator, count: int, alike: bool) -> DrawnScene:
    """Shapes of different names and colours, or all alike."""
    canvas, ground = draw_background(material, rng)
    high = {1: 75, 2: 52, 3: 44}.get(count, 36)
    things: list[DrawnThing] = []
    shape, (name, colour) = str(rng.choice(list(SHAPES))), pick_colour(material, ground, rng)
    for place in free_places(count, 20, high, rng):
        if not alike:
            shape, (name, colour) = str(rng.choice(list(SHAPES))), pick_colour(material, ground, rng)
        turn = rng.uniform(-TURNS[shape], TURNS[shape])
        draw_shape(canvas, shape, colour, place, turn)
        if rng.random() < material.outlined:
            other: Colour = (20, 20, 20) if sum(colour) > 330 else (235, 235, 235)
            draw_polygon(canvas, shape, place, turn, line=(other, int(rng.integers(1, 4))))
        things.append(DrawnThing(shape, name, shape, *place))
    return DrawnScene(canvas, tuple(things))


def drawings_scene(
    material: SceneMaterial, rng: np.random.Generator, count: int, name: str | None = None
) -> DrawnScene:
    """Copies of one drawing; a single one is large."""
    canvas, _ = draw_background(material, rng)
    name = name or str(rng.choice(list(material.sprites)))
    choices = material.sprites[name]
    sprite = choices[int(rng.integers(len(choices)))]
    if material.restyled:
        sprite = restyle_sprite(sprite, rng)
    if rng.random() < 0.5:
        sprite = sprite.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    things = []
    found = free_places(count, 22, 36, rng) if count > 1 else free_places(1, 60, 104, rng)
    for x, y, radius in found:
        side = round(2 * radius)
        small = sprite.rotate(rng.uniform(-12, 12), Image.Resampling.BICUBIC).resize((side, side))
        canvas.paste(small, (round(x - radius), round(y - radius)), small)
        things.append(DrawnThing(THING, "", name, x, y, radius))
    return DrawnScene(canvas, tuple(things))


def restyle_sprite(sprite: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The drawing as another hand might have done it: contours, fewer tones, other saturation or hue."""
    colours, alpha = sprite.convert("RGB"), sprite.getchannel("A")
    if rng.random() < 0.3:
        colours = ImageOps.posterize(colours, int(rng.integers(2, 4)))
    if rng.random() < 0.5:
        colours = ImageEnhance.Color(colours).enhance(rng.uniform(0.3, 1.5))
    if rng.random() < 0.2:
        hue, saturation, value = colours.convert("HSV").split()
        turn = int(rng.integers(-25, 26))
        hue = hue.point([(level + turn) % 256 for level in range(256)])
        colours = Image.merge("HSV", (hue, saturation, value)).convert("RGB")
    if rng.random() < 0.5:
        width = int(rng.choice([3, 5]))
        edges = colours.convert("L").filter(ImageFilter.FIND_EDGES).point([255 * (level > 45) for level in range(256)])
        inside = alpha.filter(ImageFilter.MinFilter(width))
        lines = ImageChops.lighter(ImageChops.multiply(edges, inside), ImageChops.subtract(alpha, inside))
        colours.paste((15, 15, 15), (0, 0), lines.filter(ImageFilter.MaxFilter(3)))
    return Image.merge("RGBA", (*colours.split(), alpha))


def word_scene(material: SceneMaterial, rng: np.random.Generator, shapes: int = 0) -> DrawnScene:
    """A printed word, level or nearly so, with or without shapes around it."""
    canvas, ground = draw_background(material, rng)
    word = str(rng.choice(list(material.words)))
    text = [word.upper(), word.capitalize(), word][rng.choice(3, p=[0.4, 0.3, 0.3])]
    font_file = material.fonts[int(rng.integers(len(material.fonts)))]
    size = int(rng.integers(24, 64))
    while size > 16 and font_of_size(font_file, size).getlength(text) > SIDE - 16:
        size -= 2
    font = font_of_size(font_file, size)
    left, top, right, bottom = font.getbbox(text)
    width, height = right - left, bottom - top
    x = rng.uniform(6, max(SIDE - width - 6, 7))
    y = rng.uniform(8, SIDE - height - 8)
    _, colour = pick_colour(material, ground, rng)
    if rng.random() < 0.3:
        _draw_plate(canvas, (x, y, x + width, y + height), ground, colour, rng)
    ImageDraw.Draw(canvas).text((x - left, y - top), text, fill=colour, font=font)
    box = (x, y, x + width, y + height)
    things = list(_free_shapes(canvas, material, rng, shapes, box, ground))
    return DrawnScene(canvas, tuple(things), word, box)


def _draw_plate(
    canvas: Image.Image,
    box: tuple[float, float, float, float],
    ground: Colour,
    ink: Colour,
    rng: np.random.Generator,
) -> None:
    """A sign behind the word, of a colour that differs from the ink."""
    tone: Colour = (250, 250, 250) if sum(ink) < 380 else (30, 30, 40)
    margin = rng.uniform(5, 12)
    left, top, right, bottom = box
    ImageDraw.Draw(canvas).rounded_rectangle(
        (left - margin, top - margin, right + margin, bottom + margin), radius=rng.uniform(0, 10), fill=tone
    )


def _free_shapes(
    canvas: Image.Image,
    material: SceneMaterial,
    rng: np.random.Generator,
    count: int,
    box: tuple[float, float, float, float],
    ground: Colour,
) -> list[DrawnThing]:
    things = []
    for x, y, radius in free_places(count, 18, 34, rng):
        if box[0] - radius - 6 < x < box[2] + radius + 6 and box[1] - radius - 6 < y < box[3] + radius + 6:
            continue
        shape, (name, colour) = str(rng.choice(list(SHAPES))), pick_colour(material, ground, rng)
        draw_shape(canvas, shape, colour, (x, y, radius), 0.0)
        things.append(DrawnThing(shape, name, shape, x, y, radius))
    return things


def degrade_picture(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """What cameras and files do to pictures: a little blur, noise, other light."""
    if rng.random() < 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.2)))
    pixels: NDArray[np.floating] = np.asarray(picture, np.float32)
    if rng.random() < 0.4:
        pixels = pixels + rng.normal(0, rng.uniform(1, 7), pixels.shape)
    if rng.random() < 0.3:
        pixels = pixels * rng.uniform(0.85, 1.1)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
