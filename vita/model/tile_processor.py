"""Images and frames to pixel tensors for InternViT. Pure; runs on the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from vita.model.configuration import VITAConfig
from vita.model.tiling import Tiling, cut_tiles, square_frame, tile_count

MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)  # ImageNet's, of red, green, blue in 0..1
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


def normalised_pixels(image: Image.Image) -> Tensor:
    """RGB image -> float32 [3, H, W], normalised by ImageNet's mean and deviation."""
    values = torch.from_numpy(np.asarray(image.convert("RGB")).copy()).permute(2, 0, 1)
    return (values.float() / 255 - MEAN) / DEVIATION


class ImageProcessor:
    """Dynamic tiling for images, one square for each frame of a video."""

    def __init__(self, config: VITAConfig, folder: Path) -> None:
        """Take sizes from ``config``; ``folder`` is the checkpoint's and holds nothing that this one needs."""
        vision = config.vision_config
        self.size: int = vision.image_size
        self.min_tiles: int = config.min_tiles
        self.max_tiles: int = config.max_tiles
        self.thumbnail: bool = config.use_thumbnail
        self.tokens_per_tile = int(vision.image_size // vision.patch_size * config.downsample_ratio) ** 2

    def tile_limits(self, max_tiles: int | None) -> Tiling:
        """The limits for one image; None keeps the checkpoint's, more than those is cut down to them."""
        most = self.max_tiles if max_tiles is None else min(max_tiles, self.max_tiles)
        return Tiling(self.size, min(self.min_tiles, most), most, self.thumbnail)

    def tile_count(self, width: int, height: int, max_tiles: int | None = None) -> int:
        """Tiles that an image of that size (pixels) gives."""
        return tile_count(width, height, self.tile_limits(max_tiles))

    def tiles(self, picture: Image.Image, max_tiles: int | None = None) -> list[Image.Image]:
        """What the model sees of an image, for people: square tiles, the thumbnail last."""
        return cut_tiles(picture.convert("RGB"), self.tile_limits(max_tiles))

    def __call__(self, picture: Image.Image, max_tiles: int | None = None) -> Tensor:
        """An image -> float32 [tiles, 3, S, S], row by row, the thumbnail last."""
        return torch.stack([normalised_pixels(tile) for tile in self.tiles(picture, max_tiles)])

    def frames(self, frames: Sequence[Image.Image]) -> Tensor:
        """Frames of a video -> float32 [frames, 3, S, S], never tiled."""
        return torch.stack([normalised_pixels(square_frame(frame.convert("RGB"), self.size)) for frame in frames])
