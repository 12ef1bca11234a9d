"""Seeing of VITA-Nano: EfficientNet-Lite0 classifies a picture, a projector says the class in soft words.

Weights: EfficientNet-Lite0 trained on ImageNet (Apache-2.0). Pixels are 224 x 224, ImageNet mean and deviation.
"""

from __future__ import annotations

from typing import Any

from transformers import PretrainedConfig


class EfficientNetLiteConfig(PretrainedConfig):
    """What the classifier sees and how many tokens a picture becomes."""

    model_type = "efficientnet-lite"

    def __init__(
        self,
        image_size: int = 224,
        num_classes: int = 1000,
        tokens_per_tile: int = 8,
        hidden_size: int = 1000,
        image_mean: tuple[float, float, float] = (0.485, 0.456, 0.406),
        image_std: tuple[float, float, float] = (0.229, 0.224, 0.225),
        **kwargs: Any,
    ) -> None:
        self.image_size = image_size
        self.num_classes = num_classes
        self.tokens_per_tile = tokens_per_tile
        self.hidden_size = hidden_size  # width of what the tower hands to the projector: one figure for each class
        self.image_mean = list(image_mean)
        self.image_std = list(image_std)
        super().__init__(**kwargs)
