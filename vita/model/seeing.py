"""The eye of VITA-Nano: a frozen encoder, small heads that say what they see, and a caption as embeddings.

The language model reads the caption as if it had been typed in the picture's place, behind as many newlines as make
every tile equally long. A clip is three pictures: its first, middle and last frame. The head that tells motion from a
mosaic of sixteen small frames is there and trains, but what it says is not yet right often enough to be said.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from transformers import PretrainedConfig

from vita.model import captions
from vita.model.captions import Deed, Item
from vita.model.efficientnet import HEAD, EfficientNetImages, EfficientNetLite
from vita.model.lexicon import Lexicon
from vita.model.motion import MotionHead, unfold
from vita.model.sights import Found, SceneHead, WordReader, crop, peaks, spelling, tones, word_box

SURE = 0.5  # probability from which a thing or a word counts as seen
SURE_IN_PHOTO = 0.9  # the same in a photo, where the heads, which learnt from drawings, see ghosts
THING = "thing"  # the shape of what has no geometrical name
SHORTEST = 2  # letters of a printed word
NAMES = ("classes", "drawings", "shapes", "colours", "actions", "lexicon")


class CaptionsConfig(PretrainedConfig):
    """What the eye knows the names of.

    Attributes:
        hidden_size: width of the language model's embeddings.
        tokens_per_tile: tokens that one picture becomes; a clip becomes three times as many.
        names: "classes" of photos in the order of the encoder's classifier; "drawings", "shapes", "colours" and
            "actions" in the order of the heads' outputs; "lexicon": tokens of the language model that captions are
            made of, in the order of the table's rows.
    """

    model_type = "efficientnet-captions"

    def __init__(
        self,
        image_size: int = 224,
        hidden_size: int = 576,
        tokens_per_tile: int = 56,
        names: dict[str, list[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        self.image_size = image_size
        self.hidden_size = hidden_size
        self.tokens_per_tile = tokens_per_tile
        self.names = {name: list((names or {}).get(name, ())) for name in NAMES}
        self.image_mean = [0.485, 0.456, 0.406]
        self.image_std = [0.229, 0.224, 0.225]
        super().__init__(**kwargs)


class CaptionedImages:
    """Pictures and clips to pixels float32 [tiles, 4, S, S]; the last plane is 0, and 1 in a mosaic of frames."""

    def __init__(self, config: Any, folder: Path) -> None:
        self._images = EfficientNetImages(config, folder)
        self.tokens_per_tile: int = config.vision_config.tokens_per_tile

    def __call__(self, picture: Image.Image, max_tiles: int | None = None) -> Tensor:
        """One picture as one tile, whatever its shape; ``max_tiles`` changes nothing."""
        return self._marked(picture, 0.0)

    def frames(self, pictures: Sequence[Image.Image]) -> Tensor:
        """A clip as three tiles: its first, middle and last frame."""
        return torch.cat([self(pictures[place]) for place in (0, len(pictures) // 2, -1)])

    def _marked(self, picture: Image.Image, mark: float) -> Tensor:
        pixels = self._images(picture)
        return torch.cat((pixels, torch.full_like(pixels[:, :1], mark)), 1)


class Heads(nn.Module):
    """What reads the encoder's features, and the embeddings that captions are made of."""

    def __init__(self, config: CaptionsConfig) -> None:
        super().__init__()
        self.scene = SceneHead(len(config.names["shapes"]), len(config.names["colours"]))
        self.reader = WordReader()
        self.motion = MotionHead(
            len(config.names["shapes"]), len(config.names["colours"]), len(config.names["actions"]) + 1
        )
        self.drawing = nn.Linear(HEAD, len(config.names["drawings"]))
        self.photo = nn.Linear(HEAD, 1)
        self.table = nn.Parameter(torch.empty(len(config.names["lexicon"]), config.hidden_size))


class CaptionTower(nn.Module):
    """Pixels to captions, captions to embeddings."""

    def __init__(self, config: Any) -> None:
        super().__init__()
        vision: CaptionsConfig = config.vision_config
        self.names = vision.names
        self.length = vision.tokens_per_tile
        self.lexicon = Lexicon(vision.names["lexicon"])
        self.encoder = EfficientNetLite(len(vision.names["classes"]))
        self.projector = Heads(vision)

    def forward(self, pixels: Tensor) -> Tensor:
        """Pixels [tiles, 4, S, S] -> [tiles, tokens_per_tile, hidden]."""
        rows = [[self.lexicon.newline] * self.length + self.lexicon.encode(text) for text in self.describe(pixels)]
        return self.projector.table[torch.tensor([row[-self.length :] for row in rows], device=pixels.device)]

    def describe(self, pixels: Tensor) -> list[str]:
        """The caption of each tile [4, S, S]."""
        moving = pixels[:, 3].amax((1, 2)) > 0.5
        told = iter(self._clips(pixels[moving, :3]))
        shown = iter(self._pictures(pixels[~moving, :3]))
        return [next(told if moves else shown) for moves in moving.tolist()]

    def _clips(self, mosaics: Tensor) -> list[str]:
        if not len(mosaics):
            return []
        shapes, colours, actions = (logits.argmax(-1).tolist() for logits in self.projector.motion(unfold(mosaics)))
        return [self._story(*clip) for clip in zip(shapes, colours, actions, strict=True)]

    def _story(self, shapes: list[int], colours: list[int], actions: list[int]) -> str:
        deeds = []
        for shape, colour, action in zip(shapes, colours, actions, strict=True):
            if action < len(self.names["actions"]):
                name = self.names["shapes"][shape]
                tint = "" if name == THING else self.names["colours"][colour]
                deeds.append(Deed(name, tint, self.names["actions"][action]))
        return captions.video(deeds)

    def _pictures(self, pixels: Tensor) -> list[str]:
        if not len(pixels):
            return []
        fine, middle, pooled = self.encoder.features(pixels)
        maps = self.projector.scene(fine, middle, tones(pixels))
        classes = self.encoder.classifier(pooled).argmax(-1).tolist()
        drawings = self.projector.drawing(pooled).argmax(-1).tolist()
        photos = (self.projector.photo(pooled)[:, 0] > 0).tolist()
        said = []
        for number, is_photo in enumerate(photos):
            centres, shapes, colours, texts, boxes = (one[number] for one in maps)
            sure = SURE_IN_PHOTO if is_photo else SURE
            found = peaks(centres, shapes, colours, sure)
            word = self._read(pixels[number : number + 1], word_box(texts, boxes, sure))
            names = self.names["classes"] if is_photo else self.names["drawings"]
            name = names[(classes if is_photo else drawings)[number]]
            said.append(self._caption(found, name, word))
        return said

    def _read(self, pixels: Tensor, box: tuple[float, float, float, float] | None) -> str:
        if box is None:
            return ""
        strips = crop(pixels.float(), torch.tensor([box], device=pixels.device))
        word = spelling(self.projector.reader(strips.to(pixels.dtype))[0])
        return word if len(word) >= SHORTEST else ""

    def _caption(self, found: list[Found], name: str, word: str) -> str:
        shapes = [thing for thing in found if self._shape(thing) != THING]
        items = [self._item(thing) for thing in shapes]
        things = len(found) - len(shapes)
        items.sort(key=lambda item: (int(3 * item.y), item.x))
        subject = captions.subjects(name, things) if things or not word else ""
        return captions.picture(items, subject, word)

    def _shape(self, thing: Found) -> str:
        return self.names["shapes"][int(thing.shape.argmax())]

    def _item(self, thing: Found) -> Item:
        return Item(self._shape(thing), self.names["colours"][int(thing.colour.argmax())], thing.x, thing.y)
