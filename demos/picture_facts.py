"""How the checkpoint looks at pictures, as far as the page draws it. Knows configurations, not processors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from PIL import Image

from vita.engine.engine_protocol import Engine
from vita.model.tiling import Tiling, nearest_grid

WHOLE = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class ImagePreprocessing:
    """What becomes of a picture on its way to the model.

    Attributes:
        tiling: how pictures are cut into tiles; None where only the centre square is seen.
    """

    tiling: Tiling | None

    def with_tile_limit(self, max_tiles: int) -> ImagePreprocessing:
        """With at most so many tiles for one image, never more than the checkpoint's own limit."""
        if self.tiling is None:
            return self
        most = min(max_tiles, self.tiling.max_tiles)
        return ImagePreprocessing(replace(self.tiling, max_tiles=most, min_tiles=min(self.tiling.min_tiles, most)))

    def tile_layout(self, image: Image.Image) -> tuple[int, int]:
        """Columns and rows of tiles that ``image`` is cut into."""
        return nearest_grid(image.width, image.height, self.tiling) if self.tiling else (1, 1)

    def seen_box(self, image: Image.Image) -> tuple[float, float, float, float]:
        """The part of ``image`` that is seen: left, top, width and height as shares of it."""
        if self.tiling:
            return WHOLE
        return centre(image)


def centre(image: Image.Image) -> tuple[float, float, float, float]:
    """The centre square of an image, as shares of its sides."""
    side = min(image.size)
    width, height = side / image.width, side / image.height
    return (1 - width) / 2, (1 - height) / 2, width, height


def lens_of(engines: Iterable[Engine]) -> ImagePreprocessing | None:
    """How the first loaded engine's checkpoint looks at pictures; None where no engine can tell (a remote one)."""
    for engine in engines:
        config = engine.config
        if config is None:
            continue
        if not config.vision_config.cuts_tiles:
            return ImagePreprocessing(None)
        size = config.vision_config.image_size
        return ImagePreprocessing(Tiling(size, config.min_tiles, config.max_tiles, config.use_thumbnail))
    return None
