"""The eye of VITA-Nano: a frozen encoder, small heads that say what they see, and a caption as embeddings.

The language model reads the caption as if it had been typed in the picture's place, behind as many newlines as make
every tile equally long. A clip is its middle frame and a frame for each event (``motion``), on whose fourth plane the
pixels of what it is about are marked; where events cannot be told, it is its first, middle and last frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import PretrainedConfig

from vita.model.internvit import split_tiles
from vita.nano.model import caption_text
from vita.nano.model.caption_text import CaptionItem, ClipAction
from vita.nano.model.caption_vocabulary import CaptionVocabulary
from vita.nano.model.clip_movement import ClipEvent, clip_events
from vita.nano.model.drawing_classifier import KINDS, DrawingClassifier
from vita.nano.model.efficientnet import EfficientNetImages, EfficientNetLite
from vita.nano.model.scene_heads import (
    Found,
    SceneHead,
    WordReader,
    crop_words,
    ctc_spelling,
    patch_colours,
    peak_things,
    surest_thing,
    word_box,
)
from vita.nano.sight_names import sight_names

SURE = 0.5  # probability from which a thing or a word counts as seen
HINT = 0.03  # the same for what has moved, which is a thing in any case
SURE_IN_PHOTO = 0.9  # the same in a photo, where the heads, which learnt from drawings, see ghosts
SURE_DRAWN = 0.7  # the same for a drawing as a whole, from which on shapes are parts of it
THING = "thing"  # the shape of what has no geometrical name
SHORTEST = 2  # letters of a printed word
NAMES = ("classes", "drawings", "shapes", "colours", "lexicon")
ACTIONS = tuple(caption_text.CLIP_ACTIONS)
ORDER = 10  # added to the mark of an event for each place in the order of two
STILL = 40.0  # mark of a frame of a clip in which nothing moves
SCENE = 50.0  # mark of the frames of a clip in which everything changes
SCENES = 3  # such frames of a clip


class CaptionsConfig(PretrainedConfig):
    """What the eye knows the names of.

    Attributes:
        hidden_size: width of the language model's embeddings.
        tokens_per_tile: tokens that one picture becomes; a clip becomes up to three times as many.
        names: "classes" of photos in the order of the encoder's classifier; "drawings", "shapes" and "colours" in the
            order of the heads' outputs; "lexicon": tokens of the language model that captions are made of, in the
            order of the table's rows.
    """

    model_type = "efficientnet-captions"
    cuts_tiles: ClassVar[bool] = False

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

    def sight_names(self) -> dict[str, frozenset[str]] | None:
        """What it has names for, each with all that counts as it: a caption never says no."""
        return sight_names(self.names)


class CaptionedImages:
    """Pictures and clips to pixels float32 [tiles, 4, S, S]; the last plane marks events and is 0 in pictures."""

    def __init__(self, config: Any, folder: Path) -> None:
        self._images = EfficientNetImages(config, folder)
        self.tokens_per_tile: int = config.vision_config.tokens_per_tile

    def __call__(self, picture: Image.Image, max_tiles: int | None = None) -> Tensor:
        """One picture as one tile, whatever its shape; ``max_tiles`` changes nothing."""
        return self._marked_picture(picture, torch.zeros(()))

    def frames(self, pictures: Sequence[Image.Image]) -> Tensor:
        """A clip as one to three tiles: its middle frame and its events, or where these cannot be told three frames."""
        half, found = pictures[len(pictures) // 2], clip_events(pictures)
        if found is None:
            return torch.cat(
                [self._marked_picture(one, torch.tensor(SCENE)) for one in (pictures[0], half, pictures[-1])]
            )
        middle = self(half)
        if not found:
            still = self._marked_picture(pictures[0], torch.tensor(STILL))
            return torch.cat((middle, still)) if len(pictures) > 1 else middle
        several = len(found) > 1
        events = [
            self._marked_picture(pictures[event.frame], self._event_mark(event, number if several else 0))
            for number, event in enumerate(found, 1)
        ]
        return torch.cat((middle, *events))

    def _event_mark(self, event: ClipEvent, order: int) -> Tensor:
        mask = torch.from_numpy(event.mask)[None, None].float()
        code = 1 + ACTIONS.index(event.action) + ORDER * order
        return code * F.interpolate(mask, size=self._images.size)[0]

    def _marked_picture(self, picture: Image.Image, mark: Tensor) -> Tensor:
        pixels = self._images(picture)
        return torch.cat((pixels, mark.expand(1, 1, *pixels.shape[2:])), 1)


class Heads(nn.Module):
    """What reads the encoder's features, and the embeddings that captions are made of."""

    def __init__(self, config: CaptionsConfig) -> None:
        super().__init__()
        self.scene = SceneHead(len(config.names["shapes"]), len(config.names["colours"]))
        self.reader = WordReader()
        self.naming = DrawingClassifier(len(config.names["drawings"]))
        self.table = nn.Parameter(torch.empty(len(config.names["lexicon"]), config.hidden_size))


class CaptionTower(nn.Module):
    """Pixels to captions, captions to embeddings."""

    def __init__(self, config: Any) -> None:
        super().__init__()
        vision: CaptionsConfig = config.vision_config
        self.names = vision.names
        self.length = vision.tokens_per_tile
        self.lexicon = CaptionVocabulary(vision.names["lexicon"])
        self.encoder = EfficientNetLite(len(vision.names["classes"]))
        self.projector = Heads(vision)

    def forward(self, pixels: Tensor) -> Tensor:
        """Pixels [tiles, 4, S, S] -> [tiles, tokens_per_tile, hidden]."""
        rows = [
            [self.lexicon.newline] * self.length + self.lexicon.encode_text(text)
            for text in self.describe_tiles(pixels)
        ]
        return self.projector.table[torch.tensor([row[-self.length :] for row in rows], device=pixels.device)]

    def describe_tiles(self, pixels: Tensor) -> list[str]:
        """The caption of each tile [4, S, S]; one for all scenes of a clip, which follow each other, on the last."""
        said = [text for some in split_tiles(pixels) for text in self._describe_each(some)]
        scenes = [number for number, plane in enumerate(pixels[:, 3]) if round(float(plane.amax())) == SCENE]
        for last in scenes[SCENES - 1 :: SCENES]:
            story = caption_text.scenes_caption(said[last - SCENES + 1 : last + 1])
            if len(self.lexicon.encode_text(story)) <= self.length:
                said[last - SCENES + 1 : last + 1] = [*[""] * (SCENES - 1), story]
        return said

    def _describe_each(self, pixels: Tensor) -> list[str]:
        """What each tile [4, S, S] shows by itself."""
        fine, middle, pooled = self.encoder.features(pixels[:, :3])
        maps = self.projector.scene(fine, middle, patch_colours(pixels[:, :3]))
        classes = self.encoder.classifier(pooled).argmax(-1).tolist()
        drawings = self.projector.naming.drawing_logits(pooled).argmax(-1).tolist()
        kinds = self.projector.naming.picture_kinds(middle, pooled)
        said = []
        for number, chances in enumerate(kinds):
            own = tuple(one[number] for one in maps)
            is_photo = KINDS[int(chances.argmax())] == "photo"
            event = self._describe_event(own, pixels[number, 3], SURE if is_photo else HINT)
            names = self.names["classes"] if is_photo else self.names["drawings"]
            name = names[(classes if is_photo else drawings)[number]]
            said.append(event or self._describe_picture(own, pixels[number : number + 1, :3], name, chances))
        return said

    def _describe_event(self, maps: tuple[Tensor, ...], plane: Tensor, sure: float) -> str:
        """What is marked on the fourth plane; "" where nothing is, or a thing that has no name."""
        mark = round(float(plane.amax()))
        if mark in (0, STILL, SCENE):
            return caption_text.story_sentences([])[0] if mark == STILL else ""
        order, action = divmod(mark - 1, ORDER)
        centres, shapes, colours = maps[:3]
        thing = surest_thing(centres, shapes, colours, plane > 0)
        if thing.score < sure or float(thing.shape[self.names["shapes"].index(THING)]) > SURE:
            return ""
        return caption_text.event_sentence(
            ClipAction(self._shape_name(thing), self._colour_name(thing), ACTIONS[action]), order
        )

    def _describe_picture(self, maps: tuple[Tensor, ...], pixels: Tensor, name: str, kinds: Tensor) -> str:
        centres, shapes, colours, texts, boxes = maps
        sure = SURE_IN_PHOTO if KINDS[int(kinds.argmax())] == "photo" else SURE
        found = peak_things(centres, shapes, colours, sure)
        items = [self._as_item(thing) for thing in found if self._shape_name(thing) != THING]
        things = len(found) - len(items)
        if float(kinds[KINDS.index("drawing")]) > SURE_DRAWN:
            items, things = [], max(things, 1)
        return self._make_caption(items, things, name, self._read_word(pixels, word_box(texts, boxes, sure)))

    def _read_word(self, pixels: Tensor, box: tuple[float, float, float, float] | None) -> str:
        if box is None:
            return ""
        strips = crop_words(pixels.float(), torch.tensor([box], device=pixels.device))
        word = ctc_spelling(self.projector.reader(strips.to(pixels.dtype))[0])
        return word if len(word) >= SHORTEST else ""

    def _make_caption(self, items: list[CaptionItem], things: int, name: str, word: str) -> str:
        items.sort(key=lambda item: (int(3 * item.y), item.x))
        subject = caption_text.subject_phrase(name, things) if things or not word else ""
        return caption_text.picture_caption(items, subject, word)

    def _shape_name(self, thing: Found) -> str:
        return self.names["shapes"][int(thing.shape.argmax())]

    def _as_item(self, thing: Found) -> CaptionItem:
        return CaptionItem(self._shape_name(thing), self._colour_name(thing), thing.x, thing.y)

    def _colour_name(self, thing: Found) -> str:
        return self.names["colours"][int(thing.colour.argmax())]
