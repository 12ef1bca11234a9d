"""How an image is cut into tiles and a video's frames into squares. Pure functions on Pillow images.

Upstream has three ways to prepare a video's frames. Its training and offline code resizes the shortest edge and crops
the centre, without tiles; its vLLM demos send frames the way of images, which tiles or distorts them. The first is
right, and what ``square_frame`` does. Where a picture is cut is upstream's ``dynamic_preprocess``.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

BICUBIC = Image.Resampling.BICUBIC
MOST_ASPECT = 16  # long side over short side of what is scaled whole


@dataclass(frozen=True)
class Tiling:
    """Limits of dynamic tiling.

    Attributes:
        size: side of a tile in pixels.
        min_tiles, max_tiles: tiles of one image, the thumbnail not counted.
        thumbnail: append the whole image where it was cut.
    """

    size: int = 448
    min_tiles: int = 1
    max_tiles: int = 12
    thumbnail: bool = True


def resize_bicubic(image: Image.Image, width: int, height: int) -> Image.Image:
    """Bicubic, one axis after the other; the same with every version of Pillow.

    Rounding between the passes makes their order matter, by up to 2 of 255. Pillow 13 begins with the vertical one
    where the height loses more than twice as many pixels as the width, older versions never do. Ours is the newer way.
    """
    lost_rows, lost_columns = image.height - height, image.width - width
    first = (image.width, height) if lost_rows > max(0, 2 * lost_columns) else (width, image.height)
    return image.resize(first, BICUBIC).resize((width, height), BICUBIC)


def nearest_grid(width: int, height: int, tiling: Tiling) -> tuple[int, int]:
    """Columns and rows that an image of that size (pixels) is cut into.

    The grid whose shape is nearest to the image's wins; of two that are equally near, the larger, if the image has
    more than half of its pixels.
    """
    best, least = (1, 1), float("inf")
    for columns, rows in _possible_grids(tiling.min_tiles, tiling.max_tiles):
        distance = abs(width / height - columns / rows)
        roomy = width * height > 0.5 * tiling.size**2 * columns * rows
        if distance < least or (distance == least and roomy):
            best, least = (columns, rows), distance
    return best


def _possible_grids(least: int, most: int) -> list[tuple[int, int]]:
    sides = range(1, most + 1)
    found = [(columns, rows) for columns in sides for rows in sides if least <= columns * rows <= most]
    return sorted(found, key=lambda grid: grid[0] * grid[1])


def tile_count(width: int, height: int, tiling: Tiling) -> int:
    """Tiles that an image of that size (pixels) gives, the thumbnail counted."""
    columns, rows = nearest_grid(width, height, tiling)
    return columns * rows + int(tiling.thumbnail and columns * rows > 1)


def cut_tiles(image: Image.Image, tiling: Tiling) -> list[Image.Image]:
    """Resize to the nearest grid, without regard to the aspect, and cut row by row; the thumbnail comes last."""
    size = tiling.size
    columns, rows = nearest_grid(image.width, image.height, tiling)
    whole = resize_bicubic(image, columns * size, rows * size)
    corners = [(column * size, row * size) for row in range(rows) for column in range(columns)]
    tiles = [whole.crop((left, top, left + size, top + size)) for left, top in corners]
    if tiling.thumbnail and len(tiles) > 1:
        tiles.append(resize_bicubic(image, size, size))
    return tiles


def square_frame(frame: Image.Image, size: int) -> Image.Image:
    """A frame of a video: the shortest edge resized to ``size`` pixels, then the centre."""
    frame = limit_aspect(frame)
    short = min(frame.width, frame.height)
    width, height = size * frame.width // short, size * frame.height // short
    left, top = (width - size) // 2, (height - size) // 2
    return resize_bicubic(frame, width, height).crop((left, top, left + size, top + size))


def limit_aspect(image: Image.Image) -> Image.Image:
    """The image, its centre where it is more than MOST_ASPECT times as long as wide.

    Whoever scales the short side first and crops later would need gigabytes for 20,000 x 1 pixels. Of such a strip the
    centre square is kept anyway, with a margin for the filter around it.
    """
    longest = MOST_ASPECT * min(image.width, image.height)
    if max(image.width, image.height) <= longest:
        return image
    width, height = min(image.width, longest), min(image.height, longest)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
